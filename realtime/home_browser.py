"""Opens the page in the person's own browser.

A browser is started with an address on its command line, which everybody on the machine may read, and the
page's address has in it the word that lets one in. So the browser is given a small file that only its owner
can read, and that leads to the page. The file lies where takes are: a browser that is shut off from the rest
of the disk, as those of some systems are, can still read there.
"""

import html
import os
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from threading import Thread

NO_BROWSER = "no browser could be opened here: open the page's address yourself"


class HomeBrowser:
    """Opens one page, once; puts its file away at the end."""

    def __init__(self, folder: Path | None, say: Callable[[str], None]) -> None:
        """`folder` is where the file may lie, if it is there: else where the system keeps what won't last."""
        is_there = folder is not None and folder.is_dir()
        self._path = (folder if is_there and folder else Path(gettempdir())) / f".antiphon-{os.getpid()}.html"
        self._say = say
        self._has_opened = False

    def open(self, url: str) -> None:
        """Start the browser, without waiting for it; a page process that died and came back opens nothing."""
        if not self._has_opened:
            self._has_opened = True
            Thread(target=self._open, args=(url,), name="home browser", daemon=True).start()

    def _open(self, url: str) -> None:
        try:
            self._write(url)
            is_open = webbrowser.open(self._path.absolute().as_uri())
        except (OSError, webbrowser.Error):
            is_open = False
        if not is_open:
            self._say(NO_BROWSER)

    def _write(self, url: str) -> None:
        self._path.unlink(missing_ok=True)  # of a process long ago that had our number
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            address = html.escape(url)
            file.write(f'<!doctype html><meta http-equiv="refresh" content="0;url={address}">\n')
            file.write(f'<a href="{address}">Antiphon</a>\n')

    def close(self) -> None:
        """Put the file away."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
