"""The front door: one command, whose subcommands import their rooms only when they are called.

Knows the names of the rooms and of the extras that they need. Must not import any of them to answer `--help`.

Until `main` is reached, nobody is there to take a Ctrl-C: above it, only what costs next to nothing is
imported, and all else where it is used.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` takes longer to load than this module
if TYPE_CHECKING:
    import argparse
    import signal
    from collections.abc import Sequence
    from types import FrameType
    from typing import Any, NoReturn
else:
    import _signal as signal  # what is built in of it: the rest loads enumerations

ROOMS = (
    "music",
    "pieces",
    "evaluation",
    "realtime",
    "training",
    "export",
    "dashboard",
    "listening",
    "commands",
    "benchmarks",
)

# What must be installed for a module to be found, by the module that was missed.
EXTRAS = {
    "onnxruntime": "cpu",
    "torch": "train",
    "onnx": "train",
    "onnxscript": "train",
    "safetensors": "judge",
    "sklearn": "judge",
    "streamlit": "dashboard",
    "pretty_midi": "dev",
}

RUNTIMES = ("onnxruntime", "onnxruntime-gpu")
STOPPED = 130  # the status of whoever was stopped by Ctrl-C


class Command:
    """A subcommand: what it is for, and the module that has its `EXAMPLES`, `add_arguments` and `run`.

    The module may have a `parse(parser, words)` too: where options come from elsewhere as well, or belong to
    the word before them. `begins_nothing`: until it takes signals itself, it may be ended then and there.
    """

    __slots__ = ("begins_nothing", "module", "summary")

    def __init__(self, summary: str, module: str, *, begins_nothing: bool = False) -> None:
        self.summary, self.module, self.begins_nothing = summary, module, begins_nothing


COMMANDS = {
    "play": Command("play a phrase and hear it go on", "commands.play", begins_nothing=True),
    "piano": Command("fetch a recorded grand piano for the page", "commands.sounds.piano"),
    "site": Command("the page with the model in the browser, as files to serve", "commands.backstage.site"),
    "ports": Command("list the MIDI ports that there are", "commands.ports"),
    "doctor": Command(
        "see what this machine has to play on, and how to mend it", "commands.backstage.doctor"
    ),
    "takes": Command("list, name, export and delete your takes", "commands.backstage.takes"),
    "replay": Command("play a take again, as it was or answered anew", "commands.backstage.replay"),
    "trace": Command("make a test of what the performer took in", "commands.backstage.trace"),
    "encode": Command("write a MIDI file down as tokens", "commands.encode"),
    "decode": Command("turn tokens back into a MIDI file", "commands.decode"),
    "data": Command("turn MIDI files into a corpus to learn from", "commands.data"),
    "train": Command("learn a model from a recipe", "commands.train"),
    "fine-tune": Command("let a model learn on from your own takes", "commands.fine_tune"),
    "evaluate": Command("judge a model by held-out music", "commands.evaluate"),
    "generate": Command("let a run's model play by itself, into a MIDI file", "commands.generate"),
    "export-onnx": Command("turn a run into model files that can be played", "commands.export_onnx"),
    "dashboard": Command("see and hear what was learnt", "commands.dashboard"),
    "report": Command("make one file of chosen models, to send", "commands.sending.report"),
    "rows": Command("list every row of the papers, and what came of it", "commands.papers.rows"),
    "draw": Command("draw what a run or an experiment came to", "commands.papers.draw"),
    "listening-test": Command(
        "let people rate what was played, without knowing by whom", "commands.listening.listening_test"
    ),
    "bench": Command("measure what this project claims", "commands.bench"),
}


class Refusal(Exception):
    """Something the person can put right: one line that says what and how."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    handled = _ctrl_c_ends_at_once()
    try:
        return _main(list(sys.argv[1:] if argv is None else argv))
    finally:
        if handled:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _ctrl_c_ends_at_once() -> bool:
    """From here on, Ctrl-C ends the process then and there, unless it is ignored: nothing has been begun yet.

    As an exception it would be lost: a library in C that is being loaded takes it for a failure of its own,
    and the command goes on without that library. Gives whether it is so.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return False
    try:
        signal.signal(signal.SIGINT, _end)
    except ValueError:  # a thread calls us, and a signal goes to the first one
        return False
    return True


def _ctrl_c_is_an_exception() -> None:
    """From here on, a command may have begun something, and leaves it in good order."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_: int, __: FrameType | None) -> None:
    # Imports nothing: whatever it asked for may be half loaded at this moment.
    try:  # noqa: SIM105
        sys.stdout.flush()
    except Exception:  # noqa: BLE001  we may be in the middle of writing
        pass
    try:  # noqa: SIM105
        os.write(2, b"antiphon: stopped\n")
    except OSError:
        pass
    os._exit(STOPPED)


def _main(words: list[str]) -> int:
    import io

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files may be of letters that a terminal lacks
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _dispatch(words)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except Refusal as refusal:
        print(f"antiphon: {refusal}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # of a command that has nothing more to say of it
        print("antiphon: stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output left; nothing is wrong
        return 1
    except OSError as error:
        from music.whole_file import NO_ROOM

        if error.filename is not None or error.errno not in NO_ROOM:
            raise  # of something else than what is said, which goes to a full disk
        print(f"antiphon: what it says can't be written: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what waits would be tried again at the end
        return 2


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if words[0] in ("-V", "--version"):
        print(_version())
        return 0
    name, *rest = words
    if name not in COMMANDS:
        raise Refusal(_unknown(name))
    _refuse_taken_rooms()
    _warn_of_two_runtimes()
    return _call(name, rest)


def _call(name: str, words: list[str]) -> int:
    import importlib

    command = COMMANDS[name]
    try:
        module = importlib.import_module(command.module)
        parser = _parser(name, command.summary, module.EXAMPLES)
        module.add_arguments(parser)
        parse = getattr(module, "parse", type(parser).parse_intermixed_args)  # in any order
        args = parse(parser, words)
        if not command.begins_nothing:
            _ctrl_c_is_an_exception()
        return int(module.run(args))
    except ModuleNotFoundError as missing:
        raise Refusal(_missing(name, missing)) from missing


def _parser(name: str, summary: str, examples: str) -> argparse.ArgumentParser:
    """A parser whose complaint is one line: all options at once hide what is wrong."""
    import argparse

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> NoReturn:
            self.exit(2, f"{self.prog}: {message} ({self.prog} --help has all that can be said)\n")

    return Parser(
        prog=f"antiphon {name}",
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def __getattr__(name: str) -> Any:
    """`__version__`, looked up when it is asked for: importing this module imports no room."""
    if name == "__version__":
        import importlib

        return importlib.import_module("music.version").__version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _overview() -> str:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:{width}}  {command.summary}" for name, command in COMMANDS.items())
    return (
        "usage: antiphon COMMAND ...\n\n"
        "You play a phrase at a keyboard; when it ends, it goes on in your manner.\n\n"
        f"commands:\n{listed}\n\n"
        "options:\n"
        "  -h, --help     this text; `antiphon COMMAND --help` shows a command's options\n"
        "  -V, --version  version, runtime, and the devices that a model can run on\n\n"
        "examples:\n"
        "  antiphon play\n"
        "  antiphon play --from call.mid --fast --take answer.mid --seed 1\n"
        "  antiphon encode call.mid --as event"
    )


def _version() -> str:
    _refuse_taken_rooms()
    _warn_of_two_runtimes()
    from music.version import __version__
    from realtime.inference.providers import runtime_summary

    python = ".".join(map(str, sys.version_info[:3]))
    return f"antiphon {__version__} (Python {python})\n{runtime_summary()}"


def _unknown(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, n=1)
    return f"no command {name!r}; " + (
        f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(COMMANDS)}"
    )


def _missing(name: str, missing: ModuleNotFoundError) -> str:
    module = (missing.name or "").partition(".")[0]
    if module in EXTRAS:
        return f"{name} needs {module}, which is not installed: pip install 'antiphon[{EXTRAS[module]}]'"
    return f"{name} needs {module or missing}, which is not installed: pip install --force-reinstall antiphon"


def _refuse_taken_rooms() -> None:
    """Rooms are top-level packages with plain names; another package may have taken one."""
    from importlib.util import find_spec
    from pathlib import Path

    home = Path(__file__).resolve().parent
    for room in ROOMS:
        spec = find_spec(room)
        places = [Path(place).resolve() for place in (spec.submodule_search_locations or ())] if spec else []
        if home / room not in places[:1]:
            taken_by = places[0] if places else (spec.origin if spec else "nothing")
            raise Refusal(
                f"the name {room!r} leads to {taken_by}, not to Antiphon's own: install Antiphon "
                "in an environment of its own (python -m venv), and don't start it beside a folder "
                "of that name"
            )


def _warn_of_two_runtimes() -> None:
    if all(_is_installed(runtime) for runtime in RUNTIMES):
        print(
            "antiphon: onnxruntime and onnxruntime-gpu are both installed and overwrite each other; "
            "keep one: pip uninstall -y onnxruntime onnxruntime-gpu, then pip install 'antiphon[cpu]' "
            "(or 'antiphon[gpu]')",
            file=sys.stderr,
        )


def _is_installed(distribution: str) -> bool:
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import distribution as distribution_of

    try:
        distribution_of(distribution)
    except PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
