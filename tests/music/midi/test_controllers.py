"""Controllers are read as fine as they were moved, each with its track, its channel and its moment."""

from music.midi.controllers import Moved, controllers_in
from music.midi.writing import Track, played_bytes

PEDALS = (64, 67)


def test_each_move_is_there_with_its_moment_and_others_are_not() -> None:
    hands = [(0.0, bytes((0xB0, 64, 40))), (0.5, bytes((0x90, 67, 80))), (0.75, bytes((0xB0, 67, 127)))]
    other = [(0.25, bytes((0xB1, 64, 127))), (1.0, bytes((0xB1, 1, 9))), (1.5, bytes((0x81, 64, 0)))]
    data = played_bytes([Track("Player", hands), Track("Other", other)], ticks_per_beat=1024)
    assert controllers_in(data, "a file", PEDALS) == [
        Moved(0.0, "Player", 0, 64, 40),
        Moved(0.25, "Other", 1, 64, 127),
        Moved(0.75, "Player", 0, 67, 127),
    ]
