"""What a model answers to calls of held-out pieces, beside how they go on and chance, and to our own calls.

The notes of others' music stay where they are: the report says where a call stands in its piece, and holds
only what the model played. Knows an `Answerer`. Must not know how it makes its answers.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from evaluation.answering.agreement import PLAYERS, Agreement, agreement, summary
from evaluation.answering.answerer import Answerer
from evaluation.answering.calls import (
    LONGEST_S,
    SHORTEST_S,
    SILENCE_S,
    Call,
    strangers,
)
from evaluation.answering.distributions import distributions, even, overlaps
from evaluation.answering.own_call import OwnCall
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.scoring.held_out import Notes
from music.encodings.note import NoteEncoding
from music.keys import best_fit
from music.phrase import Phrase, pedal_folded

NoteRows = list[list[float]]  # of each note: at, pitch, velocity, seconds


def answers_to(answerer: Answerer, calls: Sequence[Call]) -> list[Phrase]:
    """The model's answer to each call."""
    return [answerer.answer_to(call.phrase, number) for number, call in enumerate(calls)]


def answers_section(calls: Sequence[Call], answers: Sequence[Phrase]) -> dict[str, Any]:
    """Agreement of answers with calls, beside the true continuation and chance, in all and one by one."""
    partners = strangers(calls)
    found: dict[str, list[Agreement | None]] = {
        "model": [agreement(call.phrase, answer) for call, answer in zip(calls, answers, strict=True)],
        "continuation": [agreement(call.phrase, call.continuation) for call in calls],
        "chance": [
            agreement(call.phrase, other.continuation)
            for call, other in zip(calls, partners, strict=True)
            if other is not None
        ],
    }
    return {
        "calls": len(calls),
        "pieces": len({call.piece for call in calls}),
        "cut_at_silences_of_s": SILENCE_S,
        "lasting_s": [SHORTEST_S, LONGEST_S],
        **{player: summary(found[player]) for player in PLAYERS},
        "each": [
            {
                "piece": call.piece,
                "from_s": round(call.from_s, 3),
                "until_s": round(call.until_s, 3),
                "key": best_fit(call.phrase.notes).key.name,
                "model": _rounded(figures),
                "answer": rows_of(answer),
            }
            for call, figures, answer in zip(calls, found["model"], answers, strict=True)
        ],
    }


def distributions_section(
    music: Iterable[Notes], calls: Sequence[Call], answers: Sequence[Phrase]
) -> dict[str, Any]:
    """How many notes have each value of each field, and how much of the split's distribution each covers.

    Of the split's notes, of the answers, of what really follows the same calls, and if all were equally
    likely.
    """
    together = {
        "music": distributions(music),
        "model": distributions(
            _notes_after(call.phrase, answer) for call, answer in zip(calls, answers, strict=True)
        ),
        "continuation": distributions(_notes_after(call.phrase, call.continuation) for call in calls),
        "chance": even(),
    }
    return together | {
        "overlap": {player: overlaps(together["music"], together[player]) for player in PLAYERS}
    }


def own_answers(answerer: Answerer) -> list[tuple[OwnCall, Phrase]]:
    """The model's answer to each call that we composed."""
    return [(call, answerer.answer_to(call.phrase(), number)) for number, call in enumerate(OWN_CALLS)]


def own_calls_section(answered: Iterable[tuple[OwnCall, Phrase]]) -> list[dict[str, Any]]:
    """Our calls with their answers, whole, so that they can be seen and heard anywhere."""
    records = []
    for call, answer in answered:
        phrase = call.phrase()
        records.append(
            {
                "name": call.name,
                "about": call.about,
                "key": best_fit(phrase.notes).key.name,
                "call": rows_of(phrase),
                "pedal": [[round(pedal.at, 3), pedal.down] for pedal in phrase.pedals],
                "answer": rows_of(answer),
                "model": _rounded(agreement(pedal_folded(phrase), answer)),
            }
        )
    return records


def rows_of(phrase: Phrase) -> NoteRows:
    """Notes as JSON can hold them, to the millisecond."""
    return [[round(note.at, 3), note.pitch, note.velocity, round(note.length_s, 3)] for note in phrase.notes]


def _rounded(figures: Agreement | None) -> dict[str, float] | None:
    return None if figures is None else {name: round(value, 4) for name, value in figures.items()}


def _notes_after(call: Phrase, answer: Phrase) -> Notes:
    """The answer's notes as `note` numbers them, the first one's gap counted from the call's last onset."""
    encoding = NoteEncoding()
    rows = encoding.encode(Phrase.of([*call.notes, *answer.notes]))
    return np.asarray(rows[len(encoding.encode(call)) :], np.int64)
