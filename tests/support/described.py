"""A fingerprint of a module of torch and of what it is called with, of its content to the last bit.

What can't be described in full is an error: nobody shall take two things for one.
"""

import dataclasses
import hashlib
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import torch

_PLAIN = bool | int | float | str | bytes | torch.dtype | torch.device | None

_Seen = dict[int, tuple[int, Any]]  # by where it lies: its number, and itself, so that it goes on lying there


class NotDescribedError(Exception):
    """Something whose content is not known in full."""


def content_of(value: Any) -> str:
    """Another content, another fingerprint."""
    whole = hashlib.sha256()
    for part in _parts(value, {}):
        whole.update(part)
    return whole.hexdigest()


def _parts(value: Any, seen: _Seen) -> Iterator[bytes]:
    """Each says how long it is, so that no two contents have the same parts."""
    if isinstance(value, _PLAIN):
        yield _sized(_kind(value), repr(value))
    elif id(value) in seen:
        yield _sized("again", str(seen[id(value)][0]))
    else:
        seen[id(value)] = len(seen), value
        if isinstance(value, torch.Tensor):
            yield from _of_tensor(value)
        else:
            head, inner = _taken_apart(value)
            yield _sized(_kind(value), head)
            for one in inner:
                yield from _parts(one, seen)


def _of_tensor(value: torch.Tensor) -> Iterator[bytes]:
    yield _sized(_kind(value), f"{value.dtype} {tuple(value.shape)} {value.stride()} {value.device}")
    plain = value.detach().cpu().contiguous().reshape(-1)
    yield _sized("values", plain.view(torch.uint8).numpy().tobytes())


def _taken_apart(value: Any) -> tuple[str, list[Any]]:
    """What names it, and what lies within it."""
    if isinstance(value, Mapping):
        return str(len(value)), [one for pair in value.items() for one in pair]
    if isinstance(value, set | frozenset):
        return str(len(value)), sorted(value, key=repr)
    if isinstance(value, tuple | list):
        return str(len(value)), list(value)
    if isinstance(value, weakref.ref):
        return "", [value()]
    if isinstance(value, torch.nn.Module):
        return "", [vars(value)]
    if isinstance(value, type) or callable(value):
        return _name_of(value), []
    if dataclasses.is_dataclass(value):
        return "", [getattr(value, field.name) for field in dataclasses.fields(value)]
    raise NotDescribedError(_kind(value))


def _name_of(value: Any) -> str:
    """Of a class or a function that has its name in its module for good."""
    name = getattr(value, "__qualname__", "<")
    if "<" in name or getattr(value, "__self__", None) is not None:
        raise NotDescribedError(f"{_kind(value)} {name}")
    return f"{value.__module__}.{name}"


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _sized(kind: str, content: str | bytes) -> bytes:
    whole = content.encode() if isinstance(content, str) else content
    return f"{kind} {len(whole)}:".encode() + whole
