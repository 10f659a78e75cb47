"""Clips to be compared: of each call the same seconds from each source, heard after the call or alone.

What could give a source away without being music is made alike: the length, the pause after the call, the
grid of time. Loudness is made alike where clips become sound. Must not know files, models or listeners.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.belonging.phrase_calls import Call
from music.notes import Note
from music.phrase import Phrase, each_key_once, pedal_folded

SHORTEST_S = 3.0  # of what is rated: a call whose answers have less in common is left out
FEWEST_NOTES = 4
PAUSE_S = 0.5  # between a call and what follows it, whoever plays
GRID_S = 0.01  # models know no finer one
AFTER, ALONE = "after its call", "alone"
WAYS = {"after": (AFTER,), "alone": (ALONE,), "both": (AFTER, ALONE)}

Passages = Mapping[str, Sequence[Phrase]]  # of each source one for each call


@dataclass(frozen=True, slots=True)
class Condition:
    """Who plays, and whether its call is heard before it."""

    source: str
    heard: str
    prompted: bool = True  # whether it knew the call

    @property
    def name(self) -> str:
        """Both in words."""
        return f"{self.source}, {self.heard if self.prompted else 'unprompted'}"


@dataclass(frozen=True, slots=True)
class Clip:
    """Notes from second 0 on, lasting `seconds`, in one condition."""

    condition: Condition
    phrase: Phrase
    seconds: float


@dataclass(frozen=True, slots=True)
class Item:
    """A call and its clips, in the order of the conditions."""

    piece: str
    from_s: float
    clips: tuple[Clip, ...]


def conditions_of(sources: Sequence[str], heard: str, unprompted: Collection[str] = ()) -> list[Condition]:
    """All conditions; what was played without a call is heard alone, and once."""
    return [
        Condition(source, way, source not in unprompted)
        for source in sources
        for way in (WAYS[heard] if source not in unprompted else (ALONE,))
    ]


def matched(
    calls: Sequence[Call], passages: Passages, conditions: Sequence[Condition]
) -> tuple[list[Item], dict[str, int]]:
    """The items, and of each source how many calls it left without one, for it played too little."""
    items, too_little = [], dict.fromkeys(passages, 0)
    for place, call in enumerate(calls):
        played = {source: _from_zero(of_source[place]) for source, of_source in passages.items()}
        seconds = min([_lasts(call.continuation), *map(_lasts, played.values())])
        cut = {source: _within(phrase, seconds) for source, phrase in played.items()}
        short = [source for source, phrase in played.items() if _lasts(phrase) < SHORTEST_S]
        short = short or [source for source, phrase in cut.items() if len(phrase.notes) < FEWEST_NOTES]
        for source in short:
            too_little[source] += 1
        if not short and seconds >= SHORTEST_S:
            clips = tuple(_clip(one, call.phrase, cut[one.source], seconds) for one in conditions)
            items.append(Item(call.piece, call.from_s, clips))
    return items, too_little


def _clip(condition: Condition, call: Phrase, passage: Phrase, seconds: float) -> Clip:
    if condition.heard == ALONE:
        return Clip(condition, _on_grid(passage.notes), seconds)
    begins = call.until + PAUSE_S
    return Clip(condition, _on_grid([*call.notes, *passage.moved(begins).notes]), begins + seconds)


def _from_zero(phrase: Phrase) -> Phrase:
    folded = pedal_folded(phrase)
    return folded.moved(-folded.notes[0].at) if folded.notes else folded


def _lasts(phrase: Phrase) -> float:
    return phrase.until - phrase.notes[0].at if phrase.notes else 0.0


def _within(phrase: Phrase, seconds: float) -> Phrase:
    """The notes struck before so many seconds, none ringing beyond them."""
    return Phrase.of(
        replace(note, length_s=min(note.length_s, seconds - note.at))
        for note in phrase.notes
        if note.at < seconds
    )


def _on_grid(notes: Sequence[Note]) -> Phrase:
    return Phrase.of(each_key_once(_rounded(notes)))


def _rounded(notes: Sequence[Note]) -> Iterator[Note]:
    for note in notes:
        length_s = max(round(note.length_s / GRID_S), 1) * GRID_S
        yield Note(round(round(note.at / GRID_S) * GRID_S, 3), note.pitch, note.velocity, round(length_s, 3))
