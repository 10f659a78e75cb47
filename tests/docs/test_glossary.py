"""The glossary: one word an idea, in order, and each word in use in the code."""

import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from functools import cache

from antiphon import ROOMS
from tests.support.command import ROOT

WORDS = re.findall(
    r"^\| \*\*([^*]+)\*\* \| \S", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
)

PLURAL = r"(?:s|es)?"


def names_in_code() -> Iterator[str]:
    """Every name of the rooms' Python, every word of the page's JavaScript, and the names of their files."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.suffix in (".py", ".js"):
                yield path.stem
            if path.suffix == ".py":
                yield from _python_names(path.read_text(encoding="utf-8"))
            elif path.suffix == ".js":
                yield from re.findall(r"\w+", path.read_text(encoding="utf-8"))


def _python_names(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            yield token.string
        elif token.type == tokenize.STRING and re.fullmatch(r"""f?["'][\w-]+["']""", token.string):
            yield token.string.strip("f\"'")  # a key, or a word that is written to disk


def parts_of(name: str) -> str:
    """A name in small letters with a space between its words."""
    return re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).lower().strip()


@cache
def names() -> str:
    """All of them, a line each; read once, and not before a test asks."""
    return "\n".join(sorted({parts_of(name) for name in names_in_code()}))


def is_in_use(word: str) -> bool:
    plain = re.sub(r" \(.*\)", "", word).lower()
    return re.search(rf"\b{re.escape(plain)}{PLURAL}\b", names()) is not None


def test_words_stand_in_order_and_once() -> None:
    assert len(WORDS) > 50
    assert sorted(set(WORDS), key=str.lower) == WORDS


def test_every_word_is_in_use_in_the_code() -> None:
    assert [word for word in WORDS if not is_in_use(word)] == []
