"""Each listener hears each item once and each condition equally often; together, all of it balanced."""

from collections import Counter
from itertools import pairwise

import pytest

from listening.square import heard_by, orders, rounds


@pytest.mark.parametrize(("items", "conditions"), [(2, 2), (6, 3), (8, 4), (15, 5), (3, 1)])
def test_a_listener_hears_each_item_once_and_each_condition_equally_often(
    items: int, conditions: int
) -> None:
    for listener in range(3 * conditions):
        heard = heard_by(listener, items, conditions)
        assert sorted(item for item, _ in heard) == list(range(items))
        assert set(Counter(condition for _, condition in heard).values()) == {items // conditions}


@pytest.mark.parametrize(("items", "conditions"), [(6, 3), (8, 4), (10, 5)])
def test_over_as_many_listeners_as_conditions_each_item_is_heard_in_each(items: int, conditions: int) -> None:
    heard = {place for listener in range(conditions) for place in heard_by(listener, items, conditions)}
    assert len(heard) == items * conditions


@pytest.mark.parametrize("conditions", [2, 3, 4, 5, 6])
def test_each_condition_has_each_turn_and_follows_each_other_equally_often(conditions: int) -> None:
    rows = orders(conditions)
    turns = Counter((place, one) for row in rows for place, one in enumerate(row))
    after = Counter(pair for row in rows for pair in pairwise(row))
    assert len(turns) == conditions**2
    assert len(set(turns.values())) == 1
    assert len(after) == conditions * (conditions - 1)
    assert len(set(after.values())) == 1


def test_items_that_fill_no_block_are_refused() -> None:
    with pytest.raises(ValueError, match="7 items"):
        heard_by(0, 7, 3)


def test_rounds_are_of_so_many_clips_and_the_last_of_what_is_left() -> None:
    assert list(map(len, rounds(heard_by(0, 8, 4), 3))) == [3, 3, 2]
