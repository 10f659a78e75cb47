"""What can be chosen about the performer, with defaults; seconds, unless a name says otherwise."""

from dataclasses import dataclass

from music.phrase_ends.certainty import LONGEST_S, SHORTEST_S
from realtime.knobs import DEFAULT_KNOBS, Knobs, Mode, Pause
from realtime.performer.player.split import UNSPLIT, Split
from realtime.performer.sound.limits import NO_LIMITS, Limits


@dataclass(frozen=True, slots=True)
class Rules:
    """How turns pass, and how the answer is played. They hold for one step; the next may bring others."""

    # When the player has finished. Answers 0.1 s after a release interrupt people; 2 s feel like 3.
    fixed_silence_s: float | None = None  # None: as long as the playing asks for
    shortest_silence_when_sure_s: float = SHORTEST_S
    shortest_silence_s: float = 0.35  # by the gaps between onsets alone
    longest_silence_s: float = LONGEST_S
    silence_margin_s: float = 0.2  # on top of what the playing itself leaves between onsets
    silence_of_unknown_pace_s: float = 0.7  # until three notes have shown the pace
    too_soon_s: float = (
        0.6  # a cut-in this soon after the answer's first note says that the phrase was not over
    )

    # How turns pass.
    mode: Mode = Mode.CALL
    bars: int = 4  # that each plays in turn, where bars are traded
    beats_in_a_bar: int = 4
    tempo: float = 100.0  # beats a minute
    follows_playing: bool = False  # in its tempo, where bars are traded and no clock is heard
    bar_line: float | None = None  # a moment at which a clock had one; None: bars begin with the first note
    pause: Pause = Pause.END  # when a clock that is followed stops
    split: Split = UNSPLIT  # which keys are the call; the others only pass through
    together_after_s: float = 2.0  # of playing, before it joins in
    register_away: int = 12  # semitones: where it plays along, it keeps as far from the player's middle

    # What is held while nothing else happens: the release of a key may have been lost on its way.
    hold_shown_s: float = 3.0  # from then on, it is said what is waited for
    longest_hold_s: float = 12.0  # after this it is waited for no longer; infinite: for ever

    # How long the answer is, beside what the knobs say.
    shortest_answer_s: float = 2.0
    longest_answer_s: float = 30.0
    closing_s: float = 2.5  # its last notes may ring on for so long

    # How it is played.
    knobs: Knobs = DEFAULT_KNOBS
    channel: int | None = None  # counted from 0; None: the player's plus one
    shares_channel: bool = False  # with the player: then the player's pedal holds the model's notes too
    is_muted: bool = False  # the answer goes its way unheard
    limits: Limits = NO_LIMITS
    longest_note_s: float = 12.0  # a guard: no model's note rings longer

    # How it is asked for.
    first_stretch_s: float = 0.1  # short, so that the first note needn't wait for the ones that follow
    look_ahead_s: float = 1.0  # each stretch after that
    ask_again_s: float = 0.5  # before the end of what is known
    patience_s: float = 5.0  # without a word from the answerer, the turn goes back
    late_s: float = 0.05  # later than this, the rest of the answer moves instead of hurrying

    @property
    def beat_s(self) -> float:
        """How long a beat is."""
        return 60.0 / self.tempo

    @property
    def bar_s(self) -> float:
        """How long a bar is."""
        return self.beats_in_a_bar * self.beat_s

    def nearest_bar_line(self, at: float) -> float:
        """The bar line that is nearest to a moment, where a clock says where they fall; else the moment."""
        if self.bar_line is None:
            return at
        return self.bar_line + round((at - self.bar_line) / self.bar_s) * self.bar_s

    @property
    def spell_s(self) -> float:
        """How long each plays where bars are traded."""
        return self.bars * self.bar_s


DEFAULT_RULES = Rules()
