"""The shelf: who can answer tonight, each by a name, and opened when it is asked for.

On it are the model that it begins with, those that `--also` names, the default model, and the answer by rule;
the concert model, whose weights are for non-commercial use, only where somebody names it. Knows model files
and the devices that can run them. Must not know who asks, nor when.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from music.settings import SettingError
from realtime.answerers.answerer import Answerer
from realtime.answerers.rule.imitation import Imitation
from realtime.inference.default_model import DEFAULT, OWN_NAMES, own_model

if TYPE_CHECKING:
    from realtime.inference.bundle import Bundle

RULE = "none"
NEXT = "next"
_FREE = "ship"  # the tier of models that may be played and given away by anybody


@dataclass(frozen=True, slots=True)
class Opened:
    """An answerer, ready to play."""

    answerer: Answerer
    file: str  # what to ask for to have it again: `default`, `none`, or a path
    not_on_cuda: str | None = None  # why it isn't, where it might have been
    on_cuda: str | None = None  # why it is, where nobody said so
    doubt: str | None = None  # what is wrong with playing it on this processor
    terms: str | None = None  # what its weights may not be used for

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth knowing, a line each."""
        cuda = self.on_cuda if self.not_on_cuda is None else f"not on cuda: {self.not_on_cuda}"
        return tuple(line for line in (cuda, self.doubt, self.terms) if line is not None)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Model files by name, and what all of them are opened with; for a model of our own, None."""

    files: Mapping[str, Path | None]
    begins_with: str
    device: str
    seed: int

    @classmethod
    def of(cls, model: str, also: Sequence[Path], device: str, seed: int) -> "Shelf":
        """From the options. Each further file is opened once, so that one that can't be played here is an
        error before anything begins."""
        own = {DEFAULT, *(str(path) for path in (model, *also) if str(path) in OWN_NAMES)}
        also = [path for path in also if str(path) not in own]
        paths = [] if model in (*own, RULE) else [Path(model)]
        named = _named(dict.fromkeys((*paths, *also)))
        files: dict[str, Path | None] = named | {name: None for name in OWN_NAMES if name in own}
        begins_with = next(iter(named)) if paths else model
        shelf = cls(files, begins_with, device, seed)
        for name in named:
            if not paths or name != begins_with:  # what it begins with is opened for good at once
                shelf.open(name)
        return shelf

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the order in which `next` goes through them."""
        return (*self.files, RULE)

    def meant(self, wish: str, now: str) -> str:
        """The name that a wish means: itself, its number on the shelf from 1, or `next` after the one now."""
        names = self.names
        if wish == NEXT:
            return names[(names.index(now) + 1) % len(names)]
        if wish.isdecimal() and wish not in names and 1 <= int(wish) <= len(names):
            return names[int(wish) - 1]
        if wish not in names:
            raise SettingError(f"no model is called {wish[:80]!r}; there are: {', '.join(names)}")
        return wish

    def open(self, name: str) -> Opened:
        """Read, check and warm it."""
        if name == RULE:
            return Opened(Imitation(self.seed), RULE)
        # Only for a model: whoever plays without one needs no runtime.
        from realtime.answerers.network import Network
        from realtime.inference.best_device import open_on_best_device
        from realtime.inference.bundle import LIVE_FAMILY, read_bundle
        from realtime.inference.eight_bits import doubt_about
        from realtime.inference.session import open_session

        path = self.files[name]
        if path is not None and (bundle := read_bundle(path)).header.family != LIVE_FAMILY:
            return _of_rows(bundle, "cpu" if self.device == "auto" else self.device, self.seed)
        if self.device == "auto":
            session, not_on_cuda, on_cuda = open_on_best_device(path, own=name)
        else:
            session = open_session(path or own_model(name, self.device), self.device, scores=False)
            not_on_cuda = on_cuda = None
        doubt = doubt_about(session.bundle) if session.device == "cpu" else None
        file = name if path is None else str(path.absolute())
        terms = _terms(session.bundle)
        return Opened(Network(session, self.seed), file, not_on_cuda, on_cuda, doubt, terms)


def _of_rows(bundle: "Bundle", device: str, seed: int) -> Opened:
    """A model of another family than events."""
    from realtime.answerers.families.row_network import RowNetwork
    from realtime.inference.eight_bits import doubt_about
    from realtime.inference.rows.row_session import RowSession

    doubt = doubt_about(bundle) if device == "cpu" else None
    network, file = RowNetwork(RowSession(bundle, device), seed), str(bundle.path.absolute())
    return Opened(network, file, doubt=doubt, terms=_terms(bundle))


def _terms(bundle: "Bundle") -> str | None:
    """What whoever plays it on stage has to know of the music that it was trained on."""
    bound = [corpus for corpus in bundle.header.data if corpus.tier != _FREE]
    if not bound:
        return None
    named = ", ".join(f"{corpus.name} ({corpus.licence})" for corpus in bound)
    return f"its weights are bound by what they were trained on: {named}"


def _named(paths: Sequence[Path] | Mapping[Path, None]) -> dict[str, Path | None]:
    """Each by its file's name; two of one name by their folders' too."""
    short = Counter(path.stem for path in paths)
    taken = {*OWN_NAMES, RULE, NEXT}
    return {
        path.stem if short[path.stem] == 1 and path.stem not in taken else str(path.with_suffix("")): path
        for path in paths
    }
