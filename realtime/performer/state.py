"""All that the performer knows at one moment, as a value; and what can be read off it.

Must not know what to do about it: that is `turns.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from music.pedal import SILENT_KEYBOARD, Keyboard, fold, pitches_of
from realtime.performer.actions import Request
from realtime.performer.agenda import Agenda, Manner
from realtime.performer.events import KeyDown, KeyUp, PedalMoved, PlayerEvent
from realtime.performer.pace import Pace, silence_needed
from realtime.performer.phases import Phase
from realtime.performer.rules import Rules

LONGEST_CALL = 4096  # events: some minutes of dense playing; of more, the newest are kept
CHANNELS = 16
DRUM_CHANNEL = 9  # counted from 0: on most synths a pitch there is a drum
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Answer:
    """How far the answer to the current request has come; moments are the answerer's, before any delay."""

    length_s: float
    starts_after: float
    asked_at: float
    asked_until: float
    covers_until: float
    first_at: float | None = None
    is_over: bool = False

    @property
    def waits_for_more(self) -> bool:
        """Whether a stretch has been asked for that hasn't come."""
        return not self.is_over and self.asked_until > self.covers_until


@dataclass(frozen=True, slots=True)
class State:
    """The performer. Keyboards are kept by (source, channel); `call` is what the player played, in order."""

    now: float = 0.0
    phase: Phase = Phase.WAITING
    keyboards: Mapping[tuple[int, int], Keyboard] = field(default_factory=dict)
    player_channel: int = 0
    call: tuple[KeyEvent, ...] = ()
    quiet_since: float | None = None  # since when nothing is held, by key or pedal
    pace: Pace = field(default_factory=Pace)
    ticket: int = 0
    turn: int = 0
    request: Request | None = None  # the last one, to ask again, or a phrase's that was broken off
    answer: Answer | None = None
    agenda: Agenda = field(default_factory=Agenda)
    wake_at: float | None = None


FRESH = State()


def tracked(state: State, event: PlayerEvent) -> State:
    """With the player's keyboards as they are after an event."""
    place = (event.source, event.channel)
    keyboard, _ = fold(state.keyboards.get(place, SILENT_KEYBOARD), plain(event))
    keyboards = {**state.keyboards, place: keyboard}
    channel = event.channel if isinstance(event, KeyDown) else state.player_channel
    return replace(state, keyboards=keyboards, player_channel=channel)


def with_call(state: State, event: PlayerEvent, rules: Rules) -> State:
    """With an event added to the call, and the silence and pace that follow from it; `tracked` came first."""
    pace = state.pace.struck(event.at, rules) if isinstance(event, KeyDown) else state.pace
    quiet_since = None if sounds(state) else _first_of(state.quiet_since, state.now)
    # Of a call that is too long a whole quarter goes at once, so that whoever follows it begins anew but
    # seldom.
    kept = state.call if len(state.call) < LONGEST_CALL else state.call[LONGEST_CALL // 4 :]
    return replace(state, call=(*kept, plain(event)), pace=pace, quiet_since=quiet_since)


def _first_of(moment: float | None, now: float) -> float:
    return now if moment is None else moment


def plain(event: PlayerEvent) -> KeyEvent:
    """The event as music alone."""
    if isinstance(event, KeyDown):
        return NoteOn(event.at, event.pitch, event.velocity)
    if isinstance(event, KeyUp):
        return NoteOff(event.at, event.pitch)
    return Pedal(event.at, event.down)


def sounds(state: State) -> bool:
    """Whether the player holds anything, by key or pedal."""
    return any(keyboard.sounding for keyboard in state.keyboards.values())


def releases_of(state: State, source: int | None = None) -> list[PlayerEvent]:
    """What would let go everything that is held, on one keyboard or on all."""
    done: list[PlayerEvent] = []
    for (of, channel), keyboard in sorted(state.keyboards.items()):
        if source is not None and of != source:
            continue
        done.extend(KeyUp(state.now, pitch, channel, of) for pitch in pitches_of(keyboard.held))
        if keyboard.pedal_down:
            done.append(PedalMoved(state.now, 0, channel, of))
    return done


def keys_sounding_on(state: State, channel: int) -> int:
    """The player's keys, as bits, that sound on a channel by hand or pedal."""
    keys = 0
    for (_, on_channel), keyboard in state.keyboards.items():
        keys |= keyboard.sounding if on_channel == channel else 0
    return keys


def keys_held_on(state: State, channel: int) -> int:
    """The player's keys, as bits, that are held by hand on a channel."""
    keys = 0
    for (_, on_channel), keyboard in state.keyboards.items():
        keys |= keyboard.held if on_channel == channel else 0
    return keys


def model_channel(state: State, rules: Rules) -> int:
    """The channel that the model plays on: as chosen, or the player's plus one, never by chance the drums."""
    if rules.shares_channel:
        return state.player_channel
    if rules.channel is not None:
        return rules.channel
    channel = (state.player_channel + 1) % CHANNELS
    return channel + 1 if channel == DRUM_CHANNEL else channel


def manner(state: State, rules: Rules) -> Manner:
    """How the model's notes are played now. On a shared channel the keys the player holds are left alone."""
    channel = model_channel(state, rules)
    return Manner(channel, rules.knobs.loudness, ends_at(state), keys_held_on(state, channel))


def ends_at(state: State) -> float:
    """From when on the answer begins no note, in seconds."""
    answer = state.answer
    if answer is None or answer.first_at is None:
        return NEVER
    return answer.first_at + state.agenda.delay_s + answer.length_s


def call_length_s(state: State) -> float:
    """How long the call is, in seconds, from its first key to now or to the silence."""
    first = next((event.at for event in state.call if isinstance(event, NoteOn)), state.now)
    last = state.now if state.quiet_since is None else state.quiet_since
    return max(last - first, 0.0)


def answer_length_s(state: State, rules: Rules) -> float:
    """How long the answer may be, in seconds."""
    wanted = call_length_s(state) * rules.knobs.length
    return min(max(wanted, rules.shortest_answer_s), rules.longest_answer_s)


def next_deadline(state: State, rules: Rules) -> float | None:
    """When something must be done though nothing happens, in seconds."""
    if state.phase is Phase.CALLING and state.quiet_since is not None:
        return state.quiet_since + silence_needed(state.pace, rules)
    if state.answer is None or state.phase not in (Phase.ASKING, Phase.ANSWERING):
        return None
    moments = [moment for moment in _answer_deadlines(state, state.answer, rules) if moment is not None]
    return min(moments, default=None)


def _answer_deadlines(state: State, answer: Answer, rules: Rules) -> list[float | None]:
    ending = ends_at(state)
    return [
        state.agenda.next_due,
        state.agenda.next_guard(rules),
        ending if ending > state.now and ending < NEVER else None,
        ending + rules.closing_s if ending < NEVER else None,
        answer.asked_at + rules.patience_s if answer.waits_for_more else None,
        ask_again_at(state, answer, rules),
    ]


def ask_again_at(state: State, answer: Answer, rules: Rules) -> float | None:
    """When the next stretch of the answer should be asked for; None while it is under way or needless."""
    if answer.is_over or answer.waits_for_more:
        return None
    return answer.covers_until + state.agenda.delay_s - rules.ask_again_s
