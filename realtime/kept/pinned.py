"""A trace as a test for pytest: a file that needs nothing but Antiphon.

Knows the performer's values and how Python writes them. Must not know where the trace came from.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from realtime.kept.traced import Taken, performed
from realtime.performer.actions import Action, PassLate, PassOn, PlayNote, Silence, StopNote
from realtime.performer.events import EVENTS
from realtime.performer.rules import DEFAULT_RULES, Rules

_SENT = (PassOn, PassLate, PlayNote, StopNote, Silence)

_KEPT = """

def test_the_performer_keeps_its_promises() -> None:
    performed(TAKEN)
"""
_AS_IT_DOES = """

def test_what_is_sent_stays_as_it_was() -> None:
    assert sent_by(performed(TAKEN)) == SENT
"""


def sent_by(actions: Iterable[Action]) -> list[str]:
    """What goes out to the synth, a line each."""
    return [repr(action) for action in actions if isinstance(action, _SENT)]


def written(taken: Sequence[Taken], name: str, *, as_it_does: bool = False) -> str:
    """The test's text; with `as_it_does` it also holds what is sent by now."""
    rules = list(dict.fromkeys(rules for _, rules in taken))
    names = [f"RULES_{number}" for number in range(1, len(rules) + 1)]
    rows = [f"    ({source_of(event)}, {names[rules.index(met)]}),\n" for event, met in taken]
    sent = [f"    {line!r},\n" for line in sent_by(performed(taken))] if as_it_does else []
    body = "".join(
        (
            *(f"{one} = {_of_rules(met)}\n" for one, met in zip(names, rules, strict=True)),
            f"TAKEN: list[Taken] = [\n{''.join(rows)}]\n",
            f"SENT = [\n{''.join(sent)}]\n" if as_it_does else "",
            _KEPT,
            _AS_IT_DOES if as_it_does else "",
        )
    )
    heading = f'"""What the performer took in, from the trace {name}: it must keep its promises."""\n'
    return f"{heading}\n# ruff: noqa: E501\n{_imports(body)}\n{body}"


def _imports(body: str) -> str:
    """Of all that may be used, what is."""
    words = set(re.findall(r"[A-Za-z_]\w*", body))
    wanted = {module: [name for name in names if name in words] for module, names in _OFFERED.items()}
    return "".join(f"from {module} import {', '.join(names)}\n" for module, names in wanted.items() if names)


_OFFERED = {
    "dataclasses": ("replace",),
    "math": ("inf",),
    "music.notes": ("NoteOff", "NoteOn"),
    "realtime.kept.pinned": ("sent_by",),
    "realtime.kept.traced": ("Taken", "performed"),
    "realtime.knobs": ("Knobs", "Mode", "Pause"),
    "realtime.performer.events": tuple(sorted(kind.__name__ for kind in EVENTS)),
    "realtime.performer.player.split": ("Split",),
    "realtime.performer.rules": ("DEFAULT_RULES",),
    "realtime.performer.sound.limits": ("Keeping", "Limits"),
}


def _of_rules(rules: Rules) -> str:
    """The rules, by what isn't as usual in them."""
    changed = [
        f"{one.name}={source_of(getattr(rules, one.name))}"
        for one in fields(rules)
        if getattr(rules, one.name) != getattr(DEFAULT_RULES, one.name)
    ]
    return f"replace(DEFAULT_RULES, {', '.join(changed)})" if changed else "DEFAULT_RULES"


def source_of(value: Any) -> str:
    """A value as Python writes it."""
    if is_dataclass(value):
        said = ", ".join(f"{one.name}={source_of(getattr(value, one.name))}" for one in fields(value))
        return f"{type(value).__name__}({said})"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, tuple):
        return f"({''.join(f'{source_of(one)}, ' for one in value)})"
    return repr(value)
