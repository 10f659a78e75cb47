"""How well ways of hearing the end of a phrase do on corpora, as one JSON report, a table and a picture.

The report holds no note of anybody's music: figures alone. Must not know how a way hears.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.belonging_report import Tell
from evaluation.kept_report import KeptReport, aligned
from evaluation.phrase_ends.curve import REFERENCE_S, Way, compared
from evaluation.phrase_ends.picture import curves_svg
from evaluation.phrase_ends.silences import Heard, heard
from music.settings import SettingError
from pieces.corpus import Corpus
from pieces.music_sets import Split

VERSION = 1
PHRASES_S = (
    3.0,
    8.0,
)  # the shortest phrase: what is a phrase and what a breath within one, nobody has written


@dataclass(frozen=True, slots=True)
class PhraseEndsReport(KeptReport):
    """The circumstances, the corpora, and what was found by sort of music and by the shortest phrase."""

    machine: dict[str, Any]
    split: str
    music: list[dict[str, Any]]
    sorts: dict[str, dict[str, Any]]  # by name: by the shortest phrase in seconds: what `compared` found
    reference_s: float = REFERENCE_S
    version: int = VERSION

    def picture(self) -> str:
        """The curves as SVG, in the shorter phrases."""
        return curves_svg({name: lengths[f"{PHRASES_S[0]:g}"] for name, lengths in self.sorts.items()})

    def table(self) -> list[str]:
        """Lines that a person reads: of each sort of music, all ways side by side."""
        head = (
            f"{self.split} pieces; ranges are 95 % by bootstrap over pieces; as rarely: the delay at which a "
            f"way hands over in vain as often as a fixed {self.reference_s:g} s"
        )
        lines = [head]
        for name, lengths in self.sorts.items():
            for shortest_s, found in lengths.items():
                lines += ["", *_table(f"{name}, phrases of {shortest_s} s or more", found)]
        return lines


def judge_phrase_ends(
    ways: Mapping[str, Way],
    sorts: Mapping[str, Sequence[Corpus]],
    split: Split,
    machine: dict[str, Any],
    tell: Tell,
) -> PhraseEndsReport:
    """Play each way to the silences of each sort of music; `tell` hears what is being done."""
    found = {name: _of_sort(name, corpora, ways, split, tell) for name, corpora in sorts.items()}
    music = [_about(name, corpus) for name, corpora in sorts.items() for corpus in corpora]
    return PhraseEndsReport(machine, split, music, found)


def _of_sort(
    name: str, corpora: Sequence[Corpus], ways: Mapping[str, Way], split: Split, tell: Tell
) -> dict[str, Any]:
    found = {}
    for shortest_s in PHRASES_S:
        pieces = [piece for corpus in corpora for piece in _pieces(corpus, split, shortest_s)]
        tell(f"{name}: {len(pieces)} {split} pieces in phrases of {shortest_s:g} s or more")
        found[f"{shortest_s:g}"] = compared(pieces, ways)
    return found


def _pieces(corpus: Corpus, split: Split, shortest_s: float) -> list[Heard]:
    pieces = [heard(phrase, shortest_s) for _, phrase in corpus.phrases(split)]
    if not any(piece.silences for piece in pieces):
        raise SettingError(
            f"{corpus.path}: no {split} piece has a silence; leave the corpus out, or take another split "
            "(--split)"
        )
    return [piece for piece in pieces if piece.played_s > 0]


def _about(sort: str, corpus: Corpus) -> dict[str, Any]:
    description = corpus.description
    return {"sort": sort, "corpus": description.name, "hash": description.hash, "tier": description.tier}


def _table(title: str, found: Mapping[str, Any]) -> list[str]:
    head = [
        f"{found['ends']} phrase ends in {found['minutes']:.0f} minutes",
        "in vain a minute",
        "delay",
        "as rarely",
        "95 %",
        "of fixed",
    ]
    rows = [_row(name, way) for name, way in found["ways"].items()]
    return [title, *aligned([head, *rows])]


def _row(name: str, way: Mapping[str, Any]) -> list[str]:
    as_played, equal = way["default"], way["at_equal_vain"]
    return [
        name,
        f"{as_played['vain_a_minute']:.2f}",
        f"{as_played['delay_s']:.2f} s",
        f"{equal['delay_s']:.2f} s",
        f"{equal['low']:.2f}–{equal['high']:.2f}",
        f"{equal['delay_s'] / REFERENCE_S:.0%}",
    ]
