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
  [data-tag] { color: #0b090e; }
</style>
"""


def main() -> None:
    """Show the page that is asked for."""
    st.set_page_config(page_title="Antiphon", page_icon="🎹", layout="wide")
    st.html(_STYLE)
    page = st.navigation(
        [
            st.Page("views/learning.py", title="Runs", icon=":material/show_chart:", default=True),
            st.Page("views/model.py", title="One model", icon=":material/balance:"),
            st.Page("views/answers.py", title="Calls and answers", icon=":material/piano:"),
        ],
        position="top",
    )
    page.run()


if __name__ == "__main__":
    main()
