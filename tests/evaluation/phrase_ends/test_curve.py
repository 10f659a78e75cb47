"""Ways of hearing phrase ends compared: what they hand over in vain, and how late they are."""

import numpy as np
import pytest

from evaluation.phrase_ends.curve import REFERENCE_S, Way, compared, counted
from evaluation.phrase_ends.picture import COLOURS, curves_svg
from evaluation.phrase_ends.silences import Heard, Silence
from music.phrase_ends.cues import Playing

FIXED = Way(lambda _, settings: settings, (0.25, REFERENCE_S, 1.0), 1)
KNOWING = Way(
    lambda playing, settings: [0.2 if playing.last_at == 1.0 else setting for setting in settings],
    (0.1, 0.5, 1.0),
    2,
)


def silence(lasts_s: float | None) -> Silence:
    """A phrase is over where the last key was struck at second 1."""
    return Silence(Playing(last_at=1.0 if lasts_s is None else 0.0), lasts_s)


def piece(*lasts_s: float | None, played_s: float = 30.0) -> Heard:
    return Heard(tuple(silence(each_s) for each_s in lasts_s), played_s)


PIECES = [piece(0.1, 0.3, 0.7, None), piece(0.4, None, 0.6, None, played_s=60.0)]


def test_hand_overs_in_vain_are_those_that_the_player_did_not_wait_for() -> None:
    found = counted(PIECES, FIXED)
    assert found.vain.tolist() == [[2, 1, 0], [2, 1, 0]]
    assert found.ends.tolist() == [1, 2]
    rate, delay_s = found.curve()
    assert rate[0].tolist() == pytest.approx([4 / 1.5, 2 / 1.5, 0])
    assert delay_s[0].tolist() == pytest.approx(FIXED.settings)


def test_whoever_knows_is_sooner_at_as_many_hand_overs_in_vain() -> None:
    found = compared(PIECES, {"fixed": FIXED, "knowing": KNOWING})
    assert found["ends"] == 3
    assert found["vain_a_minute_of_reference"] == pytest.approx(2 / 1.5, abs=1e-3)
    assert found["ways"]["fixed"]["at_equal_vain"]["delay_s"] == REFERENCE_S
    knowing = found["ways"]["knowing"]
    assert knowing["at_equal_vain"] == {"delay_s": 0.2, "low": 0.2, "high": 0.2}
    assert knowing["default"] == {"vain_a_minute": 0.0, "delay_s": 0.2}
    assert [row[0] for row in knowing["curve"]] == [0.1, 0.5, 1.0]


def test_a_way_that_is_never_rare_enough_counts_as_its_most_patient() -> None:
    hasty = Way(lambda _, settings: settings, (0.1, 0.2), 0)
    assert compared(PIECES, {"hasty": hasty})["ways"]["hasty"]["at_equal_vain"]["delay_s"] == 0.2


def test_the_interval_holds_what_other_pieces_would_have_shown() -> None:
    chance = np.random.default_rng(3)
    pieces = [piece(*chance.uniform(0, 1, 20), None) for _ in range(12)]
    uneven = Way(lambda playing, settings: [setting * 0.5 for setting in settings], (0.5, 1.0, 1.4, 2.0), 0)
    equal = compared(pieces, {"uneven": uneven})["ways"]["uneven"]["at_equal_vain"]
    assert equal["low"] <= equal["delay_s"] <= equal["high"]
    assert compared(pieces, {"uneven": uneven})["ways"]["uneven"]["at_equal_vain"] == equal  # no chance in it


def test_the_picture_has_a_panel_for_each_sort_and_a_line_for_each_way() -> None:
    found = compared(PIECES, {"fixed": FIXED, "knowing": KNOWING})
    drawn = curves_svg({"rolls": found, "scores & more": found})
    assert drawn.count("<polyline") == 4
    assert "scores &amp; more: 3 ends" in drawn
    assert all(colour in drawn for colour in COLOURS[:2])
