"""What a hand-over by hand would give now, in words: an answer, another one, or what to do instead.

Knows the performer's state. A test compares it with what `step` does, state by state.
"""

from enum import Enum

from realtime.performer.phases import Phase
from realtime.performer.state import State


class Offer(Enum):
    """The hand-over's offer."""

    ANSWER = "the answer at once"
    ANOTHER = "to your last phrase"
    NO_CALL = "first play a phrase"
    ASKED = "the answer is coming"
    ANSWERING = "play to cut in"
    CLOSED = "put away"

    @property
    def is_open(self) -> bool:
        """Whether a hand-over would do something."""
        return self in (Offer.ANSWER, Offer.ANOTHER)


def offer_in(state: State) -> Offer:
    """What a hand-over would give in this state."""
    if state.phase is Phase.WAITING:
        return _offer_while_waiting(state)
    return {
        Phase.CALLING: Offer.ANSWER,
        Phase.ASKING: Offer.ASKED,
        Phase.ANSWERING: Offer.ANSWERING,
        Phase.CLOSED: Offer.CLOSED,
    }[state.phase]


def _offer_while_waiting(state: State) -> Offer:
    if state.request is None:
        return Offer.NO_CALL
    return Offer.ANOTHER if state.request.was_asked else Offer.ANSWER
