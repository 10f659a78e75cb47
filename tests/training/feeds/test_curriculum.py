"""A curriculum: each stage gives its levels alone, for its steps; then all; gone on from exactly."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from music.settings import SettingError
from pieces.music import Music
from tests.support.corpora import Pieces
from training.feeds.curriculum import Curriculum, of_levels
from training.feeds.feed import Feed
from training.feeds.lanes import Lanes, LanesSettings

MUSIC = Pieces(9, 9, 9, 9, 9, 9)
LEVELS = [1, 2, 1, 3, 2, 4]  # of pieces 0 to 5


def lanes(music: Music, place: Any) -> Feed:
    return Lanes(music, (-1, -1), LanesSettings(lanes=2, window=4), seed=3, place=place)


def curriculum(stages: Sequence[tuple[Sequence[int], int]], place: Any = None) -> Curriculum:
    return Curriculum(
        MUSIC, [(of_levels(MUSIC, LEVELS, wanted), steps) for wanted, steps in stages], lanes, place
    )


def pieces_in(feed: Curriculum) -> set[int]:
    batch = feed.next()
    return set(batch.following[batch.counts][:, 0].tolist())


def test_each_stage_gives_its_levels_alone_and_then_all_are_given() -> None:
    feed = curriculum([([1], 9), ([2, 3], 12)])
    assert set().union(*(pieces_in(feed) for _ in range(9))) == {0, 2}
    assert set().union(*(pieces_in(feed) for _ in range(12))) == {1, 3, 4}
    assert set().union(*(pieces_in(feed) for _ in range(12))) == {0, 1, 2, 3, 4, 5}


def test_a_stage_begins_its_pieces_from_their_beginnings() -> None:
    feed = curriculum([([1], 2), ([2], 3)])
    begins = [feed.next().begins.all() for _ in range(6)]
    assert begins[0]
    assert begins[2]
    assert begins[5]
    assert not begins[1]


def test_lanes_and_passes_are_those_of_all_the_music() -> None:
    feed = curriculum([([4], 1)])
    assert feed.lanes == 2
    assert feed.batches_a_pass == lanes(MUSIC, None).batches_a_pass


@pytest.mark.parametrize("broken_at", range(12))
def test_gone_on_from_its_place_it_goes_on_exactly(broken_at: int) -> None:
    stages = [([1], 4), ([2], 3)]
    whole = curriculum(stages)
    for _ in range(broken_at):
        whole.next()
    again = curriculum(stages, json.loads(json.dumps(whole.place)))
    for _ in range(15):
        for one, other in zip(whole.next(), again.next(), strict=True):
            assert np.array_equal(one, other)


def test_a_level_without_a_piece_is_refused_before_a_step_is_taken() -> None:
    with pytest.raises(SettingError, match="no piece is of level 7; there are pieces of level 1, 2, 3, 4"):
        curriculum([([1], 4), ([7], 3)])
