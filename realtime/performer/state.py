"""All that the performer knows at one moment, as a value; and what can be read off it.

Must not know what to do about it: that is `turns.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from music.changed import changed
from music.notes import KeyEvent, NoteOff, NoteOn
from music.pedal import Keyboard
from realtime.knobs import DEFAULT_KNOBS, Knobs, Mode
from realtime.performer.actions import Request
from realtime.performer.agenda import Agenda, Manner
from realtime.performer.events import KeyDown, PlayerEvent
from realtime.performer.pace import Pace, shortest_silence, silence_needed
from realtime.performer.phases import Phase
from realtime.performer.player.hands import AT_REST, Hands, moved, plain, releases
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import Bent

LONGEST_CALL = 4096  # events: some minutes of dense playing; of more, the newest are kept
CHANNELS = 16
DRUM_CHANNEL = 9  # counted from 0: on most synths a pitch there is a drum
NEVER = float("inf")


@dataclass(frozen=True)
class Answer:
    """How far the answer to the current request has come; moments are the answerer's, before any delay."""

    length_s: float
    starts_after: float
    asked_at: float
    asked_until: float
    covers_until: float
    first_at: float | None = None
    is_over: bool = False
    until: float | None = None  # where bars are traded: no note begins from then on
    paused_at: float | None = None  # since when somebody's clock stands still
    caught_up: tuple[tuple[float, float], ...] = ()  # pauses, from and to, after which it hurried
    semitones: int = 0  # by which it is moved into another register
    knobs: Knobs = DEFAULT_KNOBS  # as they stood when it was asked for

    @property
    def waits_for_more(self) -> bool:
        """Whether a stretch has been asked for that hasn't come."""
        return not self.is_over and self.asked_until > self.covers_until


@dataclass(frozen=True)
class State:
    """The performer; `call` is what the player played, in order."""

    now: float = 0.0
    phase: Phase = Phase.WAITING
    hands: Hands = AT_REST
    player_channel: int = 0
    call: tuple[KeyEvent, ...] = ()
    quiet_since: float | None = None  # since when nothing that is waited for is held, by key or pedal
    pace: Pace = field(default_factory=Pace)
    ticket: int = 0
    turn: int = 0
    request: Request | None = None  # the last one, to ask again, or a phrase's that was broken off
    answer: Answer | None = None
    agenda: Agenda = field(default_factory=Agenda)
    wake_at: float | None = None
    answered: tuple[NoteOn | NoteOff, ...] = ()  # what came of the answer so far
    bent: Bent = field(default_factory=Bent)  # how the answer has bent to its limits so far
    taken_up_at: float | None = None  # since when the last phrase is one that a place in a take lies behind
    passed_over: int = 0  # answers to the call so far that were not wanted, as they stood ready
    is_frozen: bool = False  # the answer goes on, whatever the player does
    spell_began_at: float | None = None  # where bars are traded: the player's spell, while it lasts
    spell_ends_at: float | None = None  # and when the turn passes
    lent: int = 0  # channels, as bits, from which the player's pedal is kept while the model sounds there
    answered_on: int = 0  # channels, as bits, that the model ever played on

    @property
    def keyboards(self) -> Mapping[tuple[int, int], Keyboard]:
        """The player's keyboards, by source and channel."""
        return self.hands.keyboards


FRESH = State()


def tracked(state: State, event: PlayerEvent) -> State:
    """With the player's hands as they are after an event."""
    channel = event.channel if isinstance(event, KeyDown) else state.player_channel
    return changed(state, hands=moved(state.hands, event), player_channel=channel)


def with_call(state: State, event: PlayerEvent) -> State:
    """With an event added to the call, and the silence and pace that follow from it; `tracked` came first."""
    played, is_held = plain(event), sounds(state)
    pace = state.pace.after(played, is_held)
    quiet_since = None if is_held else _first_of(state.quiet_since, state.now)
    # Of a call that is too long all but a quarter goes at once: whoever follows it begins anew, which takes a
    # model half a second for three quarters, and is to be seldom.
    kept = state.call if len(state.call) < LONGEST_CALL else state.call[-LONGEST_CALL // 4 :]
    return changed(state, call=(*kept, played), pace=pace, quiet_since=quiet_since)


def _first_of(moment: float | None, now: float) -> float:
    return now if moment is None else moment


def sounds(state: State) -> bool:
    """Whether the player holds anything that is waited for, by key or pedal."""
    return state.hands.sounds


def releases_of(state: State, source: int | None = None) -> list[PlayerEvent]:
    """What would let go everything that is held, on one keyboard or on all."""
    return releases(state.hands, state.now, source)


def is_shown_as_held(state: State, rules: Rules) -> bool:
    """Whether a phrase has been waiting for keys or the pedal long enough for that to be said."""
    is_waiting = state.phase is Phase.CALLING and state.quiet_since is None and sounds(state)
    return is_waiting and state.now >= state.hands.moved_at + rules.hold_shown_s


def model_channel(state: State, rules: Rules) -> int:
    """The channel that the model plays on: as chosen, or the next after the player's that the player has
    never used, and never by chance the drums."""
    if rules.shares_channel:
        return state.player_channel
    if rules.channel is not None:
        return rules.channel
    following = [(state.player_channel + step) % CHANNELS for step in range(1, CHANNELS)]
    following = [channel for channel in following if channel != DRUM_CHANNEL]
    return next((channel for channel in following if not state.hands.has_used(channel)), following[0])


def is_paused(state: State) -> bool:
    """Whether there is an answer that is in a pause."""
    return state.answer is not None and state.answer.paused_at is not None


def manner(state: State, rules: Rules) -> Manner:
    """How the model's notes are played now. On a shared channel the keys the player holds are left alone."""
    channel = model_channel(state, rules)
    is_unheard = rules.is_muted or is_paused(state)
    return Manner(
        channel,
        rules.knobs.loudness,
        ends_at(state),
        state.hands.held_on(channel),
        is_unheard,
        rules.limits.loudest,
    )


def ends_at(state: State) -> float:
    """From when on the answer begins no note, in seconds."""
    answer = state.answer
    if answer is None or answer.first_at is None:
        return NEVER
    if answer.until is not None:
        return max(answer.until, answer.first_at + state.agenda.delay_s)
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


def turn_ends_at(state: State, rules: Rules) -> float | None:
    """When the player's turn is over if nothing more is played; None while that is open."""
    if rules.mode is Mode.BARS and state.spell_ends_at is not None:
        return rules.nearest_bar_line(state.spell_ends_at)
    silence_at = None if state.quiet_since is None else state.quiet_since + silence_needed(state.pace, rules)
    if rules.mode is not Mode.TOGETHER:
        return silence_at
    first = next((event.at for event in state.call if isinstance(event, NoteOn)), state.now)
    joins_at = first + rules.together_after_s
    return joins_at if silence_at is None else min(silence_at, joins_at)


def next_deadline(state: State, rules: Rules) -> float | None:
    """When something must be done though nothing happens, in seconds."""
    if state.phase is Phase.CALLING:
        if (looks_at := _looks_again_at(state, rules)) is not None:
            return looks_at
        ends_at = turn_ends_at(state, rules)
        return _hold_deadline(state, rules) if ends_at is None and sounds(state) else ends_at
    if state.answer is None or state.phase not in (Phase.ASKING, Phase.ANSWERING):
        return None
    moments = [moment for moment in _answer_deadlines(state, state.answer, rules) if moment is not None]
    return min(moments, default=None)


def _looks_again_at(state: State, rules: Rules) -> float | None:
    """When a silence has lasted as long as the shortest that can end a phrase; None after it, or where there
    is none. How long it must last in all takes ten times as long to work out as the rest of a release, and
    the next key, which is often there already, would wait for it."""
    if state.quiet_since is None or rules.mode is Mode.BARS or rules.mode is Mode.TOGETHER:
        return None
    looks_at = state.quiet_since + shortest_silence(rules)
    return looks_at if state.now < looks_at else None


def _hold_deadline(state: State, rules: Rules) -> float | None:
    """When what is held is to be shown, or waited for no longer."""
    shown_at = state.hands.moved_at + rules.hold_shown_s
    given_up_at = state.hands.moved_at + rules.longest_hold_s
    deadline = shown_at if state.now < shown_at < given_up_at else given_up_at
    return deadline if deadline < NEVER else None


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
    if answer.until is not None and answer.first_at is None:
        return state.now  # its first note lands on the bar line, however late the model would begin
    return answer.covers_until + state.agenda.delay_s - rules.ask_again_s
