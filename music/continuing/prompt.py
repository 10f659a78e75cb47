"""A prompt: the part of a phrase that a model hears before it plays on, written down as it learnt to read.

Must not know files, models or the command line.
"""

from dataclasses import dataclass, replace

from music.continuing.continuation import Rows, cut_at, rows_of
from music.phrase import Phrase
from music.settings import SettingError
from music.tokens.encoding import Encoding


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a phrase: `seconds` from its first note on, or its first `notes`; neither is all of it."""

    seconds: float | None = None
    notes: int | None = None

    def of(self, phrase: Phrase) -> Phrase:
        """That part; more than there is is an error."""
        begins = phrase.notes[0].at
        if self.seconds is not None:
            if self.seconds > phrase.until - begins + 1e-6:
                raise SettingError(
                    f"it lasts {phrase.until - begins:.2f} s, less than a prompt of {self.seconds:g} s; "
                    "say a shorter --prompt-s"
                )
            return cut_at(phrase, begins + self.seconds)
        if self.notes is not None:
            if self.notes > len(phrase.notes):
                raise SettingError(
                    f"it has {len(phrase.notes)} notes, fewer than a prompt of {self.notes}; say fewer "
                    "--prompt-notes"
                )
            first = replace(phrase, notes=phrase.notes[: self.notes])
            return cut_at(first, first.until)
        return phrase


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is heard: rows, of which so many are the symbol for what was not learnt;
    and how many notes the encoding can't write down."""

    rows: Rows
    unknown: int = 0
    left_out: int = 0


def prompt_of(phrase: Phrase, part: Part, encoding: Encoding) -> Prompt:
    """The prompt that part of a phrase makes; one of which the encoding can write nothing down is an
    error."""
    if not phrase.notes:
        raise SettingError("it has no notes to go on from; take another file, or leave out --from")
    heard = part.of(phrase)
    rows = rows_of(encoding, heard)
    if part.seconds is not None and encoding.seconds_per_token is not None:
        rows = rows_of(encoding, phrase)[: len(rows)]  # `chord` finds the key of all that it is given
    left_out = 0 if encoding.unknown is not None else _unwritten(encoding, heard)
    if left_out == len(heard.notes) or len(rows) <= len(encoding.encode(Phrase())):
        raise SettingError(
            f"of the prompt's {len(heard.notes)} notes the encoding {encoding.name} can write none down; "
            "take more of it, or another file"
        )
    return Prompt(
        rows, 0 if encoding.unknown is None else int((rows[:, 0] == encoding.unknown).sum()), left_out
    )


def _unwritten(encoding: Encoding, phrase: Phrase) -> int:
    """How many notes an encoding can't write down even by themselves, of whatever length."""
    alone = {note.pitch: replace(note, at=0.0, length_s=1.0) for note in phrase.notes}
    writable = {
        pitch: bool(encoding.decode(encoding.encode(Phrase.of([note]))).notes)
        for pitch, note in alone.items()
    }
    return sum(not writable[note.pitch] for note in phrase.notes)
