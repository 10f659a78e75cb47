"""`antiphon dashboard`: the pages that show what was learnt, served on this machine alone.

Starts Streamlit with our choices. Must not know what the pages show.
"""

import argparse
import importlib
import importlib.util
import os
import socket
from contextlib import suppress
from pathlib import Path

from dashboard.places import Places
from music.commands.places import CORPORA, add_corpora, add_runs, refuse_old_name
from music.refusal import refusing
from music.settings import SettingError

EXAMPLES = """\
  antiphon dashboard
  antiphon dashboard --runs runs --corpora corpora --port 8600"""

HOST = "127.0.0.1"
_PORT = 8501
_THEME = {
    "base": "dark",
    "primaryColor": "#5fdbd7",
    "backgroundColor": "#0b090e",
    "secondaryBackgroundColor": "#17131d",
    "textColor": "#f1e9de",
    "borderColor": "#2c2630",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_runs(parser)
    add_corpora(parser, f"{CORPORA}; true continuations are read from there")
    refuse_old_name(parser, "--data", "--corpora DIR")
    parser.add_argument(
        "--port", type=int, default=_PORT, help=f"of {HOST}, to serve at (default: %(default)s)"
    )


@refusing
def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    if importlib.util.find_spec("streamlit") is None:
        raise ModuleNotFoundError("No module named 'streamlit'", name="streamlit")
    _refuse_busy(args.port)
    print(f"dashboard: http://{HOST}:{args.port}  (Ctrl-C ends it)", flush=True)
    cli = importlib.import_module("streamlit.web.cli")
    places = Places(args.runs.absolute(), (args.corpora or CORPORA).absolute())
    with suppress(KeyboardInterrupt):
        cli.main(_words(args.port, places), standalone_mode=False)
    return 0


def _words(port: int, places: Places) -> list[str]:
    """Streamlit's command line: headless, for this machine alone, telling nobody anything."""
    options = {
        "server.address": HOST,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.serverAddress": HOST,
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "stacktrace",
        "logger.hideWelcomeMessage": "true",
        **{f"theme.{name}": value for name, value in _THEME.items()},
    }
    app = Path(__file__).with_name("app.py")
    return ["run", str(app), *(f"--{name}={value}" for name, value in options.items()), "--", *places.words()]


def _refuse_busy(port: int) -> None:
    """An error now, with the remedy, rather than another port that nobody asked for."""
    if not 0 < port < 65536:
        raise SettingError(f"--port is a number from 1 to 65535, not {port}")
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere it would take a port that another has
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SettingError(
                f"port {port} can't be had: {error.strerror or error}; say another, such as --port {port % 65535 + 1}"
            ) from None
