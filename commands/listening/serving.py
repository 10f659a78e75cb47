"""`antiphon listening-test serve`: the page for listeners, for this machine alone unless it is opened.

Whatever leaves this machine is behind a token, which is a part of the link that listeners are sent.
"""

import argparse
import os
import socket
import time
from pathlib import Path
from secrets import token_urlsafe
from threading import Event

from commands.dashboard import HOST, callers_at, in_address, refuse_busy, refuse_no_name
from listening.folder import ListeningFolder
from listening.ratings import Ratings
from listening.reception import Reception
from listening.server import served

_PORT = 8510
_LOCAL = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--port", type=int, default=_PORT, help="to serve at (default: %(default)s)")
    parser.add_argument(
        "--host",
        default=HOST,
        metavar="ADDRESS",
        help="of this machine, to serve at (default: %(default)s, where nobody else hears it); 0.0.0.0 opens "
        "it to your network, for phones, to whoever has the link",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name by which browsers may ask for it, such as a reverse proxy's; repeatable",
    )
    parser.add_argument(
        "--synthetic",
        action="store_true",
        help="a rehearsal: ratings are kept apart, in synthetic/, and never count as people's",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    folder = ListeningFolder(args.folder)
    folder.check_clips(folder.test())
    for name in args.allow_host:
        refuse_no_name(name)
    refuse_busy(args.host, args.port)
    leaves = args.host not in _LOCAL or bool(args.allow_host)
    token = _token(folder.path) if leaves else None
    callers = callers_at(args.host, args.allow_host)
    ratings = Ratings(folder.ratings(synthetic=args.synthetic), synthetic=args.synthetic)
    reception = Reception(
        folder,
        ratings,
        time.time,
        lambda hosts, origins: callers.may_ask(hosts, origins, from_a_page=False),
        token,
    )
    try:
        with served(args.host, args.port, reception) as port:
            for name in _names(args.host, args.allow_host):
                print(f"listening test: {_link(name, port, token)}  (Ctrl-C ends it)", flush=True)
            if args.synthetic:
                print("listening test: a rehearsal: its ratings are kept apart, in synthetic/", flush=True)
            _until_interrupted()
    finally:
        ratings.close()
    return 0


def _until_interrupted() -> None:
    try:
        Event().wait()
    except KeyboardInterrupt:
        return


def _names(host: str, also: list[str]) -> list[str]:
    shown = socket.gethostname() if host in _EVERYWHERE else host
    return [shown, *also]


def _link(name: str, port: int, token: str | None) -> str:
    return f"http://{in_address(name)}:{port}/" + ("" if token is None else f"?token={token}")


def _token(folder: Path) -> str:
    """The token of a test, alike whenever it is served, so that links stay good."""
    path = folder / "token"
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(file, "w", encoding="ascii") as writing:
        token = token_urlsafe(16)
        writing.write(token)
    return token
