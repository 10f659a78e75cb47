"""What came of a listening test: means, their order, histograms, pairs, agreement, and who was left out.

Joins ratings to the key. A listener who failed the headphone check is left out and counted; one who left
halfway counts with what they rated. Must not know how ratings were given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from statistics import fmean, stdev
from typing import Any

from listening.folder import ListeningFolder, ListeningTest
from listening.headphones import ATTEMPTS
from listening.outcome.statistics import alpha, holm, interval, paired, ranks
from listening.ratings import Listener, Ratings
from listening.scales import Scale
from listening.visit import Visit

VERSION = 1
_BAR = 24  # characters of the longest bar of a histogram


@dataclass(frozen=True, slots=True)
class Rated:
    """One condition: how many rated it how often, the mean and where it lies, how often each value came."""

    condition: str
    listeners: int
    ratings: int
    mean: float | None
    interval: tuple[float, float] | None
    deviation: float | None
    histogram: dict[int, int]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A condition's place by its mean, 1 the highest, and how sure that is: row B6's order, by listeners."""

    condition: str
    place: int
    interval: tuple[int, int]
    likely: tuple[float, ...]  # how likely the first place is, the second, and so on


@dataclass(frozen=True, slots=True)
class Pair:
    """Two conditions by the listeners who rated both: how much the first is ahead, and by what chance."""

    first: str
    second: str
    listeners: int
    ahead: float
    p: float
    corrected_p: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is said of a test; `synthetic` ratings are by no people."""

    title: str
    scale: str
    synthetic: bool
    joined: int
    failed_check: int
    without_check: int
    without_ratings: int
    unfinished: int
    counted: int
    conditions: list[Rated]
    ranking: list[Ranked]
    pairs: list[Pair]
    agreement: float | None
    agreement_clips: int
    version: int = VERSION

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def analysed(folder: ListeningFolder, ratings: Ratings, *, synthetic: bool) -> Analysis:
    """Of all listeners who passed the check."""
    test, key = folder.test(), folder.key()
    listeners = [one for one in ratings.listeners() if one.synthetic == synthetic]
    passed = [one for one in listeners if any(ratings.checks(one))]
    failed = sum(_has_failed(ratings.checks(one)) for one in listeners)
    values = {one.number: ratings.values(one) for one in passed}
    counted = [one for one in passed if values[one.number]]
    by_clip = _by_clip([values[one.number] for one in counted])
    by_condition = {
        name: [_of(values[one.number], key, name) for one in counted] for name in key["conditions"]
    }
    rated_twice = [clip for clip, given in by_clip.items() if len(given) > 1]
    return Analysis(
        test.title,
        test.scale.name,
        synthetic,
        joined=len(listeners),
        failed_check=failed,
        without_check=len(listeners) - len(passed) - failed,
        without_ratings=len(passed) - len(counted),
        unfinished=sum(not _is_done(test, ratings, one) for one in counted),
        counted=len(counted),
        conditions=[_rated(name, given, test.scale) for name, given in by_condition.items()],
        ranking=_ranking(by_condition),
        pairs=_pairs(by_condition),
        agreement=alpha(by_clip),
        agreement_clips=len(rated_twice),
    )


def lines_of(analysis: Analysis, scale: Scale) -> list[str]:
    """Lines that a person reads."""
    head = [
        f"{analysis.title}: {scale.question} {scale.word(scale.least)} to {scale.word(scale.most)}",
        f"listeners: {analysis.joined} joined, {analysis.counted} counted; left out: "
        f"{analysis.failed_check} failed the headphone check, {analysis.without_check} left before its end, "
        f"{analysis.without_ratings} rated nothing; {analysis.unfinished} of those counted left halfway",
    ]
    if analysis.synthetic:
        head.insert(0, "SYNTHETIC: a rehearsal by listeners who are no people; it says nothing about music")
    return [
        *head,
        *(line for one in analysis.conditions for line in ["", *_lines_of_condition(one, scale)]),
        "",
        *map(_line_of_rank, analysis.ranking),
        *map(_line_of_pair, analysis.pairs),
        _agreement_line(analysis),
    ]


def _is_done(test: ListeningTest, ratings: Ratings, listener: Listener) -> bool:
    return Visit(test, ratings, listener).is_done()


def _has_failed(checks: Sequence[bool]) -> bool:
    return len(checks) >= ATTEMPTS and not any(checks)


def _by_clip(values: Sequence[Mapping[str, int]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for given in values:
        for clip, value in given.items():
            found.setdefault(clip, []).append(float(value))
    return found


def _of(values: Mapping[str, int], key: Mapping[str, Any], condition: str) -> list[float]:
    """A listener's ratings of a condition."""
    clips = key["clips"]
    return [
        float(value) for clip, value in values.items() if clips.get(clip, {}).get("condition") == condition
    ]


def _rated(condition: str, by_listener: Sequence[Sequence[float]], scale: Scale) -> Rated:
    there = [given for given in by_listener if given]
    together = [value for given in there for value in given]
    return Rated(
        condition,
        listeners=len(there),
        ratings=len(together),
        mean=fmean(together) if together else None,
        interval=interval(there),
        deviation=stdev(together) if len(together) > 1 else None,
        histogram={value: together.count(value) for value in scale.values},
    )


def _ranking(by_condition: Mapping[str, Sequence[Sequence[float]]]) -> list[Ranked]:
    """From the first place on."""
    found = zip(by_condition, ranks(list(by_condition.values())), strict=True)
    rows = [Ranked(name, one.place, (one.low, one.high), one.likely) for name, one in found if one]
    return sorted(rows, key=lambda row: row.place)


def _pairs(by_condition: Mapping[str, Sequence[Sequence[float]]]) -> list[Pair]:
    found = []
    for one, other in combinations(by_condition, 2):
        both = zip(by_condition[one], by_condition[other], strict=True)
        differences = [fmean(ours) - fmean(theirs) for ours, theirs in both if ours and theirs]
        chance = paired(differences)
        if chance is not None:
            found.append((one, other, differences, chance))
    corrected = holm([chance for *_, chance in found])
    return [
        Pair(one, other, len(differences), fmean(differences), chance, p)
        for (one, other, differences, chance), p in zip(found, corrected, strict=True)
    ]


def _lines_of_condition(rated: Rated, scale: Scale) -> list[str]:
    if rated.mean is None:
        return [f"{rated.condition}: not rated yet"]
    within = f", 95 % {rated.interval[0]:.2f} to {rated.interval[1]:.2f}" if rated.interval else ""
    spread = f" ± {rated.deviation:.2f}" if rated.deviation is not None else ""
    most = max(rated.histogram.values())
    return [
        f"{rated.condition}: {rated.mean:.2f}{spread}{within}  "
        f"({rated.ratings} ratings by {rated.listeners} listeners)",
        *(
            f"  {value:2} {'█' * round(_BAR * rated.histogram[value] / most)} {rated.histogram[value]}"
            for value in scale.values
        ),
    ]


def _line_of_rank(ranked: Ranked) -> str:
    low, high = ranked.interval
    within = f"{low}" if low == high else f"{low} to {high}"
    first = f"first of all in {ranked.likely[0]:.0%} of draws of listeners"
    return f"rank {ranked.place}: {ranked.condition}, 95 % {within}; {first}"


def _line_of_pair(pair: Pair) -> str:
    return (
        f"{pair.first} − {pair.second}: {pair.ahead:+.2f} by {pair.listeners} listeners, "
        f"p {pair.p:.4f}, corrected {pair.corrected_p:.4f}"
    )


def _agreement_line(analysis: Analysis) -> str:
    if analysis.agreement is None:
        return "agreement of listeners: too little is rated by two of them, or all alike"
    return f"agreement of listeners: alpha {analysis.agreement:.2f} over {analysis.agreement_clips} clips"
