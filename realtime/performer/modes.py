"""The modes: what follows an answer that is over, and what the player's keys do while the model plays.

Call and answer is the plain case, and turns.py has it; here is what the other modes change. Must not know how
turns change: it reads a state, and says what holds in it.
"""

from collections.abc import Iterable, Sequence

from music.changed import changed
from music.notes import HIGHEST_KEY, LOWEST_KEY, KeyEvent, NoteOff, NoteOn
from realtime.knobs import DEFAULT_KNOBS, Knobs, Mode
from realtime.performer.actions import Request
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import begun
from realtime.performer.state import LONGEST_CALL, Answer, State, ends_at

FAR = 4  # octaves: further than any hand of another register


def passes_only(rules: Rules) -> bool:
    """Whether what is played is passed on, and nothing else."""
    return rules.mode is Mode.THRU


def plays_along(state: State, rules: Rules) -> bool:
    """Whether a key that goes down now leaves the answer as it is."""
    if state.is_frozen or rules.mode is Mode.TOGETHER:
        return True
    answer = state.answer
    if rules.mode is not Mode.BARS or answer is None or answer.until is None:
        return False
    return state.now < answer.until - rules.spell_s + rules.beat_s  # the end of a phrase that hangs over


def with_spell(state: State, rules: Rules) -> State:
    """With a spell of bars that begins now; the grid goes on where the player keeps to it."""
    if rules.mode is not Mode.BARS:
        return changed(state, spell_began_at=None, spell_ends_at=None)
    before = state.spell_ends_at
    goes_on = before is not None and abs(state.now - before) <= rules.spell_s / 2
    begins = before if goes_on and before is not None else rules.nearest_bar_line(state.now)
    return changed(state, spell_began_at=begins, spell_ends_at=begins + rules.spell_s)


def in_tempo(state: State, rules: Rules) -> State:
    """With the player's spell as long as its bars are by now, where that is not over already."""
    if rules.mode is not Mode.BARS or state.spell_began_at is None:
        return state
    ends_at = state.spell_began_at + rules.spell_s
    return state if ends_at <= state.now else changed(state, spell_ends_at=ends_at)


def on_its_bar_line(state: State, rules: Rules) -> State:
    """With the answer's first note where its bars begin, however long the model would rest before it."""
    answer = state.answer
    if answer is None or answer.until is None or answer.first_at is None or rules.mode is not Mode.BARS:
        return state
    early_s = answer.first_at + state.agenda.delay_s - (answer.until - rules.spell_s)
    if early_s <= 0:
        return state
    return changed(state, agenda=changed(state.agenda, delay_s=state.agenda.delay_s - early_s))


def with_answer(state: State, answer: Answer, call: Sequence[KeyEvent], rules: Rules) -> State:
    """With an answer to this call that begins now, kept to its spell, its register and its limits."""
    register = register_beside(state.call, rules) if rules.mode is Mode.TOGETHER else 0
    bent = begun(call, rules.limits)
    after = changed(state, answer=changed(answer, semitones=register), answered=(), bent=bent)
    if rules.mode is not Mode.BARS:
        return after
    begins = state.now if state.spell_ends_at is None else min(state.spell_ends_at, state.now)
    until = begins + rules.spell_s
    after = changed(after, spell_began_at=None, spell_ends_at=until)
    return changed(after, answer=changed(answer, until=until, length_s=rules.spell_s))


def heard_of(state: State, events: Iterable[NoteOn | NoteOff]) -> tuple[NoteOn | NoteOff, ...]:
    """What has come of an answer, these events with it; of too many the newest."""
    return (*state.answered, *events)[-LONGEST_CALL:]


def follows(state: State, rules: Rules) -> Request | None:
    """What is asked for when an answer is over, if something is: where it goes on by itself."""
    request = state.request
    if request is None:
        return None
    if rules.mode is Mode.TOGETHER and not state.is_frozen:
        plays = any(isinstance(event, NoteOn) for event in state.call)
        return _again(state, request, state.call, DEFAULT_KNOBS) if plays else None
    if rules.mode is Mode.ENDLESS or state.is_frozen:
        played = _as_played(state)
        already = DEFAULT_KNOBS if state.answer is None else state.answer.knobs
        return _again(state, request, played, already) if played else None
    return None


def _as_played(state: State) -> tuple[KeyEvent, ...]:
    """What of an answer has been played, when it was played."""
    delay_s, ending = state.agenda.delay_s, ends_at(state)
    return tuple(
        changed(event, at=min(event.at + delay_s, state.now))
        for event in state.answered
        if isinstance(event, NoteOff) or event.at + delay_s < min(ending, state.now)
    )


def _again(state: State, request: Request, call: tuple[KeyEvent, ...], already: Knobs) -> Request:
    return changed(request, turn=state.turn, attempt=0, call=call, gap_at_least_s=0.0, already=already)


def register_beside(call: Iterable[KeyEvent], rules: Rules) -> int:
    """By how many semitones, whole octaves, an answer to this call lies beside it: below a high one, above a
    low one."""
    pitches = [event.pitch for event in call if isinstance(event, NoteOn)]
    if not pitches or not rules.register_away:
        return 0
    middle = sum(pitches) / len(pitches)
    spread = max(abs(pitch - middle) for pitch in pitches)
    octaves = min(-(-(rules.register_away + spread) // 12), FAR)
    down = middle >= (LOWEST_KEY + HIGHEST_KEY) / 2
    return int(-12 * octaves if down else 12 * octaves)


def moved(events: Iterable[NoteOn | NoteOff], semitones: int) -> tuple[NoteOn | NoteOff, ...]:
    """The events in their register; what would leave the piano comes back by octaves."""
    if not semitones:
        return tuple(events)
    return tuple(changed(event, pitch=_on_the_piano(event.pitch + semitones)) for event in events)


def _on_the_piano(pitch: int) -> int:
    while pitch < LOWEST_KEY:
        pitch += 12
    while pitch > HIGHEST_KEY:
        pitch -= 12
    return pitch
