"""The player who never tires, on a clock that jumps: what is played, noted, and asked of the instrument."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.instrument import live_instrument
from benchmarks.instrument.live_instrument import (
    CONTROL,
    HAND_OVER,
    LONGEST_WAIT_S,
    NOTE_OFF,
    NOTE_ON,
    Player,
    noting,
)
from realtime.midi.ports import OWN_INPUT
from realtime.performer.actions import PlayNote, TurnChanged
from realtime.performer.events import AnswerCame

ANSWERED = bytes([NOTE_ON | 1, 60, 80])


class Clock:
    """Stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.at_each_sleep: Callable[[], None] = lambda: None

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.at_each_sleep()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(live_instrument, "time", clock)
    return clock


@pytest.fixture
def player(clock: Clock) -> Player:
    player = Player(seed=1)
    player.system = SimpleNamespace(play=lambda name, message: None)  # nobody listens
    return player


def played(player: Player) -> list[bytes]:
    return [message for _, message in player.played]


def test_hand_overs_come_until_there_are_enough_each_after_four_keys(player: Player, clock: Clock) -> None:
    clock.at_each_sleep = lambda: player.heard.append((clock.now, ANSWERED))
    count = iter([False, False, True])
    player.hand_over_for(100.0, lambda: next(count))
    asked = [message for message in played(player) if message[0] == CONTROL]
    assert asked == 2 * [bytes([CONTROL, HAND_OVER, 127])]
    assert sum(message[0] == NOTE_ON for message in played(player)) == 8
    assert sum(message[0] == NOTE_OFF for message in played(player)) == 8


def test_hand_overs_end_with_the_time_there_is(player: Player, clock: Clock) -> None:
    player.hand_over_for(3 * LONGEST_WAIT_S, lambda: False)
    assert clock.now < 4 * LONGEST_WAIT_S + 4


def test_a_message_is_stamped_and_sent_to_the_instruments_own_port(clock: Clock, player: Player) -> None:
    sent: list[tuple[str, bytes]] = []
    player.system = SimpleNamespace(play=lambda name, message: sent.append((name, message)))
    clock.now = 3.5
    player.send(NOTE_ON, 60, 80)
    assert player.played == [(3.5, bytes([NOTE_ON, 60, 80]))]
    assert sent == [(OWN_INPUT, bytes([NOTE_ON, 60, 80]))]


def test_what_the_instrument_sends_is_heard_with_its_moment(clock: Clock) -> None:
    player = Player(seed=1)
    clock.now = 2.0
    player.system.heard_by(ANSWERED)
    assert player.heard == [(2.0, ANSWERED)]


@pytest.mark.parametrize("seed", range(5))
def test_a_phrase_is_a_handful_of_notes_and_ends_with_nothing_held(player: Player, seed: int) -> None:
    player.phrase(Random(seed))
    *notes, pedal = played(player)
    down: set[int] = set()
    strikes = 0
    for status, key, velocity in notes:
        if status == NOTE_ON:
            assert 0 < velocity < 128
            down.add(key)
            strikes += 1
        else:
            assert status == NOTE_OFF
            down.discard(key)
    assert not down
    assert 8 <= strikes <= 3 * 15
    assert pedal == bytes([CONTROL, 64, 0])


def test_the_same_seed_plays_the_same(clock: Clock, player: Player) -> None:
    player.phrase(Random(4))
    first, player.played = list(player.played), []
    began = clock.now
    player.phrase(Random(4))
    assert played(player) == [message for _, message in first]
    assert [at - began for at, _ in player.played] == pytest.approx([at for at, _ in first])


def test_an_answer_is_a_note_on_the_models_channel_that_comes_later(player: Player) -> None:
    player.heard.append((0.0, ANSWERED))
    assert player.await_answer(0)
    assert not player.await_answer(1)
    player.heard.append((1.0, bytes([NOTE_ON, 60, 80])))  # the player's own, passed on
    assert not player.await_answer(1)


def test_an_answer_that_does_not_come_is_given_up(clock: Clock, player: Player) -> None:
    assert not player.await_answer(0)
    assert clock.now == pytest.approx(LONGEST_WAIT_S, abs=0.1)


def test_an_answer_is_noticed_as_soon_as_it_comes(clock: Clock, player: Player) -> None:
    def after_a_second() -> None:
        if clock.now > 1.0:
            player.heard.append((clock.now, ANSWERED))

    clock.at_each_sleep = after_a_second
    assert player.await_answer(0)
    assert clock.now < 1.1


def test_every_second_answer_is_asked_for_and_every_third_cut_in_with_the_pedal_down(
    clock: Clock, player: Player
) -> None:
    turns: list[str] = []
    player.phrase = lambda chance: turns.append("phrase")
    player.await_answer = lambda heard: clock.sleep(1.0) or True
    names = {(HAND_OVER, 127): "asked for", (64, 127): "pedal"}
    player.send = lambda _, *control: turns.append(names[control])
    player.play_for(20.0)
    assert turns[:11] == [
        *("phrase", "asked for", "phrase", "phrase", "asked for", "pedal"),
        *("phrase", "phrase", "asked for", "phrase", "pedal"),
    ]
    assert clock.now >= 20.0


def turned(event: Any, *actions: Any, sent_at: float = 2.0) -> Any:
    state = SimpleNamespace(phase=SimpleNamespace(value="answering"))
    return SimpleNamespace(event=event, actions=actions, sent_at=sent_at, state=state)


class Tick:
    """An event by which nothing happens."""

    at = 1.0


def noted(*happened: Any) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    note = noting(turns)
    for one in happened:
        note(one)
    return turns


def test_an_event_by_which_nothing_happens_is_not_noted() -> None:
    assert noted(turned(Tick())) == []


def test_a_note_of_the_models_is_noted_with_the_moment_it_was_due() -> None:
    play = PlayNote(at=1.0, id=1, pitch=60, velocity=80, channel=1, due=0.9)
    assert noted(turned(Tick(), play, play)) == [
        {
            "event": "Tick",
            "at": 1.0,
            "sent_at": 2.0,
            "phase": "answering",
            "changed": False,
            "due": [0.9, 0.9],
        }
    ]


def test_a_turn_that_passes_and_an_answer_that_comes_are_noted() -> None:
    passed = TurnChanged.__new__(TurnChanged)
    came = AnswerCame.__new__(AnswerCame)
    object.__setattr__(came, "at", 4.0)
    one, other = noted(turned(Tick(), passed), turned(came))
    assert (one["changed"], one["due"]) == (True, [])
    assert (other["event"], other["at"], other["changed"]) == ("AnswerCame", 4.0, False)


def test_the_instrument_plays_until_the_player_is_done_and_writes_down_all_that_happened(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    choices: list[Any] = []
    monkeypatch.setattr(live_instrument.sys, "stdin", SimpleNamespace(readline=lambda: "play\n"))
    monkeypatch.setattr(live_instrument.os, "kill", lambda process, number: ended.append(number))
    monkeypatch.setattr(live_instrument, "open_session", lambda path, scores: path)
    monkeypatch.setattr(live_instrument, "Network", lambda session, seed: (session, seed))
    monkeypatch.setattr(live_instrument, "play", lambda chosen: choices.append(chosen) or 0)
    monkeypatch.setattr(Player, "play_for", lambda player, seconds: player.played.append((seconds, b"\x90")))
    monkeypatch.setattr(live_instrument, "Thread", _at_once)
    monkeypatch.setattr(live_instrument, "costs", lambda _, seconds: {"knob": seconds})
    options = {
        "handovers": 0,
        "flood": False,
        "model": "mine.onnx",
        "seed": 5,
        "seconds": 7.0,
        "take": str(tmp_path / "take.mid"),
        "moments": str(tmp_path / "moments.json"),
    }
    assert live_instrument.main(options) == 0
    assert ended == [signal.SIGTERM]
    assert choices[0].answerer == (Path("mine.onnx"), 5)
    assert (choices[0].take, choices[0].page_port) == (tmp_path / "take.mid", 0)
    assert json.loads((tmp_path / "moments.json").read_text()) == {
        "played": [[7.0, [0x90]]],
        "heard": [],
        "turns": [],
    }
    assert live_instrument.main(options | {"flood": True}) == 0
    assert ended == 2 * [signal.SIGTERM]
    assert json.loads((tmp_path / "moments.json").read_text()) == {"flood": {"knob": 7.0}}


def _at_once(target: Callable[[], None], **_: Any) -> Any:
    """A thread that is done as soon as it is started."""
    return SimpleNamespace(start=target)
