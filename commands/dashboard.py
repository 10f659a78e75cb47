"""`antiphon dashboard`: the pages that show what was learnt, for this machine alone unless opened.

Starts Streamlit with our choices, behind the guard. Must not know what the pages show.
"""

import argparse
import errno
import importlib
import importlib.util
import os
import re
import socket
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import dashboard
from commands.parts.places import CORPORA, add_corpora, add_runs, refuse_old_name
from commands.parts.refusal import refusing
from dashboard.colours import DARK, LIGHT, theme_of
from dashboard.guard import Callers, Guard
from dashboard.places import Places
from music.settings import SettingError
from realtime.rows.take import default_folder

EXAMPLES = """\
  antiphon dashboard
  antiphon dashboard --runs runs --corpora corpora --port 8600
  antiphon dashboard --host 0.0.0.0"""

HOST = "127.0.0.1"
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_NAME = re.compile(r"[\w.-]+")
_EVERYWHERE = ("0.0.0.0", "::")
_PORT = 8501


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_runs(parser)
    add_corpora(parser, f"{CORPORA}; true continuations are read from there")
    refuse_old_name(parser, "--data", "--corpora DIR")
    parser.add_argument(
        "--takes",
        type=Path,
        metavar="DIR",
        help="where the takes of `antiphon play` are (default: Music/Antiphon in your home)",
    )
    parser.add_argument(
        "--listening",
        type=Path,
        metavar="DIR",
        help="where the folders of `antiphon listening-test` lie (default: the folder that you are in)",
    )
    parser.add_argument("--port", type=int, default=_PORT, help="to serve at (default: %(default)s)")
    parser.add_argument(
        "--host",
        default=HOST,
        metavar="ADDRESS",
        help="of this machine, to serve at (default: %(default)s, where nobody else sees it); 0.0.0.0 opens "
        "it to your network: whoever is in it sees all runs, without a password",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name by which browsers may ask for it, such as a reverse proxy's; repeatable",
    )


@refusing
def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    if importlib.util.find_spec("streamlit") is None:
        raise ModuleNotFoundError("No module named 'streamlit'", name="streamlit")
    for name in args.allow_host:
        refuse_no_name(name)
    refuse_busy(args.host, args.port)
    shown = socket.gethostname() if args.host in _EVERYWHERE else args.host
    print(f"dashboard: http://{in_address(shown)}:{args.port}  (Ctrl-C ends it)", flush=True)
    if args.host not in _THIS_MACHINE:
        print("dashboard: open to your network: whoever is in it sees all runs", flush=True)
    _serve(
        args.host,
        args.port,
        args.allow_host,
        Places(
            args.runs.absolute(),
            (args.corpora or CORPORA).absolute(),
            takes=(args.takes or default_folder()).absolute(),
            listening=(args.listening or Path()).absolute(),
        ),
    )
    return 0


def _serve(host: str, port: int, also: Sequence[str], places: Places) -> None:
    from dashboard.hearing.asked import finish  # loads what answers calls

    streamlit, middleware = (importlib.import_module(name) for name in ("streamlit", "starlette.middleware"))
    page = Path(dashboard.__file__).with_name("app.py")
    app = streamlit.App(page, middleware=[middleware.Middleware(Guard, callers_at(host, also))])
    sys.argv = [str(page), *places.words()]  # which pages read
    with suppress(KeyboardInterrupt):
        app.run(config=_options(host, port))
    with suppress(KeyboardInterrupt):
        finish()


def callers_at(host: str, also: Iterable[str] = ()) -> Callers:
    """Who may ask a dashboard that is served at this address."""
    if host in _THIS_MACHINE:
        return Callers({*_THIS_MACHINE, *map(str.lower, also)})
    own = socket.gethostname().lower()
    names = {*_THIS_MACHINE, host.lower(), own, f"{own}.local", socket.getfqdn().lower()}
    return Callers({*names, *map(str.lower, also)}, is_open=True)


def _options(host: str, port: int) -> dict[str, Any]:
    """Streamlit's settings: headless, no statistics are sent, and light or dark is as the system has it."""
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "browser.serverAddress": HOST if host in _EVERYWHERE else host,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",  # whose menu has the switch between light and dark
        "client.showErrorDetails": "stacktrace",
        "logger.hideWelcomeMessage": True,
        **{
            f"theme.{kind}.{name}": value
            for kind, ground in (("dark", DARK), ("light", LIGHT))
            for name, value in theme_of(ground).items()
        },
    }


def in_address(host: str) -> str:
    """A name or number as it stands in an address."""
    return f"[{host}]" if ":" in host else host


def refuse_no_name(name: str) -> None:
    """An error where nothing could ever be asked by it."""
    if not _NAME.fullmatch(name):
        raise SettingError(
            f"--allow-host {name}: say the name alone, such as antiphon.example, without http:// or a port"
        )


def refuse_busy(host: str, port: int) -> None:
    """An error now, with the remedy, rather than another port that nobody asked for."""
    if not 0 < port < 65536:
        raise SettingError(f"--port is a number from 1 to 65535, not {port}")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name == "posix":  # elsewhere it would take a port that another has
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = error.strerror or error
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise SettingError(
                    f"port {port} can't be had: {why}; say another, such as --port {port % 65535 + 1}"
                ) from None
            raise SettingError(
                f"--host {host} can't be had: {why}; say an address of this machine, such as {HOST}, "
                "or 0.0.0.0 for all of them"
            ) from None
