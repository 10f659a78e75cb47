"""`antiphon play` from a file, end to end, in a process of its own.

What it plays, imports, saves and refuses.

Ports are not opened here; `test_play_over_jack.py` does that.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

import antiphon
from music.midi.files import read_phrase, read_pieces
from music.midi.writing import write_midi
from music.notes import Note, Pedal
from music.phrase import Phrase
from realtime.performer.sound.loudness import struck_velocity
from realtime.rows.take import MODEL, PLAYER
from tests.support.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "onnxruntime", "streamlit", "training", "export", "dashboard")
RUN = (
    "import sys, json, antiphon; code = antiphon.main(sys.argv[1:]); "
    "print(json.dumps(sorted(sys.modules))); sys.exit(code)"
)
PITCHES = (60, 62, 64, 65, 67, 64, 60, 62, 64, 60)


@pytest.fixture
def call(tmp_path: Path) -> Path:
    path = tmp_path / "call.mid"
    notes = [Note(place * 0.25, pitch, 60 + place, 0.22) for place, pitch in enumerate(PITCHES)]
    write_midi(Phrase.of(notes, [Pedal(0.5, True), Pedal(1.0, False)]), path)
    return path


def play(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, "play", *map(str, words)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if "TELEMETRY" not in name} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def taken(call: Path, *words: str) -> tuple[Note, ...]:
    """The notes of the take that these options make, played by rule."""
    take = call.with_name("take.mid")
    done = play("--from", call, "--fast", "--take", take, "--model", "none", *words)
    assert done.returncode == 0, done.stderr
    return read_phrase(take).notes


def answer(notes: tuple[Note, ...]) -> list[Note]:
    return [note for note in notes if note.voice == MODEL]


def test_a_file_is_answered_into_a_take_without_importing_what_playing_does_not_need(call: Path) -> None:
    take = call.with_name("take.mid")
    done = play("--from", call, "--fast", "--take", take, "--seed", "1", "--model", "none")
    assert done.returncode == 0, done.stderr
    modules = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in modules if name.split(".")[0] in HEAVY] == []
    assert "none: imitates and varies your phrase by rule" in done.stdout
    assert "seed 1" in done.stdout
    (piece,) = read_pieces(take)
    assert [part.name for part in piece.parts] == ["Player", "Antiphon"]
    words = [word.text for word in piece.words if word.kind == "text"]
    assert words == [
        "answerer: none: imitates and varies your phrase by rule",
        "seed: 1",
        "model: none",
        "controls: temperature 1.0, length 1.0, loudness 1.0, density 1.0, register 0.0, articulation 1.0, "
        "eagerness 1.0, channel next, mode call, "
        "mute 0, tempo 100.0, answer-within 2.0-30.0, bars 4x4",
        "asked: turn 1, attempt 0",
        "stopped",
    ]
    player = [note.pitch for note in piece.phrase.notes if note.voice == PLAYER]
    assert tuple(player) == PITCHES
    assert answer(piece.phrase.notes)
    assert answer(piece.phrase.notes)[0].at > 9 * 0.25 + 0.22 + 0.35


@pytest.mark.slow
def test_the_same_seed_plays_the_same_notes_and_another_seed_others(call: Path) -> None:
    first, again, other = (taken(call, "--seed", seed) for seed in ("1", "1", "2"))
    assert first == again
    assert answer(first) != answer(other)


@pytest.mark.slow
def test_length_loudness_and_temperature_change_what_is_played(call: Path) -> None:
    usual = answer(taken(call, "--seed", "3"))
    assert max(note.until for note in usual) - usual[0].at == pytest.approx(2.47, abs=0.3)
    long = answer(taken(call, "--seed", "3", "--length", "6s"))
    assert max(note.until for note in long) - long[0].at == pytest.approx(6.0, abs=0.3)
    double = answer(taken(call, "--seed", "3", "--length", "2"))
    assert max(note.until for note in double) - double[0].at == pytest.approx(4.94, abs=0.4)
    soft = answer(taken(call, "--seed", "3", "--loudness", "0.5"))
    assert [note.velocity for note in soft] == [struck_velocity(note.velocity, 0.5) for note in usual]
    cold, hot = (answer(taken(call, "--seed", "3", "--temperature", t)) for t in ("0", "2"))
    assert [note.pitch for note in cold] != [note.pitch for note in hot]


def test_takes_go_to_the_folder_named_and_the_line_at_start_names_them(call: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my takes"
    done = play("--from", call, "--fast", "--takes", folder)
    (take,) = folder.iterdir()
    assert str(take) in done.stdout
    assert take.suffix == ".mid"


def test_no_take_saves_nothing_and_nobody_else_writes_into_the_home_folder(
    call: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert play("--from", call, "--fast", "--no-take", HOME=str(home)).returncode == 0
    assert list(home.iterdir()) == []


@pytest.mark.slow
def test_in_real_time_the_same_notes_are_played_as_fast(call: Path) -> None:
    take = call.with_name("slow.mid")
    done = play("--from", call, "--take", take, "--seed", "1", "--model", "none", "--no-page")
    assert done.returncode == 0, done.stderr
    assert "answering: the answer begins" in done.stdout
    assert read_phrase(take).notes == taken(call, "--seed", "1")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--fast",), "--fast needs --from"),
        (("--from", "nowhere.mid", "--fast", "--no-take"), "nowhere.mid"),
        (("--from", "{call}", "--link"), "leave --link away"),
        (("--from", "{call}", "--in", "x"), "leave --in and --route away"),
        (("--from", "{call}", "--fast", "--out", "x"), "opens no ports"),
        (("--from", "{call}", "--fast", "--send-clock"), "opens no ports"),
        (("--from", "{call}", "--fast", "--midi-api", "jack"), "leave away --in, --out, --midi-api"),
        (("--from", "{call}", "--fast", "--takes", "{text}"), "text.mid is no folder that may be written to"),
        (("--from", "{call}", "--fast", "--host"), "--fast has no page"),
        (("--from", "{call}", "--fast", "--mode", "endless"), "in the mode endless no answer is the last"),
        (("--no-page", "--host"), "--host and --open are about the page"),
        (("--no-page", "--open"), "--host and --open are about the page"),
        (("--certificate", "x.pem"), "say --host too"),
        (("--host", "--key", "x.pem"), "say --certificate FILE.pem too"),
        (("--host", "127.0.0.1"), "only this machine reaches that"),
        (("--host", "--certificate", "nowhere.pem"), "--certificate nowhere.pem: can't be used with"),
        (("--from", "{text}", "--fast", "--no-take"), "text.mid"),
        (
            ("--from", "{call}", "--fast", "--no-take", "--trace", "{call}/x"),
            "antiphon: {call}/x: not a directory\n",
        ),
        (("--from", "{empty}", "--fast", "--no-take"), "has no notes to answer"),
        (("--from", "{call}", "--fast", "--take", "{call}/x/take.mid"), "no take can be saved"),
        (("--from", "{call}", "--fast", "--take", "{call}"), "write over the call"),
        (("--no-take", "--take", "x.mid"), "--no-take saves nothing"),
        (("--length", "lots"), "a share of the call"),
        (("--length", "9s-3s"), "a share of the call"),
        (("--length", "0"), "a share of the call"),
        (("--loudness", "nan"), "a number from 0.25 to 4"),
        (("--temperature", "3"), "a number from 0 to 2"),
        (("--channel", "17"), "a channel from 1 to 16"),
        (("--channel", "0"), "a channel from 1 to 16"),
        (("--longest-hold", "2"), "seconds from 3 to 600, or none, not '2'"),
        (("--longest-hold", "long"), "seconds from 3 to 600"),
        (("--seed", "-1"), "seed"),
        (("--seed", "1.5"), "whole number"),
        (("--model", "gpt"), "no such model file"),
        (("--cc", "tempo=80"), "no control 'tempo'; "),
        (("--cc", "temprature=80"), "no control 'temprature'; did you mean 'temperature'?"),
        (("--cc", "temperature=64"), "from 0 to 119 but the pedal's 64"),
        (("--cc", "freeze=80", "--cc", "mute=80"), "controller 80 can't move both freeze and mute; give one"),
        (("--mode", "loud"), "invalid choice: 'loud'"),
        (("--split", "C4"), "a key and up or down"),
        (("--route", "piano=3"), "such as keystation:1=3, not 'piano=3'"),
        (("--route", "piano:1=17"), "such as keystation:1=3"),
        (("--route", "piano:0=1"), "such as keystation:1=3"),
        (("--delay", "fluid=1001"), "0 to 1000 milliseconds"),
        (("--delay", "40"), "such as fluid=40"),
        (("--bars", "0"), "a whole number from 1 to 16"),
        (("--tempo", "5"), "a number from 20 to 300"),
        (("--program", "0=freeze"), "a program's number from 1 to 128"),
        (("--program", "4=loud"), "such as 5=freeze"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_one_line(
    words: tuple[str, ...], complaint: str, call: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, empty = call.with_name("text.mid"), call.with_name("empty.mid")
    text.write_text("no music here")
    write_midi(Phrase(), empty)
    try:
        code = antiphon.main(["play", *(word.format(call=call, text=text, empty=empty) for word in words)])
    except SystemExit as refusal:  # an option's own complaint
        code = int(refusal.code or 0)
    assert code == 2
    assert complaint.replace("{call}", str(call)) in capsys.readouterr().err


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.slow
def test_a_signal_in_the_middle_saves_the_take_and_ends_cleanly(stop: signal.Signals, call: Path) -> None:
    take = call.with_name("take.mid")
    command = [sys.executable, "-u", "antiphon.py", "play", "--from", str(call), "--take", str(take)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("calling"):
                process.send_signal(stop)
                break
        rest = process.stdout.read()
        assert process.wait(PATIENCE_S) == 0
    assert "closed: the instrument stops" in rest
    assert "take saved" in rest
    assert read_phrase(take).notes


class Terminal:
    """A pseudo-terminal with `antiphon play` in it, which it controls: Ctrl-C there is a signal."""

    def __init__(self, *words: str | Path) -> None:
        self.controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 90, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "antiphon.py", "play", *map(str, words)],
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  no thread runs here yet
        )
        self.before = termios.tcgetattr(terminal)
        self._terminal = terminal
        self.text = ""

    def read_until(self, words: str) -> None:
        while words not in self.text:
            ready, _, _ = select.select([self.controller], [], [], 30)
            assert ready, f"{words!r} never came; there was {self.text[-2000:]!r}"
            self.text += os.read(self.controller, 65536).decode("utf-8", "replace")

    def press(self, keys: str) -> None:
        os.write(self.controller, keys.encode())

    @property
    def settings(self) -> list[object]:
        return termios.tcgetattr(self._terminal)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE_S)
        os.close(self.controller)
        os.close(self._terminal)


SWALLOWS_CTRL_C = """
import signal
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    raise ImportError("initialization failed")
"""


def test_ctrl_c_while_the_runtime_is_loaded_is_not_taken_for_a_runtime_that_does_not_load(
    call: Path, tmp_path: Path
) -> None:
    (tmp_path / "onnxruntime.py").write_text(SWALLOWS_CTRL_C)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = play("--from", call, "--fast", "--no-take", PYTHONPATH=path)
    assert done.returncode == 130
    assert "answer" not in done.stdout


@pytest.mark.slow
def test_played_from_the_terminals_keys_it_answers_and_is_cut_short_by_a_key(tmp_path: Path) -> None:
    take = tmp_path / "take.mid"
    with Terminal("--take", take, "--seed", "1", "--length", "20s") as terminal:
        terminal.read_until("listening")
        terminal.press("zcb")
        terminal.read_until("you play")
        terminal.press("\n")
        terminal.read_until("Antiphon answers")
        terminal.text = ""
        terminal.press("q")
        terminal.read_until("you play")
        terminal.press("\x03")
        terminal.read_until("take saved")
        assert terminal.process.wait(PATIENCE_S) == 0
        assert terminal.settings == terminal.before
        assert "\x1b[?25h" in terminal.text  # the cursor is back
    notes = read_phrase(take).notes
    assert {note.voice for note in notes} == {PLAYER, MODEL}
    last_of_model = max(note.until for note in notes if note.voice == MODEL)
    cut_in = max(note.at for note in notes if note.voice == PLAYER)
    assert last_of_model <= cut_in + 0.002


@pytest.mark.slow
def test_a_terminal_whose_window_is_closed_ends_it_with_the_take_saved(tmp_path: Path) -> None:
    take = tmp_path / "take.mid"
    with Terminal("--take", take, "--seed", "1") as terminal:
        terminal.read_until("listening")
        terminal.press("zcb")
        terminal.read_until("you play")
        os.close(terminal.controller)
        assert terminal.process.wait(PATIENCE_S) == 0
        terminal.controller = os.open(os.devnull, os.O_RDONLY)
    assert read_phrase(take).notes


def test_with_nothing_to_play_on_it_says_so(tmp_path: Path) -> None:
    done = play("--midi-api", "nonsense", "--no-take")
    assert done.returncode == 2
    assert "no MIDI system named 'nonsense' here; there are: " in done.stderr
