"""What becomes of an answer while somebody's clock stands still: a rest, frozen, or caught up."""

import pytest

from realtime.knobs import Pause
from realtime.performer.actions import PlayNote, StopNote
from realtime.performer.events import KeyDown, Panic, Paused, WentOn
from realtime.performer.phases import Phase
from realtime.performer.rules import Rules
from tests.support.performing import Performing, asking, stretch

NOTES = tuple((0.5 * place + 0.01, 60 + place, 0.3) for place in range(10))


def begun(pause: Pause) -> tuple[Performing, float]:
    """An answer with a note every half second, of which two have been, in a pause; and when it began."""
    performing = asking(Rules(pause=pause, shortest_answer_s=6.0))
    at = performing.state.now
    performing.take(stretch(performing, *NOTES, covers_s=20.0, is_over=True))
    performing.wake_until(at + 0.6)
    performing.take(Paused(at + 0.7))
    assert performing.phase is Phase.ANSWERING
    return performing, at


def onsets(performing: Performing, at: float) -> list[float]:
    """When its notes were struck, in seconds since it began."""
    return [round(note.at - at, 6) for note in performing.all(PlayNote)]


@pytest.mark.parametrize("pause", list(Pause)[1:])
def test_nothing_sounds_in_a_pause_and_nothing_is_struck(pause: Pause) -> None:
    performing, at = begun(pause)
    performing.wake_until(at + 1.9)
    assert not performing.sounding()
    assert onsets(performing, at) == [0.01, 0.51]


def test_as_a_rest_it_goes_its_way_unheard() -> None:
    performing, at = begun(Pause.REST)
    performing.wake_until(at + 1.9)
    performing.take(WentOn(at + 1.9))
    performing.wake_until(at + 30.0)
    assert onsets(performing, at) == [0.01, 0.51, *(0.5 * place + 0.01 for place in range(4, 10))]
    assert performing.phase is Phase.WAITING


def test_frozen_all_of_it_is_so_much_later() -> None:
    performing, at = begun(Pause.FROZEN)
    performing.wake_until(at + 30.0)
    performing.take(WentOn(at + 60.7))
    performing.wake_until(at + 100.0)
    assert onsets(performing, at) == pytest.approx(
        [0.01, 0.51, *(0.5 * place + 60.01 for place in range(2, 10))]
    )
    assert performing.phase is Phase.WAITING


def test_caught_up_it_goes_on_twice_as_fast_until_it_is_where_it_would_have_been() -> None:
    performing, at = begun(Pause.CAUGHT_UP)
    performing.take(WentOn(at + 1.7))
    performing.wake_until(at + 30.0)
    hurried = [1.7 + (moment - 0.7) / 2 for moment in (1.01, 1.51, 2.01, 2.51)]
    assert onsets(performing, at) == pytest.approx([0.01, 0.51, *hurried, 3.01, 3.51, 4.01, 4.51])
    assert len(performing.all(StopNote)) == 10


def test_a_stretch_that_comes_later_is_caught_up_as_well() -> None:
    performing = asking(Rules(pause=Pause.CAUGHT_UP, shortest_answer_s=6.0))
    at = performing.state.now
    performing.take(stretch(performing, *NOTES[:3], covers_s=1.2))
    performing.wake_until(at + 0.6)
    performing.take(Paused(at + 0.7))
    performing.take(WentOn(at + 1.7))
    now = performing.state.now - at
    rest = tuple((after_s - now, pitch, length_s) for after_s, pitch, length_s in NOTES[3:])
    performing.take(stretch(performing, *rest, covers_s=20.0, is_over=True))
    performing.wake_until(at + 30.0)
    hurried = [1.7 + (moment - 0.7) / 2 for moment in (1.01, 1.51, 2.01, 2.51)]
    assert onsets(performing, at) == pytest.approx([0.01, 0.51, *hurried, 3.01, 3.51, 4.01, 4.51])


@pytest.mark.parametrize("pause", list(Pause)[1:])
def test_a_key_cuts_in_and_a_panic_ends_it_in_a_pause_too(pause: Pause) -> None:
    performing, at = begun(pause)
    performing.take(KeyDown(at + 2.0, 72, 80))
    assert performing.phase is Phase.CALLING
    performing, at = begun(pause)
    performing.take(Panic(at + 2.0))
    assert performing.phase is Phase.WAITING


def test_an_answer_that_comes_in_a_pause_begins_when_it_goes_on() -> None:
    performing = asking(Rules(pause=Pause.FROZEN))
    at = performing.state.now
    performing.take(Paused(at + 0.001))
    performing.take(stretch(performing, *NOTES[:2], covers_s=5.0, is_over=True))
    performing.wake_until(at + 30.0)
    assert not performing.all(PlayNote)
    performing.take(WentOn(at + 3.001))
    performing.wake_until(at + 30.0)
    assert onsets(performing, at) == pytest.approx([3.011, 3.511], abs=0.002)


def test_without_an_answer_a_pause_is_nothing() -> None:
    performing = Performing(Rules(pause=Pause.FROZEN))
    assert performing.take(Paused(1.0), WentOn(2.0)) == []
    performing.take(KeyDown(3.0, 60, 80), Paused(3.1))
    assert performing.phase is Phase.CALLING
