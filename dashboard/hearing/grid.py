"""One call answered at several temperatures, with several seeds: what a temperature does, and what is chance.

Must not know pages, or who answers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.hearing.asked import Question, answer_to
from evaluation.answering.agreement import MEASURES, agreement, summary
from music.phrase import Phrase, pedal_folded

Ask = Callable[[Question], Phrase]


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer of the grid, on the call's clock."""

    question: Question
    answer: Phrase

    @property
    def title(self) -> str:
        """Its temperature and its seed."""
        return f"temperature {self.question.temperature:g}, seed {self.question.seed}"

    @property
    def alone(self) -> Phrase:
        """The answer from its first note on."""
        return self.answer.moved(-self.answer.notes[0].at) if self.answer.notes else self.answer


def cells_of(
    question: Question, temperatures: Sequence[float], seeds: Sequence[int], ask: Ask = answer_to
) -> Iterator[Cell]:
    """A row a temperature, in it a cell a seed, each as soon as it is answered."""
    for temperature in temperatures:
        for seed in seeds:
            asked = replace(question, temperature=temperature, seed=seed)
            yield Cell(asked, ask(asked))


def figures_by_temperature(cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """How the answers of each temperature keep to their call, over its seeds, in words."""
    return [
        {
            "temperature": f"{temperature:g}",
            "answers": f"{sum(bool(cell.answer.notes) for cell in some)} of {len(some)}",
            "notes": sum(len(cell.answer.notes) for cell in some),
            **_measured(some),
        }
        for temperature, some in _by_temperature(cells).items()
    ]


def _by_temperature(cells: Sequence[Cell]) -> Mapping[float, list[Cell]]:
    found: dict[float, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.question.temperature, []).append(cell)
    return found


def _measured(cells: Sequence[Cell]) -> dict[str, str]:
    figures = summary([agreement(pedal_folded(cell.question.call), cell.answer) for cell in cells])
    return {
        title: measure.text(figures, key) for measure in MEASURES for key, title in measure.columns.items()
    }
