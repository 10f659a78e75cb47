"""What arrived beside what was handed over, by number; the measurement itself needs a JACK server."""

import argparse

import pytest

from benchmarks.instrument import link
from music.settings import SettingError


def test_numbers_are_read_from_what_either_listener_writes() -> None:
    text = "  1234: e0 05 01 pitch bend\ne1 05 01\n  99: 90 3c 40 note on\ne0 7f 7f\ne2 00 00\n"
    assert link.numbers_in(text) == {link.FIRST: {0x85, 0x3FFF}, link.AGAIN: {0x85}, link.ONCE_MORE: {0}}


def test_what_neither_hears_is_the_link_s_loss_and_each_further_time_mends_what_it_brings() -> None:
    heard = {
        "c": {link.FIRST: {0, 1, 2}, link.AGAIN: {0, 1, 2, 3}, link.ONCE_MORE: {4}},
        "python": {link.FIRST: {0, 1, 4}, link.AGAIN: {0, 1}, link.ONCE_MORE: {2}},
    }
    assert link.figures_of({0, 1, 2, 3, 4, 5}, heard) == {
        "handed_over": 6,
        "missed_by_c": {"sent_once": 3, "sent_twice": 2, "sent_thrice": 1},
        "missed_by_python": {"sent_once": 3, "sent_twice": 3, "sent_thrice": 2},
        "missed_by_both": {"sent_once": 2, "sent_twice": 1, "sent_thrice": 1},
    }


def test_more_numbers_than_a_message_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "require", lambda *_: None)
    parser = argparse.ArgumentParser()
    link.add_arguments(parser)
    with pytest.raises(SettingError, match="at most 819, not 1000"):
        link.run(parser.parse_args(["--seconds", "1000"]))


@pytest.mark.jack
@pytest.mark.slow
def test_a_second_of_it_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "")  # and as it was, afterwards
    parser = argparse.ArgumentParser()
    link.add_arguments(parser)
    figures = link.run(parser.parse_args(["--seconds", "1", "--busy", "0"]))
    assert figures["handed_over"] == 20
    assert figures["missed_by_c"]["sent_thrice"] < 20
