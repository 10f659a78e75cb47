"""Takes as the recorder writes them: the player improvises, and one high key answers."""

from dataclasses import replace
from pathlib import Path

from music.phrase import Phrase
from realtime.rows.take import MODEL, PLAYER, save
from tests.support.phrases import improvised

ANSWERED_PITCH = 107  # that the improvised player never strikes


def take_of(seed: int, notes: int = 60) -> Phrase:
    """A call, an answer of one key struck again and again, and another call."""
    first, second = improvised(seed, notes // 2, pedal=True), improvised(seed + 1000, notes - notes // 2)
    answers = [
        replace(note, pitch=ANSWERED_PITCH, voice=MODEL, at=first.until + 1.0 + number, length_s=0.5)
        for number, note in enumerate(first.notes[:10])
    ]
    after = second.moved(answers[-1].until + 1.0) if answers else second
    return Phrase.of(
        [replace(note, voice=PLAYER) for note in (*first.notes, *after.notes)] + answers, first.pedals
    )


def take_folder(folder: Path, takes: int = 6, notes: int = 60) -> Path:
    """A folder of takes."""
    for seed in range(takes):
        save(take_of(seed, notes), folder / f"take-{seed}.mid", [f"seed: {seed}"])
    return folder
