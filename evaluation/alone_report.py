"""How a model plays by itself for minutes, beside people's long stretches: one JSON report, and a table.

The report holds no note of anybody's music. Must not know a runtime, where a model lies, nor how anything is
measured.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from statistics import fmean
from typing import Any

from evaluation.alone.soloist import Soloist
from evaluation.alone.spread import People
from evaluation.alone.stretch import FEWEST_WINDOWS, MEASURES, OF_WINDOWS, WINDOW_S, OfWindows, Stretch
from evaluation.answering.own_call import OwnCall
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.kept_report import KeptReport, aligned
from music.phrase import pedal_folded
from music.settings import SettingError
from pieces.corpus import Corpus
from pieces.music_sets import Split

VERSION = 1
CALLS = 4  # of our own, from which it goes on
MINUTES = 10.0
MOST_MINUTES = 60.0
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AloneReport(KeptReport):
    """The circumstances, the model, the music that it stands beside, and what was found of each voice."""

    machine: dict[str, Any]
    model: dict[str, Any]
    split: str
    minutes: float
    music: list[dict[str, Any]]
    people: dict[str, Any]
    voices: dict[str, list[dict[str, Any]]]  # a row for each call that it went on from
    version: int = VERSION

    def table(self) -> list[str]:
        """Lines that a person reads: how people spread, and each voice from each call beside them."""
        people = self.people
        return [
            f"model   {self.model['name']}  {self.minutes:g} min by itself from each call",
            f"people  {people['stretches']} {self.split} pieces, {people['windows']} windows of "
            f"{WINDOW_S:g} s; ! is beyond 95 of 100 of them",
            "",
            *aligned(self.cells()),
        ]

    def cells(self) -> list[list[str]]:
        """The same as rows of a table, its head first."""
        return [_HEAD, *self._people(), *self._rows()]

    def _people(self) -> list[list[str]]:
        whole, parts = self.people["by_stretch"], self.people["by_window"]
        middle = [measure.text({measure.name: whole[measure.name]["middle"]}) for measure in MEASURES]
        high = [measure.text({measure.name: whole[measure.name]["high"]}) for measure in MEASURES]
        return [
            ["people, the middle", *middle, *(_shown(one, parts, "middle") for one in OF_WINDOWS)],
            ["people, 95 of 100", *high, *(_shown(one, parts, "low", "high") for one in OF_WINDOWS)],
        ]

    def _rows(self) -> Iterator[list[str]]:
        for voice, rows in self.voices.items():
            for row in rows:
                name = f"{voice}: {row['call']}"
                yield [name, *_cells(row)] if "beyond" in row else [name, "fell silent"]


_HEAD = [
    "",
    *(measure.title for measure in MEASURES),
    *(f"{one.title} (inside)" for one in OF_WINDOWS),
]


def _shown(one: OfWindows, parts: Mapping[str, Any], *places: str) -> str:
    return "-".join(format(parts[one.name][place], one.shown) for place in places)


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    for measure in MEASURES:
        yield ("!" if measure.name in row["beyond"] else "") + measure.text(row)
    for one in OF_WINDOWS:
        mean = format(fmean(row["windows"][one.name]), one.shown)
        yield f"{mean} ({row['inside'][one.name]:.0%})"


def judge_alone(
    soloists: Mapping[str, Soloist],
    about: dict[str, Any],
    corpora: Sequence[Corpus],
    split: Split,
    machine: dict[str, Any],
    tell: Tell,
    minutes: float = MINUTES,
    calls: int = CALLS,
) -> AloneReport:
    """Let voices go on by themselves from so many of our own calls, for so many minutes each, beside the
    pieces of corpora; `tell` hears what is done."""
    tell(f"{split} pieces of {', '.join(str(corpus.path) for corpus in corpora)}")
    people = People.of(chain.from_iterable(_stretches(corpus, split, 60 * minutes) for corpus in corpora))
    if people is None:
        raise SettingError(
            f"{corpora[0].path}: no {split} piece lasts {FEWEST_WINDOWS * WINDOW_S:g} s, so there is nothing "
            "to stand beside; take another corpus or split (--split)"
        )
    voices: dict[str, list[dict[str, Any]]] = {}
    for voice, soloist in soloists.items():
        voices[voice] = []
        for number, call in _asked(calls):
            tell(f"{minutes:g} min by itself, {voice}: {call.name}")
            voices[voice].append(_row(soloist, number, call, 60 * minutes, people))
    music = [
        {
            "corpus": corpus.description.name,
            "hash": corpus.description.hash,
            "tier": corpus.description.tier,
            "licence": corpus.description.licence,
        }
        for corpus in corpora
    ]
    return AloneReport(machine, about, split, minutes, music, asdict(people), voices)


def _stretches(corpus: Corpus, split: Split, most_s: float) -> Iterator[Stretch]:
    found = (Stretch.of(pedal_folded(phrase), most_s) for _, phrase in corpus.phrases(split))
    return (stretch for stretch in found if stretch is not None)


def _asked(calls: int) -> list[tuple[int, OwnCall]]:
    """So many of our own calls, from all sorts of them: as far apart in the list as can be."""
    count = min(calls, len(OWN_CALLS))
    numbers = (place * len(OWN_CALLS) // count for place in range(count))
    return [(number, OWN_CALLS[number]) for number in numbers]


def _row(soloist: Soloist, number: int, call: OwnCall, length_s: float, people: People) -> dict[str, Any]:
    """What it played from a call on, in figures; the name of the call alone where it fell silent at once."""
    played = soloist.go_on(call.phrase(), number, length_s)
    found: dict[str, Any] = {"call": call.name}
    if played.notes:
        found |= people.beside(Stretch(played.notes, length_s))
    return found
