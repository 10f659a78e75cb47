"""Somebody with the page open: a line that reads all it is sent, and is opened again when it is lost."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread
from urllib.parse import urlsplit

from music.settings import SettingError

OPEN_WITHIN_S = 60.0
LOOKS_EVERY_S = 0.2  # for the end, or for a page that comes back


@contextmanager
def page_open(url: str, *, looks: bool = False) -> Iterator[list[float]]:
    """A page connected, which may look at what is thought of; the moments at which sketches came."""
    closing, is_open, sketches = Flag(), Flag(), list[float]()
    reader = Thread(target=lambda: asyncio.run(_read(url, closing, is_open, looks, sketches)), daemon=True)
    reader.start()
    if not is_open.wait(OPEN_WITHIN_S):
        raise SettingError(f"{url}: the page can't be connected to")
    try:
        yield sketches
    finally:
        closing.set()
        reader.join(5.0)


async def _read(url: str, closing: Flag, is_open: Flag, looks: bool, sketches: list[float]) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import WebSocketException
    from websockets.typing import Origin

    live = url.replace("http://", "ws://").rstrip("/") + "/live"
    origin = Origin("http://" + urlsplit(url).netloc)
    while not closing.is_set():
        try:
            async with connect(live, origin=origin, max_size=None) as page:
                await page.send(json.dumps({"kind": "look", "wanted": looks}))
                is_open.set()
                while not closing.is_set():
                    try:
                        row = json.loads(await asyncio.wait_for(page.recv(), LOOKS_EVERY_S))
                    except TimeoutError:
                        continue
                    if row["kind"] == "idea" and row["is_sketch"]:
                        sketches.append(time.perf_counter())
        except (OSError, WebSocketException):  # it was put away, or killed
            await asyncio.sleep(LOOKS_EVERY_S)
