"""A heartbeat is missed when beats that used to come back do so no more."""

from realtime.midi.heartbeat import BEAT, MISSED_MEANS_DEAD, Heartbeat


class Server:
    """Sends back what it gets, while it lives."""

    def __init__(self) -> None:
        self.lives = True
        self.heartbeat = Heartbeat(self.take)

    def take(self, message: bytes) -> None:
        if self.lives:
            self.heartbeat.came(message)


def test_a_server_that_lives_is_never_missed_also_when_it_loses_a_beat() -> None:
    server = Server()
    for beat in range(20):
        server.lives = bool(beat % 4)
        assert not server.heartbeat.is_missed()


def test_one_that_has_stopped_is_missed_after_some_beats() -> None:
    server = Server()
    server.heartbeat.is_missed()
    server.lives = False
    assert [server.heartbeat.is_missed() for _ in range(MISSED_MEANS_DEAD + 1)][-2:] == [False, True]
    assert server.heartbeat.is_missed()


def test_where_none_ever_came_back_none_is_missed() -> None:
    sent: list[bytes] = []
    heartbeat = Heartbeat(sent.append)
    assert not any(heartbeat.is_missed() for _ in range(10))
    assert sent == [BEAT] * 10


def test_once_forgiven_it_is_missed_only_after_it_came_back_again() -> None:
    server = Server()
    server.heartbeat.is_missed()
    server.lives = False
    while not server.heartbeat.is_missed():
        pass
    server.heartbeat.forgive()
    assert not any(server.heartbeat.is_missed() for _ in range(10))
    server.lives = True
    server.heartbeat.is_missed()
    server.lives = False
    assert [server.heartbeat.is_missed() for _ in range(MISSED_MEANS_DEAD + 2)][-1]
