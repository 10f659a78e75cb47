"""An exported file judged: the figures of the model that it was made from, in lanes or alone, no torch."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from antiphon import main
from commands.parts.judged_file import corpus_of, judged_file
from evaluation.answering.own_calls import OWN_CALLS
from music.encodings.event import EventEncoding
from music.midi.files import read_pieces
from music.notes import KEYS
from music.settings import SettingError
from realtime.inference.scorer import ModelFileScorer
from realtime.inference.session import ModelSession, open_session
from tests.support.command import antiphon, antiphon_without
from tests.support.corpora import tiny_corpus
from tests.support.models import small_model
from tests.support.phrases import improvised
from training.models.event_scorer import EventScorer

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, small_files: Path) -> Path:
    """A folder with a corpus, a run, and the files exported from it."""
    folder = tmp_path_factory.mktemp("home")
    tiny_corpus(folder)
    shutil.copytree(small_files, folder / "runs" / "small")
    return folder


@pytest.fixture(scope="module")
def session(home: Path) -> Iterator[ModelSession]:
    return open_session(home / "runs" / "small" / "small-fp32.onnx")


def music(lanes: int, events: int) -> np.ndarray:
    """Improvisations side by side, as `event` numbers them."""
    return np.stack(
        [EventEncoding().encode(improvised(seed, notes=events))[:events] for seed in range(lanes)]
    )


def sounding(lanes: int) -> np.ndarray:
    """Nothing in the first lane, a chord in the others: as after a reset."""
    keys = np.zeros((lanes, KEYS), bool)
    keys[1:, [39, 43, 46]] = True
    return keys


def test_a_file_is_as_surprised_as_the_model_that_it_was_made_from(session: ModelSession) -> None:
    events = music(3, 40)
    files, torchs = ModelFileScorer(session), EventScorer(small_model())
    of_file, after = files.score(files.begin(sounding(3)), events[:, :25])
    of_file_later, _ = files.score(after, events[:, 25:])
    of_torch, _ = torchs.score(torchs.begin(sounding(3)), events)
    possible = of_torch < 1e6  # a key that already sounds can't be struck: any large number will do
    together = np.concatenate([of_file, of_file_later], 1)
    assert together[possible] == pytest.approx(of_torch[possible], abs=2e-4)
    assert (together[~possible] > 1e3).all()
    assert (together[..., 2][events[..., 1] >= KEYS] == 0).all()


def test_in_eight_bits_each_lane_is_read_by_itself(home: Path) -> None:
    scorer = ModelFileScorer(open_session(home / "runs" / "small" / "small-int8.onnx"))
    assert scorer.lanes == 1
    events = music(3, 30)
    together, after = scorer.score(scorer.begin(sounding(3)), events[:, :20])
    later, _ = scorer.score(after, events[:, 20:])
    for lane in range(3):
        alone, _ = scorer.score(scorer.begin(sounding(3)[lane : lane + 1]), events[lane : lane + 1])
        assert np.concatenate([together, later], 1)[lane] == pytest.approx(alone[0], abs=1e-9)


def test_a_file_tells_what_it_is_and_which_corpus_is_its_own(home: Path) -> None:
    judged = judged_file(home / "runs" / "small" / "small-int8.onnx", "cpu")
    assert judged.about["name"] == "small-int8.onnx"
    assert judged.about["precision"] == "int8"
    assert judged.about["learnt_from"][0]["credit"] == "us"
    assert "untrained" in judged.without
    bundle = open_session(home / "runs" / "small" / "small-int8.onnx").bundle
    assert corpus_of(bundle) == Path("corpora/made.safetensors")


def test_evaluating_a_file_imports_no_torch_and_keeps_its_report_beside_it(home: Path) -> None:
    words = ("evaluate", "runs/small/small-int8.onnx", "--json", "--corpus", "corpora/tiny.safetensors")
    done = antiphon_without(("torch", "onnx"), *words, cwd=home)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["model"]["name"] == "small-int8.onnx"
    assert report["sections"]["baselines"].keys() == {"chance", "unigram", "bigram", "left_out"}
    assert report["sections"]["likelihood"]["carried"]["nats_a_note"] > 0
    assert len(report["sections"]["own_calls"]) == len(OWN_CALLS)
    kept = home / "runs" / "small" / "small-int8.evaluation" / "tiny-test.json"
    assert json.loads(kept.read_text()) == report


def test_answers_are_written_as_midi_files_and_pictures_the_same_each_time(home: Path) -> None:
    for folder in ("once", "twice"):
        done = antiphon("evaluate", "runs/small/small-int8.onnx", "--answers", folder, cwd=home)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == len(OWN_CALLS)
    names = sorted(path.name for path in (home / "once").iterdir())
    assert len(names) == 2 * len(OWN_CALLS) + 1
    page = (home / "once" / "answers.md").read_text("utf-8")
    assert all(f"({name})" in page for name in names if name.endswith(".svg"))
    for name in names:
        assert (home / "once" / name).read_bytes() == (home / "twice" / name).read_bytes()
    (piece,) = read_pieces(home / "once" / "01-lullaby.mid")
    assert {note.voice for note in piece.phrase.notes} == {0, 1}
    assert [part.name for part in piece.parts] == ["Call", "Answer"]
    call_ends = max(note.until for note in piece.phrase.notes if note.voice == 0)
    assert min(note.at for note in piece.phrase.notes if note.voice == 1) > call_ends


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nowhere.onnx"], "nowhere.onnx: no such model file"),
        (["runs/small/small-int8.onnx"], "corpora/made.safetensors: no such corpus"),
        (["runs/small/small-int8.onnx", "--corpora", "there"], "there/made.safetensors: no such corpus"),
        (["broken.onnx", "--corpus", "corpora/tiny.safetensors"], "broken.onnx: not a whole ONNX file"),
        (["broken.onnx", "--answers", "out"], "broken.onnx: not a whole ONNX file"),
        (["runs/small/small-int8.onnx", "--answers", "out", "--json"], "leave out --json or --answers"),
        (
            ["runs/small/small-int8.onnx", "--corpus", "corpora/tiny.safetensors", "--device", "cuda"],
            "in eight bits, which CUDA can't run",
        ),
    ],
)
def test_what_can_not_be_judged_is_refused_in_one_line(
    home: Path,
    words: list[str],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(home)
    (home / "broken.onnx").write_bytes(b"not a model")
    assert main(["evaluate", *words]) == 2
    (refusal,) = capsys.readouterr().err.splitlines()
    assert why in refusal
    assert not (home / "out").exists()


def test_a_file_whose_states_tell_no_keys_is_refused(session: ModelSession) -> None:
    class OfAnotherKind:
        bundle = type("Bundle", (), {"path": Path("other.onnx"), "header": None})

    header = session.bundle.header
    other = OfAnotherKind()
    other.bundle.header = type(  # type: ignore[assignment]
        "Header", (), {"encoding": header.encoding, "precision": "fp32", "states": header.states[:2]}
    )
    with pytest.raises(SettingError, match="no state of it tells which keys sound"):
        ModelFileScorer(other)  # type: ignore[arg-type]
