"""Several browsers are one keyboard.

What one lets go sounds on while another holds it, and who leaves holds nothing.
"""

from hypothesis import given
from hypothesis import strategies as st

from realtime.rows.messages import Gone, Key, LeftPedal, PedalDepth
from realtime.web.browsers.hands import Hands


def two() -> Hands:
    hands = Hands()
    hands.join(1)
    hands.join(2)
    return hands


def test_a_key_goes_up_when_the_last_that_holds_it_lets_it_go() -> None:
    hands = two()
    assert hands.key(1, Key(60, 80)) == [Key(60, 80)]
    assert hands.key(2, Key(60, 70)) == [Key(60, 70)]  # struck again
    assert hands.key(1, Key(60, 0)) == []
    assert hands.key(2, Key(60, 0)) == [Key(60, 0)]
    assert hands.key(2, Key(60, 0)) == []  # nobody holds it


def test_a_browser_that_leaves_lets_go_just_what_it_alone_held() -> None:
    hands = two()
    for browser, pitch in ((1, 60), (1, 64), (2, 64)):
        hands.key(browser, Key(pitch, 80))
    hands.pedal(1, PedalDepth(127))
    assert hands.leave(1) == [Key(60, 0), PedalDepth(0)]
    assert hands.leave(2) == [Key(64, 0), Gone()]


def test_the_pedal_stands_where_the_deepest_stands() -> None:
    hands = two()
    assert hands.pedal(1, PedalDepth(127)) == [PedalDepth(127)]
    assert hands.pedal(2, PedalDepth(90)) == []
    assert hands.pedal(1, PedalDepth(0)) == [PedalDepth(90)]
    assert hands.leave(1) == []
    assert hands.leave(2) == [PedalDepth(0), Gone()]


def test_the_left_pedal_is_a_pedal_of_its_own() -> None:
    hands = two()
    assert hands.pedal(1, LeftPedal(60)) == [LeftPedal(60)]
    assert hands.pedal(1, PedalDepth(40)) == [PedalDepth(40)]
    assert hands.pedal(2, LeftPedal(90)) == [LeftPedal(90)]
    assert hands.leave(1) == [PedalDepth(0)]
    assert hands.leave(2) == [LeftPedal(0), Gone()]


def test_the_last_that_leaves_with_empty_hands_says_nothing() -> None:
    hands = two()
    hands.key(1, Key(60, 80))
    hands.key(1, Key(60, 0))
    assert hands.leave(1) == []
    assert hands.leave(2) == []


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([60, 61, "pedal", "leave"]), st.booleans())))
def test_to_the_engine_a_key_is_down_just_while_somebody_holds_it(
    steps: list[tuple[int, int | str, bool]],
) -> None:
    hands, held, down, depth = Hands(), dict[int, set[int]](), set[int](), 0
    for browser, what, is_down in steps:
        if browser not in held:
            hands.join(browser)
            held[browser] = set()
        if what == "leave":
            wishes = hands.leave(browser)
            del held[browser]
        elif isinstance(what, int):
            wishes = hands.key(browser, Key(what, 80 if is_down else 0))
            (held[browser].add if is_down else held[browser].discard)(what)
        else:
            wishes = hands.pedal(browser, PedalDepth(127 if is_down else 0))
        for wish in wishes:
            if isinstance(wish, Key):
                (down.add if wish.velocity else down.discard)(wish.pitch)
            elif isinstance(wish, PedalDepth):
                depth = wish.depth
        assert down == set[int]().union(*held.values())
        assert held or depth == 0


def test_each_browser_is_a_hand_with_the_lowest_number_that_is_free() -> None:
    hands = two()
    assert [hands.number(browser) for browser in (1, 2)] == [1, 2]
    assert hands.number(3) == 3  # which it would be
    hands.leave(1)
    hands.join(7)
    assert hands.number(7) == 1


def test_who_struck_a_key_last_is_known() -> None:
    hands = two()
    assert hands.striker(60) is None
    hands.key(1, Key(60, 80))
    hands.key(2, Key(60, 70))
    hands.key(1, Key(60, 0))
    assert hands.striker(60) == 2
