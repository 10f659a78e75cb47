"""Where things lie is said with one name for one meaning; an old name is refused with the one of today."""

import pytest

from antiphon import main

COMMANDS = {
    "train tiny --data here": "--corpora DIR",
    "train --data=here tiny": "--corpora DIR",
    "evaluate mine --data here.safetensors": "--corpus FILE",
    "dashboard --data here": "--corpora DIR",
    "export-onnx mine --music here.safetensors": "--corpus FILE",
    "data prepare mine there --out here": "--corpora DIR",
    "bench reading --data here": "--music FOLDER",
    "bench encoding --data here": "--music FOLDER",
    "bench roll-token-loss --data here": "--music FOLDER",
    "bench keys --data here there": "--music FOLDER",
    "bench difficulty --data here": "--music FOLDER",
    "bench training --data here.safetensors": "--corpus FILE",
}


@pytest.mark.parametrize("words", COMMANDS)
def test_the_name_of_before_is_refused_with_the_one_of_today(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if words.startswith(("train", "evaluate", "export", "data", "bench training")):
        pytest.importorskip("torch")
    with pytest.raises(SystemExit) as left:
        main(words.split())
    assert left.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("antiphon: --")
    assert said.err.endswith(f"say {COMMANDS[words]}\n")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("words", COMMANDS)
def test_the_help_shows_the_name_of_today_alone(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    if words.startswith(("train", "evaluate", "export", "data", "bench training")):
        pytest.importorskip("torch")
    command, *rest = words.split()
    with pytest.raises(SystemExit):
        main([command, *(rest[:1] if command in ("bench", "data") else []), "--help"])
    shown = capsys.readouterr().out.split()
    (before,) = {word.partition("=")[0] for word in rest if word.startswith("--")}
    assert before not in shown
    assert COMMANDS[words].split()[0] in shown
