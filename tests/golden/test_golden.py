"""What older versions wrote is read as before, or refused with the way to mend it."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from commands.parts.config_file import with_config
from commands.play import add_arguments
from music.midi.files import read_pieces
from music.settings import SettingError
from realtime.inference.bundle import FORMAT, read_bundle
from realtime.inference.rows.row_session import open_rows
from realtime.inference.session import open_session
from tests.support.golden import FAMILIES, PLAYED, answered, drawn, rows_drawn
from training.opened_run import opened
from training.recipes.recipe import recipe_named

GOLDEN = Path(__file__).parent
MODELS = sorted(GOLDEN.glob("*.onnx"))
ZOO = sorted((GOLDEN / FAMILIES).glob("*.onnx"))
models = pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)


def played(path: Path) -> dict[str, list[list[int]]]:
    found: dict[str, list[list[int]]] = json.loads((GOLDEN / PLAYED).read_text())[path.name]
    return found


def test_every_format_of_model_files_has_one_that_is_kept() -> None:
    assert {read_bundle(path).header.format for path in MODELS} == set(range(1, FORMAT + 1))


@models
def test_a_model_file_draws_the_events_that_it_drew(path: Path) -> None:
    assert drawn(open_session(path)) == played(path)["drawn"]


@pytest.mark.parametrize("path", ZOO, ids=lambda path: path.stem)
def test_a_file_of_any_family_draws_the_rows_that_it_drew(path: Path) -> None:
    for row, wanted in zip(rows_drawn(open_rows(path)), played(path)["drawn"], strict=True):
        assert row == pytest.approx(wanted, rel=1e-5)


def test_every_family_that_draws_rows_has_a_file_that_is_kept() -> None:
    kept = {read_bundle(path).header.family for path in (*MODELS, *ZOO)}
    assert kept == {"event", "note", "symbol", "step", "roll", "biaxial", "rbm"}


@models
def test_a_model_file_answers_as_it_answered(path: Path) -> None:
    answer = answered(open_session(path))
    assert answer == played(path)["answered"]
    assert any(velocity for _, _, velocity in answer)


def test_a_file_of_before_the_ranges_of_its_music_were_kept_has_none() -> None:
    header = read_bundle(GOLDEN / "format-1-fp32.onnx").header
    assert (header.loudness, header.density) == (None, None)
    assert header.source_commit == "5d18a03"


def test_a_take_has_the_player_and_the_answer_on_tracks_of_their_own() -> None:
    (piece,) = read_pieces(GOLDEN / "take-250c1ca.mid")
    assert [part.name for part in piece.parts] == ["Player", "Antiphon"]
    assert [words.text for words in piece.words] == [
        "answerer: none: imitates and varies your phrase by rule",
        "seed: 1",
    ]
    phrase, read = piece.phrase, json.loads((GOLDEN / "take-250c1ca.json").read_text())
    assert {note.voice for note in phrase.notes} == {0, 1}
    assert [
        [note.voice, ticks(note.at), note.pitch, note.velocity, ticks(note.length_s)] for note in phrase.notes
    ] == read["notes"]
    assert [[ticks(pedal.at), pedal.down] for pedal in phrase.pedals] == read["pedals"]
    assert piece.repairs == ("the pedals of its channels differ: joined into one",)


def ticks(seconds: float) -> int:
    """In the 0.1 ms of a take."""
    return round(seconds * 1e4)


def test_a_stage_file_sets_what_it_set() -> None:
    path = GOLDEN / "stage-1fed86a.toml"
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = with_config(parser, ["--config", str(path)], path)
    assert (args.inputs, args.outputs) == (["keystation"], ["pianoteq"])
    assert (args.temperature, args.length, args.cc) == (0.9, (1.0, 4.0, 12.0), [("hand-over", 66)])


def test_a_recipe_means_what_it_meant() -> None:
    meant = json.loads((GOLDEN / "recipe-bb17f86.json").read_text())
    means = json.loads(json.dumps(asdict(recipe_named(str(GOLDEN / "recipe-bb17f86.toml")))))
    assert kept(means, meant) == meant


def kept(now: Any, before: Any) -> Any:
    """What is now, without settings that there were not before."""
    if not isinstance(before, dict):
        return now
    return {name: kept(now[name], value) for name, value in before.items()}


def test_a_recipe_of_before_the_feeds_is_refused_with_what_there_is() -> None:
    with pytest.raises(SettingError, match=r"data has no setting 'lanes'; there are: .*\bfeed\b"):
        recipe_named(str(GOLDEN / "recipe-250c1ca.toml"))


def test_a_run_of_before_the_feeds_is_refused_with_the_version_that_wrote_it() -> None:
    with pytest.raises(SettingError, match="wrote it: 5d18a03; use that version, or begin a new run"):
        opened(GOLDEN / "run-5d18a03")
