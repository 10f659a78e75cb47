"""Old music, shown beside the takes so that a model doesn't forget what it knew.

Passages of corpora where the person has them; else what the model itself plays before it learns anything new.
Must not know takes or runs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import torch

from music.encodings.event import EventEncoding
from music.phrase import Phrase, pedal_folded
from music.settings import SettingError
from pieces.corpus import Corpus, PieceRecord, record_of
from pieces.music_sets import Split
from training.models.drawing import Drawing
from training.models.event_model import EventModel
from training.models.model import in_use
from training.tuning.takes import without_waiting

PASSAGE = 400  # notes: many short passages say more than a few whole pieces
MOST_DRAWN = 20_000  # notes: what a model plays takes time
_LANES = 32
_EVENTS = 800  # a lane: some 400 notes


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many notes of old music are to be learnt from, and how many to be measured on."""

    to_learn: int
    to_measure: int

    @property
    def splits(self) -> tuple[tuple[Split, int], ...]:
        """The split of each: those to be measured on are for `test`, for `validation` is the takes' alone."""
        return (("train", self.to_learn), ("test", self.to_measure))


Pieces = list[tuple[PieceRecord, Phrase]]


def passages_of(corpora: Sequence[Corpus], wanted: Wanted, seed: int) -> Pieces:
    """Passages of corpora by chance: of pieces for train, and of held-out pieces to be measured on."""
    chance = Random(seed)
    made: Pieces = []
    for split, notes in wanted.splits:
        found = list(
            _passages(corpora, ("train",) if split == "train" else ("validation", "test"), notes, chance)
        )
        if not found:
            names = ", ".join(str(corpus.path) for corpus in corpora)
            raise SettingError(
                f"{names}: no piece is for {split}; prepare it with more music, or leave it out"
            )
        made += [
            (replace(record_of(name, split, phrase), has_beat=has_beat), phrase)
            for name, phrase, has_beat in found
        ]
    return made


def _passages(
    corpora: Sequence[Corpus], splits: Sequence[Split], notes: int, chance: Random
) -> Iterator[tuple[str, Phrase, bool]]:
    """Until there are so many notes: each of a piece by chance, whichever corpus it is in."""
    there = [
        (number, piece)
        for number, corpus in enumerate(corpora)
        for piece in corpus.description.pieces
        if piece.split in splits
    ]
    chance.shuffle(there)
    chosen: dict[int, list[str]] = {}
    for number, piece in there:
        if notes <= 0:
            break
        notes -= min(piece.notes, PASSAGE)
        chosen.setdefault(number, []).append(piece.file)
    for number, files in sorted(chosen.items()):
        name = corpora[number].description.name
        for record, phrase in corpora[number].phrases(files=frozenset(files)):
            yield f"{name}/{record.file}", _passage(phrase, record, chance), record.has_beat


def _passage(phrase: Phrase, record: PieceRecord, chance: Random) -> Phrase:
    """Of a piece that keeps a beat the beginning, for there its tempo still holds; of another any part."""
    folded = pedal_folded(phrase)
    first = 0 if record.has_beat else chance.randrange(max(len(folded.notes) - PASSAGE, 0) + 1)
    notes = folded.notes[first : first + PASSAGE]
    return replace(folded, notes=notes) if record.has_beat else without_waiting(Phrase(notes))


def played_by(model: EventModel, wanted: Wanted, seed: int) -> Pieces:
    """What a model plays from nothing, as it would be drawn at temperature 1."""
    chance = torch.Generator(model.gap_out.weight.device).manual_seed(seed)
    made: Pieces = []
    for split, notes in wanted.splits:
        phrases = _until(min(notes, MOST_DRAWN), lambda left: _played(model, 2 * left // _LANES, chance))
        made += [
            (record_of(f"{split}-{number:04}", split, phrase), phrase)
            for number, phrase in enumerate(phrases)
            if phrase.notes
        ]
    return made


def _until(notes: int, play: Callable[[int], list[Phrase]]) -> list[Phrase]:
    """What is played until there are so many notes; a phrase without any counts as one, so it ends."""
    phrases: list[Phrase] = []
    while notes > 0:
        played = play(notes)
        notes -= sum(max(len(phrase.notes), 1) for phrase in played)
        phrases += played
    return phrases


@torch.no_grad()
def _played(model: EventModel, events: int, chance: torch.Generator) -> list[Phrase]:
    """One phrase a lane."""
    row = torch.tensor([model.begin_row] * _LANES, device=chance.device)
    state, rows = model.silent_state(_LANES), []
    with in_use(model):
        for _ in range(min(max(events, 16), _EVENTS)):
            read, state = model.step(row, state)
            row = model.draw(read, Drawing(), chance)
            rows.append(row)
    encoding = EventEncoding()
    return [encoding.decode(lane) for lane in torch.stack(rows, 1).cpu().numpy()]
