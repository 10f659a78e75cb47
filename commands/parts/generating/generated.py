"""A piece that a model generated: where it goes, how it is written, what is said of it.

No torch. Must not know how a run draws, nor how a file does.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from music.continuing.continuation import PlayedOn
from music.midi.files import midi_bytes, read_pieces_from
from music.phrase import Phrase
from music.piece import Part
from music.settings import SettingError
from pieces.reversal import reversed_in_time

_PROMPT, _NEW = 0, 1  # voices of the file
_PARTS = (Part(_PROMPT, "Prompt", channel=0), Part(_NEW, "Continuation", channel=1))
DEFAULT_S = 30.0


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
        line += f"; polished, {_unchanged(record['unchanged'])}"
    return line


def _unchanged(share: Mapping[str, float | None]) -> str:
    of_each = {"what sounded": share["sounding"], "all cells": share["all"]}
    words = [f"{some:.1%} of {what}" for what, some in of_each.items() if some is not None]
    return f"{' and '.join(words)} unchanged" if words else "with nothing in it"


def counted(number: int, what: str) -> str:
    """So many of something, in words."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
