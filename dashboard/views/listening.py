"""What people said who listened: the analysis of a listening test, with how sure each figure is."""

import sys

import streamlit as st

from dashboard.listened.analyses import SYNTHETIC, Heard, find_heard, rated_since
from dashboard.listened.charts import mean_dots, rating_squares
from dashboard.places import Places, places_from
from dashboard.views import choices
from dashboard.views.choosing import tell_troubles
from dashboard.views.drawing import draw, save_rows

_TWO = st.column_config.NumberColumn(format="%.2f")


def show(places: Places) -> None:
    """The page."""
    st.title("Listening")
    found, troubles = find_heard(places)
    tell_troubles(troubles)
    if not found:
        st.info(
            f"No listening test in {places.listening} has been analysed yet: `antiphon listening-test` makes "
            "one, serves it and analyses it. Say `--listening DIR` if yours lie elsewhere.",
            icon=":material/headphones:",
        )
        return
    name = choices.one(
        st.selectbox,
        "Listening test",
        list(found),
        name="listening test",
        format_func=lambda name: f"{found[name].name} ({name})",
    )
    heard = found[name]
    if heard.synthetic:
        st.warning(f"{SYNTHETIC}.", icon=":material/smart_toy:")
    if rated_since(heard):
        folder = heard.path.parent.parent if heard.synthetic else heard.path.parent
        again = f"{folder} --synthetic" if heard.synthetic else folder
        st.info(f"Somebody rated since: `antiphon listening-test analyse {again}`.", icon=":material/update:")
    st.caption(f"Scale: {heard.scale}. {heard.who}.")
    _show_conditions(heard)
    _show_pairs(heard)


def _show_conditions(heard: Heard) -> None:
    st.subheader(
        "Ranks",
        help="By the mean of all ratings; intervals and ranks by drawing listeners anew, 95 %. First of all: "
        "in so many of these draws.",
    )
    rows = [one.record() for one in heard.conditions]
    percent = {"first of all %": st.column_config.NumberColumn(format="%.0f")}
    columns = dict.fromkeys(("mean", "from", "to"), _TWO) | percent
    st.dataframe(rows, hide_index=True, width="stretch", column_config=columns)
    save_rows(rows, "ranks")
    if not any(one.ratings for one in heard.conditions):
        st.info("Nobody who passed the headphone check has rated anything yet.")
        return
    st.subheader("Means")
    draw(mean_dots(heard), "means of ratings")
    st.subheader("How often each answer came")
    draw(rating_squares(heard), "ratings by value")


def _show_pairs(heard: Heard) -> None:
    st.subheader(
        "Pairs",
        help="By the listeners who rated both: how much one is ahead, and how likely so much is by chance; "
        "corrected for the number of pairs.",
    )
    if heard.pairs:
        columns = {"ahead by": st.column_config.NumberColumn(format="%+.2f")}
        columns |= dict.fromkeys(("p", "p, corrected"), st.column_config.NumberColumn(format="%.4f"))
        st.dataframe(list(heard.pairs), hide_index=True, width="stretch", column_config=columns)
        save_rows(heard.pairs, "pairs")
    st.caption(heard.agreement)


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
