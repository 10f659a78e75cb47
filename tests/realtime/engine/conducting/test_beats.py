"""A clock is heard: its tempo, its bar lines, start, stop and place in the song."""

from collections.abc import Iterator
from math import ceil

import pytest

from realtime.engine.conducting.beats import Beats, ClockEar

TICK, START, GO_ON, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"


def ticked(ear: ClockEar, tempo: float, beats: float, at: float = 10.0) -> Iterator[Beats]:
    """The news of a clock that ticks evenly."""
    for tick in range(round(beats * 24)):
        news = ear.hear(TICK, at + tick * 60 / tempo / 24)
        if news is not None:
            yield news


@pytest.mark.parametrize("tempo", [20.0, 93.0, 120.0, 300.0])
def test_after_a_beat_the_tempo_is_known(tempo: float) -> None:
    (news,) = ticked(ClockEar(), tempo, 2.0)
    assert news.tempo == pytest.approx(tempo)
    assert news.bar_line is None


def test_an_unsteady_link_is_no_news_but_another_tempo_is() -> None:
    ear = ClockEar()
    list(ticked(ear, 100.0, 2.0))
    assert all(ear.hear(TICK, 11.2 + tick * 0.025 + (tick % 2) * 0.001) is None for tick in range(48))
    assert list(ticked(ear, 140.0, 3.0, at=12.4))[-1].tempo == pytest.approx(140.0, abs=0.5)


@pytest.mark.parametrize("period_s", [256 / 48000, 512 / 48000])
@pytest.mark.parametrize("tempo", [60.0, 93.0, 120.0, 133.7, 180.0])
def test_ticks_that_come_once_in_a_period_are_one_tempo(tempo: float, period_s: float) -> None:
    ear = ClockEar()
    news = [heard for at in come_in_periods(period_s, [(tempo, 64)]) if (heard := ear.hear(TICK, at))]
    assert [one.tempo for one in news[-1:]] == pytest.approx([tempo], abs=0.3)
    assert len(news) <= 10  # as its first beats are heard more exactly, and then no more


@pytest.mark.parametrize("period_s", [0.0, 512 / 48000])
@pytest.mark.parametrize("tempo", [90.0, 122.0, 140.0])
def test_another_tempo_is_known_after_three_beats_of_it_however_long_the_one_before_was(
    tempo: float, period_s: float
) -> None:
    ear = ClockEar()
    news = [ear.hear(TICK, at) for at in come_in_periods(period_s, [(120.0, 16), (tempo, 3)])]
    assert [one for one in news if one][-1].tempo == pytest.approx(tempo, abs=1.0)


def come_in_periods(period_s: float, of: list[tuple[float, int]]) -> Iterator[float]:
    """When ticks are heard that a sound server hands out once in a period; so many beats at each tempo."""
    at = 10.0
    for tempo, beats in of:
        for _ in range(24 * beats):
            at += 60 / tempo / 24
            yield ceil(at / period_s) * period_s if period_s else at


def test_bar_lines_are_counted_from_the_start() -> None:
    ear = ClockEar(beats_in_a_bar=3)
    list(ticked(ear, 120.0, 2.0, at=5.0))
    assert ear.hear(START, 9.99) is None
    lines = [news.bar_line for news in ticked(ear, 120.0, 7.0, at=10.0)]
    assert lines == pytest.approx([10.0, 11.5, 13.0])


def test_it_goes_on_in_the_bar_where_the_song_is() -> None:
    ear = ClockEar()
    ear.hear(bytes((0xF2, 12, 0)), 9.0)  # twelve sixteenths: the fourth beat
    ear.hear(GO_ON, 9.9)
    lines = [news.bar_line for news in ticked(ear, 120.0, 3.0, at=10.0) if news.bar_line is not None]
    assert lines[0] == pytest.approx(10.5)


def test_stopped_it_says_so_once_and_has_no_bar_lines_any_more() -> None:
    ear = ClockEar()
    ear.hear(START, 9.9)
    list(ticked(ear, 120.0, 2.0))
    assert ear.hear(STOP, 11.0) == Beats(pytest.approx(120.0), None, is_stopped=True)
    assert ear.hear(STOP, 11.1) is None
    ear.hear(GO_ON, 12.0)  # from where it stopped: two beats before the next line
    lines = [news.bar_line for news in ticked(ear, 120.0, 3.0, at=12.1) if news.bar_line is not None]
    assert lines == pytest.approx([13.1])


def test_a_pause_of_the_clock_is_no_slow_beat() -> None:
    ear = ClockEar()
    list(ticked(ear, 120.0, 2.0))
    assert list(ticked(ear, 120.0, 2.0, at=40.0)) == []


def test_a_clock_whose_ticks_cease_is_gone_once_and_may_come_back() -> None:
    ear = ClockEar()
    ear.hear(START, 9.9)
    list(ticked(ear, 120.0, 2.0))  # the last tick at 10.98
    gone_at = ear.gone_at
    assert gone_at is not None
    assert ear.gone_by(gone_at - 0.01) is None
    assert ear.gone_by(gone_at) == Beats(pytest.approx(120.0), None, is_gone=True)
    assert ear.gone_by(gone_at + 9.0) is None
    assert ear.gone_at is None
    (news,) = ticked(ear, 120.0, 2.0, at=40.0)
    assert (news.tempo, news.bar_line) == (pytest.approx(120.0), None)  # where it stands, nobody has said
    assert ear.gone_at is not None


def test_a_clock_that_was_stopped_or_ticked_but_now_and_then_is_not_missed() -> None:
    stopped = ClockEar()
    stopped.hear(START, 9.9)
    list(ticked(stopped, 120.0, 2.0))
    stopped.hear(STOP, 11.0)
    assert stopped.gone_at is None
    few = ClockEar()
    list(ticked(few, 120.0, 0.5))
    assert few.gone_at is None


@pytest.mark.parametrize("message", [b"", b"\x90\x3c\x50", b"\xfe", b"\xf2\x01"])
def test_what_is_no_clock_says_nothing(message: bytes) -> None:
    assert ClockEar().hear(message, 1.0) is None
