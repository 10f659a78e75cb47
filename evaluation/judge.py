"""A model judged on a corpus: all questions asked of the same music.

What can't be asked is left out, and the report says why. Must not know a runtime or where a model lies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from evaluation.answering.answerer import Answerer
from evaluation.answering.answers import (
    answers_section,
    answers_to,
    distributions_section,
    own_answers,
    own_calls_section,
)
from evaluation.answering.calls import calls_of
from evaluation.baselines.chance import chance_likelihood
from evaluation.baselines.note import NoteCounts, bigram_likelihood, unigram_likelihood
from evaluation.report import Report
from evaluation.scoring.held_out import RESET_EVERY, Piece, carried, held_out, reset
from evaluation.scoring.likelihood import Likelihood, likelihood, pooled, scored
from evaluation.scoring.scorer import Nats, Scorer
from music.encodings.note import NoteEncoding
from music.listening.loudness_memory import with_memory
from music.settings import SettingError
from pieces.corpus import Corpus
from pieces.music_sets import Split
from pieces.token_pieces import encode_pieces

Tell = Callable[[str], None]
PARTS_OF_A_PIECE = 20  # in which its likelihood is followed along it


@dataclass(frozen=True, slots=True)
class Judged:
    """A model to be judged, and what is known of it (as JSON can hold it).

    `untrained` is the same model before it learnt; `answering` makes it play, or raises a `SettingError` that
    says why it can't. Of what is None, `without` says why, by name.
    """

    about: dict[str, Any]
    scorer: Scorer
    untrained: Scorer | None = None
    answering: Callable[[], Answerer] | None = None
    without: Mapping[str, str] = field(default_factory=dict)


def judge(judged: Judged, corpus: Corpus, split: Split, machine: dict[str, Any], tell: Tell) -> Report:
    """Ask everything of the pieces of a split; `tell` hears what is being done."""
    tell(f"reading the {split} pieces of {corpus.path}")
    pieces = held_out(corpus, split)
    sections = {
        "likelihood": _likelihoods(judged.scorer, pieces, tell),
        "baselines": _baselines(judged, corpus, pieces, tell),
        **_played(judged, corpus, split, pieces, tell),
    }
    return Report(machine, judged.about, _about_music(corpus, split, pieces), sections)


def _played(judged: Judged, corpus: Corpus, split: Split, pieces: list[Piece], tell: Tell) -> dict[str, Any]:
    """What the model plays, beside the music: `distributions`, `answers`, `own_calls`."""
    notes = [piece.notes for piece in pieces]
    try:
        answerer = answerer_of(judged)
    except SettingError as why:
        return {"distributions": distributions_section(notes, [], []), "answers": {"left_out": str(why)}}
    calls = calls_of(corpus.phrases(split))
    tell(f"answers to {len(calls)} calls of {len({call.piece for call in calls})} pieces, and to our own")
    began_at = perf_counter()
    answers = answers_to(answerer, calls)
    speed = {"seconds_an_answer": round((perf_counter() - began_at) / len(calls), 4)} if calls else {}
    return {
        "distributions": distributions_section(notes, calls, answers),
        "answers": answers_section(calls, answers) | speed,
        "own_calls": own_calls_section(own_answers(answerer)),
    }


def answerer_of(judged: Judged) -> Answerer:
    """The model as one who answers; an error says why it can't."""
    if judged.answering is None:
        raise SettingError(judged.without.get("answers", "the model can't play"))
    return judged.answering()


def _likelihoods(scorer: Scorer, pieces: list[Piece], tell: Tell) -> dict[str, Any]:
    tell("the model, its state carried from each piece's beginning")
    whole_pieces = carried(pieces)
    nats = scored(scorer, whole_pieces)
    whole = pooled(whole_pieces, nats)
    tell("the same, remembering how loud the player has been")
    events = (stretch.events for stretch in whole_pieces)
    remembering = pooled(whole_pieces, list(map(with_memory, events, nats)))
    tell(f"the model, reset every {RESET_EVERY:,} performance events")
    stretches = reset(pieces)
    parts = likelihood(scorer, stretches)
    by_piece = [
        {
            "piece": piece.name,
            "notes": len(piece.notes),
            "carried": float(whole.nats[number].sum()) / len(piece.notes),
            "reset": float(parts.nats[number].sum()) / len(piece.notes),
            "along": _along(nats[number]),
        }
        for number, piece in enumerate(pieces)
    ]
    return {
        "carried": _with_tokens(whole, pieces),
        "remembering": _with_tokens(remembering, pieces),
        "reset": _with_tokens(parts, pieces)
        | {"every_performance_events": RESET_EVERY, "stretches": len(stretches)},
        "pieces": by_piece,
    }


def _along(nats: Nats) -> list[float]:
    """Nats an event in each part of a piece, from its beginning to its end; none of a piece of few events."""
    if len(nats) < PARTS_OF_A_PIECE:
        return []
    parts = np.array_split(nats.sum(1), PARTS_OF_A_PIECE)
    return [round(float(part.mean()), 3) for part in parts]


def _with_tokens(found: Likelihood, pieces: list[Piece]) -> dict[str, Any]:
    """With nats an event of the `performance` writing, the figure that models of that writing publish."""
    events = sum(piece.performance_events for piece in pieces)
    return found.record() | {"nats_a_performance_event": float(found.nats.sum()) / events}


def _baselines(judged: Judged, corpus: Corpus, pieces: list[Piece], tell: Tell) -> dict[str, dict[str, Any]]:
    """Each on the same notes; one that can't be made is left out, and `left_out` says why."""
    made: dict[str, dict[str, Any]] = {"chance": _with_tokens(chance_likelihood(pieces), pieces)}
    left_out = {name: why for name, why in judged.without.items() if name == "untrained"}
    if judged.untrained is not None:
        tell("the untrained model")
        made["untrained"] = _with_tokens(likelihood(judged.untrained, carried(pieces)), pieces)
    if not any(record.split == "train" for record in corpus.description.pieces):
        left_out["unigram, bigram"] = "the corpus has no train pieces to count"
        return made | {"left_out": left_out}
    tell("unigram and bigram of whole notes, counted over the train pieces")
    learnt_from = encode_pieces([corpus], NoteEncoding(), "train")
    counts = NoteCounts.of(learnt_from[number] for number in range(len(learnt_from)))
    made["unigram"] = unigram_likelihood(counts, pieces).record()
    made["bigram"] = bigram_likelihood(counts, pieces).record()
    return made | ({"left_out": left_out} if left_out else {})


def _about_music(corpus: Corpus, split: Split, pieces: list[Piece]) -> dict[str, Any]:
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
