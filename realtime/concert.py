"""The instrument put together from choices, played, and put away again.

Knows every part of the live side.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from music.midi.scan import MidiFileError
from music.notes import NoteOn, Pedal
from music.phrase import Phrase, events_of
from realtime.choices import Choices
from realtime.ending import close_page, put_away, say
from realtime.engine.answering import PromptDesk, WorkerDesk
from realtime.engine.clock import Clock, SetClock, SteadyClock
from realtime.engine.controls import Controls
from realtime.engine.inbox import Inbox, LiveInbox, ScriptInbox
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.engine.page_link import PageLink
from realtime.engine.port_watch import COMPUTER_KEYBOARD, PortWatch
from realtime.interpreter import GIVE_UP_AFTER_S, interpreter_for_music, stopping_by_signal
from realtime.midi.ports import PortError
from realtime.open_ports import inputs_line, open_ports, outputs_line
from realtime.performer.events import Event, KeyDown, KeyUp, PedalMoved, Stopped
from realtime.priority import urgent
from realtime.rows.begin import begin_row
from realtime.rows.rows import Rows
from realtime.rows.take import TakeRecorder, refuse_unwritable
from realtime.rows.turned import Turned
from realtime.terminal import keys, tty
from realtime.terminal.stage import Stage, fits_a_picture


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
    with stopping_by_signal(inbox, clock):
        loop.run()
    return put_away(choices, loop, recorder)


def _paced(choices: Choices, script: list[Event]) -> int:
    real, clock = SteadyClock(), SetClock()
    inbox = ScriptInbox(script, clock, real)
    with open_ports(choices, inbox, real, offers_input=False) as (outputs, watch):
        out = outputs_line(watch, outputs, has_page=choices.page_port is not None)
        print(f"in    {choices.call}\n{out}", flush=True)
        desk = PromptDesk(choices.answerer, clock, inbox.put)
        loop = Loop(clock, inbox, outputs, desk, _controls(choices))
        stage = Stage(inbox.pace, None, sys.stdout, draws=fits_a_picture())
        return _in_public(_Performance(choices, loop, inbox, stage, outputs, watch, inbox.pace))


def _live(choices: Choices) -> int:
    clock = SteadyClock()
    inbox = LiveInbox(clock)
    has_keys = tty.is_interactive()
    with open_ports(choices, inbox, clock) as (outputs, watch):
        if watch is None and not has_keys and choices.page_port is None:
            raise PortError(
                "nothing to play on: no MIDI system, no terminal to type in, and no page; "
                "leave --no-page away, or see antiphon play --from"
            )
        out = outputs_line(watch, outputs, has_page=choices.page_port is not None)
        print(f"{inputs_line(watch, has_keys=has_keys)}\n{out}", flush=True)
        desk = WorkerDesk(choices.answerer, clock, inbox.put)
        loop = Loop(clock, inbox, outputs, desk, _controls(choices), hear=desk.hear)
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
        it.watch.say = _port_news(it, it.watch, link)
    return _run(it, link)


def _run(it: _Performance, link: PageLink | None) -> int:
    """The loop on a thread of its own, the terminal on this one, until both are done."""
    loop, clock = it.loop, it.clock
    thread = Thread(target=loop.run, name="loop", daemon=True)
    with stopping_by_signal(it.inbox, clock) as stop, interpreter_for_music(), _keys_or_not(it.stage):
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
                say("the loop didn't stop in time; everything has been silenced")
            ended = put_away(it.choices, loop, None if link is None else close_page(link))
    return max(ended, int(thread.is_alive()))


def _page_link(it: _Performance) -> PageLink | None:
    """The page process, wherever there is a page to show or a take to write."""
    choices = it.choices
    if choices.page_port is None and choices.take is None:
        return None
    begin = begin_row(
        it.clock.now(),
        model=choices.answerer.name,
        device=choices.answerer.device,
        seed=choices.seed,
        take=choices.take,
        about=choices.about,
        rules=it.loop.controls.rules,
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


def _port_news(it: _Performance, watch: PortWatch, link: PageLink | None) -> Callable[[str], None]:
    """Says what comes and goes, in the terminal and on the page."""

    def say_everywhere(line: str) -> None:
        it.stage.say(line)
        if link is not None:
            link.tell_line(line)
            names = {"inputs": watch.input_names, "outputs": [port.name for port in it.outputs.ports]}
            link.tell({"kind": "ports", "at": it.clock.now()} | names)

    return say_everywhere


def _controls(choices: Choices) -> Controls:
    return Controls(choices.rules, choices.controllers)


def _keys_or_not(stage: Stage) -> AbstractContextManager[None]:
    return tty.keys_at_once() if stage.has_keys else nullcontext()
