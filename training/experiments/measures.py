"""What a recipe can ask to be measured of a run when it is done, each by its name.

    test            how surprised it is by pieces that it never saw
    baselines       how surprised by them are the model as it began, and what counting in the pieces for train
                    knows: of symbols their frequency (E7), of rolls each key's frequency and its bigram
    by-heart        how much of what it learnt it rebuilds by always taking the likeliest (A5)
    classes         accuracy, precision, recall and F1 over symbols (D5)
    distribution    how alike the notes that it draws are to those of unseen pieces (A11, B6); and how alike
                    the pieces for train are to those
    mode            which share of its drawn notes lies in C major's scale, and of unseen pieces' notes (C4)
    endings         how often its drawn pieces end on the tonic, and unseen pieces do (C5)
    polish          what the windowed Boltzmann machine leaves unchanged of unseen pieces, as they are and
                    damaged (C7)

Must not know how a run learnt.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch

from evaluation.answering.distributions import distributions, overlaps
from evaluation.baselines.chord import SymbolFrequencies
from evaluation.baselines.roll import nats_a_step
from evaluation.chamfer import normalised_chamfer
from music.encodings.note import NoteEncoding
from music.notes import KEYS
from music.phrase import Phrase
from music.settings import SettingError
from pieces.corpus import Corpus
from pieces.music import Music, Rows
from pieces.reversal import reversed_in_time
from pieces.token_pieces import TokenPieces, encode_pieces
from training.experiments.classes import class_scores
from training.learning.validation import validated
from training.models.drawing import Drawing
from training.models.rolls.rbm import Rbm, refine, unchanged_share
from training.models.rolls.roll_model import ROW
from training.opened_run import Trained, untrained
from training.playing.generation import Memory, first_rows, memory_of, rebuilt, rows_drawn, share_in_place

PIECES, ROWS, SEED = 12, 400, 1  # that are drawn to be looked at
_WHITE_KEYS = (0, 2, 4, 5, 7, 9, 11)
_TONICS = {False: (0,), True: (9,)}  # of C major, of A minor
_HEARD = 20  # rows that are given when a melody is rebuilt
_DAMAGED = 0.1  # share of sounding cells that are silenced, as many others struck


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is done: what came of it, what it was trained on, and its corpora."""

    made: Trained
    learnt: Music
    corpora: list[Corpus]

    @property
    def unseen(self) -> TokenPieces:
        """The pieces for test."""
        return encode_pieces(self.corpora, self.made.encoding, "test", self.made.recipe.data.transform)

    def phrases(self, music: Music) -> list[Phrase]:
        """The beginnings of some pieces, as its encoding decodes them."""
        pieces = range(min(PIECES, len(music)))
        return [self.made.encoding.decode(music.rows(number, 0, ROWS)) for number in pieces]

    @property
    def memory(self) -> Memory:
        """How far back the model has practised to hear."""
        return memory_of(self.made.recipe)

    def drawn(self) -> list[Phrase]:
        """Pieces that it draws from nothing."""
        return [self._drawn(seed) for seed in range(SEED, SEED + PIECES)]

    def _drawn(self, seed: int) -> Phrase:
        model, encoding = self.made.model, self.made.encoding
        first = first_rows(model, encoding, self.memory, seed)
        drawn = rows_drawn(model, first, ROWS, Drawing(), seed=seed, memory=self.memory)
        return encoding.decode(np.concatenate([first, drawn]))


def measured(finished: Finished) -> dict[str, float]:
    """All that its recipe asks for."""
    figures: dict[str, float] = {}
    for name in finished.made.recipe.log.measures:
        figures |= _MEASURES[name](finished)
    return figures


def _test(finished: Finished) -> dict[str, float]:
    made = finished.made
    figures = validated(made.model, made.recipe, finished.unseen, next(made.model.parameters()).device)
    return {"test": float(figures["loss"])}


def _baselines(finished: Finished) -> dict[str, float]:
    made = finished.made
    began = untrained(made.recipe, made.encoding, next(made.model.parameters()).device)
    figures = {"untrained": _test(replace(finished, made=replace(made, model=began)))["test"]}
    sizes = made.encoding.vocabulary.sizes
    learnt, unseen = _whole(finished.learnt), _whole(finished.unseen)
    if len(sizes) == 1:
        figures["by_frequency"] = SymbolFrequencies.of(learnt, sizes[0]).nats_a_token(unseen)
    elif sizes == (2,) * ROW:
        counted = nats_a_step([roll[:, :KEYS] for roll in learnt], [roll[:, :KEYS] for roll in unseen])
        figures |= asdict(counted)
    return figures


def _whole(music: Music) -> list[Rows]:
    return [music.rows(number, 0, music.length(number)) for number in range(len(music))]


def _by_heart(finished: Finished) -> dict[str, float]:
    made, rows = finished.made, finished.learnt.rows(0, 0, finished.learnt.length(0))
    played = rebuilt(made.model, rows, given=_HEARD, memory=finished.memory)
    return {
        "right": share_in_place(played, rows, given=_HEARD),
        "chamfer": normalised_chamfer(made.encoding.decode(played), made.encoding.decode(rows)),
    }


def _classes(finished: Finished) -> dict[str, float]:
    made, most = finished.made, finished.made.recipe.log.validation_rows
    by_split = {
        "learnt": class_scores(made.model, finished.learnt, most),
        "unseen": class_scores(made.model, finished.unseen, most),
    }
    return {f"{split}_{name}": value for split, scores in by_split.items() for name, value in scores.items()}


def _distribution(finished: Finished) -> dict[str, float]:
    unseen = distributions(_notes(finished.phrases(finished.unseen)))
    drawn = overlaps(distributions(_notes(finished.drawn())), unseen)
    real = overlaps(distributions(_notes(finished.phrases(finished.learnt))), unseen)
    figures: dict[str, float] = {}
    for field in ("pitch", "gap", "length"):
        figures |= {f"{field}_overlap": drawn[field] or 0.0, f"real_{field}_overlap": real[field] or 0.0}
    return figures


def _mode(finished: Finished) -> dict[str, float]:
    return {
        "in_scale": _share_in_scale(finished.drawn()),
        "real_in_scale": _share_in_scale(finished.phrases(finished.unseen)),
    }


def _endings(finished: Finished) -> dict[str, float]:
    """Pieces of a run that learnt them backwards are turned round first."""
    is_reversed = any(change.get("name") == "reverse" for change in finished.made.recipe.data.transforms)
    whole = [finished.made.encoding.decode(finished.unseen[number]) for number in range(len(finished.unseen))]
    endings = {"closes": finished.drawn(), "real_closes": whole}
    return {
        name: _share_closing([reversed_in_time(phrase) for phrase in phrases] if is_reversed else phrases)
        for name, phrases in endings.items()
    }


def _polish(finished: Finished) -> dict[str, float]:
    model = finished.made.model
    if not isinstance(model, Rbm):
        raise SettingError("the measure 'polish' fits models of kind rbm alone")
    chance, figures = torch.Generator().manual_seed(SEED), dict[str, float]()
    rolls = [finished.unseen.rows(number, 0, 128) for number in range(min(4, len(finished.unseen)))]
    for way in ("step", "window"):
        for name, before in (("kept", rolls), ("damaged_kept", [_damaged(roll) for roll in rolls])):
            after = [refine(roll, model, way, 1, chance) for roll in before]
            figures[f"{name}_{way}"] = unchanged_share(np.concatenate(before), np.concatenate(after)).sounding
            if name == "damaged_kept":
                figures[f"mended_{way}"] = unchanged_share(
                    np.concatenate(rolls), np.concatenate(after)
                ).sounding
    return figures


def _damaged(roll: Rows) -> Rows:
    """A share of its sounding cells silent, and as many silent ones sounding."""
    chance, damaged = np.random.default_rng(SEED), roll.copy()
    keys = damaged[:, : roll.shape[1] // 2]
    for is_sounding in (1, 0):
        cells = np.argwhere(roll[:, : keys.shape[1]] == is_sounding)
        count = int(_DAMAGED * np.sum(roll[:, : keys.shape[1]]))
        chosen = cells[chance.choice(len(cells), count, replace=False)]
        keys[chosen[:, 0], chosen[:, 1]] = 1 - is_sounding
    return damaged


def _notes(phrases: Iterable[Phrase]) -> list[Rows]:
    return [NoteEncoding().encode(phrase) for phrase in phrases]


def _share_in_scale(phrases: Iterable[Phrase]) -> float:
    pitches = [note.pitch % 12 for phrase in phrases for note in phrase.notes]
    return float(np.mean([pitch in _WHITE_KEYS for pitch in pitches])) if pitches else 0.0


def _share_closing(phrases: Iterable[Phrase]) -> float:
    """Whose lowest note of the last that sound together is the tonic of C major or A minor."""
    closes = []
    for phrase in phrases:
        if phrase.notes:
            last = max(note.until for note in phrase.notes)
            bass = min(note.pitch for note in phrase.notes if note.until > last - 0.05)
            closes.append(bass % 12 in (*_TONICS[False], *_TONICS[True]))
    return float(np.mean(closes)) if closes else 0.0


_MEASURES: dict[str, Callable[[Finished], dict[str, float]]] = {
    "test": _test,
    "baselines": _baselines,
    "by-heart": _by_heart,
    "classes": _classes,
    "distribution": _distribution,
    "mode": _mode,
    "endings": _endings,
    "polish": _polish,
}
