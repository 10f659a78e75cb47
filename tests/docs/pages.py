"""The pages that people read, and what stands in them: code blocks, code spans, prose."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.command import ROOT

FRONT = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
PAGES = sorted((ROOT / "docs").glob("*.md"))
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?<=\n\n)((?: {4}.*\n)+)")
_SPAN = re.compile(r"`([^`\n]+)`")


def name_of(path: Path) -> str:
    """A page by its path in the repository."""
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    """All of a page."""
    return path.read_text(encoding="utf-8")


def blocks_in(text: str) -> Iterator[tuple[str, str]]:
    """Each block of code: its language, where it says one, and its lines."""
    yield from _FENCE.findall(text)
    for indented in _INDENTED.findall(without_fences(text)):
        yield "", re.sub(r"^ {4}", "", indented, flags=re.MULTILINE)


def spans_in(text: str) -> list[str]:
    """What stands between backticks in the prose."""
    return _SPAN.findall(re.sub(r"\n(?=\S)", " ", without_fences(text)))


def without_fences(text: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text)
