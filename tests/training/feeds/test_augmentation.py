"""Which variant is learnt from when: that it repeats, that it is even, and that pieces differ."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pieces.transforms import TransformError, louder, spread_out, stretched, transposed_phrase
from tests.support.phrases import improvised
from training.feeds.augmentation import UNCHANGED, Augmentation, Variant

GRID = Augmentation()


def test_the_grid_has_five_tempos_in_seven_keys() -> None:
    assert len(GRID.variants) == len(set(GRID.variants)) == 35
    assert Variant() in GRID.variants


@given(st.integers(), st.text(), st.integers(0, 10**6))
def test_the_same_seed_piece_and_epoch_draw_the_same_variant(seed: int, piece: str, epoch: int) -> None:
    assert GRID.drawn(seed, piece, epoch) == Augmentation().drawn(seed, piece, epoch)
    assert GRID.drawn(seed, piece, epoch) in GRID.variants


@given(st.integers(0, 1000), st.text(max_size=5), st.integers(0, 20))
def test_a_piece_goes_through_every_variant_before_one_comes_again(
    seed: int, piece: str, a_round: int
) -> None:
    drawn = [GRID.drawn(seed, piece, a_round * 35 + place) for place in range(35)]
    assert set(drawn) == set(GRID.variants)


def test_pieces_seeds_and_rounds_have_orders_of_their_own() -> None:
    def order(seed: int, piece: str, a_round: int = 0) -> tuple[Variant, ...]:
        return tuple(GRID.drawn(seed, piece, a_round * 35 + place) for place in range(35))

    orders = {order(1, "a"), order(2, "a"), order(1, "b"), order(1, "a", 1), order(12, ""), order(1, "2")}
    assert len(orders) == 6


def test_in_one_epoch_the_variants_are_spread_over_the_pieces() -> None:
    counts = Counter(GRID.drawn(0, f"piece {number}", 0) for number in range(3500))
    assert len(counts) == 35
    assert min(counts.values()) > 60  # 100 expected; 60 is four standard deviations below
    assert max(counts.values()) < 140


def test_the_order_is_the_same_on_every_machine_and_in_every_version() -> None:
    # A change here changes what every recorded run was trained on.
    drawn = [GRID.drawn(1, "piece", epoch) for epoch in range(3)]
    assert drawn == [Variant(0.975, 0), Variant(1.0, -1), Variant(1.0, -2)]


def test_a_variant_is_stretched_then_transposed_then_louder() -> None:
    phrase = improvised(3, pedal=True)
    assert Variant(1.05, -3, 5)(phrase) == louder(transposed_phrase(stretched(phrase, 1.05), -3), 5)


def test_the_neutral_variant_gives_the_very_phrase() -> None:
    phrase = improvised(3, pedal=True)
    assert Variant()(phrase) is phrase
    assert UNCHANGED.drawn(5, "piece", 17)(phrase) is phrase


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stretches": ()}, "at least one of stretches"),
        ({"semitones": ()}, "at least one of semitones"),
        ({"louder": ()}, "at least one of louder"),
        ({"semitones": (0, 3, 3)}, "names one of semitones twice"),
        ({"stretches": (1.0, 0.0)}, "a stretch is between"),
        ({"beat_stretches": (1.0, 0.0)}, "a stretch is between"),
        ({"beat_stretches": ()}, "at least one of beat_stretches"),
        ({"spreads": ()}, "at least one of spreads"),
        ({"spreads": (1.0, 1.0)}, "names one of spreads twice"),
        ({"spreads": (1.0, -0.5)}, "a spread of loudness is 0 or more"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(settings: dict[str, tuple[float, ...]], message: str) -> None:
    with pytest.raises(TransformError, match=message):
        Augmentation(**settings)  # type: ignore[arg-type]


def test_a_piece_that_keeps_a_beat_is_stretched_by_stretches_of_its_own() -> None:
    grid = Augmentation(semitones=(0, 1), beat_stretches=(1.0, 2.0, 0.5))
    drawn = {grid.drawn(1, "piece", epoch, in_beats=True) for epoch in range(6)}
    assert drawn == {Variant(stretch, by) for stretch in (1.0, 2.0, 0.5) for by in (0, 1)}
    others = {grid.drawn(1, "piece", epoch).stretch for epoch in range(len(grid.variants))}
    assert others == set(grid.stretches)


def test_every_spread_is_drawn_with_every_change_of_loudness() -> None:
    grid = Augmentation((1.0,), (0,), louder=(-4, 4), spreads=(0.7, 1.0, 1.4))
    drawn = {(variant.louder, variant.spread) for variant in grid.variants}
    assert drawn == {(by, spread) for by in (-4, 4) for spread in (0.7, 1.0, 1.4)}


def test_a_variant_is_spread_about_its_mean_before_it_is_made_louder() -> None:
    phrase = improvised(3)
    assert Variant(louder=20, spread=1.4)(phrase) == louder(spread_out(phrase, 1.4), 20)
