"""Everything that stands on the stage, as processes: the sound server, whoever listens, the keyboard, the
instrument with somebody who has its page open. Each can be killed and started again.

Knows how they are started and ended, each by its own number. Must not know what is played.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import benchmarks
from benchmarks.instrument.audience import page_open
from benchmarks.instrument.processes import children, rss_mb
from benchmarks.instrument.sound_server import sound_server
from benchmarks.soaking.journal import HANDED, TURN, Journal, Reading
from benchmarks.soaking.keyboard import NAME

SERVER, LISTENER = "antiphon-soak", "soak_listener"
WITHIN_S = 60.0  # what is waited for comes by then, also on a busy machine, or never
LOOK_S = 0.02
ENDS_WITHIN_S = 30.0
LONGEST_HOLD_S = 4.0


class Gone(Exception):
    """What was waited for didn't come; it says what that was."""


@dataclass
class Stage:
    """All of it; `waits_in_vain` has what never came."""

    folder: Path
    model: str
    seed: int
    waits_in_vain: list[str] = field(default_factory=list)
    memory: list[tuple[float, int, str, float]] = field(default_factory=list)  # moment, process, which, MB
    engines: int = 0
    deaths: int = 0  # of engines that nobody killed
    _all: ExitStack = field(default_factory=ExitStack)
    _server: ExitStack = field(default_factory=ExitStack)
    _audience: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> "Stage":
        self.takes = self.folder / "takes"
        self.takes.mkdir()
        self.wishes = self.folder / "wishes"
        self.played = Journal(self.folder / "played")
        self.phase, self.reason = "waiting", ""
        self._listening = self._all.enter_context((self.folder / "heard").open("ab"))
        self._all.callback(self._end_all)
        with ExitStack() as begun:
            begun.callback(self._all.close)
            self.start_server()
            self.start_instrument()
            begun.pop_all()  # all is there: it is closed when it is left
        return self

    def __exit__(self, *_: object) -> None:
        self._all.close()

    def _end_all(self) -> None:
        for name in ("instrument", "keyboard", "listener"):
            end(getattr(self, name, None))
        self._audience.close()
        self._server.close()

    # The sound server, with what lives and dies with it.

    def start_server(self) -> None:
        """The server, somebody who listens, and the keyboard."""
        os.environ["JACK_DEFAULT_SERVER"] = SERVER
        self._server.enter_context(sound_server(SERVER))
        command = ["stdbuf", "-oL", "jack_midi_dump", LISTENER]
        self.listener = subprocess.Popen(command, stdout=self._listening, stderr=subprocess.DEVNULL)
        self.start_keyboard()

    def end_server(self) -> None:
        """The server ends, as when its buffer's size is changed; so do those that can't do without it."""
        self._server.close()
        end(self.keyboard)
        end(self.listener)

    def start_keyboard(self) -> None:
        """Plug the keyboard in."""
        self.keyboard = started("benchmarks.soaking.keyboard", stdin=subprocess.PIPE)
        await_ready(self.keyboard)

    def vanish_keyboard(self) -> None:
        """Pull it out, whatever is held."""
        self.keyboard.kill()
        self.keyboard.wait()

    def play(self, message: bytes) -> None:
        """Hand one message to the keyboard."""
        self.played.note(HANDED, message=message.hex())
        assert self.keyboard.stdin is not None
        with suppress(OSError):  # it has just died
            self.keyboard.stdin.write(f"{message.hex()}\n")
            self.keyboard.stdin.flush()

    # The instrument.

    def start_instrument(self) -> None:
        """Start it, wait until it can be played, and open its page."""
        self.engines += 1
        self.journal = self.folder / f"journal-{self.engines}"
        self._reading = Reading(self.journal)
        self.said: list[str] = []
        words = ["--midi-api", "jack", "--in", NAME, "--out", f"{LISTENER}:input", "--model", self.model]
        words += ["--seed", str(self.seed), "--takes", str(self.takes), "--page-port", "0"]
        words += ["--trace", str(self.folder / f"trace-{self.engines}")]
        words += ["--length", "2s-3s", "--longest-hold", str(LONGEST_HOLD_S)]
        self.instrument = started(
            "benchmarks.soaking.instrument",
            str(self.journal),
            str(self.wishes),
            *words,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        says = self.folder / f"said-{self.engines}"
        Thread(target=_read, args=(self.instrument, self.said, says), daemon=True).start()
        url = self.line("page  http").split()[1]
        self._audience.enter_context(page_open(url))

    def kill_instrument(self) -> None:
        """Kill the engine; the page process has a take to save, and ends by itself."""
        page = self.page_process()
        self.instrument.kill()
        self.instrument.wait()
        self.await_("the page process ends by itself", lambda: page is None or not _runs(page))
        self._audience.close()
        self.phase = "waiting"

    def see_to_instrument(self) -> None:
        """If it has ended by itself, which it never should, that is kept, and it is started again."""
        if self.instrument.poll() is not None:
            self.deaths += 1
            self.kill_instrument()
            self.start_instrument()

    def end_instrument(self) -> int | None:
        """Ask it to end; its exit status, or None where it never ended."""
        self.instrument.terminate()
        try:
            return self.instrument.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            return None

    def page_process(self) -> int | None:
        """The number of its page process."""
        return next((pid for pid in children(self.instrument.pid) if _is_page(pid)), None)

    def line(self, begins: str, within_s: float = WITHIN_S) -> str:
        """The newest line that it said which begins so; waited for."""

        def found() -> str | None:
            return next((line for line in reversed(self.said) if line.startswith(begins)), None)

        if not self.await_(f"it says {begins!r}", lambda: found() is not None, within_s):
            raise Gone(f"it never said {begins!r}; it said: {' | '.join(self.said[-5:])}")
        return found() or ""

    def await_line(self, part: str, after: int) -> bool:
        """Whether it says something with this in it, later than its first `after` lines."""
        return self.await_(f"it says {part!r}", lambda: any(part in line for line in self.said[after:]))

    def await_(self, what: str, is_so: Callable[[], bool], within_s: float = WITHIN_S) -> bool:
        """Wait until something is so; where it never is, that is kept."""
        give_up_at = time.monotonic() + within_s
        while not is_so():
            if time.monotonic() > give_up_at:
                self.waits_in_vain.append(what)
                return False
            time.sleep(LOOK_S)
        return True

    def look(self) -> str:
        """Whose turn it is by now."""
        for row in self._reading.rows():
            if row["kind"] == TURN:
                self.phase, self.reason = row["phase"], row["reason"]
        return self.phase

    def weigh(self) -> None:
        """Note what engine and page process take of memory."""
        page = self.page_process()
        for which, pid in (("engine", self.instrument.pid), ("page", page)):
            with suppress(subprocess.CalledProcessError):  # it has just ended
                if pid is not None:
                    self.memory.append((time.monotonic(), pid, which, rss_mb(pid)))


def started(
    module: str, *words: str, stdin: int | None = None, stderr: int | None = None
) -> subprocess.Popen[str]:
    """A module of ours as a process of its own, whose lines can be read."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", module, *words],
        cwd=Path(benchmarks.__file__).parent.parent,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def await_ready(process: subprocess.Popen[str]) -> None:
    """Wait until it says so."""
    assert process.stdout is not None
    if process.stdout.readline().strip() != "ready":
        raise Gone("a program beside the instrument didn't come up")


def _read(process: subprocess.Popen[str], said: list[str], kept: Path) -> None:
    assert process.stdout is not None
    with kept.open("w", buffering=1) as file:
        for line in process.stdout:
            said.append(line.rstrip("\n"))
            file.write(f"{time.monotonic():.3f} {line}")


def end(process: subprocess.Popen[str] | subprocess.Popen[bytes] | None) -> None:
    """End a process by its number, if there is one."""
    if process is None:
        return
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdin is not None:
        with suppress(OSError):  # what it hasn't read
            process.stdin.close()


def _is_page(pid: int) -> bool:
    with suppress(OSError):
        return b"realtime.web" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
