"""`antiphon fine-tune`: takes in, files out that can be played; what can't be done is refused in one line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import commands.parts.tuning as command
from antiphon import main
from music.midi.files import read_phrase, write_midi
from music.passages import passage_of
from music.phrase import Phrase
from pieces.corpus import Corpus
from realtime.answerers.bounds import MOST_REPETITIONS
from realtime.inference.bundle import read_bundle
from realtime.rows.take import MODEL, save
from tests.support.command import ROOT
from tests.support.corpora import tiny_corpus
from tests.support.passages import tune
from tests.support.phrases import improvised
from tests.support.takes import ANSWERED_PITCH, take_folder, take_of
from training.learning.checkpoint import RunFolder
from training.learning.learner import Learner
from training.learning.train import learn

pytestmark = pytest.mark.xdist_group("exported")

QUICKLY = [
    word
    for setting in (
        "learning.steps=30",
        "learning.rate=0.02",
        "learning.schedule.warmup=1",
        "data.feed.lanes=4",
        "data.feed.window=32",
        "log.validate_every=10",
        "log.save_every=10",
    )
    for word in ("--set", setting)
]


def fine_tune(place: Path, *words: str | Path) -> int:
    where = ("--runs", place / "runs", "--corpora", place / "corpora", "--device", "cpu")
    return main(["fine-tune", *map(str, (*words, *where))])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, small_files: Path) -> Path:
    """A folder with takes, and a run that learnt on from them."""
    place = tmp_path_factory.mktemp("place")
    takes = take_folder(place / "takes")
    assert fine_tune(place, takes, "--from", small_files / "small-fp32.onnx", "--run", "mine", *QUICKLY) == 0
    return place


@pytest.mark.slow
def test_it_is_better_on_held_out_takes_and_old_music_is_hardly_worse(place: Path) -> None:
    figures = json.loads((place / "runs" / "mine" / "fine-tune.json").read_text())
    assert figures["takes"]["after"] < figures["takes"]["before"]
    assert figures["old"]["after"] <= 1.02 * figures["old"]["before"]
    assert 0 < figures["share"] <= 1


@pytest.mark.slow
def test_the_answers_in_takes_are_not_learnt_from(place: Path) -> None:
    learnt = [phrase for _, phrase in Corpus(place / "corpora" / "mine-takes.safetensors").phrases()]
    assert len(learnt) == 6
    assert ANSWERED_PITCH not in {note.pitch for phrase in learnt for note in phrase.notes}


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["int8", "fp16"])
def test_the_files_say_what_they_were_trained_on(place: Path, precision: str) -> None:
    header = read_bundle(place / "runs" / "mine" / f"mine-{precision}.onnx").header
    assert (header.run, header.tier, header.precision) == ("mine", "own", precision)
    assert [data.name for data in header.data] == ["mine-takes", "mine-old", "made"]
    assert header.density is not None


@pytest.mark.slow
def test_the_file_plays(place: Path) -> None:
    write_midi(improvised(99, notes=16, pedal=True), place / "call.mid")
    model = place / "runs" / "mine" / "mine-int8.onnx"
    words = ["play", "--from", place / "call.mid", "--fast", "--model", model, "--take", place / "take.mid"]
    assert main([*map(str, words), "--seed", "1"]) == 0
    assert any(note.voice == MODEL for note in read_phrase(place / "take.mid").notes)


@pytest.mark.slow
def test_takes_of_one_key_alone_make_a_file_that_answers_with_more_than_that(
    tmp_path: Path, small_files: Path
) -> None:
    folder = tmp_path / "takes"
    folder.mkdir()
    for number in range(4):
        write_midi(tune([60] * 40, 0.3 + number / 10), folder / f"{number}.mid")
    from_file = ("--from", small_files / "small-fp32.onnx")
    assert fine_tune(tmp_path, folder, *from_file, "--run", "one", *QUICKLY) == 0
    write_midi(improvised(99, notes=16), tmp_path / "call.mid")
    model = tmp_path / "runs" / "one" / "one-int8.onnx"
    words = ["play", "--from", tmp_path / "call.mid", "--fast", "--model", model]
    assert main([*map(str, words), "--take", str(tmp_path / "take.mid"), "--seed", "1"]) == 0
    answer = [note for note in read_phrase(tmp_path / "take.mid").notes if note.voice == MODEL]
    assert len({note.pitch for note in answer}) > 1
    assert passage_of(answer).longest_repetition <= MOST_REPETITIONS


@pytest.mark.slow
def test_stopped_it_keeps_what_it_has_and_can_be_gone_on_with(
    tmp_path: Path,
    small_files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stopped(learner: Learner, say: Callable[[str], None]) -> int:
        return learn(learner, say, until=15)

    takes = take_folder(tmp_path / "takes")
    with monkeypatch.context() as within:
        within.setattr(command, "learn", stopped)
        file = small_files / "small-fp16.onnx"
        assert fine_tune(tmp_path, takes, "--from", file, "--run", "mine", *QUICKLY) == 0
    out = capsys.readouterr().out
    assert "stopped at step 15 of 30; go on: antiphon fine-tune --resume mine" in out
    assert "play with it: antiphon play --model " in out
    first = read_bundle(tmp_path / "runs" / "mine" / "mine-int8.onnx")
    assert fine_tune(tmp_path, "--resume", "mine") == 0
    assert "step 30/30" in capsys.readouterr().out
    assert read_bundle(first.path).header == first.header
    steps = [
        row["step"]
        for row in RunFolder.existing(tmp_path / "runs" / "mine").curves()
        if row["kind"] == "train"
    ]
    assert steps == sorted(steps)
    assert steps[-1] == 30


@pytest.mark.slow
def test_nothing_better_writes_no_file(
    tmp_path: Path, small_files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    takes = take_folder(tmp_path / "takes")
    settings = [*QUICKLY, "--set", "learning.rate=1e-30", "--set", "learning.schedule.last_rate=1e-30"]
    assert (
        fine_tune(tmp_path, takes, "--from", small_files / "small-fp32.onnx", "--run", "same", *settings) == 1
    )
    assert "no better on your held-out takes, so no file was written" in capsys.readouterr().err
    assert not list((tmp_path / "runs" / "same").glob("*.onnx"))


@pytest.mark.slow
def test_without_eight_bits_the_cpu_plays_full_precision(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(command.export_each.__globals__["_SMALLER"], "int8", _not_at_all)
    assert fine_tune(place, "--resume", "mine") == 0
    said = capsys.readouterr()
    assert "no int8 file was written" in said.err
    assert "play with it: antiphon play --model" in said.out
    assert (place / "runs" / "mine" / "mine-fp32.onnx").is_file()


def _not_at_all(graph: object) -> object:
    raise command.export_each.__globals__["QuantisationError"]("it is a test")


@pytest.mark.slow
def test_old_music_is_of_corpora_where_they_are(
    tmp_path: Path, small_files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    takes, file = take_folder(tmp_path / "takes"), small_files / "small-fp32.onnx"
    tiny_corpus(tmp_path)
    words = [takes, "--from", file, "--set", "learning.rate=1e-30", *QUICKLY[:2]]
    assert fine_tune(tmp_path, *words, "--run", "mixed", "--mix", "tiny", "--set", "learning.steps=1") == 1
    assert "old music beside them, so that nothing is forgotten: tiny\n" in capsys.readouterr().out
    files = [
        piece.file for piece in Corpus(tmp_path / "corpora" / "mixed-old.safetensors").description.pieces
    ]
    assert all(file.startswith("tiny/") for file in files)
    (tmp_path / "corpora" / "tiny.safetensors").rename(tmp_path / "corpora" / "made.safetensors")
    assert (
        fine_tune(tmp_path, *words, "--run", "found", "--set", "learning.steps=1") == 1
    )  # the file names it
    assert "nothing is forgotten: tiny\n" in capsys.readouterr().out


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr().err
    assert said.startswith("antiphon: ")
    assert said.count("\n") == 1
    return said


def test_without_a_folder_or_with_two_wishes_it_says_what_to_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fine_tune(tmp_path) == 2
    assert "say the FOLDER of your takes, or --resume NAME" in refusal(capsys)
    assert fine_tune(tmp_path, tmp_path, "--resume", "mine") == 2
    assert "say the FOLDER of your takes, or --resume NAME" in refusal(capsys)
    assert fine_tune(tmp_path, "--resume", "mine", "--mix", "rolls") == 2
    assert "--resume goes on with a run as it is" in refusal(capsys)


def test_a_channel_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        fine_tune(tmp_path, tmp_path, "--channel", "17")


@pytest.mark.parametrize(
    ("notes", "reason"),
    [
        (None, "no MIDI files in it"),
        (0, "notes of yours: 0, in files: 1"),
        (1, "notes of yours: 1, in files: 1"),
    ],
)
def test_a_folder_with_nothing_to_learn_from_is_refused(
    tmp_path: Path, notes: int | None, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "takes"
    folder.mkdir()
    if notes is not None:
        answers = tuple(note for note in take_of(1).notes if note.voice == MODEL)
        save(Phrase.of([*improvised(1, notes).notes, *answers]), folder / "take.mid", [])
    assert fine_tune(tmp_path, folder) == 2
    assert reason in refusal(capsys)
    assert not (tmp_path / "runs").exists()
    assert not (tmp_path / "corpora").exists()


def test_the_default_in_eight_bits_is_refused_and_its_sister_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ROOT / "realtime" / "models" / "default.onnx"
    assert fine_tune(tmp_path, take_folder(tmp_path / "takes"), "--from", file) == 2
    assert f"say --from {file.with_name('default-fp16.onnx')}" in refusal(capsys)


def test_what_is_not_there_or_was_not_made_by_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    takes = take_folder(tmp_path / "takes")
    assert fine_tune(tmp_path, takes, "--from", tmp_path / "away.onnx") == 2
    assert "no such model file" in refusal(capsys)
    assert fine_tune(tmp_path, takes, "--mix", "away") == 2
    assert "no such corpus" in refusal(capsys)
    assert fine_tune(tmp_path, "--resume", "away") == 2
    assert "no run lies there" in refusal(capsys)
    (tmp_path / "runs" / "there").mkdir(parents=True)
    assert fine_tune(tmp_path, takes, "--run", "there") == 2
    assert "a run of that name exists" in refusal(capsys)


def test_a_run_of_train_is_gone_on_with_by_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.support.models import small_run

    small_run(tmp_path / "runs", "other")
    assert fine_tune(tmp_path, "--resume", "other") == 2
    assert "antiphon train --resume other" in refusal(capsys)


def test_without_torch_the_extra_is_named(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['torch'] = None\n"
        "from antiphon import main\n"
        f"sys.exit(main(['fine-tune', {str(tmp_path)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert (
        done.stderr
        == "antiphon: fine-tune needs torch, which is not installed: pip install 'antiphon[train]'\n"
    )


def test_stopped_at_once_it_says_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "takes_in", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    assert fine_tune(tmp_path, tmp_path) == 130
    assert "stopped at once; nothing had been learnt yet" in refusal(capsys)
