"""What models of rows with several fields share: nats of a field, states that don't collide, and refusals in
one wording.

Must not know which fields there are.
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from music.settings import SettingError
from music.tokens.encoding import Encoding


def nats_of(logits: Tensor, chosen: Tensor) -> Tensor:
    """Nats of each symbol that was chosen (any shape) under its logits (that shape x V)."""
    if torch.compiler.is_exporting():  # the product of the lanes and 1 is a fixed number to the exporter
        return -logits.log_softmax(-1).gather(-1, chosen[..., None])[..., 0]
    rows = functional.cross_entropy(logits.flatten(0, -2), chosen.flatten(), reduction="none")
    return rows.view(chosen.shape)


def check_states_apart(model: str, own: Iterable[str], trunk: Iterable[str]) -> None:
    """An error where a trunk's state has a name of the model's own: put together,
    one of the two would be lost."""
    both = sorted(set(own) & set(trunk))
    if both:
        raise SettingError(
            f"the {model} model has a state of its own called {both[0]!r}, and so has its trunk; call "
            "the trunk's another name"
        )


def check_reads(kind: str, reads: Encoding, encoding: Encoding) -> None:
    """An error unless this encoding's tokens are the ones that the model reads."""
    if encoding.fingerprint != reads.fingerprint:
        raise SettingError(
            f"the {kind} model reads the encoding {reads.name!r} as it stands, not "
            f"{_in_words(encoding, reads)}"
        )


def check_nothing_barred(kind: str, allowed: Tensor | None) -> None:
    """An error where choices are barred by a list of symbols, and a row isn't one symbol."""
    if allowed is not None:
        raise SettingError(
            f"a row of the {kind} model is no single symbol, so no list can bar any; draw without one"
        )


def _in_words(encoding: Encoding, reads: Encoding) -> str:
    settings = ", ".join(f"{name}={value}" for name, value in encoding.settings.items())
    return f"{encoding.name!r}" + (f" with {settings}" if encoding.name == reads.name and settings else "")
