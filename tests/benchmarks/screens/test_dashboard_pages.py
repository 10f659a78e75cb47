"""The benchmark of the dashboard's pages: each is run on the runs that are asked for."""

import json

import pytest

pytest.importorskip("streamlit", reason="needs the extra `dashboard`")

from antiphon import main

pytestmark = [
    pytest.mark.slow,
    # Streamlit's own, and of what it is made of
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]


def test_every_page_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "dashboard", "--runs", "2", "--rows", "20", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["pages"].keys() == {"Runs", "One model", "Calls and answers"}
    for looks in figures["pages"].values():
        assert all(seconds > 0 for seconds in looks.values())


def test_no_runs_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "dashboard", "--runs", "0"]) == 2
    assert capsys.readouterr().err == "antiphon: --runs and --rows are 1 or more\n"
