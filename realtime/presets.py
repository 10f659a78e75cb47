"""Presets: where controls shall stand, by a name, kept in a TOML file.

Each is a section: `program = 2` recalls it by that program change, counted from 1; everything else is a
control with its value. One that is made while it plays is written into the file beside what stands there.
Knows controls. Must not know who recalls one.
"""

import json
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from music.settings import SettingError, right_ones, why_unreadable
from music.whole_file import write_whole
from realtime.engine.controls import with_control
from realtime.engine.wiring.delays import delays_said
from realtime.engine.wiring.routes import AND, routes_said
from realtime.knobs import (
    BUTTONS,
    CHANNEL,
    DELAY,
    KEEP,
    KNOBS,
    LIMITS,
    MODE,
    MODEL,
    MUTE,
    PAUSE,
    PROGRAMS,
    ROUTE,
    SPLIT,
    TEMPO,
    Mode,
)
from realtime.performer.rules import DEFAULT_RULES

CONTROLS_KEPT = (*KNOBS, CHANNEL, MODE, MUTE, TEMPO, SPLIT, PAUSE, *LIMITS, KEEP, ROUTE, DELAY, MODEL)
_PROGRAM = "program"
_WIRING: Mapping[str, Callable[[str], object]] = {ROUTE: routes_said, DELAY: delays_said}


@dataclass(frozen=True, slots=True)
class Preset:
    """Controls by name with the values that they are to have; `program` counts from 0."""

    name: str
    controls: tuple[tuple[str, float | str], ...]
    program: int | None = None


class PresetFile:
    """A file of presets that need not be there yet; programs that are `taken` count from 0."""

    def __init__(self, path: Path, taken: Collection[int] = ()) -> None:
        self.path = path
        self._taken = set(taken)

    def keep(self, name: str, moves: Sequence[tuple[str, float | str]]) -> tuple[int, tuple[str, ...], str]:
        """Write a preset into the file, in place of the one with its name if there is one.

        Gives its program, all presets' names, and words on where it is; `SettingError` or `OSError` say why
        not. What else stands in the file stays, every comment with it.
        """
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        before = _presets(self.path, text)
        old = next((preset.program for preset in before if preset.name == name), None)
        program = self._free(before) if old is None else old
        preset = _preset(self.path, name, {_PROGRAM: program + 1, **dict(moves)})
        written = _with_section(text, name, _section_of(preset))
        expected = {one.name: one for one in before} | {name: preset}
        if not _holds(written, expected):
            raise SettingError(f"{self.path}: [{name}] stands there in a way that only a hand can change")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, written)
        return program, tuple(expected), f"preset {name} kept: program {program + 1}, in {self.path}"

    def _free(self, presets: Sequence[Preset]) -> int:
        taken = self._taken | {preset.program for preset in presets}
        free = next((program for program in range(PROGRAMS) if program not in taken), None)
        if free is None:
            raise SettingError(f"{self.path}: all {PROGRAMS} programs are taken")
        return free


def _section_of(preset: Preset) -> str:
    """A preset as TOML: its numbers and words are written as JSON writes them."""
    program = () if preset.program is None else ((_PROGRAM, preset.program + 1),)
    lines = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in (*program, *preset.controls)
    ]
    return "\n".join([f"[{json.dumps(preset.name, ensure_ascii=False)}]", *lines, ""])


def _with_section(text: str, name: str, section: str) -> str:
    """The text of a file with a section in place of the one of this name, or after all others."""
    lines = text.splitlines(keepends=True)
    begins = [place for place, line in enumerate(lines) if line.lstrip().startswith("[")]
    here = next((place for place in begins if _heads(lines[place], name)), None)
    if here is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{section}"
    after = next((place for place in begins if place > here), len(lines))
    gap = "\n" if after < len(lines) else ""
    return "".join(lines[:here]) + section + gap + "".join(lines[after:])


def _holds(text: str, presets: Mapping[str, Preset]) -> bool:
    """Whether a text is that of a file with just these presets."""
    try:
        return {preset.name: preset for preset in _presets(Path(), text)} == presets
    except SettingError:
        return False


def _heads(line: str, name: str) -> bool:
    """Whether a section of this name begins with a line."""
    try:
        return list(tomllib.loads(line)) == [name]
    except (tomllib.TOMLDecodeError, RecursionError):
        return False


def presets_in(path: Path) -> tuple[Preset, ...]:
    """The presets of a file, in order; `SettingError` says what can't be, and where."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: can't be read: {why_unreadable(error)}") from None
    return _presets(path, text)


def _presets(path: Path, text: str) -> tuple[Preset, ...]:
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise SettingError(
            f"{path}: its brackets are too deep; a preset is a section of numbers, words and lists"
        ) from None
    presets = tuple(_preset(path, name, section) for name, section in sections.items())
    programs = [preset.program for preset in presets if preset.program is not None]
    twice = next((program for program in programs if programs.count(program) > 1), None)
    if twice is not None:
        raise SettingError(f"{path}: two presets have the program {twice + 1}")
    return presets


def _preset(path: Path, name: str, section: Any) -> Preset:
    where = f"{path}, [{name}]"
    if not isinstance(section, dict):
        raise SettingError(
            f"{path}: {name} stands in no section; a preset begins with its name, as in [verse]"
        )
    if name in BUTTONS or name in [mode.value for mode in Mode]:
        raise SettingError(f"{path}: [{name}] is the name of a command or a mode; choose another")
    controls = {key: _plain(key, value) for key, value in section.items() if key != _PROGRAM}
    for key, value in controls.items():
        _check(where, key, value)
    return Preset(name, tuple(controls.items()), _program(where, section))


def _plain(name: str, value: Any) -> Any:
    """Routes and delays as one text, whether they stand in a table, in a list or in a text."""
    if name not in _WIRING:
        return value
    if isinstance(value, dict):
        value = [f"{key}={inner}" for key, inner in value.items()]
    return AND.join(map(str, value)) if isinstance(value, list) else value


def _check(where: str, name: str, value: Any) -> None:
    if name not in CONTROLS_KEPT:
        raise SettingError(f"{where}: no control is called {name!r}; {right_ones(name, CONTROLS_KEPT)}")
    if name in _WIRING:
        try:
            _WIRING[name](str(value))
        except SettingError as reason:
            raise SettingError(f"{where}: {name} is {reason}") from None
        return
    if name == MODEL:
        if not isinstance(value, str):
            raise SettingError(f"{where}: a model is a name, not {value!r}")
        return
    knob = KNOBS.get(name)
    fits = not isinstance(value, bool) and isinstance(value, int | float | str)
    if knob is not None and fits:
        fits = not isinstance(value, str) and knob.lowest <= value <= knob.highest
    if not fits or with_control(DEFAULT_RULES, name, value) is None:
        ends = (knob.lowest, knob.highest) if knob is not None else LIMITS.get(name)
        bounds = "" if ends is None else f" from {ends[0]:g} to {ends[1]:g}"
        raise SettingError(f"{where}: {value!r} is no {name}{bounds}")


def _program(where: str, section: Mapping[str, Any]) -> int | None:
    program = section.get(_PROGRAM)
    if program is None:
        return None
    if type(program) is not int or not 1 <= program <= PROGRAMS:
        raise SettingError(f"{where}: a program is a number from 1 to {PROGRAMS}, not {program!r}")
    return program - 1
