"""What pages show in the same way: a chart with its data to take away, a table's rows, rolls to hear.

Must not know what is shown.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.pictures.kept import Picture, drawn_into, pictures_in
from dashboard.rolls import Roll, can_be_heard, rolls_page
from music.file_names import readable
from music.settings import SettingError

_PICTURE_WIDTH = 760  # pixels, or as many as there are


def draw(chart: Any, name: str) -> None:
    """A chart in the page's colours, and a button that saves all that it is drawn from; `name` tells it from
    the page's others, and is the file's."""
    st.altair_chart(chart, theme="streamlit", width="stretch")
    st.download_button(
        "CSV",
        lambda: rows_behind(chart).to_csv(index=False),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"data of {name}",
        type="tertiary",
        help="All that this chart is drawn from, as a table.",
    )


def rows_behind(chart: Any) -> pd.DataFrame:
    """All rows that a chart is drawn from: where it has several tables of them, `table` says of which."""
    tables = _tables_of(chart)
    if len(tables) < 2:
        return tables[0] if tables else pd.DataFrame()
    return pd.concat([table.assign(table=number) for number, table in enumerate(tables, 1)])


def _tables_of(chart: Any) -> list[pd.DataFrame]:
    """Those of a chart and of all its layers, each once."""
    found: list[pd.DataFrame] = []
    for one in (chart, *getattr(chart, "layer", ())):
        table = getattr(one, "data", None)
        if isinstance(table, pd.DataFrame) and not any(table.equals(known) for known in found):
            found.append(table)
    return found


def save_rows(records: Sequence[Mapping[str, Any]], name: str) -> None:
    """A button that saves the rows of a table."""
    st.download_button(
        "Table as CSV",
        lambda: pd.DataFrame(list(records)).to_csv(index=False),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"save {name}",
    )


def show_pictures(folder: Path, runs: Sequence[str]) -> None:
    """What the measures of runs drew, as `antiphon draw` writes it, and what it wrote into their folders;
    drawn once somebody opens it."""
    for run in runs:
        try:
            pictures = [*pictures_in(folder / run), *drawn_into(folder / run)]
        except SettingError as reason:
            st.warning(readable(str(reason)))
            continue
        if not pictures:
            continue
        place = st.expander(f"Pictures of {run}", key=f"pictures of {run}", on_change="rerun")
        if place.open:
            with place:
                show_each(pictures, run)


def show_each(pictures: Sequence[tuple[str, Picture]], key: str) -> None:
    """Pictures below each other, each to be taken away as it is; `key` tells them from others'."""
    for name, picture in pictures:
        try:
            drawn = picture()
        except SettingError as reason:
            st.caption(f"Not drawn because {reason}.")
            continue
        st.image(drawn, width=_PICTURE_WIDTH)
        file = f"{name}.svg"
        st.download_button(
            file, drawn, file, "image/svg+xml", icon=":material/download:", on_click="ignore", key=key + file
        )


def show_rolls(rolls: Sequence[Roll], alt: str, columns: int = 0) -> None:
    """Rolls, each with its play button: beside each other as far as there is room, or in `columns`."""
    st.iframe(rolls_page(rolls, columns=columns), height="content", alt=alt)
    if not can_be_heard():
        st.warning("The live page's piano is missing from this installation, so nothing can be heard.")
