"""The dashboard's frame, as Streamlit runs it: its pages and how to get from one to another.

Pages lie in `views/`: of a folder called `pages` Streamlit makes pages by itself, without this frame around
them.
"""

import streamlit as st

_STYLE = """
<style>
  .block-container { padding-top: 4.2rem; max-width: 1240px; }
  h1 { font-weight: 600; letter-spacing: -0.01em; }
  [data-testid="stMetricValue"] { font-size: 1.7rem; }
  @media (max-width: 640px) {
    .block-container { padding-left: 0.8rem; padding-right: 0.8rem; }
    h1 { font-size: 1.8rem; }
  }
</style>
"""


def main() -> None:
    """Show the page that is asked for."""
    st.set_page_config(page_title="Antiphon", page_icon="🎹", layout="wide")
    st.html(_STYLE)
    page = st.navigation(
        [
            st.Page("views/learning.py", title="Runs", icon=":material/show_chart:", default=True),
            st.Page("views/experiments.py", title="Experiments", icon=":material/science:"),
            st.Page("views/models.py", title="Models", icon=":material/leaderboard:"),
            st.Page("views/model.py", title="One model", icon=":material/balance:"),
            st.Page("views/listening.py", title="Listening", icon=":material/headphones:"),
            st.Page("views/answers.py", title="Calls and answers", icon=":material/piano:"),
            st.Page("views/hear.py", title="Hear", icon=":material/hearing:"),
            st.Page("views/takes.py", title="Takes", icon=":material/nightlife:"),
        ],
        position="top",
    )
    page.run()


if __name__ == "__main__":
    main()
