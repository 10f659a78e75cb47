"""The one face of every way of writing music down.

An encoding is a frozen dataclass whose fields are its settings. `encode` gives an array with one row a token and one column a
field; `decode` reads any array of that shape, also what a model made up, and never fails on it.
An encoding with an open vocabulary learns it first: `fitted(phrases)` returns the encoding that knows their symbols,
and number 0 is the symbol for what it does not know.
A live encoding also goes one event at a time; its `encode` is nothing but feed all, then flush.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from music.encodings.vocabulary import Vocabulary, fingerprint_of
from music.notes import KeyEvent, NoteOff, NoteOn
from music.phrase import Phrase, events_of, phrase_of

Tokens = NDArray[Any]  # (tokens, fields): int64, or float64 where a field is real
Token = tuple[int, ...]
State = TypeVar("State")


class EncodingError(ValueError):
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

    @property
    def settings(self) -> dict[str, Any]:
        """The settings by name, as JSON can hold them, without learnt symbols."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "learnt"}

    @property
    def fingerprint(self) -> str:
        """What must be equal for one's tokens to be the other's."""
        return fingerprint_of(self.name, self.version, self.settings, self.vocabulary)

    @classmethod
    def with_settings(cls, **settings: Any) -> Self:
        """From settings by name; text is read as the type of the default; an unknown name is an error."""
        known = {field.name: field.default for field in fields(cls) if field.name != "learnt"}
        for name in settings:
            if name not in known:
                told = ", ".join(known) or "none"
                raise EncodingError(f"{cls.name} has no setting {name!r}; there are: {told}")
        return cls(**{name: _as_type_of(known[name], value, name) for name, value in settings.items()})


@dataclass(frozen=True)
class OpenEncoding(Encoding):
    """An encoding whose symbols come from the music: `learnt` holds them, most frequent first."""

    learnt: tuple[str, ...] = ()

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
    def perform(self, state: State, token: Token) -> tuple[State, tuple[NoteOn | NoteOff, ...]]:
        """The state after a token that a model chose, and what it does at the keyboard."""

    @abstractmethod
    def finish(self, state: State) -> tuple[NoteOn | NoteOff, ...]:
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
        for token in tokens.tolist():
            state, done = self.perform(state, tuple(token))
            events.extend(done)
        events.extend(self.finish(state))
        return phrase_of(sorted(events, key=lambda event: event.at))


def as_tokens(rows: Sequence[Sequence[float]], vocabulary: Vocabulary) -> Tokens:
    """Rows as an array of the right shape and type, empty or not."""
    kind = np.float64 if any(field.is_real for field in vocabulary.fields) else np.int64
    return np.array(rows, dtype=kind).reshape(len(rows), len(vocabulary.fields))


def _as_type_of(default: Any, value: Any, name: str) -> Any:
    if not isinstance(value, str) or isinstance(default, str) or default is MISSING:
        return value
    if isinstance(default, bool):
        if value.lower() in ("true", "yes", "1"):
            return True
        if value.lower() in ("false", "no", "0"):
            return False
        raise EncodingError(f"{name} is true or false, not {value!r}")
    try:
        return type(default)(value)
    except ValueError:
        raise EncodingError(f"{name} is a number such as {default}, not {value!r}") from None
