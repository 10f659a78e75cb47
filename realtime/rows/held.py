"""In words: what a phrase waits for to be let go, and what is waited for no longer. Knows what is held."""

from music.notes import pitch_name
from realtime.performer.player.hands import Held
from realtime.performer.rules import Rules
from realtime.performer.state import State, is_shown_as_held

MOST_NAMED = 3


def waiting_words(state: State, rules: Rules) -> str | None:
    """What is waited for; None while nothing has been held for long."""
    if not is_shown_as_held(state, rules):
        return None
    held = state.hands.held
    if not held.pitches:
        return "waiting for the pedal to be lifted"
    return f"waiting for {_keys(held)} to be let go"


def left_alone_words(held: Held, rules: Rules) -> str:
    """What is waited for no longer, why, and what to do about it."""
    what = " and ".join(part for part in (_keys(held), "the pedal" if held.by_pedal else "") if part)
    them = "they" if len(held.pitches) + held.by_pedal > 1 else "it"
    return (
        f"{what} stayed down for {rules.longest_hold_s:g} s: not waited for any more; "
        f"if {them} should be up, play {'them' if them == 'they' else 'it'} again or press panic"
    )


def _keys(held: Held) -> str:
    names = [pitch_name(pitch) for pitch in held.pitches]
    if len(names) > MOST_NAMED:
        return f"{len(names)} keys"
    return " and ".join(part for part in (", ".join(names[:-1]), "".join(names[-1:])) if part)
