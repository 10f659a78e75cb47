"""A take's notes go out at their moments, each side on its own channel, and nothing is left held."""

from music.notes import Note, Pedal
from music.phrase import Phrase
from realtime.engine.outputs import Outputs
from realtime.kept.sounding import messages_of, sound
from realtime.rows.take import MODEL, PLAYER
from tests.support.clock import ManualClock
from tests.support.ports import RecordingOutput, sounding_after

TAKE = Phrase.of(
    [Note(0.0, 60, 80, 0.5, PLAYER), Note(1.0, 67, 70, 0.5, MODEL)], [Pedal(0.25, True), Pedal(0.75, False)]
)


def test_each_side_has_its_channel_and_only_the_player_pedals() -> None:
    assert [(at, message.hex(" ")) for at, message in messages_of(TAKE)] == [
        (0.0, "90 3c 50"),
        (0.25, "b0 40 7f"),
        (0.5, "80 3c 40"),
        (0.75, "b0 40 00"),
        (1.0, "91 43 46"),
        (1.5, "81 43 40"),
    ]


def test_messages_are_sent_at_their_moments_from_now_on() -> None:
    clock = ManualClock(100.0)
    output = RecordingOutput(clock)

    def wait(seconds: float) -> bool:
        clock.set(clock.now() + seconds)
        return False

    assert sound(messages_of(TAKE), Outputs([output]), clock, wait)
    assert [at for at, _ in output.sent[:6]] == [100.0, 100.25, 100.5, 100.75, 101.0, 101.5]


def test_whoever_stops_it_is_left_with_nothing_held() -> None:
    clock = ManualClock()
    output = RecordingOutput(clock)
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) > 2

    assert not sound(messages_of(TAKE), Outputs([output]), clock, wait)
    assert not sounding_after(output.messages)
