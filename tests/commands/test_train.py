"""`antiphon train` before it learns: the recipes listed at once, and nothing left by an interruption."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon import main
from tests.support.command import ROOT
from tests.support.recipes import home_in, recipe_file, small_recipe_of
from tests.support.waiting import PATIENCE_S, wait_until
from training.recipes.recipe import recipe_named
from training.recipes.recipe_files import recipe_names, variant_names
from training.run import Places

# Encoding takes so long that a signal meets it at work.
SLOWLY = """
import sys, time
from music.encodings.event import EventEncoding
from antiphon import main
encode = EventEncoding.encode
def slowly(self, phrase):
    time.sleep(0.3)
    return encode(self, phrase)
EventEncoding.encode = slowly
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Places:
    return home_in(tmp_path)


def test_listing_the_recipes_imports_no_torch() -> None:
    program = (
        "import sys\n"
        "from antiphon import main\n"
        "sys.exit(main(['train', '--list']) or ('torch' in sys.modules) * 3)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    first = [line.split("  (")[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert first == recipe_names()


def test_of_each_recipe_the_list_says_what_the_recipe_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--list"]) == 0
    said = capsys.readouterr().out
    for name in recipe_names():
        if not variant_names(name):
            recipe = recipe_named(name)
            head = f"{name}  ({recipe.row})\n    {recipe.about}\n    takes: {recipe.takes}\n"
            assert head + (f"    data: {recipe.substitute}\n" if recipe.substitute else "") in said


def test_a_recipe_that_does_not_say_what_it_takes_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("commands.train.tables_of", lambda name: {"about": "It is not said."})
    assert main(["train", "--list"]) == 2
    assert capsys.readouterr().err == f"antiphon: recipe {recipe_names()[0]} needs row, takes\n"


@pytest.mark.parametrize("words", [[], ["--run", "name"]])
def test_without_a_recipe_it_says_what_to_say(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", *words]) == 2
    assert "say a RECIPE" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_stopped_while_it_prepares_it_leaves_nothing_and_can_be_begun_again(
    home: Places, number: signal.Signals
) -> None:
    file = recipe_file(home, "small", small_recipe_of("event"))
    words = [
        *("train", file, "--run", "stopped", "--device", "cpu"),
        *("--runs", str(home.runs), "--corpora", str(home.data)),
    ]
    before = sorted(path.name for path in home.data.iterdir())
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_until(lambda: any(home.data.glob(".*.unfinished")))
        process.send_signal(number)
        said = process.communicate(timeout=PATIENCE_S)[1]
    finally:
        process.kill()
    assert said == "antiphon: stopped at once; it had not begun to learn: begin anew with the same command\n"
    assert process.returncode == 130
    assert sorted(path.name for path in home.data.iterdir()) == before
    assert not home.runs.exists()
    assert main(words) == 0


def test_what_hears_sigterm_before_and_after_is_as_it_was(home: Places) -> None:
    before = signal.getsignal(signal.SIGTERM)
    file = recipe_file(home, "small", small_recipe_of("event"))
    assert main(["train", file, "--run", "done", "--runs", str(home.runs), "--corpora", str(home.data)]) == 0
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        (
            "rbm",
            {"model.steps": 1, "data.feed.window": 1},
            "export-onnx will make no file of it: an rbm",
        ),
        (
            "note",
            {"data.transforms": [{"name": "reverse"}]},
            "play will not answer by it: it learns music",
        ),
        ("event", {"data.transforms": [{"name": "reverse"}]}, "play will not answer by it: it learns music"),
        ("symbol", {"data.feed.predict": "all"}, None),
    ],
)
def test_what_will_not_play_is_said_before_it_learns(
    home: Places, kind: str, changes: dict[str, object], said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = recipe_file(home, "small", small_recipe_of(kind, changes))
    words = ["--run", "mine", "--device", "cpu", "--runs", str(home.runs), "--corpora", str(home.data)]
    assert main(["train", file, *words, "--until", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    before = lines[: next(number for number, line in enumerate(lines) if line.startswith("step "))]
    found = [line for line in before if " will make no file " in line or " will not answer " in line]
    assert len(found) == (said is not None)
    assert said is None or said in found[0]
