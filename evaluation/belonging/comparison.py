"""Voices that answer the same calls, compared: how near each is to the truth and to the call, and its faults.

A voice is whoever answers: the model, the answer by rule, and the partners that say what its figures are
worth. Takes any `Answerer`. Must not know how answers are made.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import islice
from statistics import fmean
from typing import Any

from evaluation.answering.answerer import Answerer
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.belonging.faults import FAULTS, SEVERAL, Answered, faults_of
from evaluation.belonging.measures import MEASURES
from evaluation.belonging.partners import partners_of
from evaluation.belonging.phrase_calls import Call
from evaluation.belonging.score import Numbers, Table, Yardstick, distance_table, nearer
from evaluation.belonging.voices import RIVALS, VOICES
from music.manner.copying import intervals_of, longest_shared_with_any
from music.manner.features import Features, features_of
from music.phrase import Phrase, pedal_folded

_WAIT_FOR_THE_CALL = ("model", "rule", "true")  # of these it is known when their first note comes
_DIGITS = 4


@dataclass(frozen=True)
class Compared:
    """Calls of one sort of music, and what each voice answered to each: None where it was silent.

    `recited` has of each answer that was not silent the longest run that its tune shares with any piece that
    a model was trained on; it is empty where nobody looked.
    """

    places: tuple[tuple[str, float], ...]  # of each call its piece, and the second at which it begins there
    voices: Mapping[str, tuple[Answered | None, ...]]
    recited: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def pieces(self) -> int:
        """Of how many pieces the calls are."""
        return len({piece for piece, _ in self.places})

    def record(self) -> dict[str, Any]:
        """All figures, and call by call how far each voice is from the truth and what faults it has."""
        return self.figures() | {"each": self._each()}

    def figures(self) -> dict[str, Any]:
        """All figures, as JSON can hold them."""
        shares, apart = self._shares(), self._apart()
        return {
            "calls": len(self.places),
            "pieces": self.pieces,
            "voices": {
                voice: {
                    **_counts(answers),
                    "nearer": shares.get(voice, {}),
                    "faults": _fault_shares(answers),
                    **_measured(answers),
                    "recited": _run_lengths(self.recited.get(voice, ())),
                    "apart_from_true": apart.get(voice, {}),
                }
                for voice, answers in self.voices.items()
            },
        }

    def _shares(self) -> dict[str, dict[str, Any]]:
        """Of each voice but the true one, in how many pairs it is nearer to the truth than each rival."""
        far = self._far()
        return {
            voice: {
                rival: _rounded(asdict(nearer(far[voice], far[rival])))
                for rival in RIVALS
                if rival in far and rival != voice
            }
            for voice in far
            if voice != "true"
        }

    def _far(self) -> dict[str, Numbers]:
        """How far each voice is from the truth, call by call; of no voice where no truth is known."""
        tables = self._tables
        if not tables:
            return {}
        yardstick = Yardstick.of(tables["stranger"])
        return {voice: yardstick.far(table) for voice, table in tables.items()}

    def _apart(self) -> dict[str, dict[str, float]]:
        tables = self._tables
        if not tables:
            return {}
        yardstick = Yardstick.of(tables["stranger"])
        return {voice: _rounded(yardstick.by_feature(table)) for voice, table in tables.items()}

    @cached_property
    def _tables(self) -> dict[str, Table]:
        """Of each voice how far it is from the truth, feature by feature; of none where no truth is known."""
        true = [answered.of_answer for answered in self.voices.get("true", ()) if answered is not None]
        if not true:
            return {}
        return {voice: distance_table(_features(answers), true) for voice, answers in self.voices.items()}

    def _each(self) -> list[dict[str, Any]]:
        far = self._far()
        return [
            {
                "piece": piece,
                "from_s": round(from_s, 3),
                "far": _rounded({voice: float(of_call[place]) for voice, of_call in far.items()}),
                "faults": {voice: faults_of(answers[place]) for voice, answers in self.voices.items()},
            }
            for place, (piece, from_s) in enumerate(self.places)
        ]


def compared(calls: Sequence[Call], answerers: Mapping[str, Answerer]) -> Compared:
    """The voices to calls of music that goes on: those who answer, by name, and the partners."""
    phrases = [call.phrase for call in calls]
    voices = _answers(phrases, answerers) | partners_of(calls)
    return Compared(tuple((call.piece, call.from_s) for call in calls), _measure_all(phrases, voices))


def own_compared(answerers: Mapping[str, Answerer]) -> Compared:
    """The voices to the calls that we composed, which go on in no way that could be the true one."""
    phrases = [pedal_folded(call.phrase()) for call in OWN_CALLS]
    echoes = [phrase.moved(phrase.until) for phrase in phrases]
    voices = _answers(phrases, answerers) | {"echo": echoes}
    return Compared(tuple((call.name, 0.0) for call in OWN_CALLS), _measure_all(phrases, voices))


def together(sorts: Sequence[Compared]) -> Compared:
    """All calls of several sorts of music, which have the same voices."""
    return Compared(
        tuple(place for sort in sorts for place in sort.places),
        {
            voice: tuple(answer for sort in sorts for answer in sort.voices[voice])
            for voice in sorts[0].voices
        },
        {voice: tuple(run for sort in sorts for run in sort.recited[voice]) for voice in sorts[0].recited},
    )


def recited(sorts: Mapping[str, Compared], pieces: Iterable[Phrase]) -> dict[str, Compared]:
    """The same, with the longest run of each answer that stands in any of these pieces, read once for all."""
    places = [(sort, voice) for sort, found in sorts.items() for voice in found.voices]
    tunes = {
        (sort, voice): [
            intervals_of(one.answer.notes) for one in sorts[sort].voices[voice] if one is not None
        ]
        for sort, voice in places
    }
    others = (intervals_of(piece.notes) for piece in pieces)
    runs = iter(longest_shared_with_any([tune for of_voice in tunes.values() for tune in of_voice], others))
    lengths = {place: tuple(islice(runs, len(of_voice))) for place, of_voice in tunes.items()}
    return {
        sort: replace(found, recited={voice: lengths[sort, voice] for voice in found.voices})
        for sort, found in sorts.items()
    }


def _answers(phrases: Sequence[Phrase], answerers: Mapping[str, Answerer]) -> dict[str, list[Phrase]]:
    return {
        voice: [answerer.answer_to(phrase, number) for number, phrase in enumerate(phrases)]
        for voice, answerer in answerers.items()
    }


def _measure_all(
    calls: Sequence[Phrase], voices: Mapping[str, Sequence[Phrase]]
) -> dict[str, tuple[Answered | None, ...]]:
    """The voices in the order of `VOICES`, measured beside the calls."""
    of_calls = [features_of(call.notes) for call in calls]
    return {
        voice: tuple(
            _answered(call, of_call, answer, voice in _WAIT_FOR_THE_CALL)
            for call, of_call, answer in zip(calls, of_calls, voices[voice], strict=True)
        )
        for voice in VOICES
        if voice in voices
    }


def _answered(call: Phrase, of_call: Features, answer: Phrase, waits: bool) -> Answered | None:
    if not answer.notes:
        return None
    first_s = answer.notes[0].at - call.until if waits else None
    return Answered(call, answer, of_call, features_of(answer.notes), first_s)


def _features(answers: Sequence[Answered | None]) -> list[Features | None]:
    return [None if answered is None else answered.of_answer for answered in answers]


def _counts(answers: Sequence[Answered | None]) -> dict[str, int]:
    silent = sum(answered is None for answered in answers)
    return {"answers": len(answers) - silent, "silent": silent}


def _fault_shares(answers: Sequence[Answered | None]) -> dict[str, float]:
    """The share of calls whose answer has any gross fault, `SEVERAL` or more, and each by its name."""
    found = [faults_of(answered) for answered in answers]
    by_name = Counter(name for faults in found for name in faults)
    counts = {
        "any": sum(map(bool, found)),
        "several": sum(len(faults) >= SEVERAL for faults in found),
    } | {name: by_name[name] for name in FAULTS}
    return _rounded({name: count / len(answers) for name, count in counts.items()})


def _measured(answers: Sequence[Answered | None]) -> dict[str, float]:
    """Every measure pooled over the answers that were not silent."""
    figures: dict[str, float] = {}
    for measure in MEASURES:
        values = [measure.of(answered) for answered in answers if answered is not None]
        figures |= measure.pooled([value for value in values if value is not None])
    return _rounded(figures)


def _run_lengths(runs: Sequence[int]) -> dict[str, float]:
    return _rounded({"mean": fmean(runs), "longest": max(runs)}) if runs else {}


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, _DIGITS) for name, value in figures.items()}
