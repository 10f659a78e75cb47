"""`roll-token`: a piano roll, each distinct set of sounding pitches one token (Lorinczi and Brailovsky).

The roll has `frequency` columns per second. A note fills the columns from the one that holds its beginning up
to, and without, the one that holds its end, so that a note within one column vanishes, and a key struck again
with no free column between becomes one long note. How much that costs at which frequency is measured in
docs/roll-token-loss.md. Symbol 0 is a set of pitches that was not learnt: heard as the column before it going
on.
"""

from dataclasses import dataclass
from typing import ClassVar

from music.beats import frame_holding
from music.notes import DEFAULT_VELOCITY
from music.phrase import Phrase
from music.tokens.columns import ColumnEncoding, columns_of, name_of
from music.tokens.encoding import Tokens, check_between
from music.tokens.grid import in_seconds, played, without_pedal


@dataclass(frozen=True)
class RollTokenEncoding(ColumnEncoding):
    """Sets of pitches at `frequency` columns a second; decoding plays with `velocity`."""

    name: ClassVar[str] = "roll-token"
    loses: ClassVar[str] = (
        "velocity, tempo, tracks and pedal; time finer than a column, with the notes that fit into one; "
        "quick repetitions; sets of pitches that were not learnt"
    )

    frequency: float = 25.0
    velocity: int = DEFAULT_VELOCITY

    def __post_init__(self) -> None:
        super().__post_init__()
        check_between("frequency", self.frequency, 0.1, 1000.0)
        check_between("velocity", self.velocity, 1, 127)

    @property
    def seconds_per_token(self) -> float:
        """A column's."""
        return 1 / self.frequency

    def symbols_in(self, phrase: Phrase) -> list[str]:
        """The set of pitches of each column, by name, until the last note ends."""
        columns = columns_of(phrase.notes, in_seconds(phrase), self.frequency, frame_holding)
        names = {column: name_of(column) for column in set(columns)}
        return [names[column] for column in columns]

    def decode(self, tokens: Tokens) -> Phrase:
        """The notes of columns: a pitch in neighbouring columns is one note."""
        return played(self.spans(tokens, self.velocity), self.frequency)

    def reference(self, phrase: Phrase) -> Phrase:
        """The notes as they stand."""
        return without_pedal(phrase)
