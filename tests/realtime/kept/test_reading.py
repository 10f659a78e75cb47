"""A take is read with all that was done in it, at the moments at which it was done."""

from pathlib import Path

import pytest

from music.notes import Note
from music.phrase import Phrase
from realtime.answerers.rule.imitation import Imitation
from realtime.kept.reading import NotKeptError, kept_in
from realtime.knobs import Knobs, Mode
from realtime.performer.events import AskedAnew, HandOverNow, KeyDown, Panic, Stopped
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import Keeping, Limits
from realtime.rows.take import save
from realtime.rows.turned import ControlMoved, Starred
from tests.support.kept_takes import SEED, an_evening, take_of

GOLDEN = Path(__file__).parents[2] / "golden"


def test_what_the_player_did_comes_back_at_the_very_same_moments(tmp_path: Path) -> None:
    kept = kept_in(take_of(Imitation(SEED), tmp_path / "take.mid"))
    done = [event for event in an_evening() if isinstance(event, KeyDown | ControlMoved | Panic)]
    read = [event for event in kept.done if isinstance(event, KeyDown | ControlMoved | Panic)]
    assert [type(event) for event in read] == [type(event) for event in done]
    assert [event.at + done[0].at for event in read] == [event.at for event in done]
    assert [event for event in read if isinstance(event, ControlMoved)][1].value == 0.5
    assert isinstance(kept.done[-1], Stopped)


def test_each_answer_that_was_asked_for_is_known_by_turn_and_attempt(tmp_path: Path) -> None:
    kept = kept_in(take_of(Imitation(SEED), tmp_path / "take.mid"))
    assert [(asked.turn, asked.attempt) for asked in kept.asked] == [(1, 0), (1, 1), (2, 0), (3, 0)]
    assert len([event for event in kept.done if isinstance(event, HandOverNow | AskedAnew)]) == 4
    assert all(kept.answer(number) for number in (0, 1, 3))
    assert (kept.seed, kept.model) == (SEED, "none")


def test_the_rules_are_those_that_the_take_began_with(tmp_path: Path) -> None:
    rules = Rules(knobs=Knobs(temperature=0.3), shortest_answer_s=4.0, longest_answer_s=4.0, channel=6)
    assert kept_in(take_of(Imitation(SEED), tmp_path / "take.mid", rules)).rules == rules


@pytest.mark.parametrize(
    "rules",
    [
        Rules(limits=Limits(36, 84, 90, None, 4, Keeping.KEY), longest_note_s=4.0),
        Rules(mode=Mode.BARS, bars=2, beats_in_a_bar=3, tempo=90.0, is_muted=True),
        Rules(knobs=Knobs(eagerness=2.0)),
        Rules(fixed_silence_s=0.9),
    ],
)
def test_limits_bars_and_the_silence_are_kept(rules: Rules, tmp_path: Path) -> None:
    assert kept_in(take_of(Imitation(SEED), tmp_path / "take.mid", rules)).rules == rules


def test_how_late_notes_were_and_which_answers_have_a_star_is_read_where_it_is_said(tmp_path: Path) -> None:
    evening = an_evening()
    with_star = [*evening[:11], Starred(18.1), *evening[11:]]
    kept = kept_in(take_of(Imitation(SEED), tmp_path / "take.mid", done=with_star, late_s=0.00123))
    lengths = [len(kept.answer(number)) for number in range(len(kept.asked))]
    assert [len(late.seconds) for late in kept.late] == [length for length in lengths if length]
    assert {round(second, 6) for late in kept.late for second in late.seconds} == {0.0012}
    assert kept.starred == (round(kept.asked[1].at, 3),)
    on_time = kept_in(take_of(Imitation(SEED), tmp_path / "other.mid"))
    assert (on_time.late, on_time.starred) == ((), ())
    assert on_time.asked == kept.asked


@pytest.mark.parametrize("said", ["late:", "late: much", "late: 1 -2", "late: 1.5", "late: ²"])
def test_lateness_that_is_none_is_passed_over(said: str, tmp_path: Path) -> None:
    about = ["seed: 1", "model: none", "controls: temperature 1", said]
    save(Phrase.of([Note(0.0, 60, 80, 0.5)]), tmp_path / "take.mid", about)
    assert all(not late.seconds for late in kept_in(tmp_path / "take.mid").late)


def test_an_older_take_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(NotKeptError, match="its model and controls were not kept"):
        kept_in(GOLDEN / "take-250c1ca.mid")


@pytest.mark.parametrize(
    ("seed", "controls", "complaint"),
    [
        ("many", "temperature 1.0", "no whole number"),
        ("1", "warmth 3", "'warmth 3'"),
        ("1", "limits 1 2", "'1 2'"),
    ],
)
def test_what_can_not_be_is_refused(seed: str, controls: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    about = [f"seed: {seed}", "model: none", f"controls: {controls}"]
    save(Phrase.of([Note(0.0, 60, 70, 0.5)]), path, about)
    with pytest.raises(NotKeptError, match=complaint):
        kept_in(path)


def test_a_take_in_which_the_model_was_changed_is_refused_and_says_when(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    answered = ["answerer: first", "answerer: second, from 4.0 s on"]
    about = [*answered, "seed: 1", "model: none", "controls: temperature 1.0"]
    save(Phrase.of([Note(0.0, 60, 70, 0.5)]), path, about)
    with pytest.raises(NotKeptError, match=r"second, from 4\.0 s on"):
        kept_in(path)
