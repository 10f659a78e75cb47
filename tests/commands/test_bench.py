"""`antiphon bench`: figures with their circumstances; only the one that was asked for is imported."""

import json

import pytest

from antiphon import main
from commands.bench import BENCHMARKS
from music.encodings.catalogue import ENCODINGS


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_benchmark_lists_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if name in {"data-memory", "going-on", "roll-baselines", "training"}:
        pytest.importorskip("torch")
    with pytest.raises(SystemExit) as left:
        main(["bench", name, "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert f"usage: antiphon bench {name}" in shown
    options = {
        "model": "FILE",
        "thinking": "FILE",
        "live": "--seconds",
        "link": "--busy",
        "soak": "--minutes",
        "data-memory": "--pieces",
        "going-on": "CORPUS",
    }
    options |= {
        "batch": "--performers",
        "training": "--corpus",
        "page-roll": "--notes",
        "page-sound": "--opens",
        "dashboard": "--runs",
        "roll-baselines": "--only",
    }
    assert options.get(name, "--music") in shown
    assert "--json" in shown


def test_figures_carry_machine_date_and_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "encoding", "--files", "1", "--rounds", "1", "--as", "event", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert {"processor", "cores", "system", "python", "date", "command"} <= figures["machine"].keys()
    assert figures["encodings"]["event"]["encoded_notes_per_s"] > 0
    assert figures["encodings"]["event"]["tokens"] == 2 * figures["notes"]
    assert any("mido" in name for name in figures["beside, notes_per_s"])


@pytest.mark.slow
def test_every_encoding_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "encoding", "--files", "1", "--rounds", "1"]) == 0
    shown = capsys.readouterr().out
    for name in ENCODINGS:
        assert f"  {name}\n" in shown


def test_a_folder_without_music_is_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = str(tmp_path_factory.mktemp("empty"))
    assert main(["bench", "encoding", "--music", empty]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_benchmark_that_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "nothing"])
    assert "invalid choice: 'nothing'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["batch", "model.onnx", "--performers", "8", "0"], "--performers is 1 or more, not 0"),
        (["model", "model.onnx", "--calls", "-3"], "--calls is 1 or more, not -3"),
        (["page-roll", "--notes", "-1"], "--notes is 0 or more, not -1"),
    ],
)
def test_a_count_of_nothing_is_refused_before_anything_is_measured(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words]) == 2
    assert capsys.readouterr().err == f"antiphon: {said}\n"
