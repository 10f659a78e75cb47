"""What the loop did, as rows.

They are plain objects for whoever writes takes, draws or listens elsewhere (`docs/protocol.md`).

Knows events and actions. Must not know pipes, files or pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from realtime.performer.actions import (
    Action,
    KeepBack,
    LiftPedal,
    PassLate,
    PassOn,
    PlayNote,
    StopNote,
    TurnChanged,
)
from realtime.performer.events import AnswerCame, AnswerFailed, KeyDown, PedalMoved, PlayerEvent, TookUp
from realtime.performer.offers import offer_in
from realtime.performer.pace import silence_needed
from realtime.performer.phases import Phase, Reason
from realtime.performer.player.hands import Held
from realtime.performer.rules import Rules
from realtime.performer.state import State
from realtime.rows.held import left_alone_words, waiting_words
from realtime.rows.kinds import MODEL, PLAYER, Row
from realtime.rows.standing import controls_of, controls_standing
from realtime.rows.turned import (
    ControlMoved,
    Learnt,
    MessageCame,
    MessagesCame,
    ModelStands,
    PresetStands,
    Starred,
    Turned,
    Unlearnt,
)

NOT_QUIET: dict[str, Any] = {"since": None, "needed_s": None, "waits_for": None}


class Rows:
    """Makes rows of one turn of the loop after another.

    Remembers the last, so that only changes become rows.
    """

    def __init__(self) -> None:
        self._quiet = NOT_QUIET
        self._left_alone = Held()
        self._controls: Row | None = None

    def of(self, turned: Turned) -> list[Row]:
        """The rows of what happened, in order."""
        if isinstance(turned.event, MessagesCame):
            return [_messages_row(turned.event)]
        rows = [row for action in turned.actions for row in _rows_of_action(action, turned)]
        rows.extend(self._silence(turned))
        if isinstance(turned.event, ControlMoved):
            rows.append(_moved(turned.event, turned.rules))
        if isinstance(turned.event, Starred):
            rows.append({"kind": "starred", "at": turned.event.at})
        if isinstance(turned.event, TookUp) and turned.actions:
            rows.append({"kind": "taken_up", "at": turned.event.at})
        if isinstance(turned.event, Learnt | Unlearnt):
            rows.append(line_row(turned.event.at, turned.event.text))
        rows.extend(self._given_up(turned))
        controls = controls_standing(turned.rules)
        if controls != self._controls:
            self._controls = controls
            rows.append({"kind": "controls", "at": turned.sent_at} | controls)
        rows.extend(_coming(turned))
        if isinstance(turned.event, AnswerFailed):
            rows.append(line_row(turned.event.at, f"no answer: {turned.event.reason}"))
        elif isinstance(turned.event, ModelStands):
            rows.extend(_rows_of_model(turned.event))
        elif isinstance(turned.event, PresetStands):
            rows.extend(_rows_of_preset(turned.event))
        return rows

    def _silence(self, turned: Turned) -> list[Row]:
        quiet = _quiet(turned)
        if quiet == self._quiet:
            return []
        self._quiet = quiet
        return [{"kind": "quiet", "at": turned.sent_at} | quiet]

    def _given_up(self, turned: Turned) -> list[Row]:
        """A line for what is waited for no longer, once."""
        held, self._left_alone = self._left_alone, turned.state.hands.left_alone
        if not self._left_alone.exceeds(held):
            return []
        return [line_row(turned.sent_at, left_alone_words(self._left_alone, turned.rules))]


def _quiet(turned: Turned) -> dict[str, Any]:
    """Since when it is quiet in a call, and how long a silence hands over; or what the call waits for."""
    state: State = turned.state
    if state.phase is not Phase.CALLING or state.quiet_since is None:
        return NOT_QUIET | {"waits_for": waiting_words(state, turned.rules)}
    needed_s = silence_needed(state.pace, turned.rules)
    return {"since": state.quiet_since, "needed_s": needed_s, "waits_for": None}


def _rows_of_action(action: Action, turned: Turned) -> list[Row]:
    if isinstance(action, TurnChanged):
        return [_turned(action, turned.state)]
    if isinstance(action, PlayNote):
        return [_played(action, turned.sent_at)]
    make = _MAKERS.get(type(action))
    row = None if make is None else make(action)
    return [] if row is None else [row]


def _passed_on(action: PassOn) -> Row:
    event: PlayerEvent = action.event
    about: dict[str, Any] = {"at": event.at, "channel": event.channel + 1, "source": event.source}
    if isinstance(event, PedalMoved):
        return {"kind": "pedal", "depth": event.depth} | about
    note = {"kind": "note", "who": PLAYER, "pitch": event.pitch} | about
    if isinstance(event, KeyDown):
        return note | {"velocity": event.velocity}
    return note | {"velocity": 0, "release_velocity": event.velocity}


def _kept_back(action: KeepBack) -> Row:
    return {**_passed_on(PassOn(action.at, action.event)), "kept_back": True}


def _passed_late(action: PassLate) -> Row | None:
    """A pedal that is put down again was up meanwhile; a key's release was there when it was kept back."""
    return _passed_on(PassOn(action.at, action.event)) if isinstance(action.event, PedalMoved) else None


def _lifted(action: LiftPedal) -> Row:
    bytes_ = bytes((0xB0 | action.channel, 64, 0)).hex()
    return {"kind": "message", "at": action.at, "bytes": bytes_}


def _messages_row(came: MessagesCame) -> Row:
    """A row for all of them."""
    if len(came.messages) == 1:
        return _message_row(came.messages[0])
    listed = [(one.at, one.source, one.message.hex()) for one in came.messages]
    return {"kind": "messages", "at": came.at, "of": listed}


def _message_row(came: MessageCame) -> Row:
    return {"kind": "message", "at": came.at, "source": came.source, "bytes": came.message.hex()}


def _played(action: PlayNote, sent_at: float) -> Row:
    late_s = round(max(sent_at - action.due, 0.0), 5)
    return {**_model_row(action.at, action.pitch, action.velocity, action.channel), "late_s": late_s}


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
        "is_frozen": state.is_frozen,
        **(_asked(state) if action.reason in _ASKING else {}),
    }


def _coming(turned: Turned) -> list[Row]:
    """What is on the agenda, once more of the answer has come: notes that will be heard if nobody cuts in."""
    state = turned.state
    is_heard = state.phase in (Phase.ASKING, Phase.ANSWERING) and not turned.rules.is_muted
    if not isinstance(turned.event, AnswerCame) or not is_heard:
        return []
    delay_s, ends = state.agenda.delay_s, {due.id: due.at for due in state.agenda.queue if not due.velocity}
    notes = [
        [due.at + delay_s, due.pitch, due.velocity, ends[due.id] - due.at if due.id in ends else None]
        for due in state.agenda.queue
        if due.velocity
    ]
    return [{"kind": "coming", "at": turned.sent_at, "notes": notes}] if notes else []


def _moved(moved: ControlMoved, rules: Rules) -> Row:
    """A control that was moved, and where it stands since then."""
    value = controls_of(rules).get(moved.name, moved.value)
    return {"kind": "moved", "at": moved.at, "name": moved.name, "value": value}


def _asked(state: State) -> Row:
    """Which answer was asked for: enough, with the call and the seed, to get it again."""
    request = state.request
    return {} if request is None else {"turn": request.turn, "attempt": request.attempt}


def _answer_s(state: State) -> float | None:
    return None if state.request is None else round(state.request.length_s, 3)


_ASKING = frozenset(
    {
        Reason.SILENCE_LASTED,
        Reason.HELD_TOO_LONG,
        Reason.HANDED_OVER,
        Reason.ASKED_AGAIN,
        Reason.GOES_ON,
    }
)
_MAKERS: Mapping[type[Action], Callable[[Any], Row | None]] = {
    PassOn: _passed_on,
    KeepBack: _kept_back,
    PassLate: _passed_late,
    LiftPedal: _lifted,
    StopNote: _stopped,
}


def _rows_of_model(stands: ModelStands) -> list[Row]:
    """Which model answers, and what is worth reading about it."""
    row = {"kind": "model", "at": stands.at, "name": stands.name, "model": stands.model}
    row |= {"device": stands.device, "file": stands.file}
    lines = (*stands.remarks, *model_refused(stands))
    return [row, *(line_row(stands.at, line) for line in lines)]


def _rows_of_preset(stands: PresetStands) -> list[Row]:
    """All that can be recalled, and what came of keeping one more."""
    row = {"kind": "presets", "at": stands.at, "names": list(stands.names)}
    return [*([row] if stands.names else []), line_row(stands.at, stands.text)]


def model_refused(stands: ModelStands) -> list[str]:
    """Why another model was refused, as a line; none where none was."""
    return [] if stands.refused is None else [f"no other model: {stands.refused}"]


def line_row(at: float, text: str) -> Row:
    """Something worth reading."""
    return {"kind": "line", "at": at, "text": text}
