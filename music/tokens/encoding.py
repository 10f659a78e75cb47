"""The one face of every way of writing music down.

An encoding is a frozen dataclass whose fields are its settings. `encode` gives an array with one row per
token and one column per field; `decode` reads any array of that shape, also what a model made up, and never
fails on it. An encoding with an open vocabulary takes its symbols from music first: `fitted(phrases)` returns
the encoding that knows theirs, and number 0 is the symbol for whatever it does not know. Nobody has to ask
which encoding this is: what differs between them is asked of the face, and one that it doesn't concern gives
the answer of most. A live encoding also goes one event at a time; its `encode` is nothing but feed all, then
flush.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from music.notes import KeyEvent
from music.phrase import Phrase, events_of, pedal_folded, phrase_of
from music.settings import SettingError, settings_from
from music.tokens.vocabulary import Vocabulary, fingerprint_of, symbols

Tokens = NDArray[Any]  # (tokens, fields): whole numbers, or float64 where a field is real
Token = tuple[int, ...]
LiveState = TypeVar("LiveState")
UNKNOWN = "unknown"  # the name of symbol 0 of an open vocabulary


class EncodingError(SettingError):
    """Something that can't be written down or read back: says what, and what to do."""


@dataclass(frozen=True)
class Encoding(ABC):
    """A way of writing music down; subclasses add their settings as fields."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    loses: ClassVar[str]  # one sentence for `antiphon encode --list`
    unknown: ClassVar[int | None] = (
        None  # the number of the symbol for what it did not learn, where it learns any
    )
    has_format: ClassVar[bool] = False  # whether `allowed_after` ever forbids anything

    @property
    @abstractmethod
    def vocabulary(self) -> Vocabulary:
        """The tokens that there are."""

    @abstractmethod
    def encode(self, phrase: Phrase) -> Tokens:
        """The phrase as tokens."""

    @abstractmethod
    def decode(self, tokens: Tokens) -> Phrase:
        """The phrase that tokens write down; never fails on tokens of the right shape and range."""

    def reference(self, phrase: Phrase) -> Phrase:
        """What a round trip without loss would give back: here the phrase with its pedal folded in.

        An encoding that takes the notes as they stand, or plays them at a tempo or in a key of its own, says
        so here.
        """
        return pedal_folded(phrase)

    @property
    def symbols_learnt(self) -> tuple[str, ...] | None:
        """The symbols that it took from music, most frequent first; None where its vocabulary is closed."""
        return None

    @property
    def is_fitted(self) -> bool:
        """Whether it can write as it is; an open vocabulary without symbols must be fitted first."""
        return self.symbols_learnt != ()

    def fitted(self, phrases: Iterable[Phrase]) -> Self:  # noqa: ARG002 — a closed vocabulary needs no music
        """The encoding that knows every symbol of these phrases; with a closed vocabulary it is the same."""
        return self

    def knowing(self, symbols: Iterable[str]) -> Self:  # noqa: ARG002
        """The encoding with these symbols as the learnt ones; with a closed vocabulary it is the same."""
        return self

    @property
    def seconds_per_token(self) -> float | None:
        """How long each token lasts when it is decoded; None where tokens are no steps of time."""
        return None

    def allowed_after(self, number: int) -> NDArray[np.bool_]:  # noqa: ARG002
        """Which symbols may follow this one, for a model that must not break the format; here all of them."""
        return np.ones(self.vocabulary.sizes[0], dtype=np.bool_)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings by name, as JSON can hold them, without learnt symbols."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "learnt"}
        # 120 and 120.0 are one setting, and JSON writes them differently
        floats = {field.name for field in fields(self) if isinstance(field.default, float)}
        return {name: float(value) if name in floats else value for name, value in values.items()}

    @property
    def fingerprint(self) -> str:
        """What must be equal for one's tokens to be the other's."""
        return fingerprint_of(self.name, self.version, self.settings, self.vocabulary)

    def as_live(self) -> "LiveEncoding[Any]":
        """The same encoding, if the live instrument can play a model of it; an error that says so if not."""
        settings = ", ".join(f"{name}={value}" for name, value in sorted(self.settings.items()))
        raise EncodingError(f"its music is written as {self.name!r} ({settings}), which can't be played live")

    @classmethod
    def with_settings(cls, **settings: Any) -> Self:
        """From settings by name; text is read as the type of the default; an unknown name is an error."""
        return settings_from(cls, settings, cls.name, leaving_out=("learnt",), error=EncodingError)


@dataclass(frozen=True)
class OpenEncoding(Encoding):
    """An encoding of one field whose symbols come from music: `learnt` has them, most frequent first."""

    unknown: ClassVar[int | None] = 0
    learnt: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.learnt)) < len(self.learnt):
            raise EncodingError(f"{self.name}: a learnt symbol stands twice among {len(self.learnt)}")
        for symbol in self.learnt:
            self.check_symbol(symbol)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The unknown symbol and those learnt."""
        return symbols(UNKNOWN, *self.learnt)

    @property
    def symbols_learnt(self) -> tuple[str, ...]:
        """The symbols that it took from music, most frequent first."""
        return self.learnt

    @abstractmethod
    def check_symbol(self, symbol: str) -> None:
        """An error unless this is a symbol that the encoding can read."""

    @abstractmethod
    def symbols_in(self, phrase: Phrase) -> Sequence[str]:
        """The symbols of a phrase, in order."""

    def fitted(self, phrases: Iterable[Phrase]) -> Self:
        """The encoding that knows every symbol of these phrases, most frequent first."""
        counts: dict[str, int] = {}
        for phrase in phrases:
            for symbol in self.symbols_in(phrase):
                counts[symbol] = counts.get(symbol, 0) + 1
        return self.knowing(sorted(counts, key=lambda symbol: (-counts[symbol], symbol)))

    def knowing(self, symbols: Iterable[str]) -> Self:
        """The encoding with these symbols as the ones that it learnt."""
        return replace(self, learnt=tuple(symbols))

    def encode(self, phrase: Phrase) -> Tokens:
        """One token per symbol; one that was not learnt is the unknown symbol."""
        numbers = self.vocabulary.fields[0].numbers
        return as_tokens([(numbers.get(symbol, 0),) for symbol in self.symbols_in(phrase)], self.vocabulary)

    def names_of(self, tokens: Tokens) -> list[str]:
        """The symbols of tokens by name; an error where a token is none of the vocabulary's."""
        names = self.vocabulary.fields[0].symbols or ()
        return [names[number] for (number,) in checked(tokens, self.vocabulary).tolist()]


class LiveEncoding(Encoding, Generic[LiveState]):
    """An encoding that takes what happens one event at a time; its state is a value."""

    @abstractmethod
    def start(self, at: float = 0.0) -> LiveState:
        """The state before anything has happened, with the clock at `at` seconds."""

    @abstractmethod
    def feed(self, state: LiveState, event: KeyEvent) -> tuple[LiveState, tuple[Token, ...]]:
        """The state after an event, and the tokens that it made."""

    @abstractmethod
    def flush(self, state: LiveState) -> tuple[LiveState, tuple[Token, ...]]:
        """The state at the end, and the tokens still owed; what sounds ends with the last event."""

    @abstractmethod
    def perform(self, state: LiveState, token: Token) -> tuple[LiveState, tuple[KeyEvent, ...]]:
        """The state after a token that a model chose, and what it does at the keyboard, in order of time."""

    @abstractmethod
    def finish(self, state: LiveState) -> tuple[KeyEvent, ...]:
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
        """The phrase that tokens write down: perform all, then finish."""
        state = self.start()
        events: list[KeyEvent] = []
        for token in checked(tokens, self.vocabulary).tolist():
            state, done = self.perform(state, tuple(token))
            events.extend(done)
        events.extend(self.finish(state))
        return phrase_of(events)


def as_tokens(rows: Sequence[Sequence[float]], vocabulary: Vocabulary) -> Tokens:
    """Rows as an array of the right shape and type, empty or not."""
    kind = np.float64 if vocabulary.is_real else np.int64
    return np.array(rows, dtype=kind).reshape(len(rows), len(vocabulary.fields))


def checked(tokens: Tokens, vocabulary: Vocabulary) -> Tokens:
    """The tokens, if shape and range are the vocabulary's; else an error that names the first wrong one."""
    if tokens.size == 0:
        return as_tokens([], vocabulary)
    if tokens.ndim != 2 or tokens.shape[1] != len(vocabulary.fields) or tokens.dtype.kind not in "biuf":
        raise EncodingError(
            f"tokens are rows of {len(vocabulary.fields)} numbers each, not {tokens.dtype} of "
            f"shape {tokens.shape}"
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
            f"token {row}: {field.name} is a whole number from 0 to {field.size - 1}, not "
            f"{numbers[row, place]}"
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
