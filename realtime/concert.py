"""The instrument put together from choices, played, and put away again.

Knows every part of the live side, and is where the interpreter, signals and threads are set up.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import FrameType

from music.midi.scan import MidiFileError
from music.notes import NoteOn, Pedal
from music.phrase import Phrase, events_of
from realtime.choices import Choices
from realtime.engine.answering import PromptDesk, WorkerDesk
from realtime.engine.clock import Clock, SetClock, SteadyClock
from realtime.engine.controls import Controls, answer_bounds_s, controls_of
from realtime.engine.inbox import Inbox, LiveInbox, ScriptInbox
from realtime.engine.loop import Loop, Turned
from realtime.engine.outputs import Outputs
from realtime.engine.page_link import PageLink, begin_row
from realtime.engine.port_watch import COMPUTER_KEYBOARD, PortWatch
from realtime.engine.priority import urgent
from realtime.engine.rows import Rows
from realtime.engine.take import TakeRecorder, refuse_unwritable, save
from realtime.midi.ports import PortError, PortSystem
from realtime.performer.events import Event, KeyDown, KeyUp, PedalMoved, Stopped
from realtime.terminal import keys, tty
from realtime.terminal.stage import Stage, fits_a_picture

SWITCH_INTERVAL_S = 0.0005  # the default of 5 ms makes notes 5 ms late beside a busy thread; so, 0.7 ms
GIVE_UP_AFTER_S = 3.0  # when told to stop
PORTS_CLOSE_WITHIN_S = 10.0  # JACK takes up to a second for each


def play(choices: Choices) -> int:
    """Play until the file's last answer is over, or somebody stops; returns the exit status."""
    on = "" if choices.answerer.device == "none" else f"   on {choices.answerer.device}"
    if choices.not_on_cuda is not None:
        on = f"{on}, not on cuda: {choices.not_on_cuda}"
    print(f"model {choices.answerer.name}{on}   seed {choices.seed}")
    if choices.doubt is not None:
        print(f"      {choices.doubt}")
    if choices.take is not None:
        refuse_unwritable(choices.take)
        print(f"take  {choices.take}")
    script = None if choices.call is None else script_of(_read(choices.call))
    if script is not None and choices.fast:
        return _fast(choices, script)
    with urgent():
        return _live(choices) if script is None else _paced(choices, script)


def _read(path: Path) -> Phrase:
    from music.midi.files import read_phrase  # loads the MIDI-file library, which playing live doesn't need

    phrase = read_phrase(path)
    if not phrase.notes:
        raise MidiFileError(str(path), "has no notes to answer")
    return phrase


def script_of(phrase: Phrase) -> list[Event]:
    """What a player would do to play this phrase: at the end the pedal comes up."""
    script: list[Event] = []
    for event in events_of(phrase):
        if isinstance(event, Pedal):
            script.append(PedalMoved(event.at, 127 if event.down else 0))
        elif isinstance(event, NoteOn):
            script.append(KeyDown(event.at, event.pitch, event.velocity))
        else:
            script.append(KeyUp(event.at, event.pitch))
    return [*script, PedalMoved(max(script[-1].at, phrase.until), 0)]


def _fast(choices: Choices, script: list[Event]) -> int:
    clock = SetClock()
    inbox = ScriptInbox(script, clock)
    desk = PromptDesk(choices.answerer, clock, inbox.put)
    rows, recorder = Rows(), TakeRecorder()

    def watch(turned: Turned) -> None:
        for row in rows.of(turned):
            recorder.take(row)

    loop = Loop(clock, inbox, Outputs(), desk, _controls(choices), [watch])
    with _stopping_by_signal(inbox, clock):
        loop.run()
    return _put_away(choices, loop, recorder)


def _paced(choices: Choices, script: list[Event]) -> int:
    real, clock = SteadyClock(), SetClock()
    inbox = ScriptInbox(script, clock, real)
    with _ports(choices, inbox, real, offers_input=False) as (outputs, watch):
        print(
            f"in    {choices.call}\n{_outputs_told(watch, outputs, has_page=choices.page_port is not None)}",
            flush=True,
        )
        desk = PromptDesk(choices.answerer, clock, inbox.put)
        loop = Loop(clock, inbox, outputs, desk, _controls(choices))
        stage = Stage(inbox.pace, None, sys.stdout, draws=fits_a_picture())
        return _in_public(_Performance(choices, loop, inbox, stage, outputs, watch, inbox.pace))


def _live(choices: Choices) -> int:
    clock = SteadyClock()
    inbox = LiveInbox(clock)
    has_keys = tty.is_interactive()
    with _ports(choices, inbox, clock) as (outputs, watch):
        if watch is None and not has_keys and choices.page_port is None:
            raise PortError(
                "nothing to play on: no MIDI system, no terminal to type in, and no page; leave --no-page away, "
                "or see antiphon play --from"
            )
        print(
            f"{_inputs_told(watch, has_keys=has_keys)}\n{_outputs_told(watch, outputs, has_page=choices.page_port is not None)}",
            flush=True,
        )
        desk = WorkerDesk(choices.answerer, clock, inbox.put)
        loop = Loop(clock, inbox, outputs, desk, _controls(choices))
        computer = keys.ComputerKeys(inbox.put, COMPUTER_KEYBOARD) if has_keys else None
        stage = Stage(clock, computer, sys.stdout, draws=fits_a_picture())
        return _in_public(_Performance(choices, loop, inbox, stage, outputs, watch, clock))


@dataclass(frozen=True, slots=True)
class _Performance:
    """All that plays together in real time."""

    choices: Choices
    loop: Loop
    inbox: Inbox
    stage: Stage
    outputs: Outputs
    watch: PortWatch | None
    clock: Clock


def _in_public(it: _Performance) -> int:
    """The loop with its watchers: the terminal, and the page process that writes the take."""
    it.loop.watch(it.stage)
    for watcher in it.choices.watchers:
        it.loop.watch(watcher)
    link = _page_link(it)
    if link is not None:
        it.loop.watch(link)
        link.start()
    if it.stage.has_keys:
        print(keys.HELP)
    if it.watch is not None:
        it.watch.say = _port_teller(it, it.watch, link)
    return _run(it, link)


def _run(it: _Performance, link: PageLink | None) -> int:
    """The loop on a thread of its own, the terminal on this one, until both are done."""
    loop, clock = it.loop, it.clock
    thread = Thread(target=loop.run, name="loop", daemon=True)
    with _stopping_by_signal(it.inbox, clock) as stop, _interpreter_for_music(), _keys_or_not(it.stage):
        thread.start()

        def is_running() -> bool:
            return thread.is_alive() and not stop.is_overdue(clock.now())

        try:
            it.stage.run(is_running, lambda: loop.state, lambda: loop.controls.rules)
        finally:  # also when the terminal failed: the loop has notes to end
            it.inbox.put(Stopped(clock.now()))
            thread.join(GIVE_UP_AFTER_S)
            if thread.is_alive():
                it.outputs.silence()
                _tell("the loop didn't stop in time; everything has been silenced")
            ended = _put_away(it.choices, loop, None if link is None else _told_rows(link))
    return max(ended, int(thread.is_alive()))


def _page_link(it: _Performance) -> PageLink | None:
    """The page process, wherever there is a page to show or a take to write."""
    choices = it.choices
    if choices.page_port is None and choices.take is None:
        return None
    begin = begin_row(
        it.clock,
        model=choices.answerer.name,
        device=choices.answerer.device,
        seed=choices.seed,
        take=choices.take,
        about=_about(choices),
        controls=controls_of(it.loop.controls.rules),
        answer_within_s=answer_bounds_s(it.loop.controls.rules),
        inputs=[] if it.watch is None else it.watch.input_names,
        outputs=[port.name for port in it.outputs.ports],
    )
    return PageLink(_page_command(choices), begin, it.clock, it.inbox.put, it.stage.say)


def _page_command(choices: Choices) -> list[str]:
    # -P: a folder called realtime where the person happens to be must not be taken for ours
    command = [sys.executable, "-P", "-m", "realtime.web"]
    if choices.page_port is None:
        return [*command, "--no-page"]
    wish = ["--port-is-a-wish"] if choices.page_port_is_a_wish else []
    return [*command, "--port", str(choices.page_port), *wish]


def _port_teller(it: _Performance, watch: PortWatch, link: PageLink | None) -> Callable[[str], None]:
    """Tells what comes and goes, in the terminal and on the page."""

    def say(line: str) -> None:
        it.stage.say(line)
        if link is not None:
            link.tell_line(line)
            names = {"inputs": watch.input_names, "outputs": [port.name for port in it.outputs.ports]}
            link.tell({"kind": "ports", "at": it.clock.now()} | names)

    return say


def _controls(choices: Choices) -> Controls:
    return Controls(choices.rules, choices.controllers)


def _tell(line: str) -> None:
    """Print a line, unless the terminal is gone."""
    with suppress(OSError):
        print(line, flush=True)


def _told_rows(link: PageLink) -> TakeRecorder | str | None:
    """Where the page process has saved the take; or, if it has not done so, all that belongs into it."""
    rows, saved, did_its_work = link.close()
    if did_its_work:
        return saved
    recorder = TakeRecorder()
    for row in rows:
        recorder.take(row)
    return recorder


def _put_away(choices: Choices, loop: Loop, take: TakeRecorder | str | None) -> int:
    """Tell what is to be told at the end, and save the take if nobody has yet."""
    if loop.echoes:
        _tell(
            f"{loop.echoes} of our own messages came back and were left out: is an output wired to an input?"
        )
    if choices.take is not None:
        saved = _saved(choices, choices.take, take) if isinstance(take, TakeRecorder) else take
        _tell(f"take saved: {saved}" if saved else "nothing was played: no take")
    return 1 if loop.failure is not None else 0


def _saved(choices: Choices, path: Path, recorder: TakeRecorder) -> Path | None:
    phrase = recorder.phrase()
    if not phrase.notes:
        return None
    save(phrase, path, _about(choices))
    return path


def _about(choices: Choices) -> list[str]:
    return [f"answerer: {choices.answerer.name}", f"seed: {choices.seed}"]


@contextmanager
def _ports(
    choices: Choices, inbox: Inbox, clock: Clock, *, offers_input: bool = True
) -> Iterator[tuple[Outputs, PortWatch | None]]:
    """The outputs, and the ports if there is a MIDI system; what was named must be there."""
    outputs = Outputs(thru=choices.thru)
    try:
        system = choices.system or _system(choices.midi_api)
    except PortError as reason:
        if choices.inputs or choices.outputs or choices.midi_api:
            raise
        print(f"ports none: {reason}")
        yield outputs, None
        return
    watch = PortWatch(system, inbox, outputs, clock, say=print, offers_input=offers_input)
    try:
        watch.open(choices.inputs, choices.outputs)
        watch.start()
        yield outputs, watch
    finally:
        _close_or_leave(watch)


def _close_or_leave(watch: PortWatch) -> None:
    """Close the ports; a driver whose server has died may never return, and then we end without it.

    By now the notes have ended and the take is saved.
    """
    closing = Thread(target=watch.close, name="closing", daemon=True)
    closing.start()
    closing.join(PORTS_CLOSE_WITHIN_S)
    if closing.is_alive():
        _tell("the MIDI system doesn't take its ports back; leaving it")
        os._exit(1)  # an ordinary end would wait for the driver again


def _system(name: str | None) -> PortSystem:
    try:
        from realtime.midi.rtmidi_ports import open_system
    except ImportError as reason:  # a sound library of the system's that python-rtmidi was linked to
        raise PortError(f"python-rtmidi can't be loaded: {reason}") from reason
    return open_system(name)


def _inputs_told(watch: PortWatch | None, *, has_keys: bool) -> str:
    names = [
        *(watch.input_names if watch is not None else []),
        *(["the computer's keys"] if has_keys else []),
    ]
    return f"in    {', '.join(names) or 'nothing yet: plug in a keyboard'}"


def _outputs_told(watch: PortWatch | None, outputs: Outputs, *, has_page: bool) -> str:
    names = ", ".join(port.name for port in outputs.ports)
    without = "no port: it is heard on the page" if has_page else "nothing: what is played is seen, not heard"
    told = f"out   {names or without}"
    if watch is None or watch.system.makes_ports:
        return told
    return f"{told}\nNo virtual ports here: to play in a DAW, make one with loopMIDI and name it with --in and --out."


class _Stop:
    """Whether somebody told us to stop, and since when."""

    def __init__(self) -> None:
        self.since: float | None = None

    def is_overdue(self, now: float) -> bool:
        return self.since is not None and now - self.since > GIVE_UP_AFTER_S


@contextmanager
def _stopping_by_signal(inbox: Inbox, clock: Clock) -> Iterator[_Stop]:
    """Ctrl-C, a closed terminal or a polite kill become an event, so that all notes end by the one way there is."""
    stop = _Stop()

    def told(_: int, __: FrameType | None) -> None:
        stop.since = stop.since or clock.now()
        inbox.put(Stopped(stop.since))

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), told) for name in names}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _interpreter_for_music() -> Iterator[None]:
    """Threads take turns quickly, and what has been loaded is never searched for garbage."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


def _keys_or_not(stage: Stage) -> AbstractContextManager[None]:
    return tty.keys_at_once() if stage.has_keys else nullcontext()
