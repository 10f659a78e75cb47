"""All that the performer takes in, as rows: each event, and the rules wherever they have changed.

From these rows alone everything it did can be worked out again. Knows the performer's values. Must not know
files, nor what is made of a trace.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from music.notes import NoteOff, NoteOn, Pedal
from realtime.knobs import Knobs
from realtime.performer.events import EVENTS, Event
from realtime.performer.player.split import Split
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.sound.limits import Limits

KIND = "kind"
_KINDS: Mapping[str, type[Any]] = {
    kind.__name__: kind for kind in (*EVENTS, NoteOn, NoteOff, Pedal, Rules, Knobs, Limits, Split)
}


class UnknownRowError(ValueError):
    """A row that no trace of this Antiphon has."""


def row_of(taken: Event | Rules) -> dict[str, Any]:
    """An event with all that it says; of rules, what isn't as usual."""
    row: dict[str, Any] = _plain(taken)
    if isinstance(taken, Rules):
        usual = _plain(DEFAULT_RULES)
        return {name: value for name, value in row.items() if name == KIND or value != usual[name]}
    return row


def taken_in(row: Mapping[str, Any]) -> Event | Rules:
    """What a row says."""
    try:
        value = _value(row)
    except (KeyError, TypeError, ValueError) as reason:
        raise UnknownRowError(f"{dict(row)!r}: {reason}") from reason
    if not isinstance(value, Rules | Event):
        raise UnknownRowError(f"{dict(row)!r} is no event")
    return value


def _plain(value: Any) -> Any:
    """As numbers, words, lists and mappings."""
    if is_dataclass(value):
        return {KIND: type(value).__name__} | {
            one.name: _plain(getattr(value, one.name)) for one in fields(value)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _value(plain: Any) -> Any:
    if isinstance(plain, Mapping):
        kind = _KINDS[plain[KIND]]
        said = {name: _value(value) for name, value in plain.items() if name != KIND}
        return kind(**{name: _like(_usual(kind, name), value) for name, value in said.items()})
    if isinstance(plain, list):
        return tuple(map(_value, plain))
    return plain


def _usual(kind: type[Any], name: str) -> Any:
    """What stands there where nothing is said; it says which words stand for which value."""
    return next((one.default for one in fields(kind) if one.name == name), None)


def _like(usual: Any, value: Any) -> Any:
    return type(usual)(value) if isinstance(usual, Enum) else value
