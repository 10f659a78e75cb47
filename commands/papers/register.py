"""The rows of the papers, as `rows.toml` has them: read, checked, and as tables.

Must not know how anything is shown or measured.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

STATES = {
    "built": "it is here, and tests hold it; there is no finding to compare with",
    "agrees": "measured here, and as the paper found",
    "in part": "measured here, and partly as the paper found",
    "differs": "measured here, and not as the paper found",
    "too short": "measured here, by a run or a measure that can't carry a verdict",
    "open": "it can be measured here, and was not yet; or it is not here",
}
PAPERS = {
    "A": "Caron, Coissac, Lassarat, Sanchez: two representations, memory of RNN and LSTM",
    "B": "Lorinczi, Brailovsky: rolls as tokens, four shapes of LSTM",
    "C": "Sokolov, Prasad, Liu, Keller: biaxial network, curriculum, sampling likelihood",
    "D": "Tokens of notes and durations, attention",
    "E": "Huang, Wu: tokens of messages and chords, embeddings",
    "L": "The live system that these models are for",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that a paper describes or found.

    `recipe` names those that carry it out; `result` is the last one, of `date`, and its figures stand on the
    `page` of docs.
    """

    name: str
    what: str
    state: str
    command: str
    recipe: str = ""
    result: str = ""
    date: str = ""
    page: str = ""

    @property
    def recipes(self) -> list[str]:
        """The recipes by name."""
        return [name.strip() for name in self.recipe.split(",") if name.strip()]


def rows() -> list[Row]:
    """All rows, in the order of the papers."""
    text = (resources.files("commands") / "papers" / "rows.toml").read_text(encoding="utf-8")
    return [Row(name, **fields) for name, fields in tomllib.loads(text).items()]


def counted(some: Iterable[Row]) -> str:
    """How many rows are in each state, in words."""
    states = [row.state for row in some]
    return ", ".join(f"{states.count(state)} {state}" for state in STATES if state in states)


def markdown(all_rows: Sequence[Row]) -> str:
    """The page docs/rows.md."""
    lines = [
        "# Every row of the papers",
        "",
        "Made by `antiphon rows --markdown`: what each paper describes or found, whether it is here, the",
        "command that shows it, and the last result. `antiphon rows A4` shows one row in full. What results",
        "mean stands in [experiments](experiments.md).",
        "",
        "| state | what it means |",
        "|---|---|",
        *(f"| **{state}** | {meaning} |" for state, meaning in STATES.items()),
        "",
        f"Of {len(all_rows)} rows: {counted(all_rows)}.",
    ]
    for letter, title in PAPERS.items():
        lines += ["", f"## {letter}: {title}", "", "| row | what | state | command | last result |"]
        lines += ["|---|---|---|---|---|"]
        lines += [_cells(row) for row in all_rows if row.name.startswith(letter)]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> str:
    result = f"{row.result} ({row.date})" if row.result else ""
    return f"| {row.name} | {row.what} | {row.state} | `{row.command}` | {result} |"
