"""The page process as the engine starts it: it is given rows line by line, and what it says is waited for."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from realtime.knobs import KNOBS
from tests.support.waiting import PATIENCE_S

TOKEN = "word"
ROOT = Path(__file__).resolve().parents[2]


class PageProcess:
    """A running page process; it has been given `begin`."""

    def __init__(self, *words: str, take: Path | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "realtime.web", *words],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._said: Queue[dict[str, Any]] = Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self.began_at = time.perf_counter()
        self.tell(begin(self.began_at, take))
        self.port = 0
        self.ready: dict[str, Any] = {}

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(json.loads(line))

    def tell(self, *rows: dict[str, Any]) -> None:
        """Rows, as the engine writes them."""
        assert self.process.stdin is not None
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        self.process.stdin.write(lines.encode())
        self.process.stdin.flush()

    def close_pipe(self) -> None:
        """What the system does when the engine dies."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def said(self, kind: str | None = None) -> dict[str, Any]:
        """The next that it says, which must be of this kind; that the end was heard, or that somebody looks,
        is let pass where it isn't asked for."""
        said = self._said.get(timeout=PATIENCE_S)
        while said["kind"] in {"ending", "look"} - {kind}:
            said = self._said.get(timeout=PATIENCE_S)
        assert kind is None or said["kind"] == kind, said
        return said

    def open(self) -> "PageProcess":
        """Wait until the page can be opened."""
        self.ready = self.said("ready")
        url = urlsplit(self.ready["url"])
        assert url.port is not None
        assert url.path == f"/{TOKEN}/"
        self.port = url.port
        return self

    @property
    def host(self) -> str:
        """Its name and port."""
        return f"127.0.0.1:{self.port}"

    @contextmanager
    def browser(self, **options: Any) -> Iterator[ClientConnection]:
        """A browser at the websocket, before its welcome."""
        options = {"origin": f"http://{self.host}", "compression": None, "close_timeout": 1} | options
        with connect(f"ws://{self.host}/{TOKEN}/live", **options) as browser:
            yield browser

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        """What is answered to a request below the page's address."""
        return self.get_bare(f"/{TOKEN}{path}", method, **headers)

    def get_bare(self, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        """What is answered to a request."""
        connection = HTTPConnection(self.host, timeout=PATIENCE_S)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def ended(self) -> int:
        """Wait for its end; its exit status."""
        return self.process.wait(PATIENCE_S)


@contextmanager
def page_process(*words: str, take: Path | None = None) -> Iterator[PageProcess]:
    """One that is ended in any case."""
    running = PageProcess(*(words or ("--port", "0")), take=take)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        running._reader.join()
        for stream in (running.process.stdin, running.process.stdout):
            assert stream is not None
            with suppress(OSError):  # rows that nobody read any more
                stream.close()


def begin(at: float, take: Path | None) -> dict[str, Any]:
    """The first row."""
    return {
        "kind": "begin",
        "at": at,
        "wall": time.time(),
        "token": TOKEN,
        "model": "none",
        "device": "cpu",
        "seed": 5,
        "inputs": ["Piano"],
        "outputs": [],
        "take": None if take is None else str(take),
        "about": ["answerer: none", "seed: 5"],
        "controls": {"temperature": 1.0, "length": 1.0, "loudness": 1.0, "channel": "next"},
        "answer_within_s": [2.0, 30.0],
        "knobs": [],
        "limits": {name: [knob.lowest, knob.highest] for name, knob in KNOBS.items()},
        "steps": {name: knob.steps() for name, knob in KNOBS.items()},
        "offer": "first play a phrase",
    }


def note(at: float, pitch: int, velocity: int = 80, who: str = "player") -> dict[str, Any]:
    """A key down or up."""
    return {"kind": "note", "at": at, "who": who, "pitch": pitch, "velocity": velocity, "channel": 1}


def turn(at: float, phase: str = "waiting") -> dict[str, Any]:
    """Whose turn it is."""
    return {"kind": "turn", "at": at, "phase": phase, "reason": "words"}


def received(browser: ClientConnection, kind: str | None = None) -> dict[str, Any]:
    """The next object that a browser gets; the next of a kind, with those before let pass."""
    while True:
        said: dict[str, Any] = json.loads(browser.recv(timeout=PATIENCE_S))
        if kind is None or said["kind"] == kind:
            return said
