"""`antiphon evaluate none --phrase-ends`: the performer's hearing judged on corpora, without torch."""

import json
from pathlib import Path

import pytest

from antiphon import main
from tests.support.corpora import phrased_corpus

ENDS = ["--phrase-ends", "phrased.safetensors"]


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_the_ways_are_compared_and_drawn_and_the_report_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phrased_corpus(tmp_path / "phrased.safetensors")
    assert main(["evaluate", "none", *ENDS, "--split", "train", "--svg", "curve.svg", "--json"]) == 0
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    kept = Path("none.evaluation/phrase-ends/train.json")
    assert json.loads(kept.read_text()) == report
    assert captured.err.splitlines()[-2:] == ["drawn in curve.svg", f"kept in {kept}"]
    found = report["sorts"]["phrased"]["3"]
    assert list(found["ways"]) == ["fixed", "by gaps", "by cues"]
    assert found["ends"] > found["pieces"]
    assert found["ways"]["fixed"]["default"]["delay_s"] == 0.55
    assert Path("curve.svg").read_text().startswith("<svg")
    assert main(["evaluate", "none", *ENDS, "--split", "train"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "phrased, phrases of 3 s or more" in lines
    assert any(line.startswith("by cues") for line in lines)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["none", "--phrase-ends", "nowhere.safetensors"], "no such corpus"),
        (["mine", *ENDS], "--phrase-ends judges the performer"),
        (["none", *ENDS, "--belonging", "other.safetensors"], "without --belonging"),
        (["none", *ENDS, "--answers", "out"], "without --belonging or --answers"),
        (["none", *ENDS, "--corpus", "other.safetensors"], "names its corpora itself"),
        (["none", "--belonging", "other.safetensors", "--svg", "x.svg"], "--svg x.svg: the curves of"),
    ],
)
def test_what_can_not_be_judged_is_refused_in_one_line(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *words]) == 2
    line = capsys.readouterr().err
    assert why in line
    assert len(line.splitlines()) == 1
