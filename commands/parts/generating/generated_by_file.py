"""An exported model plays by itself, into a MIDI file: what `antiphon generate FILE` does. No torch.

Must not know runs.
"""

import argparse
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import numpy as np

from commands.parts.generating.generated import DEFAULT_S, line, option, phrase_written, places, write
from music.continuing.continuation import Length, Rows, played_on, rows_of
from music.continuing.prompt import Part as PromptPart
from music.continuing.prompt import Prompt, prompt_of
from music.midi.files import read_phrase
from music.phrase import Phrase
from music.settings import SettingError
from music.tokens.encoding import Encoding
from realtime.inference.bundle import LIVE_FAMILY, Bundle, read_bundle
from realtime.inference.rows.row_session import RowControls, RowSession
from realtime.inference.session import Inputs, ModelSession, ModelState

_SUREST_NATS = 1e6  # more than any model that can learn otherwise; what is barred costs 1e9


class _Hand(Protocol):
    """Whoever draws a file's rows, each as F numbers."""

    def silent_state(self) -> ModelState:
        """The state before anything was played."""

    def hear(self, row: Rows, state: ModelState) -> ModelState:
        """The state after a row."""

    def draw(self, row: Rows, state: ModelState) -> tuple[Rows, ModelState]:
        """The row that follows, and the state after the one just past."""


def generate_by_file(args: argparse.Namespace) -> int:
    """Let an exported model play; the exit status."""
    bundle, length = (
        _checked(args),
        Length(DEFAULT_S if args.seconds is None and args.rows is None else args.seconds, args.rows),
    )
    session = _opened(args, bundle)
    header, encoding = bundle.header, bundle.encoding
    prompt = _prompt_of_file(args, encoding) if args.source else None
    is_turned = header.is_backwards and args.reverse is not False
    seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
    pieces = []
    for number, place in enumerate(places(args.out, Path(args.run).parent, args.count)):
        chance = np.random.default_rng(seed + number)
        rows = prompt.rows if prompt else _first_rows(bundle, chance)
        played = played_on(encoding, rows, _drawn(bundle, _hand(session, args, chance), rows), length)
        phrase = phrase_written(
            played, has_prompt=prompt is not None, only_new=args.only_new, is_turned=is_turned
        )
        new, of_prompt = write(phrase, place, with_prompt=prompt is not None and not args.only_new)
        pieces.append(
            {
                "file": str(place),
                "seed": seed + number,
                "notes": new,
                "prompt_notes": of_prompt,
                "seconds": round(max(played.new.until - played.begins_at, 0.0), 3),
                "rows": played.rows,
                "unit": header.unit,
                "is_short": played.is_short,
            }
        )
    temperature, top_p = _asked(args)
    settings = {
        "temperature": temperature,
        "top_p": top_p,
        "format_filter": _is_filtered(args, encoding),
        "reversed": is_turned,
    }
    if args.json:
        asked = {f"asked_{name}": value for name, value in asdict(length).items()}
        asked |= {"from": None if args.source is None else str(args.source), "argmax": args.argmax}
        print(json.dumps({"run": args.run, "settings": settings | asked, "pieces": pieces}, indent=2))
    else:
        said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())
        print("\n".join([*map(line, pieces), f"{args.run}: {said}"]))
    return 0


def _checked(args: argparse.Namespace) -> Bundle:
    """The file read; options that only a run has, or for which its encoding has no use, are refused."""
    said = [option(name) for name in ("top_k", "mix", "polish", "baseline") if getattr(args, name)]
    if said:
        raise SettingError(f"{', '.join(said)}: a file has no such choice; leave it out, or name the run")
    bundle = read_bundle(Path(args.run))
    header = bundle.header
    if header.encoding.name == "roll" and args.top_p:
        raise SettingError(
            "each key of a roll is drawn as a yes or no, so --top-p has nothing to choose from"
        )
    if args.no_format_filter and not bundle.encoding.has_format:
        raise SettingError(
            f"the encoding {bundle.encoding.name} has no format to be filtered by; "
            "leave out --no-format-filter"
        )
    if args.reverse and not header.is_backwards:
        raise SettingError(
            f"{args.run} learnt music forwards, so there is nothing to turn; leave out --reverse"
        )
    return bundle


def _opened(args: argparse.Namespace, bundle: Bundle) -> ModelSession | RowSession:
    device = "cpu" if args.device == "auto" else args.device
    if bundle.header.family == LIVE_FAMILY:
        return ModelSession(bundle, device)
    session = RowSession(bundle, device)
    if args.no_format_filter and _keeps_to_its_format(session):
        raise SettingError(
            f"{args.run} learnt with the format filter within it, so it can't do without; leave out "
            "--no-format-filter"
        )
    return session


def _keeps_to_its_format(session: RowSession) -> bool:
    """Whether the model itself bars what its format does: no other is so sure that something doesn't come."""
    encoding = session.bundle.encoding
    for symbol in range(encoding.vocabulary.sizes[0]):
        barred = np.flatnonzero(~encoding.allowed_after(symbol))
        if len(barred):
            rows, following = np.array([[symbol]]), barred[:1, None]
            scores, _ = session.score(rows, following, session.silent_state())
            return bool(scores[0, 0] < -_SUREST_NATS)
    return False


def _asked(args: argparse.Namespace) -> tuple[float, float]:
    """Temperature and top-p; the likeliest is a temperature of 0."""
    temperature = 1.0 if args.temperature is None else args.temperature
    return (0.0 if args.argmax else temperature), (1.0 if args.top_p is None else args.top_p)


def _is_filtered(args: argparse.Namespace, encoding: Encoding) -> bool:
    return encoding.has_format and not args.no_format_filter


def _prompt_of_file(args: argparse.Namespace, encoding: Encoding) -> Prompt:
    try:
        return prompt_of(read_phrase(args.source), PromptPart(args.prompt_s, args.prompt_notes), encoding)
    except SettingError as error:
        raise SettingError(f"{args.source}: {error}") from None


def _first_rows(bundle: Bundle, chance: np.random.Generator) -> Rows:
    """What a piece from nothing starts with: what the encoding writes before any note; else, where the first
    row is to be given, one by chance."""
    header, encoding = bundle.header, bundle.encoding
    rows = rows_of(encoding, Phrase())
    if len(rows) or header.reads_begin:
        return rows
    least = 0 if encoding.unknown is None else encoding.unknown + 1
    first = [
        number if not field.count or number < field.count else chance.integers(least, field.count)
        for number, field in zip(header.begin, header.fields, strict=True)
    ]
    return np.array([first], rows.dtype)


def _drawn(bundle: Bundle, hand: _Hand, prompt: Rows) -> Iterator[Rows]:
    """Row after row, without end."""
    header, state, heard = bundle.header, hand.silent_state(), list(prompt)
    if header.reads_begin:
        heard.insert(0, np.array(header.begin))
    for row in heard[:-1]:
        state = hand.hear(row, state)
    row = heard[-1]
    while True:
        row, state = hand.draw(row, state)
        yield row.astype(prompt.dtype)


def _hand(session: ModelSession | RowSession, args: argparse.Namespace, chance: np.random.Generator) -> _Hand:
    if isinstance(session, ModelSession):
        return _HandOfEvents(session, args, chance)
    return _HandOfRows(session, args, chance)


class _HandOfEvents:
    """Draws events."""

    def __init__(self, session: ModelSession, args: argparse.Namespace, chance: np.random.Generator) -> None:
        self._session, self._chance = session, chance
        self._temperature, self._top_p = _asked(args)

    def silent_state(self) -> ModelState:
        """The session's."""
        return self._session.silent_state()

    def hear(self, row: Rows, state: ModelState) -> ModelState:
        """The state after an event."""
        gap, key, velocity = row.tolist()
        return self._session.feed((gap, key, velocity), state)

    def draw(self, row: Rows, state: ModelState) -> tuple[Rows, ModelState]:
        """The event that follows."""
        gap, key, velocity = row.tolist()
        of_gap, of_key, of_velocity = self._chance.random(3).tolist()
        drawn, state = self._session.step(
            Inputs(
                (gap, key, velocity),
                (of_gap, of_key, of_velocity),
                (self._temperature,) * 3,
                self._top_p,
            ),
            state,
        )
        return np.array(drawn.event), state


class _HandOfRows:
    """Draws rows of any other family."""

    def __init__(self, session: RowSession, args: argparse.Namespace, chance: np.random.Generator) -> None:
        self._session, self._chance = session, chance
        self._temperature, self._top_p = _asked(args)
        self._is_filtered = _is_filtered(args, session.bundle.encoding)

    def silent_state(self) -> ModelState:
        """The session's."""
        return self._session.silent_state()

    def hear(self, row: Rows, state: ModelState) -> ModelState:
        """The state after a row."""
        return self._session.feed(row[None], state)

    def draw(self, row: Rows, state: ModelState) -> tuple[Rows, ModelState]:
        """The row that follows."""
        controls = RowControls(self._temperature, self._top_p, self._wishes(row))
        drawn, _, state = self._session.step(
            row[None], self._chance.random((1, self._session.chances)), state, controls
        )
        return drawn[0], state

    def _wishes(self, row: Rows) -> Rows | None:
        """The symbols that may follow, if the encoding's format is kept to."""
        if not self._is_filtered:
            return None
        symbol, encoding = int(row[0]), self._session.bundle.encoding
        return encoding.allowed_after(symbol)[None].astype(np.float32)
