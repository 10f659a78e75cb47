"""The figures of a take: each answer with its phrase, what was waited for, cut-ins, where the temperature
stood; older takes are shown as far as they go."""

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.hearing.charts import lateness_dots, temperature_line
from dashboard.hearing.takes import load_night, steps_of
from music.settings import SettingError
from realtime.answerers.rule.imitation import Imitation
from realtime.performer.events import HandOverNow
from tests.support.kept_takes import SEED, phrase_at, take_of

GOLDEN = Path(__file__).parents[2] / "golden"


def test_each_answer_stands_with_the_phrase_that_it_answers(tmp_path: Path) -> None:
    night = load_night(take_of(Imitation(SEED), tmp_path / "take.mid"))
    assert [(one.turn, one.attempt) for one in night.exchanges] == [(1, 0), (1, 1), (2, 0), (3, 0)]
    assert [len(one.call.notes) for one in night.exchanges] == [5, 5, 6, 4]
    assert len(night.played.notes) == 15
    assert sum(len(one.answer.notes) for one in night.exchanges) == len(night.answered.notes)
    for one in night.exchanges:
        assert one.delay_s is not None
        assert one.delay_s > 0
    assert night.delay_s is not None


def test_where_the_temperature_stood_is_a_line_to_the_end(tmp_path: Path) -> None:
    night = load_night(take_of(Imitation(SEED), tmp_path / "take.mid"))
    assert night.temperature == ((0.0, 1.0), (7.0, 0.5))
    assert steps_of(night)[-1] == {"at": night.seconds, "temperature": 0.5}
    assert temperature_line(night).to_dict()


def test_how_late_each_note_was_sent_is_known_where_the_take_says_it(tmp_path: Path) -> None:
    night = load_night(take_of(Imitation(SEED), tmp_path / "take.mid", late_s=0.0021))
    assert {round(late, 4) for late in night.late_s} == {0.0021}
    assert [len(one.late_ms) for one in night.exchanges] == [len(one.answer.notes) for one in night.exchanges]
    assert lateness_dots(night).to_dict()
    one = night.exchanges[0]
    assert one.record()["latest note, ms"] == pytest.approx(2.1)
    assert replace(one, late_s=one.late_s[1:]).late_ms == []
    assert lateness_dots(load_night(take_of(Imitation(SEED), tmp_path / "on time.mid"))) is None


def test_an_answer_that_your_key_ended_was_cut_in_upon(tmp_path: Path) -> None:
    done = [*phrase_at(10.0, (60, 62, 64, 65)), HandOverNow(11.0), *phrase_at(11.6, (72, 74, 76))]
    night = load_night(take_of(Imitation(SEED), tmp_path / "take.mid", done=done))
    assert [one.was_cut_in for one in night.exchanges] == [True, False]


def test_of_an_older_take_the_notes_are_there_and_what_it_lacks_is_said() -> None:
    night = load_night(GOLDEN / "take-250c1ca.mid")
    assert night.played.notes
    assert not night.exchanges
    assert "were not kept" in night.lacks


def test_a_file_that_is_no_take_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "take.mid").write_bytes(b"no music")
    with pytest.raises(SettingError, match=r"take\.mid"):
        load_night(tmp_path / "take.mid")
