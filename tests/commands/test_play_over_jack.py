"""The whole instrument over real virtual MIDI ports.

A player at one end, a listener at the other, JACK between.

Proves that notes cross real ports both ways, and that nothing is left sounding on them. How fast is measured
elsewhere.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import NoReturn

import pytest

from music.midi.files import read_phrase
from realtime.midi import wire
from realtime.midi.ports import OWN_INPUT, OWN_OUTPUT, OutputPort
from realtime.midi.rtmidi_ports import RtMidiSystem, open_system
from tests.support.jack import jack_server
from tests.support.ports import sounding_after
from tests.support.running import line_with, running
from tests.support.synth import NAME, fluidsynth
from tests.support.waiting import PATIENCE_S, wait_until

ROOT = Path(__file__).parents[2]
FINGER_S = 0.04  # between two messages: the phrase has a rhythm
LOST_AFTER_S = 5.0  # what hasn't come through by then never will
SOUNDS, QUIET = 60.0, 15.0  # root mean squares of 32767: a soft piano's note; hardly anything

pytestmark = [pytest.mark.jack, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        jack_server(tmp_path_factory.mktemp("jack") / "jackd.log") as name,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("JACK_DEFAULT_SERVER", name)
        yield name


@pytest.fixture
def system(server: str) -> Iterator[RtMidiSystem]:
    system = open_system("jack")
    yield system
    system.close()


class Person:
    """Plays on the instrument's input, or on a keyboard of its own; remembers all that the output says."""

    def __init__(
        self,
        system: RtMidiSystem,
        keyboard: OutputPort | None = None,
        synth: SimpleQueue[bytes] | None = None,
    ) -> None:
        """With a `synth`, what is heard is what comes to that."""
        self.heard: list[bytes] = []
        self._came: SimpleQueue[bytes] = SimpleQueue() if synth is None else synth
        self._ear = None
        if synth is None:
            self._ear = system.open_input(only(system.input_names(), OWN_OUTPUT), self._came.put)
        self._hand = keyboard or system.open_output(only(system.output_names(), OWN_INPUT))

    def play(self, *messages: str) -> None:
        """Each is heard before the next one is played."""
        for message in messages:
            self._play(bytes.fromhex(message))
            sleep(FINGER_S)

    def _play(self, message: bytes) -> None:
        """Play it; and again where JACK lost it, as it does in a period that it misses."""
        for _ in range(int(PATIENCE_S / LOST_AFTER_S)):
            self._hand.send(message)
            if self._comes(message, LOST_AFTER_S):
                return
        self._fail_without(message)

    def hear(self, message: bytes) -> None:
        """Wait for a message that begins so."""
        if not self._comes(message, PATIENCE_S):
            self._fail_without(message)

    def _comes(self, message: bytes, within_s: float) -> bool:
        """Whether a message that begins so comes in time; what comes before it is remembered."""
        give_up_at = monotonic() + within_s
        while (left_s := give_up_at - monotonic()) > 0:
            try:
                self.heard.append(self._came.get(timeout=left_s))
            except Empty:
                return False
            if self.heard[-1].startswith(message):
                return True
        return False

    def _fail_without(self, message: bytes) -> NoReturn:
        pytest.fail(f"{message.hex()} was never heard; there were {[m.hex() for m in self.heard]}")

    def hear_all(self) -> None:
        """Everything that is still on its way."""
        try:
            while True:
                self.heard.append(self._came.get(timeout=0.3))
        except Empty:
            return

    def hear_it_go_quiet(self) -> None:
        """Wait until nothing sounds of all that was heard."""
        while sounding_after(self.heard):
            self.heard.append(self._came.get(timeout=PATIENCE_S))

    def unplug(self) -> None:
        """Take the keyboard away."""
        self._hand.close()

    def leave(self) -> None:
        """Hear no more."""
        if self._ear is not None:
            self._ear.close()


@contextmanager
def playing(*words: str) -> Iterator[subprocess.Popen[str]]:
    """`antiphon play` with its ports open; not killed, or its last words would come in the next test."""
    with running("play", "--midi-api", "jack", *words) as process:
        line_with(process, "out")
        yield process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_S)


@pytest.fixture
def instrument(system: RtMidiSystem, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with playing("--seed", "1", "--length", "20s", "--take", str(tmp_path / "take.mid")) as process:
        yield process


@pytest.fixture
def person(system: RtMidiSystem, instrument: subprocess.Popen[str]) -> Iterator[Person]:
    person = Person(system)
    yield person
    person.unplug()
    person.leave()


def only(names: list[str], part: str) -> str:
    (name,) = [name for name in names if part in name]
    return name


# Legato: while a key is held the phrase isn't over, however long a message takes to come through.
CALL = ("90 3c 50", "90 3e 50", "80 3c 40", "90 40 50", "80 3e 40", "90 41 50", "80 40 40", "80 41 40")


def test_a_phrase_is_answered_and_a_cut_in_with_the_pedal_down_goes_quiet(
    person: Person, instrument: subprocess.Popen[str]
) -> None:
    person.play(*CALL)
    person.hear(wire.struck(1, 0, 0)[:1])  # the answer, on the next channel
    assert [message.hex(" ") for message in person.heard[: len(CALL)]] == list(CALL)
    person.play("b0 40 7f", "90 48 60")
    person.hear_all()
    assert sounding_after(person.heard) == {(0, 72)}


def test_terminated_in_the_middle_of_everything_it_lets_go_of_everything(
    person: Person, instrument: subprocess.Popen[str], tmp_path: Path
) -> None:
    person.play(*CALL)
    person.hear(wire.struck(1, 0, 0)[:1])
    person.play("b0 40 7f", "90 48 60")
    instrument.send_signal(signal.SIGTERM)
    assert instrument.wait(PATIENCE_S) == 0
    person.hear_all()
    assert sounding_after(person.heard) == set()
    assert {note.voice for note in read_phrase(tmp_path / "take.mid").notes} == {0, 1}


def test_terminated_while_it_answers_the_answer_ends(
    person: Person, instrument: subprocess.Popen[str]
) -> None:
    person.play(*CALL)
    person.hear(wire.struck(1, 0, 0)[:1])
    instrument.send_signal(signal.SIGTERM)
    assert instrument.wait(PATIENCE_S) == 0
    person.hear_all()
    assert sounding_after(person.heard) == set()


def test_a_keyboard_that_vanishes_with_a_key_held_is_let_go(system: RtMidiSystem, tmp_path: Path) -> None:
    """A keyboard of another program's making, listened to by name, whose program ends."""
    keyboard = system.make_output("A keyboard")
    name = only(system.input_names(), "A keyboard")
    with playing("--no-take", "--in", name) as process:
        assert process.stdout is not None
        person = Person(system, keyboard)
        person.play("90 3c 50")
        person.unplug()
        person.hear(wire.released(0, 60)[:2])
        assert [message[:2] for message in person.heard] == [b"\x90\x3c", b"\x80\x3c"]
        process.send_signal(signal.SIGTERM)
        assert "is gone; its notes are let go" in process.stdout.read()
        assert process.wait(PATIENCE_S) == 0
        person.leave()


def test_a_keyboard_that_says_all_notes_off_after_each_phrase_is_answered(
    person: Person, instrument: subprocess.Popen[str]
) -> None:
    person.play(*CALL, "b0 7b 00")
    person.hear(wire.struck(1, 0, 0)[:1])


def test_a_second_instrument_on_one_machine_says_so_with_the_remedy_and_has_its_ports(
    system: RtMidiSystem,
) -> None:
    words = ("--no-take", "--no-page", "--model", "none")
    with playing(*words), running("play", "--midi-api", "jack", *words) as second:
        line = line_with(second, "another Antiphon has its ports open here")
        assert "end one of them, or name a keyboard for each with --in" in line
        assert OWN_OUTPUT in line_with(second, "out")
        second.send_signal(signal.SIGTERM)
        second.wait(PATIENCE_S)


def test_a_release_that_is_lost_is_said_and_waited_for_no_longer(system: RtMidiSystem) -> None:
    with playing("--no-take", "--model", "none", "--longest-hold", "4") as process:
        person = Person(system)
        person.play(*CALL, "90 37 50")  # and never let go
        assert line_with(process, "waiting for G3") == "waiting for G3 to be let go\n"
        assert "stayed down for 4 s" in line_with(process, "G3")
        person.hear(wire.struck(1, 0, 0)[:1])
        person.unplug()
        person.leave()


def test_what_speaks_to_the_whole_instrument_passes(
    person: Person, instrument: subprocess.Popen[str]
) -> None:
    person.play("fa", "f8", "fc", "f0 7e 7f 06 01 f7", "fe", "e0 00 50")


def test_a_track_that_plays_our_output_back_to_us_is_said_and_goes_round_no_more(
    system: RtMidiSystem,
) -> None:
    with playing("--no-take", "--model", "none") as process:
        person, came = Person(system), SimpleQueue[tuple[float, bytes]]()
        ear = system.open_input(
            only(system.input_names(), OWN_OUTPUT), lambda message: came.put((monotonic(), message))
        )
        hand = system.open_output(only(system.output_names(), OWN_INPUT))
        returned = Thread(target=_return, args=(came, hand), daemon=True)
        returned.start()
        for pitch in range(60, 68):
            for message in (wire.struck(0, pitch, pitch), wire.released(0, pitch, pitch)):
                person._hand.send(message)
                sleep(FINGER_S)
        assert "Antiphon in" in line_with(process, "what goes out comes back")
        person.hear(wire.struck(1, 0, 0)[:1])  # the phrase is answered all the same
        person.hear_all()
        strikes = [message for message in person.heard if message[0] == 0x90 and message[2]]
        assert len(strikes) < 40
        came.put((0.0, b""))
        returned.join()
        for port in (ear, hand):
            port.close()
        person.unplug()
        person.leave()


def _return(came: SimpleQueue[tuple[float, bytes]], hand: OutputPort) -> None:
    """Plays what comes after 84 ms, until an empty message."""
    while (row := came.get())[1]:
        sleep(max(row[0] + 0.084 - monotonic(), 0.0))
        hand.send(row[1])


@pytest.mark.synth
def test_a_real_synth_sounds_the_answer_and_goes_quiet_when_cut_in_with_the_pedal_down(
    system: RtMidiSystem, server: str, tmp_path: Path
) -> None:
    with fluidsynth(server, tmp_path) as synth:
        wait_until(lambda: any(NAME in name for name in system.output_names()))
        with playing("--seed", "1", "--length", "120s", "--no-take", "--no-page", "--out", NAME) as process:
            person = Person(system)
            person.play(*CALL)
            person.hear(wire.struck(1, 0, 0)[:1])
            wait_until(lambda: synth.loudness() > SOUNDS)
            person.play("b0 40 7f", "90 48 01")  # a note so soft that what is heard is the answer
            wait_until(lambda: synth.loudness() < QUIET, within_s=60.0)  # half of the answer
            person.unplug()
            person.leave()
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0


def test_the_list_of_ports_has_those_of_other_programs(system: RtMidiSystem) -> None:
    synth = system.make_input("A synth", lambda _: None)
    command = [sys.executable, "antiphon.py", "ports", "--midi-api", "jack"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0
    assert "A synth" in done.stdout
    assert "Antiphon list" not in done.stdout
    synth.close()


def test_an_unknown_port_is_refused_with_those_there_are(system: RtMidiSystem) -> None:
    synth = system.make_input("A synth", lambda _: None)
    command = [sys.executable, "antiphon.py", "play", "--midi-api", "jack", "--no-take", "--out", "organ"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert "no output port named 'organ'; there are: " in done.stderr
    assert "A synth" in done.stderr
    synth.close()
