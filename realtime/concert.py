"""The instrument put together from choices, played, and put away again.

Knows every part of the live side, and is where the interpreter, signals and threads are set up.
"""

import argparse
import gc
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import FrameType

from music.midi_scan import MidiFileError
from music.notes import NoteOn, Pedal
from music.phrase import Phrase, events_of
from realtime.answerers.answerer import Answerer
from realtime.answerers.imitation import Imitation
from realtime.engine.answering import PromptDesk, WorkerDesk
from realtime.engine.clock import Clock, SetClock, SteadyClock
from realtime.engine.inbox import Inbox, LiveInbox, ScriptInbox
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.engine.port_watch import COMPUTER_KEYBOARD, PortWatch
from realtime.engine.take import TakeFile, TakeRecorder, default_folder, fresh_path, refuse_unwritable
from realtime.midi.ports import PortError, PortSystem
from realtime.performer.events import Event, KeyDown, KeyUp, PedalMoved, Stopped
from realtime.performer.rules import Rules
from realtime.terminal import keys, tty
from realtime.terminal.stage import Stage, fits_a_picture

SWITCH_INTERVAL_S = 0.0005  # the default of 5 ms makes notes 5 ms late beside a busy thread; so, 0.7 ms
GIVE_UP_AFTER_S = 3.0  # when told to stop
PORTS_CLOSE_WITHIN_S = 10.0  # JACK takes up to a second for each


@dataclass(frozen=True, slots=True)
class Choices:
    """What `antiphon play` was asked for."""

    answerer: Answerer
    seed: int
    rules: Rules
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    midi_api: str | None = None
    thru: bool = True
    call: Path | None = None
    fast: bool = False
    take: Path | None = None

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Choices":
        """From the options; what was left to us is chosen here."""
        seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
        take = args.take or fresh_path(args.takes or default_folder())
        return cls(
            answerer=_answerer(args, seed),
            seed=seed,
            rules=_rules(args),
            inputs=tuple(args.inputs),
            outputs=tuple(args.outputs),
            midi_api=args.midi_api,
            thru=not args.no_thru,
            call=args.call,
            fast=args.fast,
            take=None if args.no_take else take,
        )


def _answerer(args: argparse.Namespace, seed: int) -> Answerer:
    if args.model == "none":
        return Imitation(seed, args.temperature)
    # Only for a model: whoever plays without one needs no runtime.
    from realtime.answerers.network import Network
    from realtime.inference.session import open_session

    return Network(open_session(Path(args.model), args.device), seed, args.temperature)


def _rules(args: argparse.Namespace) -> Rules:
    share, shortest, longest = args.length
    return Rules(
        length_share=share,
        shortest_answer_s=shortest,
        longest_answer_s=longest,
        loudness=args.loudness,
        channel=args.channel if isinstance(args.channel, int) else None,
        shares_channel=args.channel == "same",
    )


def play(choices: Choices) -> int:
    """Play until the file's last answer is over, or somebody stops; returns the exit status."""
    print(f"model {choices.answerer.name}   seed {choices.seed}")
    if choices.take is not None:
        refuse_unwritable(choices.take)
        print(f"take  {choices.take}")
    if choices.call is None:
        return _live(choices)
    script = script_of(_read(choices.call))
    return _fast(choices, script) if choices.fast else _paced(choices, script)


def _read(path: Path) -> Phrase:
    from music.midi_files import read_phrase  # loads the MIDI-file library, which playing live doesn't need

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
    recorder = TakeRecorder()
    desk = PromptDesk(choices.answerer, clock, inbox.put)
    loop = Loop(clock, inbox, Outputs(), desk, lambda: choices.rules, [recorder])
    with _stopping_by_signal(inbox, clock):
        loop.run()
    return _put_away(loop, _take_file(choices, recorder, clock))


def _paced(choices: Choices, script: list[Event]) -> int:
    real, clock = SteadyClock(), SetClock()
    inbox = ScriptInbox(script, clock, real)
    with _ports(choices, inbox, real, offers_input=False) as (outputs, watch):
        print(f"in    {choices.call}\n{_outputs_told(watch, outputs)}")
        recorder = TakeRecorder()
        stage = Stage(inbox.pace, None, sys.stdout, draws=fits_a_picture())
        if watch is not None:
            watch.say = stage.say
        desk = PromptDesk(choices.answerer, clock, inbox.put)
        loop = Loop(clock, inbox, outputs, desk, lambda: choices.rules, [recorder, stage])
        return _run(choices, loop, inbox, stage, _take_file(choices, recorder, real), outputs, real)


def _live(choices: Choices) -> int:
    clock = SteadyClock()
    inbox = LiveInbox(clock)
    has_keys = tty.is_interactive()
    with _ports(choices, inbox, clock) as (outputs, watch):
        if watch is None and not has_keys:
            raise PortError(
                "nothing to play on: no MIDI system, and no terminal to type in; see antiphon play --from"
            )
        print(f"{_inputs_told(watch, has_keys=has_keys)}\n{_outputs_told(watch, outputs)}", flush=True)
        recorder = TakeRecorder()
        computer = keys.ComputerKeys(inbox.put, COMPUTER_KEYBOARD) if has_keys else None
        stage = Stage(clock, computer, sys.stdout, draws=fits_a_picture())
        if watch is not None:
            watch.say = stage.say
        if has_keys:
            print(keys.HELP)
        desk = WorkerDesk(choices.answerer, clock, inbox.put)
        loop = Loop(clock, inbox, outputs, desk, lambda: choices.rules, [recorder, stage])
        return _run(choices, loop, inbox, stage, _take_file(choices, recorder, clock), outputs, clock)


def _run(
    choices: Choices,
    loop: Loop,
    inbox: Inbox,
    stage: Stage,
    take: TakeFile | None,
    outputs: Outputs,
    clock: Clock,
) -> int:
    """The loop on a thread of its own, the terminal on this one, until both are done."""
    thread = Thread(target=loop.run, name="loop", daemon=True)
    with _stopping_by_signal(inbox, clock) as stop, _interpreter_for_music(), _keys_or_not(stage):
        thread.start()

        def is_running() -> bool:
            return thread.is_alive() and not stop.is_overdue(clock.now())

        def meanwhile() -> None:
            if take is not None:
                take.save_now_and_then(loop.state.phase, stage.say)

        try:
            stage.run(is_running, lambda: loop.state, lambda: choices.rules, meanwhile)
        finally:  # also when the terminal failed: the loop has notes to end
            inbox.put(Stopped(clock.now()))
            thread.join(GIVE_UP_AFTER_S)
            if thread.is_alive():
                outputs.silence()
    if thread.is_alive():
        _tell("the loop didn't stop in time; everything has been silenced")
    return max(_put_away(loop, take), int(thread.is_alive()))


def _tell(line: str) -> None:
    """Print a line, unless the terminal is gone."""
    with suppress(OSError):
        print(line, flush=True)


def _put_away(loop: Loop, take: TakeFile | None) -> int:
    saved = take is not None and take.save()
    if loop.echoes:
        _tell(
            f"{loop.echoes} of our own messages came back and were left out: is an output wired to an input?"
        )
    if take is not None:
        _tell(f"take saved: {take.path}" if saved else "nothing was played: no take")
    return 1 if loop.failure is not None else 0


def _take_file(choices: Choices, recorder: TakeRecorder, clock: Clock) -> TakeFile | None:
    if choices.take is None:
        return None
    about = [f"answerer: {choices.answerer.name}", f"seed: {choices.seed}"]
    return TakeFile(recorder, choices.take, about, clock)


@contextmanager
def _ports(
    choices: Choices, inbox: Inbox, clock: Clock, *, offers_input: bool = True
) -> Iterator[tuple[Outputs, PortWatch | None]]:
    """The outputs, and the ports if there is a MIDI system; what was named must be there."""
    outputs = Outputs(thru=choices.thru)
    try:
        system = _system(choices.midi_api)
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


def _outputs_told(watch: PortWatch | None, outputs: Outputs) -> str:
    names = ", ".join(port.name for port in outputs.ports)
    told = f"out   {names or 'nothing: what is played is seen, not heard'}"
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
