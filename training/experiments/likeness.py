"""How like the corpus' music the drawn pieces are, for every family of models (A7, A11, B6, D6).

Whatever is said of drawn pieces is said of unseen pieces of people, too, cut to the same length: that is as
much as one can ask of a model. Must not know how a run learnt.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.answering.distributions import Counts
from evaluation.baselines.note import NOTE_FIELDS
from evaluation.likeness.defined import Figures, Undefined
from evaluation.likeness.densities import beside_real
from evaluation.likeness.histograms import distances, histograms_of
from evaluation.likeness.intervals import interval, spread_over
from evaluation.likeness.manner import entropy_of, measures_of, table_of
from evaluation.likeness.quoting import quoting
from music.phrase import Phrase
from music.settings import SettingError
from training.experiments.finished import ROWS, SEED, Finished
from training.models.drawing import Drawing
from training.models.step_model import StepModel
from training.models.symbol_model import SymbolModel

WHOLE = 400  # pieces at most that stand for the whole corpus
PROMPT = 64  # rows of a piece of people that a model goes on from
TEMPERATURES = (0.1, 0.4, 0.6, 0.8, 1.0, 1.25, 2.0, 10.0)
SPREAD = ("pitch", "gap", "length")
_SHOWN = ("entropy", "groove", "self_similarity")


def likeness(finished: Finished) -> Figures:
    """Distances of histograms to the whole corpus, overlapping area, entropy, groove, self-similarity and
    quotations of what is drawn, each beside that of unseen pieces."""
    corpus, unseen = whole_corpus(finished), finished.phrases(finished.unseen)
    figures, table = Figures(), _real_table(finished)
    figures.add(alike(finished.drawn, corpus))
    figures.add(alike(unseen, corpus), "real_")
    figures.add(beside_real(table_of(finished.drawn), table))
    figures.add(quoting(finished.drawn, unseen, finished.whole(finished.learnt, WHOLE)))
    figures.values["pieces_drawn"], figures.values["pieces_real"] = finished.count, len(unseen)
    figures.charts["histograms"] = {"drawn": histograms_of(finished.drawn), "corpus": corpus}
    return figures


def original(finished: Finished) -> Figures:
    """What is drawn beside the very pieces that were learnt, as one song is (A9, A10): distances, notes a
    second, how long they sound, the share of the commonest pitch and of the two commonest, and how widely
    pitches, gaps and lengths spread. `real_learnt_distance` is of the beginnings of these pieces, as long as
    those that are drawn, to the whole; `whole_` is before what the whole comes to."""
    learnt, figures = finished.whole(finished.learnt, WHOLE), Figures()
    for ahead, pieces in (("", finished.drawn), ("real_", finished.phrases(finished.learnt))):
        beside = _beside_learnt(pieces, histograms_of(learnt))
        figures.add(_nothing_apart(beside) if ahead and _all_within(pieces, learnt) else beside, ahead)
        figures.add(_gathered(pieces), ahead)
    figures.add(_gathered(learnt), "whole_")
    figures.put("whole_commonest", lambda: _commonest([histograms_of(learnt)]))
    figures.charts["original"] = {"drawn": histograms_of(finished.drawn), "learnt": histograms_of(learnt)}
    figures.add(_pace(finished.drawn))
    figures.add(_pace(learnt), "real_")
    return figures


def _all_within(beginnings: Sequence[Phrase], pieces: Sequence[Phrase]) -> bool:
    """Whether the beginnings are all that there is."""
    return sum(len(one.notes) for one in beginnings) == sum(len(one.notes) for one in pieces)


def _nothing_apart(beside: Figures) -> Figures:
    """The same without distances, of music to itself."""
    reason = "what was learnt is no longer than what is drawn, so its beginnings are all of it"
    apart = {name for name in beside.values if name.endswith("distance")}
    return Figures(
        {name: value for name, value in beside.values.items() if name not in apart},
        beside.undefined | dict.fromkeys(apart, reason),
        {name: ends for name, ends in beside.ranges.items() if name not in apart},
    )


def _pace(pieces: Sequence[Phrase]) -> Figures:
    """Notes a second and how long they sound, in the mean of pieces."""
    figures, each = Figures(), [measures_of(piece).values for piece in pieces]
    for name in ("notes", "length"):
        values = [of_piece[name] for of_piece in each if name in of_piece]
        figures.put(name, partial(_mean, values))
        figures.put_range(name, partial(interval, values, fmean))
    return figures


def prompted(finished: Finished) -> Figures:
    """What is played after the beginning of a piece of people, beside what is played from nothing (D6)."""
    corpus, figures = whole_corpus(finished), Figures()
    unseen, table = finished.unseen, _real_table(finished)
    long_enough = [number for number in range(len(unseen)) if unseen.length(number) >= PROMPT]
    if not long_enough:
        raise SettingError(
            f"the measure 'prompted' gives {PROMPT} rows of a piece for test, and none is as long; "
            "prepare the corpus with longer pieces"
        )
    chosen = spread_over(long_enough, finished.count)
    after = finished.continued([unseen.rows(number, 0, PROMPT) for number in chosen])
    for ahead, pieces in (("prompted_", after), ("unprompted_", finished.drawn)):
        figures.add(alike(pieces, corpus), ahead)
        figures.add(beside_real(table_of(pieces), table), ahead)
    figures.values["prompts"] = len(chosen)
    return figures


def after_learnt(finished: Finished) -> Figures:
    """What is played after rows of the very pieces that were learnt, from places by chance, as the paper of B
    begins its own (B6): how like the corpus it is, and how much of it is quoted; `real_` is what follows
    these rows in their pieces."""
    learnt, chance = finished.learnt, np.random.default_rng(SEED)
    long_enough = [number for number in range(len(learnt)) if learnt.length(number) > PROMPT + 1]
    if not long_enough:
        raise SettingError(
            f"the measure 'after-learnt' gives {PROMPT} rows of a piece that was learnt and looks at what "
            "follows, and none is longer; learn longer pieces"
        )
    places = [
        (number, int(chance.integers(learnt.length(number) - PROMPT)))
        for number in chance.choice(long_enough, finished.count)
    ]
    prompts = [learnt.rows(number, begin, begin + PROMPT) for number, begin in places]
    follows = [learnt.rows(number, begin + PROMPT, begin + PROMPT + ROWS) for number, begin in places]
    real = [finished.made.encoding.decode(rows) for rows in follows]
    after, corpus = finished.continued(prompts), whole_corpus(finished)
    figures = Figures()
    figures.add(alike(after, corpus), "after_learnt_")
    figures.add(alike(real, corpus), "after_learnt_real_")
    figures.add(quoting(after, real, finished.whole(learnt, WHOLE)), "after_learnt_")
    figures.charts["after_learnt"] = {"drawn": histograms_of(after), "corpus": corpus}
    return figures


def temperatures(finished: Finished) -> Figures:
    """How far what is drawn lies from the corpus at each temperature, and which is nearest; how far its
    pitches lie from those of the pieces that were learnt, and which share of its notes has the commonest
    pitch, beside the share in those pieces (A7)."""
    if not isinstance(finished.made.model, SymbolModel | StepModel):
        raise SettingError(
            "the measure 'temperatures' is of softmaxes over symbols or pitches: it fits models of kind "
            "symbol and step alone"
        )
    corpus, figures, found = whole_corpus(finished), Figures(), dict[float, float]()
    learnt = histograms_of(finished.whole(finished.learnt, WHOLE))
    for temperature in TEMPERATURES:
        pieces = finished.drawn_with(Drawing(temperature=temperature))
        at = alike(pieces, corpus)
        figures.add(_only(at, ("distance", "pitch_distance", "entropy")), f"t{temperature:g}_")
        figures.add(_beside_learnt(pieces, learnt), f"t{temperature:g}_")
        if "distance" in at.values:
            found[temperature] = at.values["distance"]
    figures.put("best_temperature", lambda: _nearest(found))
    figures.put("real_commonest", lambda: _commonest([learnt]))
    return figures


def _beside_learnt(pieces: Sequence[Phrase], learnt: Counts) -> Figures:
    """Of pieces, with ranges: how far their notes lie from those of what was learnt, and how much of them is
    one pitch."""
    figures, each = Figures(), [histograms_of([piece]) for piece in pieces if piece.notes]
    names = ("distance", "pitch_distance", "gap_distance", "length_distance")
    of_each = {f"learnt_{name}": partial(_pooled_distance, corpus=learnt, name=name) for name in names}
    for name, figure in (of_each | {"commonest": _commonest}).items():
        figures.put(name, partial(figure, each))
        figures.put_range(name, partial(interval, each, figure))
    return figures


def _gathered(pieces: Sequence[Phrase]) -> Figures:
    """Of pieces, with ranges: how much of them is two pitches, and how widely their pitches, gaps and lengths
    spread, as the entropy of their histograms in bits: what is the same everywhere has none."""
    figures, each = Figures(), [histograms_of([piece]) for piece in pieces if piece.notes]
    of_each = {f"{name}_bits": partial(_bits, name=name) for name in SPREAD}
    for name, figure in ({"two_commonest": partial(_commonest, pitches=2)} | of_each).items():
        figures.put(name, partial(figure, each))
        figures.put_range(name, partial(interval, each, figure))
    return figures


def _commonest(each: Sequence[Mapping[str, Any]], pitches: int = 1) -> float:
    """The share of notes that have the pitch, or one of the pitches, that most have."""
    counts = _counts(each, "pitch")
    return float(np.sort(counts)[-pitches:].sum() / counts.sum())


def _bits(each: Sequence[Mapping[str, Any]], name: str) -> float:
    return entropy_of(_counts(each, name))


def _counts(each: Sequence[Mapping[str, Any]], name: str) -> NDArray[np.int64]:
    """How many notes of all pieces have each symbol of a field."""
    counts = np.array(pooled(each)[name]["counts"] if each else [0])
    if not counts.sum():
        raise Undefined("no note was drawn")
    return counts


def alike(pieces: Sequence[Phrase], corpus: Counts) -> Figures:
    """Distances of some pieces to a corpus, with their range over pieces, and what they are like."""
    figures = distances(histograms_of(pieces), corpus)
    each = [histograms_of([piece]) for piece in pieces if piece.notes]
    figures.put_range("distance", lambda: interval(each, partial(_pooled_distance, corpus=corpus)))
    of_pieces = [measures_of(piece).values for piece in pieces]
    for name in _SHOWN:
        values = [of_piece[name] for of_piece in of_pieces if name in of_piece]
        figures.put(name, partial(_mean, values))
        figures.put_range(name, partial(interval, values, fmean))
    return figures


def whole_corpus(finished: Finished) -> Counts:
    """The histograms of the whole corpus: of whole pieces for train and test, at most `WHOLE` of each."""
    pieces = [finished.whole(music, WHOLE) for music in (finished.learnt, finished.unseen)]
    return histograms_of([phrase for of_split in pieces for phrase in of_split])


def pooled(each: Sequence[Mapping[str, Any]]) -> Counts:
    """Histograms of pieces added up."""
    return {
        name: {
            "symbols": each[0][name]["symbols"],
            "counts": np.sum([of_piece[name]["counts"] for of_piece in each], axis=0).tolist(),
        }
        for name in NOTE_FIELDS
    }


def _real_table(finished: Finished) -> Any:
    """Beginnings of pieces of people by measures, twice as many as are drawn where there are so many."""
    pieces = finished.phrases(finished.learnt, 2 * finished.count)
    return table_of(pieces)


def _pooled_distance(each: Sequence[Mapping[str, Any]], corpus: Counts, name: str = "distance") -> float:
    if not each:
        raise Undefined("no note was drawn")
    found = distances(pooled(each), corpus)
    if name not in found.values:
        raise Undefined(found.undefined[name])
    return found.values[name]


def _only(figures: Figures, names: Sequence[str]) -> Figures:
    return Figures(
        {name: figures.values[name] for name in names if name in figures.values},
        {name: figures.undefined[name] for name in names if name in figures.undefined},
        {name: figures.ranges[name] for name in names if name in figures.ranges},
    )


def _nearest(found: Mapping[float, float]) -> float:
    if not found:
        raise Undefined("at no temperature a note was drawn")
    return min(found, key=lambda temperature: found[temperature])


def _mean(values: Sequence[float]) -> float:
    if not values:
        raise Undefined("no piece has it")
    return fmean(values)
