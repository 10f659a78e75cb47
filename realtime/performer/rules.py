"""What can be chosen about the performer, with defaults; seconds, unless a name says otherwise."""

from dataclasses import dataclass

from realtime.knobs import DEFAULT_KNOBS, Knobs


@dataclass(frozen=True, slots=True)
class Rules:
    """How turns pass, and how the answer is played. They hold for one step; the next may bring others."""

    # When the player has finished. Answers 0.1 s after a release interrupt people; 2 s feel like 3.
    shortest_silence_s: float = 0.35
    longest_silence_s: float = 1.2
    silence_margin_s: float = 0.2  # on top of what the playing itself leaves between onsets
    silence_of_unknown_pace_s: float = 0.7  # until three notes have shown the pace
    too_soon_s: float = (
        0.6  # a cut-in this soon after the answer's first note says that the phrase was not over
    )

    # How long the answer is, beside what the knobs say.
    shortest_answer_s: float = 2.0
    longest_answer_s: float = 30.0
    closing_s: float = 2.5  # its last notes may ring on for so long

    # How it is played.
    knobs: Knobs = DEFAULT_KNOBS
    channel: int | None = None  # counted from 0; None: the player's plus one
    shares_channel: bool = False  # with the player: then the player's pedal holds the model's notes too
    longest_note_s: float = 12.0  # a guard: no model's note rings longer

    # How it is asked for.
    first_stretch_s: float = 0.1  # short, so that the first note needn't wait for the ones that follow
    look_ahead_s: float = 1.0  # each stretch after that
    ask_again_s: float = 0.5  # before the end of what is known
    patience_s: float = 5.0  # without a word from the answerer, the turn goes back
    late_s: float = 0.05  # later than this, the rest of the answer moves instead of hurrying


DEFAULT_RULES = Rules()
