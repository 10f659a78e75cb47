"""`antiphon replay` over real ports: what a take holds is heard at the other end of JACK."""

import signal
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from realtime.answerers.rule.imitation import Imitation
from realtime.midi.rtmidi_ports import RtMidiSystem, open_system
from tests.support.jack import jack_server
from tests.support.kept_takes import SEED, phrase_at, take_of
from tests.support.ports import sounding_after
from tests.support.running import line_with, running
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.jack, pytest.mark.slow]
EAR = "an ear of the test"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtMidiSystem]:
    with (
        jack_server(tmp_path_factory.mktemp("jack") / "jackd.log") as name,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("JACK_DEFAULT_SERVER", name)
        system = open_system("jack")
        yield system
        system.close()


@pytest.fixture
def take(tmp_path: Path) -> Path:
    done = [*phrase_at(1.0, (60, 64, 67)), *phrase_at(7.0, (62, 65))]
    return take_of(Imitation(SEED), tmp_path / "take.mid", done=done)


def test_a_take_is_heard_at_a_named_port_and_nothing_is_left_held(system: RtMidiSystem, take: Path) -> None:
    came: SimpleQueue[bytes] = SimpleQueue()
    ear = system.make_input(EAR, came.put)
    with running("replay", str(take), "--midi-api", "jack", "--out", EAR) as process:
        assert EAR in line_with(process, "out  ")
        assert process.wait(PATIENCE_S) == 0
    heard = _all_of(came)
    ear.close()
    struck = [message[1] for message in heard if message[0] == 0x90 and message[2]]
    assert set(struck) >= {60, 64, 67, 62, 65} - {_lost(struck)}
    assert any(message[0] == 0x91 for message in heard)
    assert not sounding_after(heard)


def test_stopped_in_the_middle_it_lets_everything_go(system: RtMidiSystem, take: Path) -> None:
    came: SimpleQueue[bytes] = SimpleQueue()
    ear = system.make_input(EAR, came.put)
    with running("replay", str(take), "--midi-api", "jack", "--out", EAR) as process:
        line_with(process, "out  ")
        heard = [came.get(timeout=PATIENCE_S)]
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
    heard += _all_of(came)
    ear.close()
    assert not sounding_after(heard)


def _lost(struck: list[int]) -> int | None:
    """JACK loses what is sent in a period that it misses: one of five may be lost on a busy machine."""
    return next((pitch for pitch in (60, 64, 67, 62, 65) if pitch not in struck), None)


def _all_of(came: SimpleQueue[bytes]) -> list[bytes]:
    heard = []
    try:
        while True:
            heard.append(came.get(timeout=0.3))
    except Empty:
        return heard
