"""The whole instrument over a JACK server that ends and is started again, or hangs; and killed itself."""

import os
import signal
import subprocess
from pathlib import Path
from queue import SimpleQueue
from time import sleep

import pytest

from realtime.midi import wire
from realtime.midi.rtmidi_ports import open_system
from tests.commands.test_play_over_jack import CALL, Person, only
from tests.support.jack import jack_process, jack_server
from tests.support.running import line_with, running
from tests.support.waiting import PATIENCE_S, wait_until

SETTLED_S = 2.0  # after the start, the first heartbeat has gone through the server
ENDS_WITHIN_S = 60.0  # five, on a machine that has time
PLAY = ("play", "--midi-api", "jack", "--model", "none", "--no-take", "--no-page")

pytestmark = [pytest.mark.jack, pytest.mark.slow]


@pytest.fixture
def _our_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"antiphon{os.getpid()}")


@pytest.mark.usefixtures("_our_server")
def test_after_the_server_was_started_again_it_is_played_on_as_before(tmp_path: Path) -> None:
    with jack_server(tmp_path / "first.log"):
        instrument = running(*PLAY, "--seed", "1")
        process = instrument.__enter__()
        line_with(process, "out")
        sleep(SETTLED_S)
    try:
        line_with(process, "jack doesn't answer any more")
        with jack_server(tmp_path / "second.log"):
            line_with(process, "jack is back")
            system = open_system("jack")
            person = Person(system)
            person.play(*CALL)
            person.hear(wire.struck(1, 0, 0)[:1])
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
            person.unplug()
            person.leave()
            system.close()
    finally:
        instrument.__exit__(None, None, None)


@pytest.mark.usefixtures("_our_server")
def test_when_the_buffer_s_size_is_changed_it_is_played_on_as_before(tmp_path: Path) -> None:
    with jack_server(tmp_path / "jackd.log"), running(*PLAY, "--seed", "1") as process:
        line_with(process, "out")
        system = open_system("jack")
        person = Person(system)
        person.play(*CALL[:2])
        for frames in ("1024", "256"):  # in mid-phrase, with a key held
            changed = subprocess.run(["jack_bufsize", frames], capture_output=True, check=False)
            assert changed.returncode == 0, changed.stderr
        person.play(*CALL[2:])
        person.hear(wire.struck(1, 0, 0)[:1])
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        said = process.stdout.read()
        assert process.wait(PATIENCE_S) == 0
        assert "doesn't answer" not in said
        person.unplug()
        person.leave()
        system.close()


def ends(process: subprocess.Popen[str], number: signal.Signals) -> None:
    process.send_signal(number)
    process.wait(ENDS_WITHIN_S)


@pytest.mark.usefixtures("_our_server")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_hangs_keeps_nobody_from_ending_it(tmp_path: Path, number: signal.Signals) -> None:
    with jack_process(tmp_path / "jackd.log") as (_, server), running(*PLAY) as process:
        line_with(process, "out")
        server.send_signal(signal.SIGSTOP)
        ends(process, number)


@pytest.mark.usefixtures("_our_server")
def test_nor_does_one_that_has_hung_for_a_while(tmp_path: Path) -> None:
    with jack_process(tmp_path / "jackd.log") as (_, server), running(*PLAY) as process:
        line_with(process, "out")
        sleep(SETTLED_S)
        server.send_signal(signal.SIGSTOP)
        line_with(process, "jack doesn't answer any more")
        ends(process, signal.SIGTERM)
        assert process.returncode == 0


@pytest.mark.usefixtures("_our_server")
def test_an_engine_that_is_killed_leaves_nothing_sounding(tmp_path: Path) -> None:
    with jack_server(tmp_path / "jackd.log"):
        system = open_system("jack")
        came: SimpleQueue[bytes] = SimpleQueue()
        synth = system.make_input("A synth", came.put)
        words = ("--model", "none", "--takes", str(tmp_path / "takes"))
        name = only(system.output_names(), "A synth")
        with running("play", "--midi-api", "jack", *words, "--out", name) as process:
            line_with(process, "out")
            person = Person(system, synth=came)
            person.play("b0 40 7f", "90 48 60")
            process.kill()
            person.hear_it_go_quiet()
            person.unplug()
        synth.close()
        system.close()
    wait_until(lambda: len(list((tmp_path / "takes").glob("*.mid"))) == 1)
