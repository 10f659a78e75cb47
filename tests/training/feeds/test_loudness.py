"""Whose loudness teaches nothing: that of a score which keeps to one, as a machine plays it."""

from typing import Any

import numpy as np
import pytest

from music.encodings.event import EventEncoding
from music.notes import KEYS, Note
from music.phrase import Phrase
from music.settings import SettingError
from pieces.beat_time import BeatTime
from pieces.corpus import PieceRecord
from training.feeds.feed import NOT_LEARNT
from training.feeds.lanes import Lanes, LanesSettings
from training.feeds.loudness import flat_loudness_left_out, is_flat
from training.learning.learner import feed_for
from training.models.catalogue import model_for
from training.models.event_model import begin_event
from training.recipes.recipe import recipe_from

RECIPE = {"about": "a", "row": "L1", "takes": "a", "model": {"kind": "event"}, "learning": {"steps": 1}}


def played(velocities: list[int]) -> np.ndarray[Any, Any]:
    """A score of even quavers as a hand plays it, in events."""
    notes = [Note(place * 0.25, 60 + place % 5, loud, 0.2) for place, loud in enumerate(velocities)]
    return EventEncoding().encode(BeatTime()(Phrase.of(notes)))


def record(*, has_beat: bool) -> PieceRecord:
    return PieceRecord("a.mid", "train", "0" * 16, 40, has_beat=has_beat)


@pytest.mark.parametrize("loud", [40, 64, 96])
def test_a_score_that_keeps_to_one_loudness_is_flat_though_a_hand_is_never_quite_even(loud: int) -> None:
    assert is_flat(played([loud] * 200))


@pytest.mark.parametrize("louds", [(50, 80), (40, 60, 80), (64, 64, 64, 100)])
def test_a_score_with_a_few_marks_is_not(louds: tuple[int, ...]) -> None:
    velocities = [louds[place // 16 % len(louds)] for place in range(200)]
    assert not is_flat(played(velocities))


def test_a_piece_of_nothing_struck_is_flat() -> None:
    assert is_flat(np.zeros((0, 3), np.int64))
    assert is_flat(np.array([(3, KEYS + 4, 0)]))


def test_only_a_score_is_left_out() -> None:
    unlearnt = flat_loudness_left_out("event")
    flat, marked = played([64] * 200), played([50, 90] * 100)
    assert unlearnt(flat, record(has_beat=True)) == (2,)
    assert unlearnt(marked, record(has_beat=True)) == ()
    assert unlearnt(flat, record(has_beat=False)) == ()


def test_of_an_encoding_without_velocities_nothing_can_be_left_out() -> None:
    with pytest.raises(SettingError, match="'event' alone"):
        flat_loudness_left_out("performance")


class OneFlatAmongTwo:
    """Two pieces, the first of one loudness."""

    pieces = (played([64] * 40), played([50, 90] * 20))

    def __len__(self) -> int:
        return 2

    def length(self, number: int) -> int:
        return len(self.pieces[number])

    def rows(self, number: int, begin: int, end: int) -> np.ndarray[Any, Any]:
        return self.pieces[number][begin:end]

    def record(self, number: int) -> PieceRecord:
        return record(has_beat=True)


def test_what_is_left_out_is_read_but_not_to_be_predicted() -> None:
    music = OneFlatAmongTwo()
    feed = Lanes(
        music,
        begin_event(),
        LanesSettings(lanes=2, window=16),
        seed=1,
        unlearnt=flat_loudness_left_out("event"),
    )
    flat = {lane for lane, (piece, _) in enumerate(feed.place) if feed._piece_at(piece) == 0}
    batch = feed.next()
    for lane in range(2):
        velocities = batch.following[lane, :, 2]
        assert (velocities == NOT_LEARNT).all() == (lane in flat)
        assert (batch.rows[lane, 1:, 2] >= 0).all()
        assert (batch.following[lane, :, :2] >= 0).all()
        assert (batch.rows[lane, 1:, :2] == batch.following[lane, :-1, :2]).all()


def test_a_recipe_says_which() -> None:
    tables = RECIPE | {"data": {"corpora": ["a"]}}
    assert recipe_from(tables, "mine", {}).data.flat_loudness == "learnt"
    assert recipe_from(tables, "mine", {"data.flat_loudness": "left out"}).data.flat_loudness == "left out"
    with pytest.raises(SettingError, match="flat_loudness"):
        recipe_from(tables, "mine", {"data.flat_loudness": "loud"})


def test_a_feed_of_windows_refuses_to_leave_it_out() -> None:
    changes = {"data.flat_loudness": "left out", "data.feed": {"kind": "windows"}, "model.trunk.width": 4}
    recipe = recipe_from(RECIPE | {"data": {"corpora": ["a"]}}, "mine", changes)
    model = model_for(recipe.model, EventEncoding())
    with pytest.raises(SettingError, match=r"say data\.feed\.kind=lanes"):
        feed_for(recipe, OneFlatAmongTwo(), model, EventEncoding())
