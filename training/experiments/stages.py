"""A run at several stages of its learning: sampling likelihood, sparsity and measures of music (C1, C8, C9).

The stages are the run's snapshots, and the model as it began. Must not know how it learnt.
"""

from functools import partial

import numpy as np

from evaluation.likeness.defined import Figures, Undefined
from evaluation.likeness.intervals import interval
from evaluation.likeness.isl import Steps, isl
from evaluation.likeness.manner import table_of
from evaluation.likeness.plane import Plane, Points
from music.notes import KEYS
from pieces.music import Music
from training.experiments.finished import Finished
from training.models.drawing import Drawing

MOST_SAMPLES = 500_000  # steps of a model's music that a density is fitted to
HELD_OUT = 2_000  # steps of unseen music that are judged by it
_LONGEST = 1_000  # steps of a sampled piece


def stages(finished: Finished) -> Figures:
    """Of each stage: `isl` and what belongs to it, for rolls; how far its pieces' measures lie from the
    corpus', beside those of unseen pieces (`real_apart`), and of how many pieces that is: those that lack a
    measure, as silent ones do, lie nowhere. The places of all pieces on the plane of the corpus' measures go
    into a chart."""
    figures, corpus = Figures(), table_of(finished.phrases(finished.learnt))
    places = {"the corpus": corpus}
    for name, at in _stages(finished).items():
        figures.add(_likelihood(at, finished), f"{name}_")
        places[name] = table_of(at.drawn)
    try:
        plane = Plane.of(corpus)
    except Undefined as reason:
        figures.undefined["apart"] = str(reason)
        return figures
    for name, table in (places | {"real": table_of(finished.phrases(finished.unseen))}).items():
        if name != "the corpus":
            figures.add(_apart(plane, table), f"{name}_")
    figures.charts["measures"] = {
        "shares": plane.shares,
        "points": {name: plane.seen(table).tolist() for name, table in places.items() if len(table)},
    }
    return figures


def _apart(plane: Plane, table: Points) -> Figures:
    figures = Figures({"apart_pieces": len(table)})
    figures.put("apart", partial(plane.apart, table))
    figures.put_range("apart", lambda: interval(list(table), lambda rows: plane.apart(np.array(rows))))
    return figures


def _stages(finished: Finished) -> dict[str, Finished]:
    """The run at each stage, named by how far it had learnt."""
    folder, steps = finished.made.folder, finished.steps
    kept = folder.snapshots()
    return {"at_0": finished.with_weights(None)} | {
        f"at_{round(100 * step / (steps or max(kept)))}": finished.with_weights(path)
        for step, path in kept.items()
    }


def _likelihood(at: Finished, finished: Finished) -> Figures:
    if not at.made.encoding.vocabulary.is_roll:
        return Figures(undefined={"isl": f"{at.made.encoding.name} writes no steps of 88 keys"})
    learnt = sum(finished.learnt.length(number) for number in range(len(finished.learnt)))
    return isl(_samples(at, min(learnt, MOST_SAMPLES)), _held_out(finished.unseen_forwards), learnt)


def _samples(at: Finished, wanted: int) -> Steps:
    """So many steps that a model draws, in pieces side by side."""
    count = -(-wanted // _LONGEST)
    rows = at.rows_drawn(at.first, count, min(wanted, _LONGEST), Drawing())
    return np.concatenate(rows)[:wanted, :KEYS]


def _held_out(music: Music) -> Steps:
    """Steps of unseen pieces, from all over them: the same ones for every run that reads these pieces."""
    steps = np.concatenate(
        [music.rows(number, 0, music.length(number))[:, :KEYS] for number in range(len(music))]
    )
    chosen = np.random.default_rng(1).permutation(len(steps))[:HELD_OUT]
    return steps[np.sort(chosen)]
