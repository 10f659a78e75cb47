"""`antiphon report`: what it writes, and what it refuses in a line."""

from pathlib import Path

import pytest

import antiphon
from dashboard.places import Places


def report(places: Places, *words: str) -> int:
    return antiphon.main(["report", *words, f"--runs={places.runs}", f"--corpora={places.corpora}"])


def test_it_writes_one_file_and_says_what_is_in_it(
    filled: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "models.html"
    assert report(filled, "first", "default", "--title", "Mine & the other", f"--to={to}") == 0
    assert capsys.readouterr().out.startswith(f"{to}: 2 reports, ")
    assert "<h1>Mine &amp; the other</h1>" in to.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nobody", "--to=models.html"], "antiphon evaluate nobody"),
        (["first", "--to=models.pdf"], "end in .html"),
        (["first", "--to=nowhere/models.html"], "no such folder"),
        (["first", "--to=models.html", "--held-out=-1"], "0 or more"),
        (["first", "--to=models.html", "--held-out=99999"], "say fewer"),
    ],
)
def test_what_cannot_be_sent_is_a_line(
    words: list[str],
    why: str,
    filled: Places,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert report(filled, *words) == 2
    assert why in capsys.readouterr().err
    assert not list(tmp_path.rglob("models.*"))
