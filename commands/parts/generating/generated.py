"""A piece that a model generated: where it goes, how it is written, what is said of it; and how a file
makes one.

No torch. Must not know how a run draws.
"""

import argparse
import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from music.continuing.continuation import Length, PlayedOn, Rows, played_on, rows_of
from music.continuing.prompt import Part as PromptPart
from music.continuing.prompt import Prompt, prompt_of
from music.midi.files import midi_bytes, read_phrase, read_pieces_from
from music.phrase import Phrase
from music.piece import Part
from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.reversal import reversed_in_time
from realtime.inference.bundle import LIVE_FAMILY, read_bundle
from realtime.inference.rows.row_session import RowControls, RowSession

_PROMPT, _NEW = 0, 1  # voices of the file
_PARTS = (Part(_PROMPT, "Prompt", channel=0), Part(_NEW, "Continuation", channel=1))
DEFAULT_S = 30.0
_SUREST_NATS = 1e6  # more than any model that can learn otherwise; what is barred costs 1e9


def option(name: str) -> str:
    """An option as it is said."""
    return f"--{name.replace('_', '-')}"


def places(out: Path | None, folder: Path, count: int) -> list[Path]:
    """Where the pieces go: nothing is written over, and a folder is made where there is none."""
    if out is None:
        taken = [path.stem.removeprefix("generated-") for path in folder.glob("generated-*.mid")]
        first = 1 + max((int(number) for number in taken if number.isdecimal()), default=0)
        return [folder / f"generated-{number:03}.mid" for number in range(first, first + count)]
    places = (
        [out] if count == 1 else [out.with_stem(f"{out.stem}-{number}") for number in range(1, count + 1)]
    )
    for place in places:
        if place.exists():
            raise SettingError(f"{place}: exists already, and nothing is written over; say another name")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{out.parent}: no folder can be made there: {error.strerror}") from None
    return places


def phrase_written(played: PlayedOn, *, has_prompt: bool, only_new: bool, is_turned: bool) -> Phrase:
    """What is written: with the prompt in a voice of its own, if there was one and it is wanted."""
    if not has_prompt:
        phrase = replace(
            played.together, notes=tuple(replace(note, voice=0) for note in played.together.notes)
        )
    else:
        phrase = played.new_alone if only_new else played.together
    return reversed_in_time(phrase) if is_turned else phrase


def write(phrase: Phrase, place: Path, *, with_prompt: bool) -> tuple[int, int]:
    """Write a new file; how many notes stand in it: new ones, and of the prompt.

    Notes that strike one key at once count as one.
    """
    try:
        data = midi_bytes(phrase, parts=_PARTS if with_prompt else ())
    except ValueError as error:
        raise SettingError(f"{place}: not written: {error}") from None
    try:
        with place.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise SettingError(f"{place}: can't be written: {error.strerror}; say another place") from None
    notes = read_pieces_from(data, str(place))[0].phrase.notes
    of_prompt = sum(note.voice == _PROMPT for note in notes) if with_prompt else 0
    return len(notes) - of_prompt, of_prompt


def line(record: dict[str, Any]) -> str:
    """What is said of a piece."""
    after = f" after a prompt of {record['prompt_notes']}" if record["prompt_notes"] else ""
    line = (
        f"{record['file']}: {counted(record['notes'], 'note')}{after}, {record['seconds']:.1f} s, "
        f"{counted(record['rows'], record['unit'])}, seed {record['seed']}"
    )
    if record["is_short"]:
        line += (
            f"; stopped at {record['rows']} {record['unit']}s before it was long enough "
            "(--rows sets that limit)"
        )
    if "unchanged" in record:
        share = record["unchanged"]
        line += (
            f"; polished, {share['sounding']:.1%} of what sounded "
            f"and {share['all']:.1%} of all cells unchanged"
        )
    return line


def counted(number: int, what: str) -> str:
    """So many of something, in words."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def generate_by_file(args: argparse.Namespace) -> int:
    """Let an exported model play; the exit status."""
    session, length = (
        _session(args),
        Length(DEFAULT_S if args.seconds is None and args.rows is None else args.seconds, args.rows),
    )
    header, encoding = session.bundle.header, session.bundle.encoding
    prompt = _prompt_of_file(args, encoding) if args.source else None
    is_turned = header.is_backwards and args.reverse is not False
    seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
    pieces = []
    for number, place in enumerate(places(args.out, Path(args.run).parent, args.count)):
        drawn = _Drawn(session, args, seed + number)
        rows = prompt.rows if prompt else drawn.first_rows
        played = played_on(encoding, rows, drawn.after(rows), length)
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
        print(json.dumps({"run": args.run, "settings": settings, "pieces": pieces}, indent=2))
    else:
        said = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in settings.items())
        print("\n".join([*map(line, pieces), f"{args.run}: {said}"]))
    return 0


def _session(args: argparse.Namespace) -> RowSession:
    """The file opened; options that only a run has are refused."""
    said = [option(name) for name in ("top_k", "mix", "polish", "baseline") if getattr(args, name)]
    if said:
        raise SettingError(f"{', '.join(said)}: a file has no such choice; leave it out, or name the run")
    bundle = read_bundle(Path(args.run))
    header = bundle.header
    if header.family == LIVE_FAMILY:
        raise SettingError(
            f"{args.run}: a file of events answers calls; name its run, or say "
            f"antiphon play --model {args.run} --from CALL.mid --fast"
        )
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
    session = RowSession(bundle, "cpu" if args.device == "auto" else args.device)
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


class _Drawn:
    """Rows that a file draws, by one seed."""

    def __init__(self, session: RowSession, args: argparse.Namespace, seed: int) -> None:
        self._session, self._chance = session, np.random.default_rng(seed)
        self._temperature, self._top_p = _asked(args)
        self._is_filtered = _is_filtered(args, session.bundle.encoding)

    @property
    def first_rows(self) -> Rows:
        """What a piece from nothing starts with: what the encoding writes before any note; else, where the
        first row is to be given, one by chance."""
        header, encoding = self._session.bundle.header, self._session.bundle.encoding
        rows = rows_of(encoding, Phrase())
        if len(rows) or header.reads_begin:
            return rows
        least = 0 if encoding.unknown is None else encoding.unknown + 1
        first = [
            number if not field.count or number < field.count else self._chance.integers(least, field.count)
            for number, field in zip(header.begin, header.fields, strict=True)
        ]
        return np.array([first], rows.dtype)

    def after(self, prompt: Rows) -> Iterator[Rows]:
        """Row after row, without end."""
        session = self._session
        state, heard = session.silent_state(), [row[None] for row in prompt]
        if session.bundle.header.reads_begin:
            heard.insert(0, session.begin())
        for row in heard[:-1]:
            state = session.feed(row, state)
        row = heard[-1]
        while True:
            controls = RowControls(self._temperature, self._top_p, self._wishes(row))
            chance = self._chance.random((1, session.chances))
            row, _, state = session.step(row, chance, state, controls)
            yield row[0].astype(prompt.dtype)

    def _wishes(self, row: Rows) -> Rows | None:
        """The symbols that may follow, if the encoding's format is kept to."""
        if not self._is_filtered:
            return None
        symbol, encoding = int(row[0, 0]), self._session.bundle.encoding
        return encoding.allowed_after(symbol)[None].astype(np.float32)
