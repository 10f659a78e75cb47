"""What is known of a model's answers, beside its likelihood: whether they belong, and how it plays alone.

A share is of the calls that were asked, and of the people that a model stood beside: its scope, without which
it compares with no other. Must not know pages or charts.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from pathlib import Path
from typing import Any, Protocol, TypeVar
from zlib import crc32

from dashboard.alone import alone_beside, load_alone
from dashboard.belonging import VERSION, belonging_beside
from dashboard.kept import Kept
from music.settings import SettingError

_Z = 1.96  # standard deviations that hold 95 %
_ALL = "all"  # sorts of music together, as a report on belonging calls them


@dataclass(frozen=True, slots=True)
class Scope:
    """On what a share was found, in words; `identity` tells those apart whose words are the same."""

    words: str
    identity: tuple[Any, ...]


def names_of(scopes: Iterable[Scope]) -> dict[Scope, str]:
    """The words of each, with a number where others have the same."""
    once = list(dict.fromkeys(scopes))
    words = [scope.words for scope in once]
    return {
        scope: f"{scope.words} ({crc32(repr(scope.identity).encode()):08x})"
        if words.count(scope.words) > 1
        else scope.words
        for scope in once
    }


@dataclass(frozen=True, slots=True)
class Belongs:
    """How often its answers are nearer to the truth than a stranger's (0.5 is chance), and gross faults."""

    share: float
    low: float
    high: float
    faults: float
    calls: int
    scope: Scope
    date: str = ""

    @property
    def faults_within(self) -> tuple[float, float]:
        """Where the share of gross faults lies with 95 % (Wilson), from so many calls."""
        return wilson(self.faults, self.calls)


@dataclass(frozen=True, slots=True)
class PlaysAlone:
    """Which share of what it plays by itself is as people play."""

    share: float
    scope: Scope
    date: str = ""


def wilson(share: float, count: int) -> tuple[float, float]:
    """Where the true share lies with 95 %, if so large a share was found among so many."""
    if not count:
        return 0.0, 1.0
    of = 1 + _Z**2 / count
    middle = (share + _Z**2 / (2 * count)) / of
    reach = _Z / of * sqrt(share * (1 - share) / count + (_Z / (2 * count)) ** 2)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def belongs_of(report: Path) -> tuple[Belongs | None, list[str]]:
    """What the newest report on belonging beside a report says, if there is one; a sentence for each that
    can't be read."""
    return _newest(belonging_beside(report), _BELONGING.of)


def alone_of(report: Path) -> tuple[PlaysAlone | None, list[str]]:
    """What the newest report on playing alone says that knows how people play; and such sentences."""
    return _newest(alone_beside(report), _plays_alone)


def by_scope(found: Mapping[str, Belongs]) -> dict[str, dict[str, Belongs]]:
    """Shares by what they were found on, in words: only within one can they be compared."""
    names = names_of(one.scope for one in found.values())
    groups: dict[str, dict[str, Belongs]] = {}
    for name, one in found.items():
        groups.setdefault(names[one.scope], {})[name] = one
    return groups


class _Dated(Protocol):
    @property
    def date(self) -> str: ...


_Found = TypeVar("_Found", bound=_Dated)


def _newest(paths: Sequence[Path], read: Callable[[Path], _Found | None]) -> tuple[_Found | None, list[str]]:
    """By the day on which it was made, and on one day by when its file changed."""
    known: list[tuple[tuple[str, int], _Found]] = []
    troubles = []
    for path in paths:
        try:
            one = read(path)
        except SettingError as why:
            troubles.append(str(why))
            continue
        if one is not None:
            known.append(((one.date, path.stat().st_mtime_ns if path.exists() else 0), one))
    newest = max(known, key=lambda row: row[0], default=None)
    return (None if newest is None else newest[1]), troubles


def _plays_alone(path: Path) -> PlaysAlone | None:
    found = load_alone(path)
    if found.inside is None:
        return None
    names = ", ".join(name for name, _ in found.corpora)
    words = f"{names or 'people'} ({found.split}), {found.minutes:g} min"
    return PlaysAlone(found.inside, Scope(words, (found.split, found.minutes, found.corpora)), found.date)


def _read_belonging(path: Path, _: Belongs | None) -> Belongs:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["version"] > VERSION:
            raise SettingError(f"{path}: made by a newer Antiphon: pip install --upgrade antiphon")
        sorts: Mapping[str, Any] = table["sorts"]
        name = _ALL if _ALL in sorts else next(iter(sorts))
        voice = sorts[name]["voices"]["model"]
        nearer = voice["nearer"]["stranger"]
        share, low, high = (float(nearer[part]) for part in ("share", "low", "high"))
        faults = float(voice["faults"]["any"])
        if not all(map(isfinite, (share, low, high, faults))):
            raise ValueError("a figure is no number")
        calls = int(voice["answers"]) + int(voice["silent"])
        scope = _scope(table, name, calls)
        return Belongs(share, low, high, faults, calls, scope, str(table["machine"].get("date", "")))
    except OSError as error:
        raise SettingError(f"{path}: can't be read: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(
            f"{path}: no whole report on belonging ({what}); judge the model again with --belonging"
        ) from None


def _scope(table: Mapping[str, Any], sort: str, calls: int) -> Scope:
    """The calls that were asked: so many, of one split of these corpora."""
    split = str(table["split"])
    music = [one for one in table["music"] if sort in (_ALL, one["sort"])]
    corpora = tuple((str(one["sort"]), str(one["corpus"]), str(one["hash"])) for one in music)
    sorts = ", ".join(dict.fromkeys(name for name, *_ in corpora)) or sort
    return Scope(f"{calls} calls of {sorts} ({split})", (split, sort, calls, corpora))


_BELONGING = Kept(_read_belonging, most_bytes=1 << 34)  # of files; in memory it is a kilobyte a report
