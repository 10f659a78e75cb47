"""What is held, by hand and foot, on several keyboards; what of it is waited for, and what is set aside."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.performer.events import KeyDown, KeyUp, PedalMoved, PlayerEvent
from realtime.performer.player.hands import (
    AT_REST,
    Hands,
    Held,
    is_held_elsewhere,
    moved,
    no_longer_waited_for,
    releases,
)


def after(*events: PlayerEvent, hands: Hands = AT_REST) -> Hands:
    for event in events:
        hands = moved(hands, event)
    return hands


def test_keys_are_held_or_sound_by_the_pedal_channel_by_channel() -> None:
    hands = after(
        PedalMoved(1.0, 127, channel=0),
        KeyDown(1.1, 60, 80, channel=0),
        KeyUp(1.2, 60, channel=0),
        KeyDown(1.3, 62, 80, channel=0, source=1),  # another keyboard on the same channel
        KeyDown(1.4, 64, 80, channel=1),
    )
    assert hands.held_on(0) == 1 << 62
    assert hands.sounding_on(0) == 1 << 60 | 1 << 62
    assert hands.held_on(1) == hands.sounding_on(1) == 1 << 64
    assert hands.sounding_on(2) == 0
    assert hands.held == Held((62, 64), by_pedal=True)


def test_a_channel_is_used_once_a_key_or_a_pedal_went_down_there() -> None:
    hands = after(PedalMoved(1.0, 0, channel=3), KeyUp(1.0, 60, channel=4))
    assert not any(hands.has_used(channel) for channel in range(16))
    hands = after(PedalMoved(1.0, 64, channel=3), KeyDown(1.0, 60, 80, channel=4), hands=hands)
    assert [channel for channel in range(16) if hands.has_used(channel)] == [3, 4]


def test_the_deepest_pedal_of_a_channel_counts() -> None:
    hands = after(PedalMoved(1.0, 50), PedalMoved(1.0, 90, source=1), PedalMoved(1.0, 127, channel=1))
    assert (hands.depth_on(0), hands.depth_on(1), hands.depth_on(2)) == (90, 127, 0)


def test_what_is_set_aside_is_not_waited_for_until_it_moves_again() -> None:
    hands = no_longer_waited_for(after(KeyDown(1.0, 55, 80), PedalMoved(1.1, 127), KeyDown(1.2, 60, 80)))
    assert not hands.sounds
    assert hands.left_alone == Held((55, 60), by_pedal=True)
    assert hands.held_on(0) == 1 << 55 | 1 << 60  # it sounds on
    hands = after(KeyDown(2.0, 62, 80), KeyUp(2.1, 62), hands=hands)
    assert not hands.sounds  # by the pedal that is set aside
    hands = after(KeyDown(3.0, 55, 80), hands=hands)
    assert hands.held == Held((55,))
    hands = after(KeyUp(3.1, 55), PedalMoved(3.2, 127), hands=hands)
    assert hands.held.by_pedal


def test_a_key_is_held_elsewhere_only_on_another_keyboard_of_the_same_channel() -> None:
    hands = after(KeyDown(1.0, 60, 80, source=1), KeyDown(1.0, 62, 80, channel=1, source=1))
    assert is_held_elsewhere(hands, KeyUp(2.0, 60, source=2))
    assert not is_held_elsewhere(hands, KeyUp(2.0, 60, source=1))
    assert not is_held_elsewhere(hands, KeyUp(2.0, 62, source=2))
    pedals = after(PedalMoved(1.0, 127, source=1))
    assert is_held_elsewhere(pedals, PedalMoved(2.0, 63, source=2))
    assert not is_held_elsewhere(pedals, PedalMoved(2.0, 64, source=2))


player_events = st.one_of(
    st.builds(KeyDown, st.just(1.0), st.integers(60, 63), st.just(80), st.integers(0, 1), st.integers(0, 1)),
    st.builds(KeyUp, st.just(1.0), st.integers(60, 63), st.integers(0, 1), st.integers(0, 1)),
    st.builds(PedalMoved, st.just(1.0), st.sampled_from([0, 127]), st.integers(0, 1), st.integers(0, 1)),
)


@given(st.lists(player_events, max_size=12), st.lists(player_events, max_size=12))
def test_what_is_held_is_waited_for_or_set_aside_or_both_end_with_its_releases(
    before: list[PlayerEvent], later: list[PlayerEvent]
) -> None:
    hands = after(*later, hands=no_longer_waited_for(after(*before)))
    held = {
        pitch for keyboard in hands.keyboards.values() for pitch in range(128) if keyboard.held >> pitch & 1
    }
    assert held == set(hands.held.pitches) | set(hands.left_alone.pitches)
    hands = after(*releases(hands, 2.0), hands=hands)
    assert not hands.sounds
    assert hands.left_alone == Held()
    assert releases(hands, 2.0) == []
