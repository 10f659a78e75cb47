"""Choices that last: from page to page, for the session has them, and over a reload, for the address says
them. So a view is shared as a link.

Each choice has a name, which is its widget's key and its word in the address; the address is silent about
what would be chosen anyway. Must not know what is chosen.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from zlib import crc32

import streamlit as st

Value = TypeVar("Value")
_DIGITS = re.compile("[0-9]{1,15}")
_MOST_LETTERS = 200  # of what is written
_SAID, _AT_FIRST = "choices said", "choices at first"  # the session's, of all pages
_ORDERS = "orders of tables"


@dataclass(frozen=True, slots=True)
class Choice(Generic[Value]):
    """A choice: what it is at first, how it is written as words; `right` gives the nearest one or None."""

    name: str
    at_first: Value
    read: Callable[[Sequence[str]], Value | None]
    write: Callable[[Value], list[str]]
    right: Callable[[Value], Value | None]

    def made_by(self, widget: Callable[..., Any], *args: Any, **named: Any) -> Value:
        """What is chosen with a widget, which shows what was chosen before."""
        st.session_state[self.name] = self._before()
        chosen = widget(*args, key=self.name, **named)
        value: Value = self.at_first if chosen is None else chosen
        self._say(value)
        return value

    def _before(self) -> Value:
        said, at_first = _said(), st.session_state.setdefault(_AT_FIRST, {})
        was_first = at_first.get(self.name)
        at_first[self.name] = self.at_first
        value = st.session_state.get(self.name)
        if value is None or (self.name not in said and value == was_first):
            value = self.read(said[self.name]) if self.name in said else None
        value = None if value is None else self.right(value)
        return self.at_first if value is None else value

    def _say(self, value: Value) -> None:
        _keep(self.name, self.write(value), value != self.at_first)


def one(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[str],
    *,
    name: str,
    at_first: str | None = None,
    **more: Any,
) -> str:
    """One of several, with a widget that shows options."""
    choice = Choice(
        name,
        options[0] if at_first is None else at_first,
        lambda words: words[0] if words else None,
        lambda value: [value],
        lambda value: value if value in options else None,
    )
    return choice.made_by(widget, label, options, **more)


def several(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[str],
    *,
    name: str,
    at_first: Sequence[str],
    **more: Any,
) -> list[str]:
    """Any of several; an empty word says that none is chosen."""
    choice = Choice(
        name,
        list(at_first),
        lambda words: [word for word in words if word],
        lambda value: value or [""],
        lambda value: (
            [one for one in value if one in options] if not value or set(value) & set(options) else None
        ),
    )
    return choice.made_by(widget, label, options, **more)


def ticked(
    table: Callable[..., Any],
    records: Sequence[Any],
    names: Sequence[str],
    *,
    name: str,
    at_first: Sequence[str] = (),
    **more: Any,
) -> list[str]:
    """The rows of a table that are ticked, by their names; an empty word says that none is.

    A table knows its rows by their places, so one with other rows is another widget.
    """
    said = _said().get(name)
    there = [one for one in said or () if one in names]
    wanted = there if there or said == [""] else at_first
    key = f"{name}, rows {crc32(repr(list(names)).encode())}"
    drawn = table(
        records,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [names.index(one) for one in wanted]}},
        **more,
    )
    chosen = [names[row] for row in drawn.selection.rows if row < len(names)]
    _keep(name, chosen or [""], set(chosen) != set(at_first))
    return chosen


def steady(names: Sequence[str], *, name: str) -> list[str]:
    """The same names in the order in which this session saw them first: rows of a table stay where they are
    as long as none comes or goes, and with them how it is sorted and how far it is scrolled."""
    seen: dict[str, list[str]] = st.session_state.setdefault(_ORDERS, {})
    if set(seen.get(name, ())) != set(names):
        seen[name] = list(names)
    return list(seen[name])


def number(
    widget: Callable[..., Any],
    label: str,
    least: int,
    most: int,
    *,
    name: str,
    at_first: int | None = None,
    **more: Any,
) -> int:
    """A whole number, at first the least unless another is said; one beyond the most is the most."""
    choice = Choice(
        name,
        least if at_first is None else at_first,
        lambda words: int(words[0]) if words and _DIGITS.fullmatch(words[0]) else None,
        lambda value: [str(value)],
        lambda value: min(max(value, least), most),
    )
    return choice.made_by(widget, label, least, most, **more)


def words(widget: Callable[..., Any], label: str, *, name: str, **more: Any) -> str:
    """What somebody writes, at first nothing."""
    choice = Choice(
        name,
        "",
        lambda said: said[0] if said else None,
        lambda value: [value],
        lambda value: value[:_MOST_LETTERS],
    )
    return choice.made_by(widget, label, **more).strip()


def switch(widget: Callable[..., Any], label: str, *, name: str, at_first: bool = False, **more: Any) -> bool:
    """On or off, at first off unless it is said otherwise."""
    choice = Choice(
        name,
        at_first,
        lambda words: {"on": True, "off": False}.get(words[0]) if words else None,
        lambda value: ["on" if value else "off"],
        lambda value: value,
    )
    return choice.made_by(widget, label, **more)


def _keep(name: str, words: list[str], is_worth_saying: bool) -> None:
    """For the other pages, and in the address."""
    said = _said()
    said.pop(name, None)
    if is_worth_saying:
        said[name] = words
    if _in_address() != said:
        st.query_params.from_dict(said)


def _said() -> dict[str, list[str]]:
    """What the address says, in a session that begins; then what was chosen, on all pages."""
    said: dict[str, list[str]] = st.session_state.setdefault(_SAID, _in_address())
    return said


def _in_address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}
