"""Tokens as JSON: which encoding with which settings and symbols, its fingerprint, and one row a token.

A bare list is read too, of numbers or of the symbols' names, so that tokens can be typed by hand.
"""

import json
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from music.encodings.catalogue import encoding_named
from music.tokens.encoding import Encoding, EncodingError, Tokens
from music.tokens.vocabulary import Field

LARGEST_BYTES = 256 * 2**20  # about ten million tokens: more is no file of one piece
MANY_FIELDS = 8  # a roll has 176, nearly all of them 0: names would be longer than the music


def file_of(encoding: Encoding, tokens: Tokens) -> dict[str, Any]:
    """What a file of these tokens holds, as JSON can hold it."""
    learnt = {} if encoding.symbols_learnt is None else {"learnt": list(encoding.symbols_learnt)}
    fields = encoding.vocabulary.fields
    shown = [encoding.vocabulary.show(tuple(row)) for row in tokens.tolist()]
    return {
        "encoding": encoding.name,
        "settings": encoding.settings,
        "fingerprint": encoding.fingerprint,
        **learnt,
        "fields": [field.name for field in fields],
        "tokens": tokens.tolist(),
        **({"shown": shown} if len(fields) <= MANY_FIELDS else {}),
    }


def read(path: Path, name: str, settings: dict[str, str]) -> tuple[Encoding, Tokens]:
    """The encoding and the tokens of a file; `name` must be the encoding that wrote it."""
    if path.stat().st_size > LARGEST_BYTES:
        raise EncodingError(f"{path}: larger than {LARGEST_BYTES >> 20} MiB, which no piece of music needs")
    try:
        file = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise EncodingError(f"{path}: not JSON: {error}") from None
    if isinstance(file, list):
        file = {"tokens": file}
    if not isinstance(file, dict) or not isinstance(file.get("tokens"), list):
        raise EncodingError(f"{path}: no list of tokens in it")
    return _read(path, file, name, settings)


def _read(path: Path, file: dict[str, Any], name: str, settings: dict[str, str]) -> tuple[Encoding, Tokens]:
    written_as = file.get("encoding", name)
    if written_as != name:
        raise EncodingError(f"{path}: written as {written_as}; decode it with --as {written_as}")
    stored = file.get("settings", {})
    if not isinstance(stored, dict):
        raise EncodingError(f"{path}: its settings are not names with values")
    encoding = encoding_named(name, **(stored | settings))
    if not encoding.is_fitted:
        encoding = encoding.knowing(_symbols(path, file))
    fingerprint = file.get("fingerprint", encoding.fingerprint)
    if fingerprint != encoding.fingerprint and not settings:
        raise EncodingError(
            f"{path}: its fingerprint {fingerprint} is not this encoding's {encoding.fingerprint}: "
            "it was written by another version, or changed since"
        )
    return encoding, _tokens(path, file["tokens"], encoding)


def _symbols(path: Path, file: dict[str, Any]) -> tuple[str, ...]:
    learnt = file.get("learnt")
    if not isinstance(learnt, list) or not all(isinstance(symbol, str) for symbol in learnt):
        raise EncodingError(f'{path}: the symbols that were learnt are missing ("learnt": [names])')
    return tuple(learnt)


def _tokens(path: Path, rows: list[Any], encoding: Encoding) -> Tokens:
    fields = encoding.vocabulary.fields
    real = encoding.vocabulary.is_real
    read = np.zeros((len(rows), len(fields)), np.float64 if real else np.int64)
    for place, row in enumerate(rows):
        values = row if isinstance(row, list) else [row]
        if len(values) != len(fields):
            raise EncodingError(
                f"{path}: token {place} has {len(values)} fields; {encoding.name} has {len(fields)}"
            )
        read[place] = [
            _value(f"{path}: token {place}", field, value)
            for field, value in zip(fields, values, strict=True)
        ]
    return read


def _value(where: str, field: Field, value: Any) -> float:
    if isinstance(value, str) and value in field.numbers:
        return field.numbers[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EncodingError(f"{where}: {value!r} is no {field.name}")
    if field.is_real:
        return float(value)
    if not isfinite(value) or value != int(value) or not 0 <= value < field.size:
        raise EncodingError(f"{where}: {value} is no {field.name}: they go from 0 to {field.size - 1}")
    return int(value)
