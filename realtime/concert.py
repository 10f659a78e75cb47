"""The instrument put together from choices, played, and put away again.

Knows every part of the live side.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from music.midi.scan import MidiFileError
from music.notes import NoteOn, Pedal
from music.phrase import Phrase, events_of
from realtime.answerers.rule.imitation import Imitation
from realtime.choices import Choices
from realtime.ending import close_page, put_away, say
from realtime.engine.clock import Clock, SetClock, SteadyClock
from realtime.engine.conducting.conductor import Conductor
from realtime.engine.conducting.finding import BeatFinder, clear_beat_of
from realtime.engine.conducting.looking import BarsInTempo, BeatFound
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import ChangingDesk, PromptDesk
from realtime.engine.desks.changing import ModelChanger
from realtime.engine.desks.lateness import Lateness
from realtime.engine.desks.relief import RelievedDesk
from realtime.engine.desks.showing import Showing
from realtime.engine.inbox import LINK_SOURCE, Inbox, Incoming, LiveInbox, ScriptInbox
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.engine.page_link import PageLink, Ready
from realtime.engine.port_watch import COMPUTER_KEYBOARD, PortWatch
from realtime.engine.preset_keeper import PresetKeeper
from realtime.engine.trace import Trace
from realtime.engine.wiring.routes import Matrix
from realtime.home_browser import HomeBrowser
from realtime.interpreter import (
    GIVE_UP_AFTER_S,
    interpreter_for_music,
    say_where_it_crashed,
    stopping_by_signal,
)
from realtime.learnt import LearntKeeper
from realtime.midi.link import LinkClock, open_session
from realtime.midi.ports import PortError
from realtime.open_ports import clock_gone_words, inputs_line, loop_words, open_ports, outputs_line
from realtime.performer.events import Event, KeyDown, KeyUp, PedalMoved, Stopped
from realtime.performer.rules import Rules
from realtime.presets import PresetFile
from realtime.priority import urgent
from realtime.reach import Reach
from realtime.rows.begin import begin_row
from realtime.rows.rows import Rows
from realtime.rows.take import TakeRecorder, refuse_unwritable
from realtime.rows.turned import Turned
from realtime.terminal import keys, tty
from realtime.terminal.stage import Stage, fits_a_picture

TakesIn = Callable[[Event, Rules], None]


def play(choices: Choices) -> int:
    """Play until the file's last answer is over, or somebody stops; returns the exit status."""
    say_where_it_crashed()
    on = "" if choices.answerer.device == "none" else f"   on {choices.answerer.device}"
    if choices.not_on_cuda is not None:
        on = f"{on}, not on cuda: {choices.not_on_cuda}"
    elif choices.on_cuda is not None:
        on = f"{on}: {choices.on_cuda}"
    print(f"model {choices.answerer.name}{on}   seed {choices.seed}")
    if choices.terms is not None:
        print(f"      {choices.terms}")
    if choices.doubt is not None:
        print(f"      {choices.doubt}")
    for line in choices.remarks:
        print(f"      {line}")
    if choices.take is not None:
        refuse_unwritable(choices.take)
        print(f"take  {choices.take}")
    script = None if choices.call is None else script_of(_read(choices.call))
    with _traced(choices) as trace:
        if script is not None and choices.fast:
            return _fast(choices, script, trace)
        with urgent():
            return _live(choices, trace) if script is None else _paced(choices, script, trace)


@contextmanager
def _traced(choices: Choices) -> Iterator[TakesIn]:
    """What gets each event before the performer does, where a trace is wanted."""
    if choices.trace is None:
        yield lambda _event, _rules: None
        return
    trace = Trace(choices.trace)
    try:
        yield trace.take
    finally:
        trace.close()


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


def _fast(choices: Choices, script: list[Event], trace: TakesIn) -> int:
    clock = SetClock()
    inbox = ScriptInbox(script, clock)
    desk = PromptDesk(choices.answerer, clock, inbox.put)
    rows, recorder = Rows(), TakeRecorder()

    def watch(turned: Turned) -> None:
        for row in rows.of(turned):
            recorder.take(row)

    in_tempo = BarsInTempo(lambda onsets: inbox.put(BeatFound(clock.now(), clear_beat_of(onsets))))
    controls = _controls(choices)
    loop = Loop(clock, inbox, Outputs(), desk, controls, [watch], bars_in_tempo=in_tempo, trace=trace)
    with stopping_by_signal(inbox, clock):
        loop.run()
    return put_away(choices, loop, recorder)


def _paced(choices: Choices, script: list[Event], trace: TakesIn) -> int:
    real, clock = SteadyClock(), SetClock()
    inbox = ScriptInbox(script, clock, real)
    with open_ports(choices, inbox, real, offers_input=False, now=inbox.pace.now) as (outputs, watch):
        out = outputs_line(watch, outputs, has_page=choices.page_port is not None)
        print(f"in    {choices.call}\n{out}", flush=True)
        desk = PromptDesk(choices.answerer, clock, inbox.put)
        wish_model = _wish_model(choices, desk, clock, inbox)
        loop = Loop(
            *(clock, inbox, outputs, desk, _controls(choices)),
            wish_model=wish_model,
            wish_preset=_wish_preset(choices, clock, inbox),
            conductor=_conductor(choices, clock, inbox),
            bars_in_tempo=BarsInTempo(BeatFinder(clock, inbox.put).find),
            faders=None if watch is None else watch.faders,
            trace=trace,
        )
        stage = Stage(inbox.pace, None, sys.stdout, draws=fits_a_picture())
        return _in_public(_Performance(choices, loop, inbox, desk, stage, outputs, watch, inbox.pace))


def _live(choices: Choices, trace: TakesIn) -> int:
    clock = SteadyClock()
    controls = _controls(choices)
    inbox = LiveInbox(clock, controls.turns_a_knob)
    has_keys = tty.is_interactive()
    with open_ports(choices, inbox, clock) as (outputs, watch), _link(choices, clock, inbox):
        if watch is None and not has_keys and choices.page_port is None:
            raise PortError(
                "nothing to play on: no MIDI system, no terminal to type in, and no page; "
                "leave --no-page away, or see antiphon play --from"
            )
        out = outputs_line(watch, outputs, has_page=choices.page_port is not None)
        print(f"{inputs_line(watch, has_keys=has_keys)}\n{out}", flush=True)
        shown = Showing(clock, lambda: controls.rules)
        desk = RelievedDesk(choices.answerer, Imitation(choices.seed), clock, inbox.put, shown)
        wish_model = _wish_model(choices, desk, clock, inbox)
        loop = Loop(
            *(clock, inbox, outputs, desk, controls),
            hear=desk.hear,
            wish_model=wish_model,
            wish_preset=_wish_preset(choices, clock, inbox),
            conductor=_conductor(choices, clock, inbox),
            bars_in_tempo=BarsInTempo(BeatFinder(clock, inbox.put).find),
            matrix=None if watch is None else Matrix(watch.input_name, choices.routes),
            faders=None if watch is None else watch.faders,
            trace=trace,
        )
        computer = keys.ComputerKeys(inbox.put, COMPUTER_KEYBOARD) if has_keys else None
        stage = Stage(clock, computer, sys.stdout, draws=fits_a_picture())
        desk.start()
        return _in_public(_Performance(choices, loop, inbox, desk, stage, outputs, watch, clock, shown))


@contextmanager
def _link(choices: Choices, clock: Clock, inbox: Inbox) -> Iterator[None]:
    """Where that is wanted, Ableton Link's clock comes in."""
    if not choices.joins_link:
        yield
        return
    session = open_session()
    print("link  its tempo and bars, as soon as somebody else is in the session")

    def receive(message: bytes) -> None:
        inbox.put(Incoming(clock.now(), LINK_SOURCE, message))

    with closing(LinkClock(session, choices.rules.beats_in_a_bar, receive)):
        yield


@dataclass(frozen=True, slots=True)
class _Performance:
    """All that plays together in real time."""

    choices: Choices
    loop: Loop
    inbox: Inbox
    desk: PromptDesk | RelievedDesk
    stage: Stage
    outputs: Outputs
    watch: PortWatch | None
    clock: Clock
    shown: Showing | None = None  # what is thought of, where there is time to see it


def _in_public(it: _Performance) -> int:
    """The loop with its watchers: the terminal, and the page process that writes the take."""
    it.loop.watch(it.stage)
    for watcher in it.choices.watchers:
        it.loop.watch(watcher)
    home = _home_browser(it)
    link = _page_link(it, home)
    if link is not None:
        it.loop.watch(link)
        if it.shown is not None:
            it.shown.tell, link.on_look = link.tell, it.shown.look
        if it.choices.page_port is not None:
            it.stage.on_another_link(link.change_word)
        link.start()
    if it.stage.has_keys:
        print(keys.HELP)
    it.desk.say = _news(it, link)
    it.loop.watch(Lateness(_news(it, link)))
    it.loop.on_fault = _fault_news(it, link)
    it.loop.on_clock_gone = _clock_news(it, link)
    if it.watch is not None:
        it.watch.say = _port_news(it, it.watch, link)
        it.loop.on_loop = _loop_news(it, it.watch, link)
    with nullcontext() if home is None else closing(home), _keeping_learnt(it, link):
        return _run(it, link)


@contextmanager
def _keeping_learnt(it: _Performance, link: PageLink | None) -> Iterator[None]:
    """What controllers learn is kept for the next time."""
    if it.choices.learnt_file is None:
        yield
        return
    with closing(LearntKeeper(it.choices.learnt_file, _news(it, link))) as keeper:
        it.loop.watch(keeper)
        yield


def _home_browser(it: _Performance) -> HomeBrowser | None:
    choices = it.choices
    folder = None if choices.take is None else choices.take.absolute().parent
    return HomeBrowser(folder, it.stage.say) if choices.opens_page else None


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


def _page_link(it: _Performance, home: HomeBrowser | None) -> PageLink | None:
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
        models=choices.models,
        name=choices.model_stands(0.0).name,
        midi=None if it.watch is None else it.watch.system.name,
        presets=[preset.name for preset in choices.presets],
    )
    return PageLink(_page_command(choices), begin, it.clock, it.inbox.put, it.stage.say, _shown(it, home))


def _shown(it: _Performance, home: HomeBrowser | None) -> Callable[[Ready], None]:
    """What is shown once the page can be opened: its code, and the page itself where that was asked for."""

    def show(ready: Ready) -> None:
        if home is not None:
            home.open(ready.url)
        it.stage.show_code(ready.code)

    return show


def _page_command(choices: Choices) -> list[str]:
    # -P: a folder called realtime where the person happens to be must not be taken for ours
    command = [sys.executable, "-P", "-m", "realtime.web"]
    if choices.page_port is None:
        return [*command, "--no-page"]
    wish = ["--port-is-a-wish"] if choices.page_port_is_a_wish else []
    return [*command, "--port", str(choices.page_port), *wish, *_reach_words(choices.reach)]


def _reach_words(reach: Reach | None) -> list[str]:
    if reach is None:
        return []
    files = {"--certificate": reach.certificate, "--key": reach.key}
    named = [f"{option}={path}" for option, path in files.items() if path is not None]
    return [f"--ip={reach.ip}", f"--name={reach.name}", *named]


def _news(it: _Performance, link: PageLink | None) -> Callable[[str], None]:
    """Says a line in the terminal and on the page."""

    def say_everywhere(line: str) -> None:
        it.stage.say(line)
        if link is not None:
            link.tell_line(line)

    return say_everywhere


def _port_news(it: _Performance, watch: PortWatch, link: PageLink | None) -> Callable[[str], None]:
    """Says what comes and goes, and shows on the page which ports are open."""
    say_everywhere = _news(it, link)

    def say_and_show(line: str) -> None:
        say_everywhere(line)
        if link is not None:
            names = {"inputs": watch.input_names, "outputs": [port.name for port in it.outputs.ports]}
            link.tell({"kind": "ports", "at": it.clock.now()} | names)

    return say_and_show


def _loop_news(
    it: _Performance, watch: PortWatch, link: PageLink | None
) -> Callable[[int, float | None], None]:
    """Says that what goes out comes in again, and when that is over."""

    say = _news(it, link)

    def say_of_loop(source: int, delay_s: float | None) -> None:
        say(loop_words(watch.input_name(source), delay_s))

    return say_of_loop


def _clock_news(it: _Performance, link: PageLink | None) -> Callable[[Rules], None]:
    """Says that the clock that was followed has ceased."""
    say = _news(it, link)
    return lambda rules: say(clock_gone_words(rules.tempo))


def _fault_news(it: _Performance, link: PageLink | None) -> Callable[[Exception], None]:
    """Says that something of ours went wrong, and that it goes on."""
    say = _news(it, link)

    def say_of_fault(failure: Exception) -> None:
        say(f"a fault of Antiphon's own ({type(failure).__name__}): all is silenced; play on")

    return say_of_fault


def _wish_model(choices: Choices, desk: ChangingDesk, clock: Clock, inbox: Inbox) -> Callable[[str], None]:
    """What takes the wish for another model."""
    if choices.shelf is None:
        return lambda _: None
    return ModelChanger(choices.shelf, choices.model_stands(clock.now()), desk, clock, inbox.put).wish


def _wish_preset(choices: Choices, clock: Clock, inbox: Inbox) -> Callable[[str, Rules], None]:
    """What takes the wish to keep the controls as they stand."""
    if choices.presets_file is None:
        return lambda _, __: None
    keep = PresetFile(choices.presets_file, choices.programs).keep
    return PresetKeeper(keep, clock, inbox.put).wish


def _conductor(choices: Choices, clock: Clock, inbox: Inbox) -> Conductor | None:
    """Who beats time for others, if somebody shall."""
    return Conductor(BeatFinder(clock, inbox.put).find) if choices.sends_clock else None


def _controls(choices: Choices) -> Controls:
    presets = {preset.name: preset.controls for preset in choices.presets}
    recalled = {preset.program: preset.name for preset in choices.presets if preset.program is not None}
    programs = {**recalled, **choices.programs}
    return Controls(choices.rules, choices.controllers, programs, presets, choices.learnt)


def _keys_or_not(stage: Stage) -> AbstractContextManager[None]:
    return tty.keys_at_once() if stage.has_keys else nullcontext()
