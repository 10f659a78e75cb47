"""The words for whose turn it is, and for why that changed."""

from enum import Enum


class Phase(Enum):
    """Whose turn it is."""

    WAITING = "waiting"  # nobody plays
    CALLING = "calling"  # the player plays, or has just stopped
    ASKING = "asking"  # the turn is handed over; no note of the answer has come yet
    ANSWERING = "answering"  # the model plays
    CLOSED = "closed"  # the instrument is being put away


class Reason(Enum):
    """Why the turn changed."""

    CALL_BEGAN = "a phrase begins"
    CALL_GOES_ON = "the phrase goes on"
    SILENCE_LASTED = "the phrase is over"
    HELD_TOO_LONG = "what is held is waited for no longer"
    HANDED_OVER = "handed over by hand"
    ASKED_AGAIN = "asked for another answer"
    HEARD = "it has listened"
    GOES_ON = "the model goes on"
    ANSWER_BEGAN = "the answer begins"
    ANSWER_ENDED = "the answer is over"
    ANSWER_EMPTY = "the answer is silence"
    ANSWER_FAILED = "no answer: the answerer failed"
    ANSWER_OVERDUE = "no answer: none came in time"
    CUT_IN = "the player cuts in"
    FROZEN = "frozen: it goes on whatever you play"
    THAWED = "no longer frozen"
    PAUSED = "the clock stands still"
    WENT_ON = "the clock goes on"
    FORGOTTEN = "forgotten by hand"
    TAKEN_UP = "at a place in a take"
    PANIC = "silenced by hand"
    INPUT_LOST = "the keyboard is gone"
    OUTPUT_LOST = "the output is gone"
    STOPPED = "the instrument stops"
