"""Settings by name: a frozen dataclass made from names and values, with errors that say the remedy.

One reading for everything that is set by name: encodings, transforms, recipes. Text is read as the type of
the setting, so that `key=value` words and TOML say the same. Where a section can be of several kinds, its
hint is a union of dataclasses, each with a field `kind: Literal[...]` that names what it can be; the
section's own `kind` chooses, and without one it is the first. Must not know where the names came from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Settings = TypeVar("Settings")

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}


class SettingError(ValueError):
    """A name or a value that can't be: says what, and what to do."""


def why_unreadable(error: OSError | UnicodeDecodeError) -> str:
    """Why a file can't be read, without the system's number for it and the name, which is said anyway."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def settings_from(
    kind: type[Settings],
    given: Mapping[str, Any],
    what: str,
    *,
    leaving_out: tuple[str, ...] = (),
    error: type[ValueError] = SettingError,
) -> Settings:
    """An instance of a dataclass from settings by name; `what` is what the person calls it.

    Fields `leaving_out` can't be set. A section of settings is a dataclass within.
    """
    hints = get_type_hints(kind)
    all_fields = fields(kind)  # type: ignore[arg-type]
    known = {field.name: field for field in all_fields if field.name not in leaving_out}
    values = {}
    for name, value in given.items():
        if name not in known:
            raise error(f"{what} has no setting {name!r}; {right_ones(name, known)}")
        values[name] = _value_as(hints[name], value, f"{what}: {name}", error)
    missing = [
        name
        for name, field in known.items()
        if name not in values and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise error(f"{what} needs {', '.join(missing)}")
    try:
        return kind(**values)
    except SettingError as wrong:
        raise error(str(wrong)) from None


def check_least(settings: object, least: float, *names: str) -> None:
    """An error unless each of these numbers among settings is so much or more."""
    for name in names:
        if not getattr(settings, name) >= least:
            raise SettingError(f"{name} is {least} or more, not {getattr(settings, name)}")


def check_shares(settings: object, *names: str) -> None:
    """An error unless each of these numbers among settings is a share that isn't all."""
    for name in names:
        if not 0 <= getattr(settings, name) < 1:
            raise SettingError(f"{name} is from 0 to below 1, not {getattr(settings, name)}")


def right_ones(asked: str, names: Iterable[str]) -> str:
    """For the end of an error: the nearest right name, and all of them."""
    names = list(names)
    near = get_close_matches(asked, names, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}there are: {', '.join(names) or 'none'}"


def _value_as(hint: Any, value: Any, where: str, error: type[ValueError]) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return _one_of(get_args(hint), value, where, error)
    if get_origin(hint) is tuple:
        return _row(get_args(hint)[0], value, where, error)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise error(f"{where}: {value!r} can't be chosen; {right_ones(str(value), get_args(hint))}")
        return value
    if hint is dict or get_origin(hint) in (dict, Mapping):
        if not isinstance(value, Mapping):
            raise error(f"{where} is a section of settings, not {value!r}")
        return dict(value)
    if is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise error(f"{where} is a section of settings, not {value!r}")
        return settings_from(hint, value, where, error=error)  # type: ignore[arg-type]
    return _plain(hint, value, where, error)


def _one_of(hints: tuple[Any, ...], value: Any, where: str, error: type[ValueError]) -> Any:
    if NoneType in hints and value in (None, "none"):
        return None
    kinds = tuple(hint for hint in hints if hint is not NoneType)
    return _value_as(
        kinds[0] if len(kinds) == 1 else _kind_of(kinds, value, where, error), value, where, error
    )


def _kind_of(hints: tuple[Any, ...], value: Any, where: str, error: type[ValueError]) -> Any:
    """The dataclass of that kind."""
    by_kind = {kind: hint for hint in hints for kind in get_args(get_type_hints(hint)["kind"])}
    if isinstance(value, str):
        raise error(f"{where} is a section of settings; say {'.'.join(where.split(': ')[1:])}.kind={value}")
    kind = value.get("kind", next(iter(by_kind))) if isinstance(value, Mapping) else next(iter(by_kind))
    if not isinstance(kind, str) or kind not in by_kind:
        raise error(f"{where}: no kind is called {kind!r}; {right_ones(str(kind), map(str, by_kind))}")
    return by_kind[kind]


def _row(hint: Any, value: Any, where: str, error: type[ValueError]) -> tuple[Any, ...]:
    if isinstance(value, str):
        value = [word.strip() for word in value.split(",") if word.strip()]
    if not isinstance(value, list | tuple):
        raise error(f"{where} is a list, not {value!r}")
    return tuple(_value_as(hint, inner, where, error) for inner in value)


def _plain(hint: Any, value: Any, where: str, error: type[ValueError]) -> Any:
    if type(value) is hint:
        return value
    if hint is float and type(value) is int:
        return float(value)
    if isinstance(value, str):
        if hint is bool and value.lower() in _TRUTHS:
            return _TRUTHS[value.lower()]
        if hint in (int, float):
            try:
                return hint(value)
            except ValueError:
                pass  # the error below says the value
    raise error(f"{where} is {_KINDS.get(hint, hint)}, not {value!r}")
