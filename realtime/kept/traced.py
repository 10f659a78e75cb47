"""A trace taken in again by the performer: what it does, and what it always promises.

A trace in which a promise is broken is cut down to the few events that break it. Knows the performer and the
rows of traces. Must not know ports, or who answered.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from music.settings import SettingError
from realtime.performer.actions import Action, KeepBack, PassOn, PlayNote, StopNote
from realtime.performer.events import Event, KeyDown, KeyUp, PedalMoved
from realtime.performer.phases import Phase
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.state import FRESH, State
from realtime.performer.turns import step
from realtime.rows.traced import UnknownRowError, taken_in

Taken = tuple[Event, Rules]
Step = Callable[[State, Event, Rules], tuple[State, tuple[Action, ...]]]

_OF_THE_MODEL = (Phase.ASKING, Phase.ANSWERING)


class BrokenPromiseError(AssertionError):
    """What the performer always promises, and didn't keep."""


def taken_from(path: Path) -> list[Taken]:
    """All that a trace holds: each event with the rules that it met."""
    taken: list[Taken] = []
    rules = DEFAULT_RULES
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            value = taken_in(json.loads(line))
        except (UnknownRowError, ValueError) as reason:
            if number == len(lines):
                break  # whoever wrote it was killed in the middle of a row
            raise SettingError(f"{path}, line {number}: no row of a trace: {reason}") from reason
        if isinstance(value, Rules):
            rules = value
        else:
            taken.append((value, rules))
    if not taken:
        raise SettingError(f"{path}: there is nothing in it; `antiphon play --trace FILE` writes one")
    return taken


def performed(taken: Sequence[Taken], step: Step = step) -> list[Action]:
    """All that is done when these are taken in; `BrokenPromiseError` where a promise is broken."""
    state, done, sounding = FRESH, list[Action](), set[int]()
    for event, rules in taken:
        try:
            state, actions = step(state, event, rules)
        except Exception as failure:
            raise BrokenPromiseError(f"{event} made it fail: {failure!r}") from failure
        done += actions
        _keep_to_the_present(event, actions)
        _pass_on(event, actions)
        _let_go(actions, sounding)
        if sounding and state.phase not in _OF_THE_MODEL:
            raise BrokenPromiseError(f"after {event}, {len(sounding)} notes of the model's hang")
        if state.phase is Phase.CALLING and state.quiet_since is not None and state.wake_at is None:
            raise BrokenPromiseError(f"after {event}, nothing ends the phrase")
    return done


def _keep_to_the_present(event: Event, actions: Sequence[Action]) -> None:
    for action in actions:
        if action.at < event.at:
            raise BrokenPromiseError(f"{event} led to {action}, which lies before it")


def _pass_on(event: Event, actions: Sequence[Action]) -> None:
    if not isinstance(event, KeyDown | KeyUp | PedalMoved):
        return
    if not any(isinstance(action, PassOn | KeepBack) for action in actions):
        raise BrokenPromiseError(f"{event} is the player's, and was neither sent on nor kept back")


def _let_go(actions: Sequence[Action], sounding: set[int]) -> None:
    for action in actions:
        if isinstance(action, PlayNote):
            if action.id in sounding:
                raise BrokenPromiseError(f"{action}: this note sounds already")
            sounding.add(action.id)
        elif isinstance(action, StopNote):
            if action.id not in sounding:
                raise BrokenPromiseError(f"{action}: this note doesn't sound")
            sounding.discard(action.id)


def broken_in(taken: Sequence[Taken], step: Step = step) -> str | None:
    """The promise that is broken, in words; None where all are kept."""
    try:
        performed(taken, step)
    except BrokenPromiseError as broken:
        return str(broken)
    return None


def shortest(taken: Sequence[Taken], step: Step = step) -> list[Taken]:
    """Of events that break a promise, as few as still break one: ever smaller pieces are left out."""
    left = list(taken)
    piece = len(left) // 2
    while piece:
        begin = 0
        while begin < len(left):
            without = left[:begin] + left[begin + piece :]
            if without and broken_in(without, step) is not None:
                left = without
            else:
                begin += piece
        piece //= 2
    return left
