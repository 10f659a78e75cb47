"""What a measure of answers is: one figure of an answer and its call, and how it is pooled and shown.

A measure is declared once, in `agreement.py` or in `evaluation/belonging/measures.py`; whoever shows measures
goes through `MEASURES` there and asks each for its name, its words and its numbers. Must not know any measure
in particular, nor who played.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import fmean, median, quantiles
from typing import Generic, Literal, ParamSpec

Asked = ParamSpec("Asked")  # what a measure is taken of: a call and an answer, in whatever form
Better = Literal["more", "less", "near 0", "near 1", "near the truth's", "near people's"]


@dataclass(frozen=True, slots=True)
class Pooling:
    """How the figures of many answers become one, beside another that says how far they lie apart."""

    middle: Callable[[Sequence[float]], float]
    apart: Callable[[Sequence[float]], float]
    ending: str  # of the second figure's name
    words: str = ""  # before the second figure where it is shown; without words it is only kept in the report


@dataclass(frozen=True, slots=True)
class Measure(Generic[Asked]):
    """One figure of an answer and its call.

    `name` is its key in a report, `title` the head of its column, `shown` how a value is written, as `format`
    takes it. `of` reckons it from a call and an answer that has notes; None where nothing can be said of the
    two.
    """

    name: str
    title: str
    about: str  # half a sentence, of an answer
    unit: str
    better: Better
    shown: str
    pooling: Pooling
    of: Callable[Asked, float | None]

    @property
    def second(self) -> str:
        """The report's key for how far the figures lie apart."""
        return self.name.removesuffix("_ratio") + self.pooling.ending

    @property
    def columns(self) -> dict[str, str]:
        """The heads of the columns of a table, by the keys of what stands in them."""
        apart = {self.second: f"{self.title}, {self.pooling.words}"} if self.pooling.words else {}
        return {self.name: self.title, **apart}

    def pooled(self, values: Sequence[float]) -> dict[str, float]:
        """The figures of some answers in one, and how far they lie apart; nothing of no figures."""
        if not values:
            return {}
        return {self.name: self.pooling.middle(values), self.second: self.pooling.apart(values)}

    def text(self, figures: Mapping[str, float], key: str | None = None) -> str:
        """A figure as it is shown, the main one or the one of that key; a dash where there is none."""
        key = self.name if key is None else key
        if key not in figures:
            return "–"
        return format(figures[key], self.shown if key == self.name else self.shown.lstrip("+"))

    def cell(self, figures: Mapping[str, float]) -> str:
        """Both figures of many answers in one cell."""
        text = self.text(figures)
        if self.pooling.words and self.name in figures:
            text += f" ({self.pooling.words} {self.text(figures, self.second)})"
        return text


def table_of(measures: Iterable[Measure[...]]) -> str:
    """Measures as docs/evaluation.md lists them, in Markdown."""
    rows = [
        f"| **{measure.title}** | {measure.about} | {measure.unit} | {measure.better} | `{measure.name}` |"
        for measure in measures
    ]
    head = ["| measure | what it is, of an answer | unit | better | in the report |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def standard_error(values: Sequence[float]) -> float:
    """Of a mean, as values are drawn by chance; 0 where there is one value."""
    if len(values) < 2:
        return 0.0
    mean = fmean(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))


def _geometric_mean(ratios: Sequence[float]) -> float:
    return exp(fmean(map(log, ratios)))


def _factor_apart(ratios: Sequence[float]) -> float:
    """By what factor a typical ratio is away from 1, whichever way: 2 is half or twice."""
    return exp(fmean(abs(log(ratio)) for ratio in ratios))


def _distance_apart(values: Sequence[float]) -> float:
    return fmean(map(abs, values))


def _middle_half(values: Sequence[float]) -> float:
    """How far apart the quarter points lie: half of the values are between them."""
    if len(values) < 2:
        return 0.0
    low, _, high = quantiles(values, n=4, method="inclusive")
    return high - low


MEDIAN = Pooling(median, _middle_half, "_middle_half")
MEAN = Pooling(fmean, standard_error, "_error")
RATIO = Pooling(_geometric_mean, _factor_apart, "_off_by", "off by")  # half and twice even out
DISTANCE = Pooling(fmean, _distance_apart, "_off_by", "off by")
