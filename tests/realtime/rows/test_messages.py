"""Of what a browser sends, only wishes that are right in every respect get through, and only what counts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.knobs import KNOBS
from realtime.performer.rules import DEFAULT_RULES
from realtime.rows import messages
from realtime.rows.kinds import FOR_DISPLAY, FOR_THE_TAKE
from realtime.rows.messages import (
    Control,
    Gone,
    HandOver,
    KeepPreset,
    Key,
    Learn,
    Look,
    Model,
    NewTake,
    Panic,
    PedalDepth,
    Press,
    TakeSound,
    Welcome,
    row_of,
    wish_of,
    written,
)
from realtime.rows.standing import controls_of

LIMITS = {"temperature": (0.0, 2.0), "length": (0.1, 8.0)}


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ('{"kind":"key","pitch":60,"velocity":1}', Key(60, 1)),
        ('{"kind":"key","pitch":0,"velocity":0,"extra":[1]}', Key(0, 0)),
        ('{"kind":"pedal","depth":127}', PedalDepth(127)),
        ('{"kind":"control","name":"temperature","value":2}', Control("temperature", 2)),
        ('{"kind":"control","name":"channel","value":"same"}', Control("channel", "same")),
        ('{"kind":"control","name":"channel","value":16}', Control("channel", 16)),
        ('{"kind":"model","name":"mine"}', Model("mine")),
        ('{"kind":"hand_over"}', HandOver()),
        ('{"kind":"press","name":"freeze"}', Press("freeze")),
        ('{"kind":"learn","name":"temperature"}', Learn("temperature")),
        ('{"kind":"keep_preset","name":" solo 2 "}', KeepPreset("solo 2")),
        ('{"kind":"control","name":"mode","value":"bars"}', Control("mode", "bars")),
        ('{"kind":"control","name":"mute","value":1}', Control("mute", 1)),
        ('{"kind":"panic"}', Panic()),
        ('{"kind":"new_take"}', NewTake()),
        ('{"kind":"take_sound"}', TakeSound()),
        ('{"kind":"look","wanted":false}', Look(False)),
        (' {"kind":"panic","kind":"hand_over"}\n', HandOver()),  # of a name said twice, the last
        ('{"kind":"panic"}' + " " * (messages.MOST_WISH_BYTES - 16), Panic()),  # just not too long
    ],
)
def test_a_right_wish_is_read(text: str, wish: messages.Wish) -> None:
    assert wish_of(text, LIMITS) == wish


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "null",
        "7",
        '"key"',
        '{"kind":"model"}',
        '{"kind":"model","name":""}',
        '{"kind":"model","name":["mine"]}',
        "[]",
        "{}",
        '{"kind":null}',
        '{"kind":["key"]}',
        '{"kind":"gone"}',  # the page process's own
        '{"kind":"saved","path":"x"}',
        '{"kind":"press"}',
        '{"kind":"look"}',
        '{"kind":"look","wanted":1}',
        '{"kind":"press","name":""}',
        '{"kind":"learn","name":"warmth"}',
        '{"kind":"keep_preset"}',
        '{"kind":"keep_preset","name":"  "}',
        '{"kind":"keep_preset","name":"a\\nb"}',
        f'{{"kind":"keep_preset","name":"{41 * "a"}"}}',
        '{"kind":"press","name":["freeze"]}',
        '{"kind":"control","name":"mode","value":"loud"}',
        '{"kind":"control","name":"mode","value":["bars"]}',
        '{"kind":"control","name":"mute","value":true}',
        '{"kind":"key"}',
        '{"kind":"key","pitch":60}',
        '{"kind":"key","pitch":128,"velocity":1}',
        '{"kind":"key","pitch":-1,"velocity":1}',
        '{"kind":"key","pitch":60.0,"velocity":1}',
        '{"kind":"key","pitch":true,"velocity":1}',
        '{"kind":"key","pitch":"60","velocity":1}',
        '{"kind":"key","pitch":60,"velocity":128}',
        '{"kind":"pedal","depth":null}',
        '{"kind":"control","name":"temperature","value":2.01}',
        '{"kind":"control","name":"temperature","value":"hot"}',
        '{"kind":"control","name":"temperature","value":true}',
        '{"kind":"control","name":"temperature","value":NaN}',
        '{"kind":"control","name":"temperature","value":1e999}',
        '{"kind":"control","name":"temperature","value":1' + "0" * 400 + "}",
        '{"kind":"control","name":"channel","value":17}',
        '{"kind":"control","name":"channel","value":[1]}',
        '{"kind":"control","name":"seed","value":1}',
        '{"kind":"control","name":{},"value":1}',
        "[" * 4000,
        '{"kind":"panic"',
        '{"kind":"panic"}{"kind":"panic"}',
        '{"kind":"PANIC"}',
        '{"kind":"panic"}' + " " * (messages.MOST_WISH_BYTES - 15),
        '{"kind":"control","name":"temperature"}',
        '{"kind":"control","name":"temperature","value":-0.01}',
        '{"kind":"control","name":"loudness","value":1}',  # a knob, but not of this engine's
        '{"kind":"control","name":"channel","value":0}',
        '{"kind":"control","name":"channel","value":1.0}',
        '{"kind":"control","name":"channel","value":true}',
        '{"kind":"control","name":"channel","value":"2"}',
        '{"kind":"control","name":"channel","value":-Infinity}',
        '{"kind":"panic"}' + " " * 5000,
    ],
)
def test_what_is_not_right_in_every_respect_is_no_wish(text: str) -> None:
    assert wish_of(text, LIMITS) is None


def test_bytes_are_no_wish() -> None:
    assert wish_of(b'{"kind":"panic"}', LIMITS) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("temperature"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from(["key", "pedal", "control", "hand_over", "panic", "gone", "x"]),
    st.dictionaries(st.sampled_from(["pitch", "velocity", "depth", "name", "value"]), _JSON),
)
def test_whatever_is_sent_what_gets_through_is_written_with_numbers_in_range(
    kind: str, names: dict[str, object]
) -> None:
    wish = wish_of(json.dumps({"kind": kind} | names), LIMITS)
    if wish is None:
        return
    line = written(wish)
    assert "\n" not in line
    record = json.loads(line)
    assert record["kind"] == kind
    for name in ("pitch", "velocity", "depth"):
        assert record.get(name, 0) in range(128)


def test_wishes_are_written_as_the_protocol_names_them() -> None:
    assert written(Key(60, 0)) == '{"kind":"key","pitch":60,"velocity":0}'
    assert written(Gone()) == '{"kind":"gone"}'
    assert written(HandOver()) == '{"kind":"hand_over"}'


@pytest.mark.parametrize(
    "wish", [Key(127, 127), PedalDepth(0), Control("length", 0.1), Control("channel", "next"), HandOver()]
)
def test_a_wish_comes_back_from_its_line(wish: messages.Wish) -> None:
    assert wish_of(written(wish), LIMITS) == wish


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b'{"kind":"alive","at":1}',
        b'{"kind":"note"}',
        b'{"kind":[]}',
        b'{"kind":null,"at":1}',
        b'{"kind":"note","at":null}',
        b'{"kind":"note","at":"1"}',
        b'{"kind":"note","at":true}',
        b'{"kind":"note","at":NaN}',
        b'{"kind":"note","at":1e999}',
        b'{"kind":"note","at":1' + b"0" * 400 + b"}",
        b'{"kind":"note","at":1,"pitch":Infinity}',  # a browser could not read it
    ],
)
def test_a_line_that_is_no_row_is_none(line: bytes) -> None:
    assert row_of(line) is None


@pytest.mark.parametrize("kind", sorted(FOR_DISPLAY | FOR_THE_TAKE))
def test_a_row_of_each_kind_is_known_whatever_else_it_holds(kind: str) -> None:
    row = row_of(json.dumps({"kind": kind, "at": -0.5, "new": [1]}).encode())
    assert row is not None
    assert (row.kind, row.at, row.fields["new"]) == (kind, -0.5, [1])


def test_a_row_with_a_broken_letter_is_a_row_all_the_same() -> None:
    row = row_of(b'{"kind":"line","at":1,"text":"caf\xe9"}')
    assert row is not None
    assert row.fields["text"] == "caf\N{REPLACEMENT CHARACTER}"


@given(st.binary(max_size=40))
def test_no_line_of_the_engine_s_makes_it_fail(line: bytes) -> None:
    row = row_of(line)
    assert row is None or row.kind in messages.KNOWN


@pytest.mark.parametrize(
    ("line", "record"),
    [
        (messages.ready("http://x"), {"kind": "ready", "url": "http://x", "reach": None, "code": []}),
        (
            messages.ready("http://x", "http://y", ["01"]),
            {"kind": "ready", "url": "http://x", "reach": "http://y", "code": ["01"]},
        ),
        (messages.refused("in use"), {"kind": "refused", "reason": "in use"}),
        (messages.line("two\nlines"), {"kind": "line", "text": "two\nlines"}),
        (messages.line_row(1.5, "«é»\u2028"), {"kind": "line", "at": 1.5, "text": "«é»\u2028"}),
        (messages.happened(2.0, "saved"), {"kind": "happened", "at": 2.0, "text": "saved"}),
        (messages.sound(None), {"kind": "sound", "browser": None}),
        (messages.sound(3), {"kind": "sound", "browser": 3}),
        (messages.saved("a.mid"), {"kind": "saved", "path": "a.mid"}),
        (messages.saved(None), {"kind": "saved", "path": None}),
        (messages.takes([]), {"kind": "takes", "takes": []}),
    ],
)
def test_what_is_said_between_the_processes_is_one_line_by_the_protocol(
    line: str, record: dict[str, object]
) -> None:
    assert json.loads(line) == record
    assert line.splitlines() == [line]


def test_a_welcome_without_rows_yet_has_none_in_it() -> None:
    text = Welcome(1, 1, None, 0.0, "{}", [], [], None, None, None, None, {}, None, []).text()
    absent = ("sound", "turn", "quiet", "ports", "model", "presets", "answer_within_s")
    assert [name for name, value in json.loads(text).items() if value is None] == list(absent)


def test_the_engines_controls_are_all_known_here() -> None:
    limits = {name: (knob.lowest, knob.highest) for name, knob in KNOBS.items()} | {"tempo": (20.0, 300.0)}
    for name, value in controls_of(DEFAULT_RULES).items():
        assert wish_of(json.dumps({"kind": "control", "name": name, "value": value}), limits) is not None


def test_a_row_keeps_its_line_as_it_was() -> None:
    row = row_of(b'{"kind": "line", "at": 3, "text": "caf\xc3\xa9"}')
    assert row is not None
    assert (row.kind, row.at, row.text) == ("line", 3.0, '{"kind": "line", "at": 3, "text": "café"}')


def test_a_welcome_is_one_object_with_the_rows_in_it() -> None:
    take = messages.ListedTake("a.mid", 1.5, 3, 4, now=True)
    welcome = Welcome(
        you=3,
        hand=2,
        sound=None,
        log=['{"l":1}'],
        now=2.5,
        begin='{"kind":"begin"}',
        recent=['{"a":1}', '{"b":2}'],
        turn='{"t":1}',
        quiet=None,
        ports=None,
        model='{"m":1}',
        controls={"x": 1},
        answer_within_s=[2.0, 30.0],
        takes=[take],
    )
    assert json.loads(welcome.text()) == {
        "kind": "welcome",
        "protocol": 1,
        "you": 3,
        "hand": 2,
        "sound": None,
        "log": [{"l": 1}],
        "now": 2.5,
        "begin": {"kind": "begin"},
        "recent": [{"a": 1}, {"b": 2}],
        "turn": {"t": 1},
        "quiet": None,
        "ports": None,
        "model": {"m": 1},
        "presets": None,
        "controls": {"x": 1},
        "answer_within_s": [2.0, 30.0],
        "takes": [{"name": "a.mid", "seconds": 1.5, "player": 3, "model": 4, "now": True, "starred": 0}],
    }
