"""What tokens there are, by name and number, and a fingerprint that differs where two encodings do.

A token is a row of fields. Most encodings have one field; `event` has three. A field either counts its
symbols or holds a real number. A fingerprint covers the encoding's name, version, settings and symbols: two
files with one fingerprint read each other's tokens.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Field:
    """One column of a token: the names of its symbols by number, or none where it holds a real number."""

    name: str
    symbols: tuple[str, ...] | None = None

    @property
    def is_real(self) -> bool:
        """Whether it holds a real number in place of a symbol's number."""
        return self.symbols is None

    @property
    def size(self) -> int:
        """How many symbols there are; 0 for a real number."""
        return 0 if self.symbols is None else len(self.symbols)

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The symbols' numbers by name."""
        return {symbol: number for number, symbol in enumerate(self.symbols or ())}

    def show(self, value: float) -> str:
        """A value of this field as a person reads it."""
        return f"{value:.6g}" if self.symbols is None else self.symbols[int(value)]


@dataclass(frozen=True)
class Vocabulary:
    """The fields of a token, in order."""

    fields: tuple[Field, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of symbols, field by field."""
        return tuple(field.size for field in self.fields)

    @property
    def is_real(self) -> bool:
        """Whether any field holds a real number."""
        return any(field.is_real for field in self.fields)

    @property
    def is_roll(self) -> bool:
        """Whether a token is a row of a roll: several fields, each a no or a yes."""
        return len(self.fields) > 1 and set(self.sizes) == {2}

    def show(self, token: tuple[float, ...]) -> str:
        """A token as a person reads it."""
        return " ".join(field.show(value) for field, value in zip(self.fields, token, strict=True))


def symbols(*names: str) -> Vocabulary:
    """A vocabulary of one field."""
    return Vocabulary((Field("token", names),))


def fingerprint_of(name: str, version: int, settings: Mapping[str, object], vocabulary: Vocabulary) -> str:
    """Sixteen hexadecimal digits that change when anything that tokens mean changes."""
    record = {
        "encoding": name,
        "version": version,
        "settings": dict(sorted(settings.items())),
        "fields": [[field.name, field.symbols] for field in vocabulary.fields],
    }
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]
