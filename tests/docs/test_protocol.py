"""The protocol's page is true: each example of its table is what the code writes, or reads; its client plays.

What the page in the browser makes of the examples is tried in `tests/realtime/web`.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realtime.knobs import KNOBS
from realtime.performer.rules import DEFAULT_RULES
from realtime.rows import messages
from realtime.rows.begin import begin_row
from realtime.rows.kinds import FOR_DISPLAY, FOR_THE_TAKE
from realtime.rows.messages import HAPPENED, PROTOCOL, ListedTake, Welcome, row_of, wish_of, written
from tests.support.command import ROOT
from tests.support.protocol import examples_by
from tests.support.running import line_with, running
from tests.support.waiting import PATIENCE_S

LIMITS = {name: (knob.lowest, knob.highest) for name, knob in KNOBS.items()}
ENGINE, TO_BROWSERS = examples_by("engine"), examples_by("page process, to browsers")
WISHES = [*examples_by("browser, to the engine"), *examples_by("browser, to the page process")]
TO_ENGINE = examples_by("page process, to the engine")


def kinds(examples: list[dict[str, Any]]) -> set[str]:
    return {example["kind"] for example in examples}


def test_every_kind_of_the_code_has_an_example_and_no_other_has() -> None:
    assert kinds(ENGINE) == FOR_THE_TAKE | FOR_DISPLAY
    assert kinds(WISHES) == messages._READERS.keys()
    assert kinds(TO_BROWSERS) == {"welcome", "takes", "sound", HAPPENED}
    of_its_own = {"ready", "refused", "line", "ending", "saved"}
    assert kinds(TO_ENGINE) == of_its_own | set(messages._KINDS.values()) - kinds(WISHES)


@pytest.mark.parametrize("example", ENGINE, ids=lambda example: example["kind"])
def test_each_row_is_one_that_the_page_process_takes(example: dict[str, Any]) -> None:
    row = row_of(json.dumps(example).encode())
    assert row is not None
    assert row.fields == example


@pytest.mark.parametrize("example", WISHES, ids=lambda example: example["kind"])
def test_each_wish_is_read_and_written_as_it_is(example: dict[str, Any]) -> None:
    wish = wish_of(json.dumps(example), LIMITS)
    assert wish is not None
    assert json.loads(written(wish)) == example


def test_what_the_page_process_says_is_written_so() -> None:
    says: dict[str, Callable[..., str]] = {
        "ready": messages.ready,
        "refused": messages.refused,
        "line": messages.line,
        "ending": messages.ending,
        "saved": messages.saved,
        "gone": lambda: written(messages.Gone()),
        "sound": messages.sound,
        "takes": lambda takes: messages.takes([ListedTake(**take) for take in takes]),
        HAPPENED: messages.happened,
    }
    for example in (*TO_ENGINE, *TO_BROWSERS):
        kind, *names = example
        if example[kind] in says:
            said = says[example[kind]](**{name: example[name] for name in names})
            assert json.loads(said) == example


def test_the_first_objects_have_the_names_that_the_examples_have() -> None:
    (welcome,) = (example for example in TO_BROWSERS if example["kind"] == "welcome")
    (begin,) = (example for example in ENGINE if example["kind"] == "begin")
    text = Welcome(1, 1, None, 0.0, "{}", [], [], None, None, None, None, {}, None, []).text()
    assert list(json.loads(text)) == list(welcome)
    assert welcome["protocol"] == PROTOCOL
    made = begin_row(
        0.0,
        **{"model": "x", "device": "cpu", "seed": 1, "take": None, "about": [], "rules": DEFAULT_RULES},
        **{"inputs": [], "outputs": []},
    )
    assert made.keys() == begin.keys()
    assert made["controls"].keys() == begin["controls"].keys()
    assert made["knobs"][0].keys() == begin["knobs"][0].keys()


@pytest.mark.slow
def test_the_client_in_the_page_plays_and_hears_an_answer(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    assert len(code.splitlines()) <= 30
    client = tmp_path / "client.py"
    client.write_text(code, encoding="utf-8")
    with running("play", "--model", "none", "--no-take", "--page-port", "0", "--length", "2s") as process:
        url = line_with(process, "page  http").split()[1]
        done = subprocess.run(
            [sys.executable, client, url], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    assert done.stderr == ""
    first, *answered = done.stdout.splitlines()
    assert first.startswith("plays with: none")
    assert answered
    assert all(re.fullmatch(r"answered: \d+", line) for line in answered)
