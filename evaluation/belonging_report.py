"""Whether a model's answers belong to their calls: judged on corpora, as one JSON report and as tables.

The report holds no note of anybody's music: only where calls stand in their pieces, and figures. Must not
know a runtime, where a model lies, nor how anything is measured.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.answering.answerer import Answerer
from evaluation.belonging.comparison import compared, own_compared, recited, together
from evaluation.belonging.phrase_calls import Call, phrase_calls
from evaluation.belonging.tables import OWN, tables_of
from evaluation.kept_report import KeptReport, aligned
from music.phrase import Phrase
from music.settings import SettingError
from pieces.corpus import Corpus
from pieces.music_sets import Split

VERSION = 1
CALLS = 40  # of each sort of music
ALL = "all"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BelongingReport(KeptReport):
    """The circumstances, the model, the corpora that calls are of, and what was found by sort of music."""

    machine: dict[str, Any]
    model: dict[str, Any]
    split: str
    music: list[dict[str, Any]]
    sorts: dict[str, dict[str, Any]]  # those of the corpora, `ALL` of these together, and `OWN`
    version: int = VERSION

    def table(self) -> list[str]:
        """Lines that a person reads: of each sort of music, all voices side by side."""
        head = f"model   {self.model['name']}  calls of {self.split} pieces; ranges are 95 % by bootstrap"
        stood_in = self.model.get("rule_stood_in", 0)
        asked = sum(sort["calls"] for name, sort in self.sorts.items() if name != ALL)
        rule = [f"the rule stood in for {stood_in} of {asked} answers"] if stood_in else []
        return [
            head,
            *rule,
            *(line for name, sort in self.sorts.items() for line in ["", *_tables(name, sort)]),
        ]


def judge_belonging(
    answerers: Mapping[str, Answerer],
    about: dict[str, Any],
    sorts: Mapping[str, Sequence[Corpus]],
    split: Split,
    machine: dict[str, Any],
    tell: Tell,
    most: int = CALLS,
    learnt: Sequence[Corpus] = (),
) -> BelongingReport:
    """Let voices answer calls of each sort of music, `most` of each, and our own; `tell` hears what is done.

    A sort is one corpus or several, each of which gives as many calls. Runs of the answers' tunes are looked
    for in the train pieces of the corpora `learnt`.
    """
    asked = {name: _calls_of(corpora, split, most, tell) for name, corpora in sorts.items()}
    found = {}
    for name, calls in asked.items():
        tell(f"answers to {len(calls)} calls: {name}")
        found[name] = compared(calls, answerers)
    tell("answers to our own calls")
    own = own_compared(answerers)
    if learnt:
        tell(f"runs that stand in train pieces of {', '.join(str(corpus.path) for corpus in learnt)}")
        found = recited(found | {OWN: own}, _train_pieces(learnt))
        own = found.pop(OWN)
    records = {name: sort.record() for name, sort in found.items()}
    if len(found) > 1:
        records[ALL] = together(list(found.values())).figures()
    records[OWN] = own.record()
    music = [_about(name, corpus) for name, corpora in sorts.items() for corpus in corpora]
    return BelongingReport(machine, about, split, music, records)


def _calls_of(corpora: Sequence[Corpus], split: Split, most: int, tell: Tell) -> list[Call]:
    calls: list[Call] = []
    for corpus in corpora:
        tell(f"calls of the {split} pieces of {corpus.path}")
        found = phrase_calls(corpus.phrases(split), max(most // len(corpora), 1))
        if not found:
            raise SettingError(
                f"{corpus.path}: no {split} piece has a call: a phrase of 3 to 12 s, with as much music "
                "after it and elsewhere; leave the corpus out, or take another split (--split)"
            )
        calls += found
    if len({call.piece for call in calls}) < 2:
        raise SettingError(
            f"{corpora[0].path}: calls of one {split} piece alone, {calls[0].piece}, have no stranger to be "
            "compared with; take another split (--split), or join corpora with +"
        )
    return calls


def _train_pieces(corpora: Sequence[Corpus]) -> Iterator[Phrase]:
    return (phrase for corpus in corpora for _, phrase in corpus.phrases("train"))


def _about(sort: str, corpus: Corpus) -> dict[str, Any]:
    description = corpus.description
    return {
        "sort": sort,
        "corpus": description.name,
        "hash": description.hash,
        "tier": description.tier,
        "licence": description.licence,
    }


def _tables(name: str, sort: Mapping[str, Any]) -> list[str]:
    """One sort of music: how near to the truth, the faults, and every measure."""
    voices = sort["voices"]
    pieces = "" if name == OWN else f" of {sort['pieces']} pieces"
    lines = [line for rows in tables_of(voices) for line in aligned(rows)]
    return [f"{name}: {sort['calls']} calls{pieces}", *lines]
