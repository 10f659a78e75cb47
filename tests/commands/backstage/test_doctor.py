"""`antiphon doctor`: lines for a person, JSON for a program, and an exit status for both."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands.backstage import doctor
from realtime.health.finding import fine, noted, wrong
from realtime.midi.loopback import LoopbackSystem


@pytest.fixture(autouse=True)
def _a_piano_is_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def systems() -> Iterator[dict[str, LoopbackSystem]]:
        yield {"loopback": LoopbackSystem(keyboards=["Piano"], synths={"Synth": lambda _: None})}

    monkeypatch.setattr(doctor, "_systems", systems)


def options(*, as_json: bool, takes: Path) -> argparse.Namespace:
    return argparse.Namespace(json=as_json, model=None, takes=takes)


def test_a_machine_that_can_be_played_on_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    assert doctor.run(options(as_json=False, takes=tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "Piano is opened by itself" in shown
    assert "it can be played on" in shown.splitlines()[-1]


def test_what_is_wrong_is_said_with_its_remedy_and_the_status_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    assert doctor.run(options(as_json=True, takes=file)) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["is_well"] is False
    (takes,) = [one for one in said["findings"] if one["about"] == "takes"]
    assert takes["verdict"] == "wrong"
    assert "--takes DIR" in takes["remedy"]


def test_each_finding_has_a_line_and_each_remedy_another() -> None:
    lines = doctor.lines_of(
        [fine("page", "free"), noted("disk", "little", "make room"), wrong("a", "b", "c")]
    )
    assert [line[3:7] for line in lines[:2]] == ["page", "disk"]
    assert lines[2].strip() == "to mend it: make room"
    assert lines[-1] == "to be mended: 1; could be better: 1"
