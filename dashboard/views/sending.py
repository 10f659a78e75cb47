"""What is compared as one file, to send to somebody who has no dashboard."""

from collections.abc import Mapping
from pathlib import Path
from time import localtime, strftime

import streamlit as st

from dashboard.listened.analyses import find_heard
from dashboard.places import Places
from dashboard.sending.calls import sent_calls
from dashboard.sending.chosen import MOST, chosen_of
from dashboard.sending.sheet import sheet
from dashboard.views import choices
from dashboard.views.choosing import tell_troubles
from music.settings import SettingError

_FILE = "models.html"
_MOST_HELD_OUT = 20


def offer_file(places: Places, reports: Mapping[str, Path]) -> None:
    """Make the file of these reports when it is wished for, and hand it over."""
    with st.expander("Send these as one file"):
        st.caption(
            "Figures, charts, our own calls with every answer to hear, licences and credits, in a file that "
            f"opens without a network. At most {MOST} reports. Held-out calls are music of the corpus: "
            "choose some only if its licence lets you hand them on."
        )
        left, right = st.columns([2, 3], vertical_alignment="bottom")
        held_out = choices.number(left.number_input, "Held-out calls", 0, _MOST_HELD_OUT, name="held out")
        found, troubles = find_heard(places)
        listened = (
            choices.several(
                st.multiselect,
                "What listeners said, in",
                list(found),
                name="sent with",
                at_first=[],
                format_func=lambda name: f"{found[name].name} ({name})",
            )
            if found
            else []
        )
        tell_troubles(troubles)
        if not right.button("Make the file", icon=":material/outgoing_mail:"):
            return
        try:
            chosen = chosen_of(reports)
            calls = sent_calls(places, chosen, held_out)
            heard = [found[name] for name in listened]
            text = sheet(chosen, calls, "Models of Antiphon", strftime("%Y-%m-%d", localtime()), heard)
        except SettingError as why:
            tell_troubles([str(why)])
            return
        st.download_button(
            f"{_FILE}, {len(text.encode()) / 1e3:,.0f} kB",
            text,
            _FILE,
            "text/html",
            icon=":material/download:",
            on_click="ignore",
        )
