"""`python -m training.phrase_ends CORPUS...`: learn, from how pieces go on, when a phrase is over.

Each silence of the train pieces is looked at as it lasts, at moments of `MOMENTS_S`: is the phrase over, or
does it go on? A small network makes of its cues the log-odds that it is (`music/phrase_ends/certainty.py`
says how it is read). The odds that are enough are chosen on the validation pieces: as many hand-overs in vain
as with a fixed silence. All of it is written as numbers into a module, `music/phrase_ends/learnt.py`.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from evaluation.phrase_ends.curve import REFERENCE_S
from evaluation.phrase_ends.silences import heard
from evaluation.phrase_ends_report import PHRASES_S
from music.phrase_ends import learnt as shipped
from music.phrase_ends.certainty import FURTHEST, LEAST_GROWTH, LONGEST_S, SHORTEST_S
from music.phrase_ends.cues import CUES, cues
from music.whole_file import write_whole
from pieces.corpus import Corpus
from pieces.music_sets import Split

MOMENTS_S = np.geomspace(0.08, 1.6, 14)
HIDDEN = 16
EPOCHS = 20
BATCH = 1024
RATE = 6e-3
DECAY = 1e-4
LEAST_SPREAD = 0.01  # of a cue that is nearly always the same
_NEVER_S = 99.0  # how long the silence at a phrase's end lasts
_DIGITS = 4
_HALVINGS = 50  # of the range in which the odds that are enough are looked for
_FURTHEST_ODDS = 20.0

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Silences:
    """Silences whose cues are known, one a row, and how long each lasts: `_NEVER_S` at a phrase's end."""

    cues: Numbers
    lasts_s: Numbers

    @property
    def is_end(self) -> NDArray[np.bool_]:
        """Which of them are at a phrase's end."""
        found: NDArray[np.bool_] = self.lasts_s == _NEVER_S
        return found

    def in_vain(self, waits_s: Numbers | float) -> int:
        """How many hand-overs within phrases so long a wait in each leads to."""
        return int((~self.is_end & (waits_s < self.lasts_s)).sum())


class Certain(nn.Module):
    """From cues, each in its spreads from its centre, to the log-odds after a second and their growth."""

    def __init__(self, centres: Numbers, spreads: Numbers) -> None:
        super().__init__()
        self.centres, self.spreads = (torch.tensor(row, dtype=torch.float32) for row in (centres, spreads))
        self.hidden = nn.Linear(len(CUES), HIDDEN)
        self.out = nn.Linear(HIDDEN, 2)

    def forward(self, found: Tensor) -> tuple[Tensor, Tensor]:
        """Both numbers for each row of cues."""
        places = ((found - self.centres) / self.spreads).clamp(-FURTHEST, FURTHEST)
        after_a_second, growth = self.out(torch.tanh(self.hidden(places))).unbind(-1)
        return after_a_second, LEAST_GROWTH + functional.softplus(growth)


def silences_of(corpora: Iterable[Corpus], split: Split) -> Silences:
    """The silences of a split, in phrases of each of `PHRASES_S`."""
    rows: list[tuple[float, ...]] = []
    lasts_s: list[float] = []
    for corpus in corpora:
        for _, phrase in corpus.phrases(split):
            for silence in (one for shortest_s in PHRASES_S for one in heard(phrase, shortest_s).silences):
                found = cues(silence.playing)
                if found is not None:
                    rows.append(found)
                    lasts_s.append(_NEVER_S if silence.lasts_s is None else silence.lasts_s)
    return Silences(np.array(rows), np.array(lasts_s))


def learnt(silences: Silences, seed: int = 1, epochs: int = EPOCHS) -> Certain:
    """The network after so many epochs over these silences."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # of so small a network, several threads only wait for one another
    model = Certain(silences.cues.mean(0), np.maximum(silences.cues.std(0), LEAST_SPREAD))
    found, lasts_s, is_end = (
        torch.tensor(column, dtype=torch.float32)
        for column in (silences.cues, silences.lasts_s, silences.is_end)
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(len(found)), BATCH):
            optimiser.zero_grad()
            _loss(model, found[batch], lasts_s[batch], is_end[batch]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        schedule.step()
    return model


def _loss(model: Certain, found: Tensor, lasts_s: Tensor, is_end: Tensor) -> Tensor:
    """How surprising it is, at each moment that a silence reaches, whether its phrase is over."""
    moments_s = torch.tensor(MOMENTS_S, dtype=torch.float32)
    after_a_second, growth = model(found)
    log_odds = after_a_second[:, None] + growth[:, None] * moments_s.log()
    is_reached = (lasts_s[:, None] > moments_s).float()
    wrong = functional.binary_cross_entropy_with_logits(
        log_odds, is_end[:, None].expand_as(log_odds), reduction="none"
    )
    return (wrong * is_reached).sum() / is_reached.sum()


def network_of(numbers: Mapping[str, Any]) -> Certain:
    """The network whose numbers a module of them has."""
    model = Certain(np.array(numbers["CENTRES"]), np.array(numbers["SPREADS"]))
    for layer, rows in ((model.hidden, numbers["HIDDEN"]), (model.out, numbers["OUT"])):
        table = torch.tensor(rows)
        layer.load_state_dict({"bias": table[:, 0], "weight": table[:, 1:]})
    return model


def enough(model: Certain, silences: Silences) -> float:
    """The log-odds at which hand-overs in vain are as many as with the fixed silence of reference."""
    allowed = silences.in_vain(REFERENCE_S)
    with torch.no_grad():
        after_a_second, growth = (
            column.double().numpy() for column in model(torch.tensor(silences.cues, dtype=torch.float32))
        )
    hasty, patient = -_FURTHEST_ODDS, _FURTHEST_ODDS
    for _ in range(_HALVINGS):
        middle = (hasty + patient) / 2
        waits_s = np.exp((middle - after_a_second) / growth).clip(SHORTEST_S, LONGEST_S)
        hasty, patient = (hasty, middle) if silences.in_vain(waits_s) <= allowed else (middle, patient)
    return patient


def written(model: Certain, odds: float, corpora: Sequence[Corpus]) -> str:
    """The module of numbers."""
    names = ", ".join(corpus.description.name for corpus in corpora)
    layers = (model.hidden, model.out)
    hidden, out = (torch.cat([layer.bias[:, None], layer.weight], 1).tolist() for layer in layers)
    return "\n".join(
        [
            '"""What was learnt of how phrases end: numbers that `training/phrase_ends.py` made of the train',
            f'pieces of {names}."""',
            "",
            "# fmt: off",
            f"NAMES: tuple[str, ...] = {_laid_out(tuple(CUES))}",
            f"CENTRES: tuple[float, ...] = {_laid_out(_rounded(model.centres.tolist()))}",
            f"SPREADS: tuple[float, ...] = {_laid_out(_rounded(model.spreads.tolist()))}",
            f"HIDDEN: tuple[tuple[float, ...], ...] = {_rows(hidden)}  # a unit's bias, then its weights",
            f"OUT: tuple[tuple[float, ...], ...] = {_rows(out)}",
            f"ENOUGH = {round(odds, _DIGITS)}  # log-odds",
            "",
        ]
    )


def _rounded(numbers: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(number, _DIGITS) for number in numbers)


def _rows(rows: Iterable[Sequence[float]]) -> str:
    return "(\n" + "".join(f"    {_laid_out(_rounded(row), 8)},\n" for row in rows) + ")"


def _laid_out(values: tuple[object, ...], indent: int = 4) -> str:
    """A tuple over several lines, none long."""
    lines, line = [], " " * indent
    for text in (f"{value!r}, " for value in values):
        if len(line) + len(text) > 100:
            lines.append(line.rstrip())
            line = " " * indent
        line += text
    return "(\n" + "\n".join([*lines, line.rstrip()]) + "\n" + " " * (indent - 4) + ")"


def main(words: Sequence[str] | None = None) -> None:
    """Learn from the corpora named, and write the module."""
    parser = argparse.ArgumentParser(prog="python -m training.phrase_ends", description=__doc__)
    parser.add_argument("corpora", nargs="+", type=Path, metavar="CORPUS")
    parser.add_argument("--out", type=Path, default=Path("music/phrase_ends/learnt.py"), metavar="FILE")
    parser.add_argument(
        "--odds-alone",
        action="store_true",
        help="keep the network as it is, and choose only the odds that are enough",
    )
    args = parser.parse_args(words)
    corpora = [Corpus(path) for path in args.corpora]
    model = network_of(vars(shipped)) if args.odds_alone else learnt(silences_of(corpora, "train"))
    write_whole(args.out, written(model, enough(model, silences_of(corpora, "validation")), corpora))
    print(f"{args.out}: {sum(row.numel() for row in model.parameters())} numbers")


if __name__ == "__main__":
    main()
