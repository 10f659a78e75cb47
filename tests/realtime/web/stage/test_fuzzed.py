"""A hundred thousand messages that nobody would send, and rows that no engine would write: all goes on."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from realtime.knobs import KNOBS
from realtime.rows.messages import wish_of
from tests.realtime.web.test_everyone import begun, now, opened
from tests.support.chromium import chromium_page
from tests.support.page_process import PageProcess, note, page_process, received, turn
from tests.support.protocol import examples_by

COUNT = 100_000
LIMITS = {name: (knob.lowest, knob.highest) for name, knob in KNOBS.items()}
WISHES = [*examples_by("browser, to the engine"), *examples_by("browser, to the page process")]
ROWS = [*examples_by("engine"), *examples_by("page process, to browsers")]
# Kinds that would end, reload or rename what the test stands on, or that only repeat one deed.
ODD: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        127,
        128,
        1e308,
        -1e308,
        10**400,
        0.5,
        "",
        "x",
        "\x00",
        "🎹" * 50,
        "../..",
    ),
    *([], {}, [None], [[]], {"kind": {}}, ["key"], {"at": "now"}),
]
TEXTS = ["", "null", "[]", "{", "NaN", '{"kind":NaN}', "[" * 2000, '"kind"', "\ufeff{}", "0" * 4000, "{}{}"]

pytestmark = pytest.mark.slow


@pytest.fixture
def process() -> Iterator[PageProcess]:
    with page_process() as running:
        yield running.open()


def bent(example: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """An example with some of its names missing, or standing for something odd."""
    made = dict(example)
    for name in list(made):
        if chance.random() < 0.4:
            made[name] = chance.choice(ODD)
        elif chance.random() < 0.1:
            del made[name]
    if chance.random() < 0.2:
        made[chance.choice(["velocity", "who", "at", "extra"])] = chance.choice(ODD)
    return made


def message(chance: random.Random) -> str | bytes:
    shape = chance.random()
    if shape < 0.05:
        return chance.randbytes(chance.randrange(64))
    if shape < 0.1:
        return chance.choice(TEXTS)
    text = json.dumps(bent(chance.choice(WISHES), chance))
    if shape < 0.2:
        place = chance.randrange(len(text))
        return text[:place] + chance.choice('{}[]",:\\0') + text[place + 1 :]
    return text


def is_junk(sent: str | bytes) -> bool:
    return wish_of(sent, LIMITS) is None


@pytest.mark.timeout(1200)
def test_a_hundred_thousand_odd_messages_disturb_nobody(process: PageProcess) -> None:
    chance = random.Random(15)
    # What is a wish after all costs the sender time, by the allowance: it is tried elsewhere.
    messages = filter(is_junk, iter(lambda: message(chance), None))
    sent = 0
    with process.browser() as other:
        received(other, "welcome")
        while sent < COUNT:
            with process.browser() as browser:
                received(browser, "welcome")
                try:
                    for _ in range(100):  # so many, and the line is closed
                        browser.send(next(messages))
                        sent += 1
                    while True:
                        browser.recv(timeout=60)
                except ConnectionClosed:
                    pass
                assert browser.close_code == 1008
        process.tell(note(1.0, 60), turn(2.0))
        assert received(other, "turn")["at"] == 2.0
        other.send(json.dumps({"kind": "panic"}))
        assert process.said("panic") == {"kind": "panic"}


@pytest.mark.browser
def test_rows_that_no_engine_writes_leave_the_page_as_it_was(process: PageProcess) -> None:
    chance = random.Random(69)
    with opened(process, chromium_page) as page:
        begun(page)
        odd = [bent(chance.choice(ROWS), chance) for _ in range(3000)]
        odd = [row for row in odd if row.get("kind") not in ("end", "welcome")]
        page.value(
            f"window.fell = []; for (const row of {json.dumps(odd)}) "
            "{ try { antiphon.received(row) } catch (error) "
            "{ fell.push(`${JSON.stringify(row).slice(0, 300)}: ${error.stack.slice(0, 300)}`) } }"
        )
        assert page.value("fell.slice(0, 5)") == []
        at = now(process)
        process.tell(turn(at, "answering"), note(at, 64, who="model"))
        page.wait_for("document.querySelector('.key[data-pitch=\"64\"]').classList.contains('model')")
        page.wait_for("document.querySelector('#turn').innerText.startsWith('Antiphon answers')")
        assert page.errors == []
