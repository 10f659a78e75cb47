"""The front door: it answers without importing a room, and says in one line what is missing or in the way."""

import errno
import importlib
import importlib.metadata
import os
import subprocess
import sys
from argparse import Namespace
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace

import pytest

import antiphon
from tests.support.command import ROOT
from tests.support.command import antiphon as run
from tests.support.takes import take_folder


def test_help_imports_no_room_and_nothing_heavy() -> None:
    code = (
        "import sys, antiphon; antiphon.main(['--help']); "
        "print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    imported = out.splitlines()[-1]
    for name in (*antiphon.ROOMS, "numpy", "mido", "rtmidi", "symusic", "onnxruntime", "torch", "websockets"):
        assert f"'{name}'" not in imported


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main([]) == 0
    shown = capsys.readouterr().out
    for name, command in antiphon.COMMANDS.items():
        assert f"  {name} " in shown
        assert command.summary in shown


@pytest.mark.parametrize("words", [["play", "--tempo", "0"], ["takes", "name", "1"], ["play", "--loud", "1"]])
def test_a_choice_that_cannot_be_is_one_line_that_names_the_help(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        antiphon.main(words)
    assert left.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    command = " ".join(word for word in words if word.isalpha() and not word.startswith("-"))
    assert line.startswith(f"antiphon {command}: ")
    assert line.endswith(f"(antiphon {command} --help has all that can be said)")


LEARNING = (
    "data",
    "train",
    "evaluate",
    "generate",
    "export-onnx",
    "listening-test",
    "report",
)  # these need the extra `train`


@pytest.mark.parametrize("name", antiphon.COMMANDS)
def test_every_command_has_examples_in_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if name in LEARNING:
        pytest.importorskip("torch")
    with pytest.raises(SystemExit) as left:
        antiphon.main([name, "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert f"  antiphon {name}" in shown.partition("examples:")[2]


# What can be said to each command that takes a word without a name, in its pieces.
PIECES = {
    "generate": (["mine", "out.mid"], ["--rows", "60"], ["--argmax"]),
    "train": (["tiny"], ["--run", "one"], ["--small"]),
    "evaluate": (["mine"], ["--split", "validation"], ["--json"]),
    "export-onnx": (["mine"], ["--out", "here"], ["--corpus", "one.safetensors"]),
    "encode": (["call.mid"], ["--as", "event"], ["--loss"]),
    "decode": (["tokens.json"], ["--as", "event"], ["--out", "again.mid"]),
    "data": (["mine", "takes"], ["--tier", "own"], ["--workers", "1"]),
}


@pytest.mark.parametrize("name", PIECES)
def test_words_and_options_are_taken_in_any_order(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in LEARNING:
        pytest.importorskip("torch")
    module = importlib.import_module(antiphon.COMMANDS[name].module)
    asked: list[Namespace] = []
    monkeypatch.setattr(module, "run", lambda args: asked.append(args) or 0)
    positional, *options = PIECES[name]
    step = ["prepare"] if name == "data" else []
    for order in permutations([*([word] for word in positional), *options]):
        words = [word for piece in order for word in piece]
        if [word for word in words if word in positional] == positional:
            assert antiphon.main([name, *step, *words]) == 0, words
    assert len(asked) > 5
    assert all(args == asked[0] for args in asked)


def test_a_mistyped_command_gets_the_nearest_right_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["encdoe"]) == 2
    assert capsys.readouterr().err == "antiphon: no command 'encdoe'; did you mean 'encode'?\n"


def test_a_missing_extra_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.import_module

    def without_streamlit(name: str) -> object:
        if name == antiphon.COMMANDS["play"].module:
            raise ModuleNotFoundError("No module named 'streamlit'", name="streamlit.web")
        return real(name)

    monkeypatch.setattr(importlib, "import_module", without_streamlit)
    assert antiphon.main(["play"]) == 2
    said = capsys.readouterr().err
    assert (
        said == "antiphon: play needs streamlit, which is not installed: pip install 'antiphon[dashboard]'\n"
    )


@pytest.mark.parametrize("room", ["realtime", "music"])
def test_a_package_that_took_a_rooms_name_is_named(room: str, tmp_path: Path) -> None:
    (tmp_path / room).mkdir()
    (tmp_path / room / "__init__.py").write_text("")
    result = run("encode", "--list", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.startswith(
        f"antiphon: the name {room!r} leads to {tmp_path / room}, not to Antiphon's own"
    )
    assert "environment of its own" in result.stderr


def test_two_runtimes_at_once_are_warned_of_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.metadata, "distribution", lambda name: SimpleNamespace(name=name))
    assert antiphon.main(["encode", "--list"]) == 0
    said = capsys.readouterr().err
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in said
    assert "antiphon[cpu]" in said


def test_one_runtime_alone_is_not_remarked_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def only_cpu(name: str) -> object:
        if name == "onnxruntime":
            return SimpleNamespace(name=name)
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", only_cpu)
    assert antiphon.main(["encode", "--list"]) == 0
    assert capsys.readouterr().err == ""


def test_version_tells_python_and_runtime() -> None:
    result = run("--version")
    assert result.returncode == 0
    assert result.stdout.startswith(f"antiphon {antiphon.__version__} (Python {sys.version_info[0]}.")
    assert "runtime" in result.stdout.lower()


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict", "cp1252:strict"])
def test_a_name_of_letters_that_the_terminal_lacks_is_spelt_out(encoding: str, tmp_path: Path) -> None:
    take_folder(tmp_path, takes=1, notes=8)
    (tmp_path / "take-0.mid").rename(tmp_path / "夜 caf\udce9.mid")
    said = subprocess.run(
        [sys.executable, "-m", "antiphon", "takes", "--takes", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert said.stderr == b""
    assert rb"caf\udce9" in said.stdout


def test_ctrl_c_is_a_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("commands.ports.run", stopped)
    assert antiphon.main(["ports"]) == 130
    assert capsys.readouterr().err == "antiphon: stopped\n"


def test_until_it_takes_a_ctrl_c_it_loads_nothing_that_takes_time() -> None:
    code = "import sys; before = set(sys.modules); import antiphon; print(sorted(set(sys.modules) - before))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout == "['__future__', 'antiphon']\n"


def test_at_ctrl_c_nothing_is_imported_that_may_be_half_loaded_then() -> None:
    code = (
        "import signal, sys, antiphon; antiphon._ctrl_c_ends_at_once(); "
        "sys.meta_path.clear(); sys.modules.pop('contextlib', None); signal.raise_signal(signal.SIGINT)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "antiphon: stopped\n")


SWALLOWS_CTRL_C = """
import signal
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    raise ImportError("initialization failed")
"""


@pytest.mark.parametrize(
    ("word", "loaded"),
    [("play", "argparse"), ("ports", "argparse"), ("pots", "difflib")],
)
def test_ctrl_c_while_a_command_is_loaded_is_a_line(word: str, loaded: str, tmp_path: Path) -> None:
    (tmp_path / f"{loaded}.py").write_text(SWALLOWS_CTRL_C)
    done = subprocess.run(
        [sys.executable, "-m", "antiphon", word],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "antiphon: stopped\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_what_can_t_be_said_for_want_of_room_is_one_line(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        said = subprocess.run(
            [sys.executable, "-m", "antiphon", *words],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert said.returncode == 2
    assert said.stderr == "antiphon: what it says can't be written: No space left on device\n"


def test_another_fault_of_the_system_is_not_taken_for_a_want_of_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> int:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("commands.ports.run", broken)
    with pytest.raises(PermissionError):
        antiphon.main(["ports"])


def test_a_reader_that_leaves_early_is_no_error() -> None:
    code = f"{sys.executable} -m antiphon encode --list | head -n 1"
    result = subprocess.run(code, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.stderr == ""
