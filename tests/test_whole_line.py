"""From music to an answer through the commands alone: a corpus, a model trained on it, a file, an answer.

What is small here is the music and the model; each step is the one that a person takes.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from music.midi.files import read_phrase, write_midi
from music.phrase import Phrase
from realtime.rows.take import MODEL, PLAYER
from tests.support.command import antiphon
from tests.support.corpora import music_folder
from tests.support.phrases import improvised

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("whole line")]


def done(*words: str | Path, cwd: Path) -> str:
    made = antiphon(*words, cwd=cwd)
    assert made.returncode == 0, made.stderr + made.stdout
    return made.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus, a run of the recipe `tiny`, its file for the CPU, and a call."""
    place = tmp_path_factory.mktemp("line")
    music_folder(place / "music")
    done("data", "prepare", "tiny", "music", cwd=place)
    done("train", "tiny", "--run", "line", cwd=place)
    done("export-onnx", "line", "--precision", "int8", cwd=place)
    write_midi(improvised(99, notes=16, pedal=True), place / "call.mid")
    return place


def played(place: Path, name: str, *words: str) -> Phrase:
    model = place / "runs" / "line" / "line-int8.onnx"
    take = place / f"{name}.mid"
    done("play", "--from", "call.mid", "--fast", "--model", model, "--take", take, *words, cwd=place)
    return read_phrase(take)


def test_what_was_learnt_lowers_the_surprise_below_the_untrained_model_s(place: Path) -> None:
    report = json.loads(done("evaluate", "line", "--json", cwd=place))
    learnt = report["sections"]["likelihood"]["carried"]["nats_a_note"]
    assert learnt < report["sections"]["baselines"]["untrained"]["nats_a_note"] - 2.0


def test_a_file_is_answered_balanced_and_the_same_again_for_the_same_seed(place: Path) -> None:
    take, again, other = (
        played(place, name, "--seed", seed) for name, seed in (("one", "1"), ("again", "1"), ("two", "2"))
    )
    answer = [note for note in take.notes if note.voice == MODEL]
    call = [note for note in take.notes if note.voice == PLAYER]
    assert take == again
    assert answer != [note for note in other.notes if note.voice == MODEL]
    assert len(call) == 16
    assert len(answer) >= 3
    assert all(note.length_s > 0 for note in answer)
    assert answer[0].at > max(note.at for note in call)
    lasts = max(note.until for note in answer) - answer[0].at
    assert 1.0 < lasts < 2.5 * (call[-1].until - call[0].at) + 2.5
    struck = Counter((note.pitch, note.at) for note in answer)
    assert max(struck.values()) == 1


def test_the_temperature_changes_what_a_trained_model_plays(place: Path) -> None:
    cold, hot = (played(place, f"t{heat}", "--seed", "1", "--temperature", heat) for heat in ("0.2", "1.6"))
    assert cold != hot
