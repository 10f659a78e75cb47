"""What the loop did, as rows.

They are plain objects for whoever writes takes, draws or listens elsewhere (`docs/protocol.md`).

Knows events and actions. Must not know pipes, files or pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from realtime.performer.actions import Action, PassOn, PlayNote, StopNote, TurnChanged
from realtime.performer.events import AnswerFailed, KeyDown, PedalMoved, PlayerEvent
from realtime.performer.offers import offer_in
from realtime.performer.pace import silence_needed
from realtime.performer.phases import Phase
from realtime.performer.state import State
from realtime.rows.kinds import MODEL, PLAYER, Row
from realtime.rows.standing import controls_standing
from realtime.rows.turned import Turned


class Rows:
    """Makes rows of one turn of the loop after another.

    Remembers the last, so that only changes become rows.
    """

    def __init__(self) -> None:
        self._quiet: tuple[float, float] | None = None
        self._controls: Row | None = None

    def of(self, turned: Turned) -> list[Row]:
        """The rows of what happened, in order."""
        rows = [row for action in turned.actions for row in _rows_of_action(action, turned.state)]
        rows.extend(self._silence(turned))
        controls = controls_standing(turned.rules)
        if controls != self._controls:
            self._controls = controls
            rows.append({"kind": "controls", "at": turned.sent_at} | controls)
        if isinstance(turned.event, AnswerFailed):
            rows.append(line_row(turned.event.at, f"no answer: {turned.event.reason}"))
        return rows

    def _silence(self, turned: Turned) -> list[Row]:
        quiet = _quiet(turned)
        if quiet == self._quiet:
            return []
        self._quiet = quiet
        since, needed_s = quiet if quiet is not None else (None, None)
        return [{"kind": "quiet", "at": turned.sent_at, "since": since, "needed_s": needed_s}]


def _quiet(turned: Turned) -> tuple[float, float] | None:
    """Since when it is quiet in a call, and how long a silence hands over."""
    state: State = turned.state
    if state.phase is not Phase.CALLING or state.quiet_since is None:
        return None
    return state.quiet_since, silence_needed(state.pace, turned.rules)


def _rows_of_action(action: Action, state: State) -> list[Row]:
    if isinstance(action, TurnChanged):
        return [_turned(action, state)]
    make = _MAKERS.get(type(action))
    return [] if make is None else [make(action)]


def _passed_on(action: PassOn) -> Row:
    event: PlayerEvent = action.event
    about: dict[str, Any] = {"at": event.at, "channel": event.channel + 1, "source": event.source}
    if isinstance(event, PedalMoved):
        return {"kind": "pedal", "depth": event.depth} | about
    velocity = event.velocity if isinstance(event, KeyDown) else 0
    return {"kind": "note", "who": PLAYER, "pitch": event.pitch, "velocity": velocity} | about


def _played(action: PlayNote) -> Row:
    return _model_row(action.at, action.pitch, action.velocity, action.channel)


def _stopped(action: StopNote) -> Row:
    return _model_row(action.at, action.pitch, 0, action.channel)


def _model_row(at: float, pitch: int, velocity: int, channel: int) -> Row:
    return {
        "kind": "note",
        "who": MODEL,
        "pitch": pitch,
        "velocity": velocity,
        "at": at,
        "channel": channel + 1,
    }


def _turned(action: TurnChanged, state: State) -> Row:
    """Whose turn it is, and what a hand-over would give in it."""
    offer = offer_in(replace(state, phase=action.phase))
    return {
        "kind": "turn",
        "at": action.at,
        "phase": action.phase.value,
        "reason": action.reason.value,
        "hand_over": offer.name.lower() if offer.is_open else None,
        "offer": offer.value,
        "answer_s": _answer_s(state) if action.phase in (Phase.ASKING, Phase.ANSWERING) else None,
    }


def _answer_s(state: State) -> float | None:
    return None if state.request is None else round(state.request.length_s, 3)


_MAKERS: Mapping[type[Action], Callable[[Any], Row]] = {
    PassOn: _passed_on,
    PlayNote: _played,
    StopNote: _stopped,
}


def line_row(at: float, text: str) -> Row:
    """Something worth reading."""
    return {"kind": "line", "at": at, "text": text}
