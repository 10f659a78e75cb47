"""The dashboard's colours, on a dark ground and on a light one, in charts, tables and words.

What is drawn on both grounds has colours that stand out from both; runs and models, of which there may be
eight, have colours for each. Apart for eyes of every kind: `tests/dashboard/test_charts.py` measures it. Must
not know what is drawn.
"""

from dataclasses import dataclass

PLAYER_COLOURS = {"model": "#109691", "music": "#c4741a", "chance": "#9f64c2"}
FIELD_COLOURS = {
    "gap": "#4660e1",
    "key": "#109691",
    "pitch": "#b63d2d",
    "velocity": "#c4741a",
    "length": "#9f64c2",
}
MARK = "#857d8c"  # ticks, rules and what else has no colour of its own
ON_BARS = "#ffffff"  # words within a bar


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything stands on, and what is seen on it."""

    behind: str
    board: str
    edge: str
    ink: str
    accent: str
    many: tuple[str, ...]  # a colour a run or a model, in order


DARK = Ground(
    "#0b090e",
    "#17131d",
    "#2c2630",
    "#f1e9de",
    "#5fdbd7",
    ("#5fdbd7", "#ffb05c", "#9147ff", "#ffe6b2", "#c75e38", "#b2b2ff", "#4d8c77", "#a15ba6"),
)
LIGHT = Ground(
    "#fdfbf7",
    "#f3eee6",
    "#ddd5ca",
    "#241f2b",
    "#0b6f6b",
    ("#109691", "#c4741a", "#7a3ff0", "#5d4a10", "#1c2e2b", "#bb26ae", "#6c1b6e", "#436c4d"),
)
MANY = len(DARK.many)


def theme_of(ground: Ground) -> dict[str, object]:
    """As Streamlit's settings name it."""
    return {
        "primaryColor": ground.accent,
        "backgroundColor": ground.behind,
        "secondaryBackgroundColor": ground.board,
        "textColor": ground.ink,
        "borderColor": ground.edge,
        "chartCategoricalColors": list(ground.many),
    }
