"""A model judged by itself: a row for each voice and call, beside people; JSON, a table, refusals."""

import json
from pathlib import Path

import pytest

from evaluation.alone.soloist import Soloist
from evaluation.alone_report import AloneReport, judge_alone
from evaluation.answering.own_calls import OWN_CALLS
from music.midi.files import write_midi
from music.phrase import Phrase
from music.settings import SettingError
from pieces.corpus import Corpus, prepare
from pieces.music_sets import music_set
from tests.support.passages import SCALE, tune


class Looping:
    """Plays one scale again and again."""

    def go_on(self, call: Phrase, number: int, length_s: float) -> Phrase:
        """Two notes a second."""
        return tune([SCALE[place % 8] for place in range(int(2 * length_s))], at=call.until + 1)


class Speechless:
    """Has nothing to say."""

    def go_on(self, call: Phrase, number: int, length_s: float) -> Phrase:
        """No note."""
        return Phrase()


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Corpus]:
    folder = tmp_path_factory.mktemp("corpora")
    for name, notes in (("long", 200), ("short", 40)):
        (folder / name).mkdir()
        for number in range(3):
            pitches = [50 + (number + 7 * place * place) % 31 for place in range(notes)]
            write_midi(tune(pitches, 0.4 + number / 10), folder / name / f"{number}.mid")
        prepare(music_set(name), folder / name, folder / f"{name}.safetensors", workers=1)
    return {name: Corpus(folder / f"{name}.safetensors") for name in ("long", "short")}


@pytest.fixture(scope="module")
def report(corpora: dict[str, Corpus]) -> AloneReport:
    soloists: dict[str, Soloist] = {"model": Looping(), "rule": Speechless()}
    return judge_alone(soloists, {"name": "a model"}, [corpora["long"]], "train", {}, lambda line: None, 2, 3)


def test_each_voice_has_a_row_for_each_of_the_calls_asked_from_all_over_the_list(report: AloneReport) -> None:
    calls = [OWN_CALLS[place * len(OWN_CALLS) // 3].name for place in range(3)]
    assert {voice: [row["call"] for row in rows] for voice, rows in report.voices.items()} == {
        "model": calls,
        "rule": calls,
    }


def test_a_loop_is_beyond_people_and_silence_is_said(report: AloneReport) -> None:
    (looping, *_), (silent, *_) = report.voices["model"], report.voices["rule"]
    assert "loop_s" in looping["beyond"]
    assert len(looping["windows"]["density"]) == 4
    assert silent.keys() == {"call"}
    lines = report.table()
    assert any(line.startswith("people, 95 of 100") for line in lines)
    assert next(line for line in lines if line.startswith("model: Lullaby")).split()[2].startswith("!")
    assert lines[-1].endswith("fell silent")


def test_the_report_is_kept_as_json(report: AloneReport, tmp_path: Path) -> None:
    report.save(tmp_path / "alone" / "train.json")
    kept = json.loads((tmp_path / "alone" / "train.json").read_text())
    assert kept == json.loads(report.json())
    assert kept["people"]["stretches"] == 1
    assert kept["minutes"] == 2


def test_pieces_that_are_all_too_short_are_refused(corpora: dict[str, Corpus]) -> None:
    with pytest.raises(SettingError, match="no train piece lasts 60 s"):
        judge_alone({}, {"name": "a model"}, [corpora["short"]], "train", {}, lambda line: None)
