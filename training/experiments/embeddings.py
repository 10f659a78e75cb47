"""The embeddings that a run learnt, on a plane (E6): of messages, of chords and other sets of pitches, of the
keys of a roll.

Frequent tokens alone are placed, for rare ones are hardly moved from where chance put them. Must not know how
they are drawn.
"""

import re
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.likeness.plane import neighbourhoods
from music.notes import KEYS, LOWEST_KEY
from music.settings import SettingError
from music.tokens.encoding import Encoding
from training.models.model import Model
from training.models.rolls.roll_model import RollModel
from training.models.symbol_model import SymbolModel

MOST = 400  # tokens that are placed, the most frequent ones
NEAREST = 5  # tokens that a token is compared with
_MESSAGE = re.compile(r"note-(on|off)-(\d+)")


@dataclass(frozen=True, slots=True)
class Token:
    """One embedding: the mean pitch of what it stands for, and whether that is a key going up."""

    vector: NDArray[np.float64]
    pitch: float
    is_off: bool = False
    notes: int = 1


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands nearest to a token among all embeddings, and beside it what any two come to."""

    semitones: float  # to the nearest ones, on average
    semitones_of_any: float
    same_way: float  # the share of the nearest ones that go the same way, down or up
    same_way_of_any: float

    def __str__(self) -> str:
        words = f"the {NEAREST} nearest are {self.semitones:.1f} semitones away"
        words += f" (any: {self.semitones_of_any:.1f})"
        if self.same_way_of_any == 1:
            return words
        return (
            f"{words}, and {self.same_way:.0%} go the same way, down or up (any: {self.same_way_of_any:.0%})"
        )


def tokens_of(model: Model, encoding: Encoding, *, are_single: bool = False) -> list[Token]:
    """The embeddings of a model's tokens that have a pitch, the most frequent ones of an open vocabulary; of
    chords those of one note alone, where that is asked for."""
    if isinstance(model, SymbolModel) and model.symbol_in is not None:
        vectors = _numbers(model.symbol_in.weight)
        names = encoding.vocabulary.fields[0].symbols or ()
        tokens = [_token(vectors[number], str(name)) for number, name in enumerate(names)]
        return [token for token in tokens if token and not (are_single and token.notes > 1)][:MOST]
    if isinstance(model, RollModel) and model.settings.reads == "embeddings":
        vectors = _numbers(next(model.reading.parameters())).T
        return [
            Token(vectors[key], LOWEST_KEY + key % KEYS, key >= KEYS)
            for key in range(min(len(vectors), KEYS))
        ]
    raise SettingError(
        "it has no embeddings of tokens; take a run of model.kind=symbol with model.embedding above 0, or of "
        "model.kind=roll with model.reads=embeddings"
    )


def placed(tokens: list[Token]) -> list[dict[str, Any]]:
    """Where they lie on the plane, with what a picture needs."""
    places = neighbourhoods(np.array([token.vector for token in tokens]))
    return [
        {"x": x, "y": y, "pitch": token.pitch, "is_off": token.is_off}
        for token, (x, y) in zip(tokens, places.tolist(), strict=True)
    ]


def neighbours(tokens: list[Token]) -> Neighbours:
    """By the angle between embeddings, in all their dimensions: a plane can't keep every distance."""
    if len(tokens) <= NEAREST:
        raise SettingError(f"{len(tokens)} tokens have no {NEAREST} neighbours each")
    vectors = np.array([token.vector for token in tokens])
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -np.inf)
    nearest = np.argsort(-alike, axis=1)[:, :NEAREST]  # tokens x nearest
    pitches = np.array([token.pitch for token in tokens])
    is_off = np.array([token.is_off for token in tokens])
    others = ~np.eye(len(tokens), dtype=bool)
    return Neighbours(
        float(np.abs(pitches[:, None] - pitches[nearest]).mean()),
        float(np.abs(pitches[:, None] - pitches)[others].mean()),
        float((is_off[:, None] == is_off[nearest]).mean()),
        float((is_off[:, None] == is_off)[others].mean()),
    )


def _token(vector: NDArray[np.float64], name: str) -> Token | None:
    message = _MESSAGE.match(name)
    if message:
        return Token(vector, float(message[2]), message[1] == "off")
    pitches = [int(part) for part in name.lstrip("n").split("-") if part.isdecimal()]
    is_pitches = bool(pitches) and re.fullmatch(r"n?\d+(-\d+)*", name) is not None
    return Token(vector, fmean(pitches), notes=len(pitches)) if is_pitches else None


def _numbers(weights: Any) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = weights.detach().cpu().double().numpy()
    return numbers
