"""What a browser may fetch: the page and its files, takes, and one clear line for all else.

Requests in, answers out. Knows names, kinds of content and headers. Must not know sockets.
"""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from urllib.parse import quote

FIRST_PAGE = "index.html"
METHODS = ("GET", "HEAD")
MOST_PACKED = 256  # files: more than the page has

_PLAIN = "text/plain; charset=utf-8"
_CONTENT_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": _PLAIN,
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What is answered to a request."""

    status: HTTPStatus
    content: bytes
    content_type: str = _PLAIN
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(status: HTTPStatus, reason: str, **headers: str) -> HttpAnswer:
    """No, and why, in a line."""
    return HttpAnswer(status, f"{reason}\n".encode(), headers=headers)


def page_file(name: str) -> HttpAnswer:
    """A file of the page, by a name that is listed in its folder: so no path can lead out of it."""
    content_type = _CONTENT_TYPES.get(PurePosixPath(name).suffix)
    file = next((entry for listed, entry in _entries(_folder()) if listed == name), None)
    if content_type is None or file is None:
        return refusal(HTTPStatus.NOT_FOUND, f"the page has no file {name[:100]}")
    return HttpAnswer(HTTPStatus.OK, file.read_bytes(), content_type)


def packed(answer: HttpAnswer, accepted: str) -> HttpAnswer:
    """An answer as gzip has it, where a browser says that it accepts that and it becomes smaller."""
    if "gzip" not in {each.partition(";")[0].strip().lower() for each in accepted.split(",")}:
        return answer
    content = _gzipped(answer.content)
    if len(content) >= len(answer.content):
        return answer
    headers = {**answer.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return HttpAnswer(answer.status, content, answer.content_type, headers)


@lru_cache(maxsize=MOST_PACKED)
def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def take_file(name: str, content: bytes) -> HttpAnswer:
    """A take, to be kept rather than shown."""
    plain = "".join(letter if letter.isascii() and letter not in '\\"' else "_" for letter in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return HttpAnswer(HTTPStatus.OK, content, "audio/midi", {"Content-Disposition": disposition})


def object_of(content: bytes) -> HttpAnswer:
    """An object in JSON."""
    return HttpAnswer(HTTPStatus.OK, content, _CONTENT_TYPES[".json"])


def piano_file(name: str, content: bytes | None) -> HttpAnswer:
    """A file of the recorded piano; that there is none is no error, so no browser shows it as one."""
    if content is None:
        return HttpAnswer(HTTPStatus.NO_CONTENT, b"")
    return HttpAnswer(HTTPStatus.OK, content, _CONTENT_TYPES.get(PurePosixPath(name).suffix, _PLAIN))


def headers_of(answer: HttpAnswer, live: str) -> dict[str, str]:
    """All headers of an answer.

    `live`, where the page's websocket is, is written out, as not every browser counts it as the page's own.
    """
    policy = (
        f"default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {live}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.content)),
        "Cache-Control": "no-cache",
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Connection": "close",
        **answer.headers,
    }


def _entries(folder: Traversable, within: str = "") -> Iterator[tuple[str, Traversable]]:
    """Each file below a folder, by its path from there."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _entries(entry, f"{within}{entry.name}/")
        else:
            yield f"{within}{entry.name}", entry


@cache
def _folder() -> Traversable:
    return files("realtime.web") / "page"
