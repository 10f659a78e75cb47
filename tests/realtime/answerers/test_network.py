"""Answers by a model: after the silence, as long as asked, everything let go, the same for a seed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from music.midi.files import read_pieces, write_midi
from music.notes import KEYS, NoteOff, NoteOn
from music.phrase import events_of
from realtime.answerers.line import LONGEST_WAIT_S, SHORTEST_NOTE_S
from realtime.answerers.network import LONGEST_PASSAGE_S, Network
from realtime.answerers.openings.last_key import at_last_key, struck_of
from realtime.inference.session import EventToken, Inputs, ModelSession, ModelState, open_session
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request
from tests.support.command import antiphon
from tests.support.phrases import check_each_strike_is_released, improvised

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]


@pytest.fixture(scope="module")
def model_file(small_files: Path) -> Path:
    return small_files / "small-int8.onnx"


@pytest.fixture(scope="module")
def session(model_file: Path) -> Iterator[ModelSession]:
    return open_session(model_file)


def asked(seed: int = 1, silence_s: float = 0.4, length_s: float = 4.0, attempt: int = 0) -> Request:
    call = tuple(events_of(improvised(seed, notes=20, pedal=True)))
    return Request(
        ticket=1,
        turn=1,
        attempt=attempt,
        call=call,
        gap_at_least_s=silence_s,
        starts_after=call[-1].at + silence_s,
        length_s=length_s,
    )


@pytest.mark.parametrize("seed", range(12))
def test_an_answer_is_in_order_after_the_silence_as_long_as_asked_and_let_go(
    session: ModelSession, seed: int
) -> None:
    request = asked(seed)
    events = list(Network(session, seed).answer(request))
    moments = [event.at for event in events]
    assert moments == sorted(moments)
    first = events[0]
    assert isinstance(first, NoteOn)
    assert request.starts_after <= first.at <= request.starts_after + LONGEST_WAIT_S + 0.01
    onsets = [event.at for event in events if isinstance(event, NoteOn)]
    assert max(onsets) < first.at + request.length_s
    check_each_strike_is_released(events)


def test_the_same_request_and_seed_get_the_same_answer(session: ModelSession) -> None:
    first = list(Network(session, 5).answer(asked()))
    list(Network(session, 6).answer(asked(2)))
    assert list(Network(session, 5).answer(asked())) == first


def test_seed_attempt_call_and_temperature_each_change_the_answer(session: ModelSession) -> None:
    plain = pitches(session, 5, asked())
    assert pitches(session, 6, asked()) != plain
    assert pitches(session, 5, asked(attempt=1)) != plain
    assert pitches(session, 5, asked(seed=2)) != plain
    assert pitches(session, 5, asked(), temperature=0.3) != plain


def pitches(session: ModelSession, seed: int, request: Request, temperature: float = 1.0) -> list[int]:
    answer = Network(session, seed).answer(request, Knobs(temperature=temperature))
    return [event.pitch for event in answer if isinstance(event, NoteOn)]


def test_a_call_without_anything_heard_is_answered_too(session: ModelSession) -> None:
    request = replace(asked(), call=(), starts_after=3.0)
    events = list(Network(session, 1).answer(request))
    assert events[0].at >= 3.0
    assert isinstance(events[-1], NoteOff)


def test_a_call_from_a_file_is_answered_by_a_model_and_repeats(model_file: Path, tmp_path: Path) -> None:
    write_midi(improvised(3, notes=20), tmp_path / "call.mid")
    takes = []
    for name in ("one.mid", "two.mid"):
        done = antiphon(
            *("play", "--model", model_file, "--from", tmp_path / "call.mid", "--fast", "--seed", 4),
            *("--take", tmp_path / name),
        )
        assert done.returncode == 0, done.stderr
        assert "int8" in done.stdout.splitlines()[0]
        (piece,) = read_pieces(tmp_path / name)
        takes.append(piece)
    assert takes[0].phrase == takes[1].phrase
    assert len({note.voice for note in takes[0].phrase.notes}) == 2
    assert any("int8" in words.text for words in takes[0].words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--model", "no-such.onnx"], "no-such.onnx"),
        (["--model", "call.mid"], "call.mid"),
        (["--model", "MODEL", "--device", "cuda"], "in eight bits, which CUDA can't run"),
    ],
)
def test_a_model_that_can_not_be_played_is_refused_in_one_line(
    model_file: Path, tmp_path: Path, words: list[str], expected: str
) -> None:
    write_midi(improvised(3, notes=20), tmp_path / "call.mid")
    words = [str(model_file) if word == "MODEL" else word for word in words]
    done = antiphon("play", *words, "--from", "call.mid", "--fast", "--no-take", cwd=tmp_path)
    assert done.returncode == 2
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_call_heard_while_it_grows_gets_the_same_answer_and_is_not_heard_twice(
    session: ModelSession,
) -> None:
    request = asked()
    plain = list(Network(session, 5).answer(request))
    listening = Counting(session)
    network = Network(listening, 5)  # type: ignore[arg-type]
    for length in range(1, len(request.call) + 1):
        network.hear(request.call[:length])
    fed = listening.fed
    assert fed >= 30
    assert list(network.answer(request)) == plain
    let_go = len(at_last_key(request).call) - len(struck_of(request.call))
    assert listening.fed == fed + let_go  # what was held when the last key went down
    assert list(network.answer(replace(request, attempt=1))) != plain
    assert listening.fed == fed + 2 * let_go


def test_after_another_call_was_heard_the_answer_is_still_to_the_one_that_is_asked(
    session: ModelSession,
) -> None:
    network = Network(session, 5)
    network.hear(asked(2).call)
    assert list(network.answer(asked())) == list(Network(session, 5).answer(asked()))


def test_a_key_that_would_go_up_as_it_goes_down_is_heard_all_the_same(session: ModelSession) -> None:
    events = list(Network(Clicking(session), 5).answer(asked()))  # type: ignore[arg-type]
    assert [event.at for event in events] == sorted(event.at for event in events)
    struck: dict[int, float] = {}
    lengths = []
    for event in events:
        if isinstance(event, NoteOn):
            struck[event.pitch] = event.at
        else:
            lengths.append(event.at - struck.pop(event.pitch))
    assert lengths
    assert min(lengths) == pytest.approx(SHORTEST_NOTE_S)


class Clicking:
    """A session whose keys go up at the very moment of the event before."""

    def __init__(self, session: ModelSession) -> None:
        self.session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def step(self, inputs: Inputs, state: ModelState) -> Any:
        drawn, after = self.session.step(inputs, state)
        _, key, velocity = drawn.event
        return (drawn if key < KEYS else drawn._replace(event=(0, key, velocity), cells=0)), after


class Counting:
    """A session that counts what it is fed."""

    def __init__(self, session: ModelSession) -> None:
        self.session, self.fed = session, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def feed(self, event: EventToken, state: ModelState) -> ModelState:
        self.fed += 1
        return self.session.feed(event, state)


def test_the_temperature_may_change_while_an_answer_is_given(session: ModelSession) -> None:
    request = asked(length_s=12.0)
    plain = list(Network(session, 5).answer(request))
    answer = Network(session, 5).answer(request)
    changed = [next(answer), answer.send(Knobs(temperature=0.0)), *answer]
    assert changed[0] == plain[0]
    assert changed != plain


def thought_of(session: ModelSession, seed: int, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Network:
    """An answerer that had time to think."""
    network = Network(session, seed, lanes=4)
    network.expect(request, knobs)
    while network.think():
        pass
    return network


def test_an_answer_that_was_thought_of_is_in_order_after_the_silence_and_let_go(
    session: ModelSession,
) -> None:
    for seed in range(6):
        request = asked(seed)
        events = list(thought_of(session, seed, request).answer(request))
        moments = [event.at for event in events]
        assert moments == sorted(moments)
        assert request.starts_after < events[0].at <= request.starts_after + LONGEST_WAIT_S
        check_each_strike_is_released(events)


def test_the_same_thoughts_come_again_and_others_with_another_seed(session: ModelSession) -> None:
    first, again, other = (list(thought_of(session, seed, asked()).answer(asked())) for seed in (5, 5, 6))
    assert first == again
    assert first != other
    assert first != list(Network(session, 5).answer(asked()))


def test_another_answer_is_the_next_best_that_was_thought_of(session: ModelSession) -> None:
    network = thought_of(session, 5, asked())
    answers = [list(network.answer(asked(attempt=attempt))) for attempt in (0, 1, 0)]
    assert answers[0] == answers[2] != answers[1]


def test_an_answer_asked_for_sooner_or_later_than_expected_is_moved(session: ModelSession) -> None:
    network = thought_of(session, 5, asked())
    as_expected = list(network.answer(asked()))
    for off_s in (-0.2, 0.35):
        request = replace(asked(), starts_after=asked().starts_after + off_s)
        moved = list(network.answer(request))
        struck, expected = (
            [event.pitch for event in answer if isinstance(event, NoteOn)] for answer in (moved, as_expected)
        )
        assert struck[:6] == expected[:6]
        assert request.starts_after < moved[0].at <= request.starts_after + LONGEST_WAIT_S


def test_a_long_answer_goes_on_in_passages_and_lasts_as_long_as_asked(session: ModelSession) -> None:
    request = asked(length_s=24.0)
    events = list(thought_of(session, 5, request).answer(request))
    onsets = [event.at for event in events if isinstance(event, NoteOn)]
    assert 24.0 - LONGEST_PASSAGE_S < onsets[-1] - onsets[0] <= 24.0 + 2.0
    check_each_strike_is_released(events)


def test_a_knob_turned_in_an_answer_that_was_thought_of_changes_what_follows(session: ModelSession) -> None:
    for seed in range(12):
        request = asked(seed, length_s=12.0)
        network = thought_of(session, 5, request)
        plain = list(network.answer(request))
        if not network.stood_in:  # the rule, which answers in place of nonsense, knows no temperature
            break
    else:
        pytest.fail("all that was thought of is nonsense")
    answer = thought_of(session, 5, request).answer(request)
    changed = [next(answer), *(next(answer) for _ in range(5)), answer.send(Knobs(temperature=0.0)), *answer]
    assert changed[:6] == plain[:6]
    assert changed != plain
    check_each_strike_is_released(changed)
    assert [event.at for event in changed] == sorted(event.at for event in changed)


def test_with_the_knob_turned_meanwhile_or_another_call_nothing_that_was_thought_of_is_played(
    session: ModelSession,
) -> None:
    network = thought_of(session, 5, asked())
    hot = list(network.answer(asked(), Knobs(temperature=1.5)))
    assert hot == list(Network(session, 5).answer(asked(), Knobs(temperature=1.5)))
    assert list(network.answer(asked(2))) == list(Network(session, 5).answer(asked(2)))


def test_asked_before_it_has_thought_to_the_end_it_answers_as_it_draws(session: ModelSession) -> None:
    network = Network(session, 5, lanes=4)
    network.expect(asked())
    assert network.think()
    assert list(network.answer(asked())) == list(Network(session, 5).answer(asked()))


def test_of_a_call_without_notes_nothing_is_thought_of(session: ModelSession) -> None:
    network = Network(session, 5)
    network.expect(replace(asked(), call=()))
    assert not network.think()
