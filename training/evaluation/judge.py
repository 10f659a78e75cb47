"""A model judged on a corpus: all questions asked of the same music. Must not know a runtime or where a model lies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from music.encodings.note import NoteEncoding
from training.corpus import Corpus
from training.dataset import encoded
from training.evaluation.distributions import distributions
from training.evaluation.held_out import RESET_EVERY, Piece, carried, held_out, reset
from training.evaluation.likelihood import Likelihood, likelihood
from training.evaluation.note_baselines import NoteCounts, bigram_likelihood, unigram_likelihood
from training.evaluation.report import Report
from training.evaluation.scorer import Scorer
from training.music_sets import Split

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Judged:
    """A model to be judged, what is known of it (as JSON can hold it), and the same model before it learnt, if it can be had."""

    told: dict[str, Any]
    scorer: Scorer
    untrained: Scorer | None = None


def judge(judged: Judged, corpus: Corpus, split: Split, machine: dict[str, Any], tell: Tell) -> Report:
    """Ask everything of the pieces of a split; `tell` hears what is being done."""
    tell(f"reading the {split} pieces of {corpus.path}")
    pieces = held_out(corpus, split)
    sections = {
        "likelihood": _likelihoods(judged.scorer, pieces, tell),
        "baselines": _baselines(judged.untrained, corpus, pieces, tell),
        "distributions": {"music": distributions(piece.notes for piece in pieces)},
    }
    return Report(machine, judged.told, _music_told(corpus, split, pieces), sections)


def _likelihoods(scorer: Scorer, pieces: list[Piece], tell: Tell) -> dict[str, Any]:
    tell("the model, its state carried from each piece's beginning")
    whole = likelihood(scorer, carried(pieces))
    tell(f"the model, reset every {RESET_EVERY:,} performance events")
    stretches = reset(pieces)
    parts = likelihood(scorer, stretches)
    by_piece = [
        {
            "piece": piece.name,
            "notes": len(piece.notes),
            "carried": float(whole.nats[number].sum()) / len(piece.notes),
            "reset": float(parts.nats[number].sum()) / len(piece.notes),
        }
        for number, piece in enumerate(pieces)
    ]
    return {
        "carried": _with_tokens(whole, pieces),
        "reset": _with_tokens(parts, pieces)
        | {"every_performance_events": RESET_EVERY, "stretches": len(stretches)},
        "pieces": by_piece,
    }


def _with_tokens(found: Likelihood, pieces: list[Piece]) -> dict[str, Any]:
    """With nats an event of the `performance` writing, the figure that models of that writing publish."""
    events = sum(piece.performance_events for piece in pieces)
    return found.told() | {"nats_a_performance_event": float(found.nats.sum()) / events}


def _baselines(
    untrained: Scorer | None, corpus: Corpus, pieces: list[Piece], tell: Tell
) -> dict[str, dict[str, Any]]:
    """Each on the same notes; one that can't be made is left out, and `left_out` says why."""
    made: dict[str, dict[str, Any]] = {}
    if untrained is not None:
        tell("the untrained model")
        made["untrained"] = _with_tokens(likelihood(untrained, carried(pieces)), pieces)
    if not any(record.split == "train" for record in corpus.description.pieces):
        return made | {"left_out": {"unigram, bigram": "the corpus has no train pieces to count"}}
    tell("unigram and bigram of whole notes, counted over the train pieces")
    learnt_from = encoded([corpus], NoteEncoding(), "train")
    counts = NoteCounts.of(learnt_from[number] for number in range(len(learnt_from)))
    made["unigram"] = unigram_likelihood(counts, pieces).told()
    made["bigram"] = bigram_likelihood(counts, pieces).told()
    return made


def _music_told(corpus: Corpus, split: Split, pieces: list[Piece]) -> dict[str, Any]:
    description = corpus.description
    return {
        "corpus": description.name,
        "hash": description.hash,
        "tier": description.tier,
        "licence": description.licence,
        "split": split,
        "pieces": len(pieces),
        "notes": sum(len(piece.notes) for piece in pieces),
        "events": sum(len(piece.events) for piece in pieces),
        "performance_events": sum(piece.performance_events for piece in pieces),
    }
