"""Commands that the docs show: each is one that its subcommand takes.

Those that need no music of others and no hardware are run, and the others say what they need.
"""

import argparse
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from antiphon import COMMANDS
from commands.bench import BENCHMARKS
from music.midi.files import write_midi
from tests.docs.pages import DECISIONS, FRONT, PAGES, blocks_in, spans_in, text_of
from tests.support.command import ROOT, antiphon
from tests.support.phrases import improvised

# What a command needs that isn't here, by how it begins. Longer beginnings go first.
NEEDS = {
    "encode": "a file",
    "play": "somebody who plays, and ports",
    "doctor": "ports",
    "site": "npm",
    "takes": "takes",
    "replay": "takes",
    "trace": "a trace",
    "data": "music",
    "train": "a corpus, and time",
    "fine-tune": "takes, and time",
    "evaluate": "a run, or a corpus",
    "generate": "a run",
    "export-onnx": "a run",
    "dashboard": "somebody who looks",
    "draw": "a run",
    "report": "judged models",
    "listening-test": "a corpus, and people who listen",
    "bench": "a quiet machine",
}

# Shown with names of files and folders that the test makes, and quick: these are run.
RUN = ("rows", "encode --list", "encode call.mid ", "decode ", "train --list", "play --from call.mid --fast ")


def commands_in(text: str) -> Iterator[list[str]]:
    """The words after `antiphon` of every command in a page's code, and of every one in its prose."""
    lines = [line for _, block in blocks_in(text) for line in _whole_lines(block)]
    for line in [*lines, *spans_in(text)]:
        shown = re.search(r"(?:^|-- |/|\$ )antiphon (.+)", line)
        if shown:
            words = [word.replace("NAME", "event") for word in shlex.split(shown[1], comments=True)]
            yield words[: next((place for place, word in enumerate(words) if word in ">|"), None)]


def _whole_lines(block: str) -> list[str]:
    return block.replace("\\\n", " ").splitlines()


SHOWN = sorted(
    {
        tuple(words)
        for page in [*FRONT, *PAGES, *DECISIONS]
        for words in commands_in(text_of(page))
        if not words[0].startswith("-") and words[0].islower()
    }
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the README's commands name."""
    place = tmp_path_factory.mktemp("place")
    write_midi(improvised(7, notes=16), place / "call.mid")
    readme = text_of(ROOT / "README.md")
    (stage,) = (
        block for language, block in blocks_in(readme) if language == "toml" and "stage.toml" in block
    )
    (place / "stage.toml").write_text(stage)
    return place


def imported(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        pytest.skip(f"{module} needs {missing.name}")


def parser_of(module: ModuleType) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    module.add_arguments(parser)
    return parser


def is_taken(words: tuple[str, ...]) -> bool:
    """Whether a subcommand takes these words, and a benchmark its own."""
    name, *rest = words
    module = imported(COMMANDS[name].module)
    parse = getattr(module, "parse", argparse.ArgumentParser.parse_intermixed_args)
    try:
        options = parse(parser_of(module), rest)
        if name == "bench":
            _parse_benchmark(options)
    except SystemExit as end:
        return end.code == 0  # --help
    return True


def _parse_benchmark(options: argparse.Namespace) -> None:
    parser = parser_of(imported(BENCHMARKS[options.benchmark][0]))
    parser.add_argument("--json", action="store_true")
    parser.parse_args(options.options)


def is_mention(words: tuple[str, ...]) -> bool:
    """A command by its name alone, or with the name of one option: nothing to type as it stands."""
    rest = words[2:] if words[0] == "bench" else words[1:]
    return not rest or (len(rest) == 1 and rest[0].startswith("--"))


def is_mentioned_rightly(words: tuple[str, ...]) -> bool:
    options = [word for word in words[1:] if word.startswith("--")]
    if words[0] == "bench":
        return set(words[1:]) <= BENCHMARKS.keys()
    known = parser_of(imported(COMMANDS[words[0]].module)).format_help()
    return all(re.search(rf"{option}\b", known) for option in options)


def is_run(words: tuple[str, ...]) -> bool:
    return f"{' '.join(words)} ".startswith(RUN)


def test_commands_are_found() -> None:
    assert len(SHOWN) > 60


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_a_command_that_is_shown_is_taken(
    words: tuple[str, ...], place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    if is_mention(words) and is_mentioned_rightly(words):
        return
    assert is_taken(words), capsys.readouterr().err


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_a_command_that_is_shown_is_run_or_needs_something(words: tuple[str, ...]) -> None:
    assert is_run(words) or is_mention(words) or words[0] in NEEDS


@pytest.mark.slow
def test_commands_of_the_readme_that_need_nothing_run_one_after_another(place: Path) -> None:
    readme = [tuple(words) for words in commands_in(text_of(ROOT / "README.md"))]
    shown = [words for words in readme if is_run(words)]
    assert len(shown) >= 6
    for words in shown:
        done = antiphon(*words, cwd=place)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
        if "--json" in words:
            (place / "tokens.json").write_text(done.stdout)  # as the README says, with a >


def test_every_make_step_that_is_shown_is_one() -> None:
    steps = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = {
        step
        for page in [*FRONT, *PAGES, *DECISIONS]
        for line in [
            *spans_in(text_of(page)),
            *(line for _, block in blocks_in(text_of(page)) for line in block.splitlines()),
        ]
        for step in re.findall(r"^(?:ANTIPHON_REQUIRE=\S+ )?make ([a-z-]+)", line)
    }
    assert shown - steps == set()
