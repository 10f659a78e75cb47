"""What a library writes to the terminal by itself is caught, however it writes, and given back after."""

import os
import sys
import warnings
from contextlib import suppress

import pytest

from realtime.inference.native_report import caught_report


def test_until_it_is_over_a_report_is_empty() -> None:
    with caught_report() as report:
        print("loading")
        assert report.text == ""
    assert report.text == "loading\n"


def test_all_ways_of_writing_are_caught(capfd: pytest.CaptureFixture[str]) -> None:
    with caught_report() as report:
        os.write(2, b"from its native part\n")
        print("from its Python part")
        print("on standard error", file=sys.stderr)
    assert capfd.readouterr() == ("", "")
    for line in ("from its native part", "from its Python part", "on standard error"):
        assert line in report.text


def test_warnings_are_neither_shown_nor_raised(capfd: pytest.CaptureFixture[str]) -> None:
    with caught_report() as report:
        warnings.warn("an old card", stacklevel=1)
    assert report.text == ""
    assert capfd.readouterr() == ("", "")


def test_before_and_after_it_everything_goes_where_it_was_meant_to_go(
    capfd: pytest.CaptureFixture[str],
) -> None:
    os.write(2, b"before\n")
    with caught_report():
        os.write(2, b"meanwhile\n")
    os.write(2, b"after\n")
    print("printed")
    assert capfd.readouterr() == ("printed\n", "before\nafter\n")


def test_after_an_error_it_is_over_too_and_what_was_written_is_known(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with suppress(RuntimeError), caught_report() as report:
        os.write(2, b"why\n")
        raise RuntimeError
    os.write(2, b"after\n")
    assert report.text == "why\n"
    assert capfd.readouterr().err == "after\n"


def test_what_is_no_text_is_shown_as_well_as_can_be() -> None:
    with caught_report() as report:
        os.write(2, b"caf\xe9 \xff")
    assert report.text.startswith("caf")


def test_one_in_another_each_keeps_its_own() -> None:
    with caught_report() as outer:
        os.write(2, b"outer\n")
        with caught_report() as inner:
            os.write(2, b"inner\n")
    assert (outer.text, inner.text) == ("outer\n", "inner\n")


def test_where_standard_error_is_closed_the_rest_is_caught_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def closed(descriptor: int) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "dup", closed)
    with caught_report() as report:
        print("printed")
    assert report.text == "printed\n"


def test_no_file_descriptor_is_left_open() -> None:
    def next_free() -> int:
        descriptor = os.open(os.devnull, os.O_RDONLY)
        os.close(descriptor)
        return descriptor

    free = next_free()
    for _ in range(5):
        with caught_report():
            os.write(2, b"x")
    assert next_free() == free
