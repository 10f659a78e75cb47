"""The loop: take an item, step, send, and only then let others know.

One thread runs it. Knows the performer, the outputs, the desk and the inbox by their faces; must not know
drivers, files, terminals or pages: those watch.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from math import inf

from music.notes import KeyEvent
from music.pedal import SILENT_KEYBOARD, Keyboard, pitches_of
from realtime.engine.clock import Clock
from realtime.engine.conducting.beats import GO_ON, NEWS_FROM, START, ClockEar
from realtime.engine.conducting.conductor import CLOCK, Conductor
from realtime.engine.conducting.looking import BarsInTempo, BeatFound
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import Desk
from realtime.engine.echoes import MODEL, Echoes
from realtime.engine.inbox import LINK_SOURCE, Inbox, Incoming, Item
from realtime.engine.outputs import Outputs
from realtime.engine.repeats import Repeats
from realtime.engine.sweep import Sweep
from realtime.engine.wiring.delays import delays_said
from realtime.engine.wiring.faders import Faders
from realtime.engine.wiring.gathering import Gathering, is_shown
from realtime.engine.wiring.routes import Matrix, routes_said
from realtime.knobs import DELAY, FASTEST, MODE, MUTE, ROUTE, SLOWEST, TEMPO, UNLEARN, Mode, Pause
from realtime.midi import wire
from realtime.performer.actions import (
    Action,
    AskForAnswer,
    AskForMore,
    PassLate,
    PassOn,
    PlayNote,
    Silence,
    StopNote,
    TurnChanged,
    WakeAt,
)
from realtime.performer.events import Event, KeyDown, KeyUp, Panic, Paused, PedalMoved, Stopped, WentOn, Woke
from realtime.performer.phases import Phase
from realtime.performer.rules import Rules
from realtime.performer.state import FRESH, State, is_paused, model_channel, releases_of
from realtime.performer.turns import asked_at_once, foreseen, passes_at_once, step
from realtime.rows.turned import (
    ControlMoved,
    LearnWished,
    MessageCame,
    ModelStands,
    ModelWished,
    PresetStands,
    PresetWished,
    Pressed,
    Starred,
    Turned,
    Unlearnt,
    Watcher,
)

JUST_IN_TIME_S = 0.01  # an alarm that rings later than this is taken for what it is: late
MOST_FAULTS, FAULTS_WITHIN_S = 3, 60.0  # that it gets over
MOST_PUT_OFF = 8  # that others get to know of later, while something else waits to be taken

log = logging.getLogger(__name__)


# A call, what will be asked for if it has ended, and what would be if it were handed over now: that is worked
# out only where somebody wants to see it.
Hear = Callable[[tuple[KeyEvent, ...], AskForAnswer | None, Callable[[], AskForAnswer | None]], None]


@dataclass(frozen=True, slots=True)
class _Struck:
    """A key that was struck while others were worked out: it has gone out, and is to be taken in.

    Where all was silenced since, it is to go out again.
    """

    event: KeyDown
    message: bytes
    is_out: bool = True


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What comes of an alarm that rings just in time, if state and rules are these until then.

    `notes` are its first actions, as far as they are the model's notes, and `messages` what they are in
    bytes: one each.
    """

    state: State
    rules: Rules
    event: Woke
    after: State
    actions: tuple[Action, ...]
    notes: tuple[Action, ...]
    messages: tuple[bytes, ...]

    def is_of(self, state: State, rules: Rules) -> bool:
        """Whether it was worked out from these very values."""
        return self.state is state and self.rules is rules


class Loop:
    """The instrument, running. `failure` is its last fault, if it has had one; of too many it ends."""

    def __init__(
        self,
        clock: Clock,
        inbox: Inbox,
        outputs: Outputs,
        desk: Desk,
        controls: Controls,
        watchers: Sequence[Watcher] = (),
        *,
        hear: Hear | None = None,
        wish_model: Callable[[str], None] = lambda _: None,
        wish_preset: Callable[[str, Rules], None] = lambda _, __: None,
        conductor: Conductor | None = None,
        bars_in_tempo: BarsInTempo | None = None,
        matrix: Matrix | None = None,
        faders: Faders | None = None,
        trace: Callable[[Event, Rules], None] = lambda _event, _rules: None,
    ) -> None:
        """`hear` gets each call as it grows; with a file nobody needs it, as time stands still meanwhile.

        `wish_model` gets the model that somebody wants to answer, `wish_preset` the name that the controls as
        they stand are to be kept by; both return at once. With a `conductor`, a MIDI clock goes out; with
        `bars_in_tempo`, bars may follow the playing. The
        `matrix` leads what comes in to its channel; `faders` are sent to where their controls stand. `trace`
        gets each event before it is taken in, and the rules that it meets.
        """
        self.state: State = FRESH
        self.failure: Exception | None = None
        self.on_fault: Callable[[Exception], None] = lambda _: None
        self.on_loop: Callable[[int, float | None], None] = lambda _source, _delay_s: None
        self.on_clock_gone: Callable[[Rules], None] = lambda _: None
        self.controls = controls
        self._clock, self._inbox, self._outputs, self._desk = clock, inbox, outputs, desk
        self._watchers = list(watchers)
        self._hear = hear
        self._wish_model = wish_model
        self._wish_preset = wish_preset
        self._conductor = conductor
        self._bars_in_tempo = bars_in_tempo
        self._faders = Faders() if faders is None else faders
        self._matrix = Matrix(str) if matrix is None else matrix
        self._trace = trace
        self._alarm: float | None = None
        self._clock_ear = ClockEar()
        self._sweep = Sweep()
        self._repeats = Repeats()
        self._echoes = Echoes()
        self._gathering = Gathering()
        self._came: deque[Item | _Struck] = deque()  # out of the inbox already, and not taken in yet
        self._ahead: _Ahead | None = None
        self._put_off = 0  # items that nobody knows of yet
        self._is_unheard = False  # whether the call has changed, and the desk doesn't know
        self._unseen: list[Turned] = []  # that watchers don't know of
        self._faults_at: deque[float] = deque(maxlen=MOST_FAULTS)

    @property
    def echoes(self) -> int:
        """How many of our own messages came back and were left out."""
        return self._echoes.count

    @property
    def alarm(self) -> float | None:
        """When it wakes by itself, in seconds; None while it waits for others alone."""
        return self._earliest(self._alarm)

    def _earliest(self, performers: float | None) -> float | None:
        """The first moment at which there is something to do, if the performer's alarm is this."""
        earliest = performers if self._conductor is None else self._conductor.at
        for moment in (
            performers,
            self._sweep.at,
            self._repeats.at,
            self._outputs.delays.at,
            self._clock_ear.gone_at,
            self._gathering.at,
        ):
            if moment is not None and (earliest is None or moment < earliest):
                earliest = moment
        return earliest

    def watch(self, watcher: Watcher) -> None:
        """Let one more know, from the next event on."""
        self._watchers.append(watcher)

    def run(self) -> None:
        """Until the instrument is put away. Whatever goes wrong, nothing is left sounding."""
        try:
            self._show_on_faders()
            while self.state.phase is not Phase.CLOSED:
                # After a fault, what had come by then comes first.
                item = self._came.popleft() if self._came else self._inbox.next(self.alarm)
                try:
                    self.take(item)
                except Exception as failure:  # the last one: silence first, then the traceback
                    self._get_over(failure)
                    log.exception("the loop failed; everything has been silenced")
                    if isinstance(item, Stopped) or self._is_broken():
                        return
        finally:
            self._outputs.send_all()
            self._desk.close()
            self._tell_gathered()
            self._let_others_know()

    def _get_over(self, failure: Exception) -> None:
        """Silence everything, and begin anew as if nobody had played: the evening goes on."""
        self.failure = failure
        self._faults_at.append(self._clock.now())
        for note in self.state.agenda.sounding:  # not every synth knows "all notes off"
            self._outputs.send(wire.released(note.channel, note.pitch))
        self._outputs.silence()
        self._stop_beating()
        self._alarm = None
        self._came = deque(
            replace(item, is_out=False) if isinstance(item, _Struck) else item for item in self._came
        )
        self._repeats.turn_ended(self._clock.now())
        before = self.state
        self.state = replace(
            FRESH,
            now=before.now,
            ticket=before.ticket,
            turn=before.turn,
            player_channel=before.player_channel,
            answered_on=before.answered_on,
        )
        self.on_fault(failure)

    def _is_broken(self) -> bool:
        """Whether the last faults came so soon after each other that it can't go on."""
        return (
            len(self._faults_at) == MOST_FAULTS and self._faults_at[-1] - self._faults_at[0] < FAULTS_WITHIN_S
        )

    def take(self, item: "Item | _Struck | None") -> None:
        """One item, or None for the alarm. Others get to know of it once nothing else waits: what is struck
        together, and an answer that stands ready, goes out first."""
        self._take_in(item)
        self._put_off += 1
        while self._came:
            self._take_in(self._came.popleft())
            self._put_off += 1
        is_more = self._inbox.is_waiting
        if not is_more or self._put_off >= MOST_PUT_OFF:
            self._let_others_know()
        if not is_more:
            self._look_ahead()

    def _let_others_know(self) -> None:
        """The desk of the call as it stands, and whoever watches of all that was done."""
        self._put_off = 0
        if self._is_unheard:
            self._is_unheard = False
            self._let_hear()
        unseen, self._unseen = self._unseen, []
        for turned in unseen:
            for watcher in self._watchers:
                watcher(turned)

    def _take_in(self, item: "Item | _Struck | None") -> None:
        if item is None:
            self._wake(self._clock.now())
        elif isinstance(item, _Struck):
            if item.is_out:
                self._work_out(item.event, out=1)
            else:
                self._step(item.event, item.message)
            self._probe(item.event.source, item.event.at)
        elif isinstance(item, Incoming):
            self._take_message(item)
        elif isinstance(item, ControlMoved):
            self._move(item)
        elif isinstance(item, BeatFound):
            self._take_beat(item)
        elif isinstance(item, ModelStands | PresetStands | Starred):
            self._take_outcome(item)
        elif isinstance(item, ModelWished | PresetWished | LearnWished | Pressed):
            self._take_wish(item)
        else:
            self._step(item)

    def _take_wish(self, wish: ModelWished | PresetWished | LearnWished | Pressed) -> None:
        """What somebody wishes by a name."""
        if isinstance(wish, ModelWished):
            self._wish_model(wish.name)
        elif isinstance(wish, PresetWished):
            self._wish_preset(wish.name, self.controls.rules)
        elif isinstance(wish, LearnWished) and wish.name == UNLEARN:
            self.controls.unlearn()
            self._show_on_faders()
            self._tell(Turned(Unlearnt(wish.at), (), wish.at, self.state, self.controls.rules))
        elif isinstance(wish, LearnWished):
            self.controls.learn(wish.name)
        else:
            self._take_all(self.controls.called(wish.name, wish.at))

    def _take_outcome(self, stands: ModelStands | PresetStands | Starred) -> None:
        """What came of a wish, or is only to be noted; a preset can be recalled from here on."""
        if isinstance(stands, PresetStands) and stands.names:
            self.controls.keep(stands.name, stands.moves, stands.program)
        self._tell(Turned(stands, (), stands.at, self.state, self.controls.rules))

    def _wake(self, now: float) -> None:
        if self._is_looked_ahead_to(now):
            self._play_what_was_looked_ahead_to()
            return
        sent = self._outputs.send_due(now)
        sent |= self._beat_time([] if self._conductor is None else self._conductor.due(now))
        due = (self._sweep.at, self._repeats.at)
        for message in self._sweep.due(now, self._sounds):
            self._put_out(message)
        for channel, pitch in self._repeats.due(now, self._sounds):
            self._put_out(wire.released(channel, pitch))
        sent |= self._tell_gathered(now)
        is_for_them = sent or due != (self._sweep.at, self._repeats.at) or self._miss_clock(now)
        if not is_for_them or (self._alarm is not None and now >= self._alarm):
            self._alarm = None
            self._step(self._woken(now))

    def _look_ahead(self) -> None:
        """While the model has the turn, work out what is to be done at the alarm: a note that is due then
        waits for nothing but the alarm."""
        state, rules, before = self.state, self.controls.rules, self._ahead
        if self._alarm is None or state.phase not in (Phase.ASKING, Phase.ANSWERING):
            self._ahead = None
        elif before is None or before.event.at != self._alarm or not before.is_of(state, rules):
            event = Woke(self._alarm)
            after, actions = step(state, event, rules)
            notes = tuple(takewhile(_is_note, actions))
            messages = tuple(message for note in notes for message in self._outputs.messages_of(note))
            self._ahead = _Ahead(state, rules, event, after, actions, notes, messages)

    def _is_looked_ahead_to(self, now: float) -> bool:
        """Whether the performer's alarm alone rings, in time, and what comes of it is known."""
        ahead = self._ahead
        if ahead is None or not 0 <= now - ahead.event.at < JUST_IN_TIME_S:
            return False
        others_at = self._earliest(None)
        return (others_at is None or others_at > now) and ahead.is_of(self.state, self.controls.rules)

    def _play_what_was_looked_ahead_to(self) -> None:
        """The notes go out first of all; what is to be known of them follows, and then the step."""
        ahead = self._ahead
        assert ahead is not None
        for message in ahead.messages:
            self._outputs.send(message)
        sent_at = self._clock.now()
        for message in ahead.messages:
            self._echoes.sent(message, sent_at, MODEL)
        for note in ahead.notes:
            self._note_struck(note)
        self._alarm = None
        self._work_out(ahead.event, out=len(ahead.notes), out_at=sent_at)

    def _woken(self, now: float) -> Woke:
        """The alarm that rings, as it was looked ahead to, if it is in time."""
        ahead = self._ahead
        if ahead is not None and 0 <= now - ahead.event.at < JUST_IN_TIME_S:
            return ahead.event
        return Woke(now)

    def _sounds(self, channel: int, pitch: int) -> bool:
        """Whether a key sounds, as far as we know, by whomever."""
        by_model = any((note.channel, note.pitch) == (channel, pitch) for note in self.state.agenda.sounding)
        return by_model or bool(self.state.hands.sounding_on(channel) >> pitch & 1)

    def _take_message(self, incoming: Incoming) -> None:
        message, source = incoming.message, incoming.source
        played = wire.read(message, incoming.at, source)
        if played is None or self._is_our_clock(incoming):
            return
        is_echo = self._echoes.is_echo(message, incoming.at, source, self._keyboard)
        if self._echoes.has_news:
            self._hear_of_loops()
        if is_echo:
            return
        self._faders.hear(message)
        led = self._matrix.led(message, source)
        if led is None:
            return
        if led != message:
            incoming, played = replace(incoming, message=led), wire.read(led, incoming.at, source)
        self._take_led(incoming, played)
        self._probe(source, incoming.at)

    def _take_led(self, incoming: Incoming, played: wire.Played | None) -> None:
        """A message, on the channel that it is to be played on, and what it says."""
        message, source = incoming.message, incoming.source
        if message[0] in CLOCK:
            self._hear_clock(incoming)
        if isinstance(played, wire.OtherMessage):
            self._pass_on_and_tell(message, incoming.at, source)
        elif isinstance(played, wire.ProgramChosen):
            self._take_program(incoming, played)
        elif self._conductor is not None and message[0] in CLOCK:
            self._put_out(message, source)
        elif isinstance(played, wire.SystemMessage):
            if self._outputs.passes_system and source != LINK_SOURCE:
                self._pass_on_and_tell(message, incoming.at, source)
        elif isinstance(played, wire.ControllerTurned):
            self._take_controller(played, message)
        elif played is not None:
            self._step(played, message)

    def _probe(self, source: int, at: float) -> None:
        """Where a loop is suspected, see whether it is one."""
        if self._echoes.suspects(source, at):
            channel = model_channel(self.state, self.controls.rules)
            for probe in self._echoes.probe(source, at, channel):
                self._put_out(probe)

    def _keyboard(self, source: int, channel: int) -> Keyboard | None:
        """That of a channel as it comes in."""
        to = self._matrix.channel_of(source, channel)
        return None if to is None else self.state.keyboards.get((source, to))

    def _take_controller(self, turned: wire.ControllerTurned, message: bytes) -> None:
        if turned.number in wire.LETTING_GO:
            self._let_go_of_keys(turned, message)
        elif turned.number == wire.CONTROLLERS_RESET:
            self._reset(turned, message)
        elif (learnt := self.controls.learnt(turned)) is not None:
            self._tell(Turned(learnt, (), learnt.at, self.state, self.controls.rules))
        elif (wishes := self.controls.wishes_of(turned)) is None:
            self._pass_on_and_tell(message, turned.at, turned.source)
        elif not self.controls.turns(turned.number) or self._faders.is_news(turned):
            self._take_all(wishes)

    def _hear_clock(self, incoming: Incoming) -> None:
        """Bars are counted as somebody else's clock says; where it stops, the answer ends or pauses."""
        self._clock_ear.beats_in_a_bar = self.controls.rules.beats_in_a_bar
        if incoming.message[0] in (START, GO_ON) and is_paused(self.state):
            self._step(WentOn(incoming.at))
        news = self._clock_ear.hear(incoming.message, incoming.at)
        if news is None:
            return
        self.controls.rules = replace(self.controls.rules, bar_line=news.bar_line)
        if news.is_stopped and self.state.phase in (Phase.ASKING, Phase.ANSWERING):
            ends = self.controls.rules.pause is Pause.END
            self._step(Panic(incoming.at) if ends else Paused(incoming.at))
        if news.tempo is not None and abs(news.tempo - self.controls.rules.tempo) >= NEWS_FROM:
            self._go_over_to(news.tempo, incoming.at)
        if self.controls.rules.mode is Mode.BARS:
            self._step(Woke(max(incoming.at, self.state.now)))  # the turn may pass at another moment now

    def _miss_clock(self, now: float) -> bool:
        """Where the clock's ticks have ceased, bars are counted without it, at the tempo that it had."""
        gone = self._clock_ear.gone_by(now)
        if gone is None:
            return False
        self.controls.rules = replace(self.controls.rules, bar_line=None)
        self.on_clock_gone(self.controls.rules)
        return True

    # The clock that goes out. The guard against echoes needs not know of it: `is_ours` sees its ticks.

    def _is_our_clock(self, incoming: Incoming) -> bool:
        if self._conductor is None or incoming.message[0] not in CLOCK:
            return False
        return self._conductor.is_ours(incoming.message, incoming.at, incoming.source)

    def _beat_time(self, messages: Sequence[bytes]) -> bool:
        """Send what the conductor gives; whether that was anything."""
        for message in messages:
            self._outputs.send(message)
        return bool(messages)

    def _stop_beating(self) -> None:
        if self._conductor is not None:
            self._beat_time(self._conductor.stop())

    def _take_beat(self, found: BeatFound) -> None:
        """Bars and the clock that goes out bend to the beat of what is played; the tempo is said to all."""
        rules, tempo = self.controls.rules, None
        if self._bars_in_tempo is not None and self._clock_ear.gone_at is None:
            tempo = self._bars_in_tempo.tempo(found, rules)
        if tempo is None and self._conductor is not None:
            self._beat_time(self._conductor.found(found, rules))
            tempo = self._conductor.tempo
        if tempo is not None and abs(tempo - rules.tempo) >= NEWS_FROM:
            self._go_over_to(tempo, found.at)

    def _go_over_to(self, tempo: float, at: float) -> None:
        """A tempo that was heard, not set."""
        follows = self.controls.rules.follows_playing
        self._move(ControlMoved(at, TEMPO, min(max(tempo, SLOWEST), FASTEST)))
        self.controls.rules = replace(self.controls.rules, follows_playing=follows)
        if self.controls.rules.mode is Mode.BARS:
            self._step(Woke(max(at, self.state.now)))  # the turn may pass at another moment now

    def _take_program(self, incoming: Incoming, played: wire.ProgramChosen) -> None:
        wishes = self.controls.wishes_of_program(played.program, played.at)
        if wishes is None:
            self._pass_on_and_tell(incoming.message, incoming.at, incoming.source)
        else:
            self._take_all(wishes)

    def _take_all(self, wishes: Sequence[Item]) -> None:
        for wish in wishes:
            self._take_in(wish)

    def _hear_of_loops(self) -> None:
        """In a loop that has just been proven, what it holds is let go: the releases will be left out."""
        for news in self._echoes.news():
            struck = {(self._matrix.channel_of(news.source, on), pitch) for on, pitch in news.struck}
            for release in releases_of(self.state, news.source):
                if isinstance(release, KeyUp) and (release.channel, release.pitch) in struck:
                    self._step(release)
            self.on_loop(news.source, news.delay_s)

    def _let_go_of_keys(self, turned: wire.ControllerTurned, message: bytes) -> None:
        """All notes off: many keyboards say so after the last release. It speaks of that keyboard alone."""
        keyboard = self.state.keyboards.get((turned.source, turned.channel), SILENT_KEYBOARD)
        for pitch in pitches_of(keyboard.held):
            self._step(KeyUp(turned.at, pitch, turned.channel, turned.source))
        if not any(self._sounds(turned.channel, pitch) for pitch in range(wire.KEYS)):
            # As it came, where it ends nobody else's notes.
            self._pass_on_and_tell(message, turned.at, turned.source)

    def _reset(self, turned: wire.ControllerTurned, message: bytes) -> None:
        """All controllers stand where they do when nobody touches them: the pedal is up."""
        if self.state.hands.depths.get((turned.source, turned.channel)):
            self._step(PedalMoved(turned.at, 0, turned.channel, turned.source))
        if not self.state.hands.depth_on(turned.channel):
            self._pass_on_and_tell(message, turned.at, turned.source)

    def _step(self, event: Event, message: bytes | None = None) -> None:
        """One step; where the player's event came as a message, that is what is passed on, and before the
        step where that is what it comes to."""
        is_out = message is not None and passes_at_once(self.state, event)
        if message is not None and isinstance(event, KeyDown | KeyUp) and is_out:
            self._pass_on(message, event.source)
            self._pass_on_what_is_struck()
        self._work_out(event, message, out=int(is_out))

    def _pass_on_what_is_struck(self) -> None:
        """Keys that wait to go out do so before anything is worked out: the rest of a chord, or the key after
        one that was let go. A step takes longer than all of them."""
        while self._inbox.is_waiting and len(self._came) < MOST_PUT_OFF:
            item = self._inbox.next(self._clock.now())
            if item is None:
                return
            struck = self._struck(item) if isinstance(item, Incoming) else None
            if struck is None:
                self._came.append(item)
                return
            self._pass_on(struck.message, struck.event.source)
            self._came.append(struck)

    def _struck(self, incoming: Incoming) -> _Struck | None:
        """A key that may go out before what came before it is worked out; None for all else."""
        message, at, source = incoming.message, incoming.at, incoming.source
        played = wire.read(message, at, source)
        if not isinstance(played, KeyDown) or not passes_at_once(self.state, played):
            return None
        led = self._matrix.led(message, source)
        if led is None or not self._echoes.is_news(message, at, source):
            return None
        self._echoes.is_echo(message, at, source, self._keyboard)  # it takes note of it
        event = played if led == message else wire.read(led, at, source)
        return _Struck(event, led) if isinstance(event, KeyDown) else None

    def _work_out(
        self, event: Event, message: bytes | None = None, *, out: int = 0, out_at: float | None = None
    ) -> None:
        """One step, and what is to be done; so many of its first actions are out already, the last of them at
        `out_at`, and aren't sent again."""
        before, rules = self.state, self.controls.rules
        self._trace(event, rules)
        ahead, self._ahead = self._ahead, None
        if ahead is not None and ahead.event is event and ahead.is_of(before, rules):
            self.state, actions = ahead.after, ahead.actions
        else:
            self.state, actions = step(before, event, rules)
        is_more = False
        for action in actions[out:]:
            if message is not None and isinstance(action, PassOn):
                self._pass_on(message, action.event.source)
            else:
                is_more |= self._send(action)
        if isinstance(event, Panic | Stopped):
            self._stop_beating()
        else:
            self._look_for_beat(rules)
        sent_at = self._clock.now() if out_at is None or is_more else out_at
        for action in actions:
            self._arrange(action)
        is_other = self.state.call is not before.call or self.state.passed_over != before.passed_over
        self._is_unheard |= self.state.phase is Phase.CALLING and is_other
        self._tell(Turned(event, actions, sent_at, self.state, rules))

    def _look_for_beat(self, rules: Rules) -> None:
        if self._conductor is not None:
            self._beat_time(self._conductor.look(self.state, rules))
        if self._bars_in_tempo is not None:
            self._bars_in_tempo.look(self.state, rules)

    def _let_hear(self) -> None:
        """The call as far as it has come, and what will be asked for if it has ended."""
        if self._hear is not None and self.state.phase is Phase.CALLING:
            state, rules = self.state, self.controls.rules
            self._hear(state.call, foreseen(state, rules), partial(asked_at_once, state, rules))

    def _tell(self, turned: Turned) -> None:
        self._tell_gathered()
        self._unseen.append(turned)

    def _tell_gathered(self, by: float = inf) -> bool:
        """What has been gathered and is due by then; whether there was anything."""
        at = self._gathering.at
        if at is None or at > by or (came := self._gathering.all()) is None:
            return False
        self._tell(Turned(came, (), self._clock.now(), self.state, self.controls.rules))
        return True

    def _move(self, moved: ControlMoved) -> None:
        if moved.name == ROUTE:
            self._matrix.set(routes_said(str(moved.value)))
        elif moved.name == DELAY:
            self._outputs.delays.set(delays_said(str(moved.value)))
        elif not self.controls.move(moved):
            return
        self._show_on_faders()
        self._is_unheard |= self.state.phase is Phase.CALLING
        self._tell(Turned(moved, (), moved.at, self.state, self.controls.rules))
        if moved.name in (MODE, MUTE):
            self._step(Woke(max(moved.at, self.state.now)))  # they say what sounds, and whose turn it is

    def _show_on_faders(self) -> None:
        self._faders.show(self.controls.rules, self.controls.controllers)

    def _pass_on_and_tell(self, message: bytes, at: float, source: int) -> None:
        """What is no key and no pedal of the player's, as it came; it is in the take too."""
        self._pass_on(message, source)
        if message[0] < wire.FIRST_REAL_TIME:
            if alone := is_shown(message):
                self._tell_gathered()
            self._gathering.take(MessageCame(at, source, message))
            if alone or self._gathering.is_full:
                self._tell_gathered()

    def _pass_on(self, message: bytes, source: int) -> None:
        """One of the player's messages, as it came."""
        if self._outputs.thru:
            self._put_out(message, source)

    def _send(self, action: Action) -> bool:
        """Whether it is something to be sent."""
        source = action.event.source if isinstance(action, PassOn | PassLate) else MODEL
        messages = self._outputs.messages_of(action)
        for message in messages:
            self._put_out(message, source)
        if isinstance(action, Silence):
            self._sweep.begin(action.channel, self._clock.now())
        elif isinstance(action, PlayNote):
            self._note_struck(action)
        elif isinstance(action, TurnChanged) and action.phase is not Phase.ANSWERING:
            self._repeats.turn_ended(self._clock.now())
        return bool(messages)

    def _note_struck(self, note: Action) -> None:
        if isinstance(note, PlayNote) and self._outputs.ports:
            self._repeats.struck(note.channel, note.pitch)

    def _put_out(self, message: bytes, source: int = MODEL) -> None:
        self._outputs.send(message)
        self._echoes.sent(message, self._clock.now(), source)

    def _arrange(self, action: Action) -> None:
        if isinstance(action, WakeAt):
            self._alarm = action.at
        elif isinstance(action, AskForAnswer | AskForMore):
            self._desk.ask(action)


def _is_note(action: Action) -> bool:
    return isinstance(action, PlayNote | StopNote)
