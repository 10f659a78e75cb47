"""`roll-token`: a piano roll in which each distinct set of sounding pitches is one token, after Lorinczi and Brailovsky.

The roll has `frequency` columns a second. A note fills the columns from the one that holds its beginning up to, and
without, the one that holds its end, so that a note within one column vanishes, and a key struck again with no free
column between becomes one long note. How much that costs at which frequency is measured in docs/roll-token-loss.md.
Symbol 0 is a set of pitches that was not learnt: heard as the column before it going on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from music.beats import frame_holding
from music.notes import DEFAULT_VELOCITY
from music.phrase import Phrase
from music.tokens.columns import UNKNOWN, column_named, columns_named, columns_of, name_of, spans_of
from music.tokens.encoding import OpenEncoding, Tokens, as_tokens, check_between, checked
from music.tokens.grid import in_seconds, played, without_pedal
from music.tokens.vocabulary import Vocabulary, symbols


@dataclass(frozen=True)
class RollTokenEncoding(OpenEncoding):
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
        for symbol in self.learnt:
            column_named(symbol)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The unknown set and the sets learnt."""
        return symbols(UNKNOWN, *self.learnt)

    def symbols_in(self, phrase: Phrase) -> list[str]:
        """The set of pitches of each column, by name."""
        columns = columns_of(phrase.notes, in_seconds(phrase), self.frequency, frame_holding)
        names = {column: name_of(column) for column in set(columns)}
        return [names[column] for column in columns]

    def encode(self, phrase: Phrase) -> Tokens:
        """One token a column, until the last note ends."""
        numbers = self.vocabulary.fields[0].numbers
        rows = [(numbers.get(symbol, 0),) for symbol in self.symbols_in(phrase)]
        return as_tokens(rows, self.vocabulary)

    def decode(self, tokens: Tokens) -> Phrase:
        """The notes that columns tell: a pitch in neighbouring columns is one note."""
        return played(spans_of(self._columns(tokens), self.velocity), self.frequency)

    def reference(self, phrase: Phrase) -> Phrase:
        """The notes as they stand."""
        return without_pedal(phrase)

    def _columns(self, tokens: Tokens) -> Iterable[int]:
        names = self.vocabulary.fields[0].symbols or ()
        return columns_named(names[number] for (number,) in checked(tokens, self.vocabulary).tolist())
