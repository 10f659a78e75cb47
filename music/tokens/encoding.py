"""The one face of every way of writing music down.

An encoding is a frozen dataclass whose fields are its settings. `encode` gives an array with one row a token and one column a
field; `decode` reads any array of that shape, also what a model made up, and never fails on it.
An encoding with an open vocabulary learns it first: `fitted(phrases)` returns the encoding that knows their symbols,
and number 0 is the symbol for what it does not know.
A live encoding also goes one event at a time; its `encode` is nothing but feed all, then flush.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from music.notes import KeyEvent
from music.phrase import Phrase, events_of, pedal_folded, phrase_of
from music.settings import SettingError, settings_from
from music.tokens.vocabulary import Vocabulary, fingerprint_of

Tokens = NDArray[Any]  # (tokens, fields): whole numbers, or float64 where a field is real
Token = tuple[int, ...]
State = TypeVar("State")


class EncodingError(SettingError):
    """Something that can't be written down or read back: says what, and what to do."""


@dataclass(frozen=True)
class Encoding(ABC):
    """A way of writing music down; subclasses add their settings as fields."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    loses: ClassVar[str]  # one sentence for `antiphon encode --list`

    @property
    @abstractmethod
    def vocabulary(self) -> Vocabulary:
        """The tokens that there are."""

    @abstractmethod
    def encode(self, phrase: Phrase) -> Tokens:
        """The phrase as tokens."""

    @abstractmethod
    def decode(self, tokens: Tokens) -> Phrase:
        """The phrase that tokens tell; never fails on tokens of the right shape and range."""

    def reference(self, phrase: Phrase) -> Phrase:
        """What a round trip without loss would give back: here the phrase with its pedal folded in.

        An encoding that takes the notes as they stand, or plays them at a tempo or in a key of its own, says so here.
        """
        return pedal_folded(phrase)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings by name, as JSON can hold them, without learnt symbols."""
        told = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "learnt"}
        # 120 and 120.0 are one setting, and JSON writes them differently
        floats = {field.name for field in fields(self) if isinstance(field.default, float)}
        return {name: float(value) if name in floats else value for name, value in told.items()}

    @property
    def fingerprint(self) -> str:
        """What must be equal for one's tokens to be the other's."""
        return fingerprint_of(self.name, self.version, self.settings, self.vocabulary)

    @classmethod
    def with_settings(cls, **settings: Any) -> Self:
        """From settings by name; text is read as the type of the default; an unknown name is an error."""
        return settings_from(cls, settings, cls.name, leaving_out=("learnt",), error=EncodingError)


@dataclass(frozen=True)
class OpenEncoding(Encoding):
    """An encoding whose symbols come from the music: `learnt` holds them, most frequent first."""

    learnt: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.learnt)) < len(self.learnt):
            raise EncodingError(f"{self.name}: a learnt symbol stands twice among {len(self.learnt)}")

    @abstractmethod
    def symbols_in(self, phrase: Phrase) -> Sequence[str]:
        """The symbols of a phrase, in order."""

    def fitted(self, phrases: Iterable[Phrase]) -> Self:
        """The encoding that knows every symbol of these phrases, most frequent first."""
        counts: dict[str, int] = {}
        for phrase in phrases:
            for symbol in self.symbols_in(phrase):
                counts[symbol] = counts.get(symbol, 0) + 1
        ranked = sorted(counts, key=lambda symbol: (-counts[symbol], symbol))
        return replace(self, learnt=tuple(ranked))


class LiveEncoding(Encoding, Generic[State]):
    """An encoding that takes what happens one event at a time; its state is a value."""

    @abstractmethod
    def start(self, at: float = 0.0) -> State:
        """The state before anything has happened, with the clock at `at` seconds."""

    @abstractmethod
    def feed(self, state: State, event: KeyEvent) -> tuple[State, tuple[Token, ...]]:
        """The state after an event, and the tokens that it made."""

    @abstractmethod
    def flush(self, state: State) -> tuple[State, tuple[Token, ...]]:
        """The state at the end, and the tokens still owed; what sounds ends with the last event."""

    @abstractmethod
    def perform(self, state: State, token: Token) -> tuple[State, tuple[KeyEvent, ...]]:
        """The state after a token that a model chose, and what it does at the keyboard, in order of time."""

    @abstractmethod
    def finish(self, state: State) -> tuple[KeyEvent, ...]:
        """What is still to happen at the keyboard after the last token."""

    def encode(self, phrase: Phrase) -> Tokens:
        """The phrase as tokens, counted from second 0: feed all, then flush."""
        state = self.start()
        tokens: list[Token] = []
        for event in events_of(phrase):
            state, made = self.feed(state, event)
            tokens.extend(made)
        tokens.extend(self.flush(state)[1])
        return as_tokens(tokens, self.vocabulary)

    def decode(self, tokens: Tokens) -> Phrase:
        """The phrase that tokens tell: perform all, then finish."""
        state = self.start()
        events: list[KeyEvent] = []
        for token in checked(tokens, self.vocabulary).tolist():
            state, done = self.perform(state, tuple(token))
            events.extend(done)
        events.extend(self.finish(state))
        return phrase_of(events)


def as_tokens(rows: Sequence[Sequence[float]], vocabulary: Vocabulary) -> Tokens:
    """Rows as an array of the right shape and type, empty or not."""
    kind = np.float64 if any(field.is_real for field in vocabulary.fields) else np.int64
    return np.array(rows, dtype=kind).reshape(len(rows), len(vocabulary.fields))


def checked(tokens: Tokens, vocabulary: Vocabulary) -> Tokens:
    """The tokens, if their shape and range are the vocabulary's; otherwise an error that names the first that is not."""
    if tokens.size == 0:
        return as_tokens([], vocabulary)
    if tokens.ndim != 2 or tokens.shape[1] != len(vocabulary.fields) or tokens.dtype.kind not in "biuf":
        raise EncodingError(
            f"tokens are rows of {len(vocabulary.fields)} numbers each, not {tokens.dtype} of shape {tokens.shape}"
        )
    places = [place for place, field in enumerate(vocabulary.fields) if not field.is_real]
    numbers = tokens[:, places]
    sizes = np.array([vocabulary.fields[place].size for place in places])
    right = (numbers >= 0) & (numbers < sizes)
    if tokens.dtype.kind == "f":
        right &= numbers == np.floor(numbers)
    wrong = np.argwhere(~right)
    if len(wrong):
        row, place = wrong[0]
        field = vocabulary.fields[places[place]]
        raise EncodingError(
            f"token {row}: {field.name} is a whole number from 0 to {field.size - 1}, not {numbers[row, place]}"
        )
    return (
        tokens
        if sizes.size < len(vocabulary.fields) or tokens.dtype.kind in "iu"
        else tokens.astype(np.int64)
    )


def check_between(name: str, value: float, least: float, most: float) -> None:
    """An error unless a setting lies between two numbers, both allowed."""
    if not least <= value <= most:
        raise EncodingError(f"{name} is a number from {least} to {most}, not {value}")
