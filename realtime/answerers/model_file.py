"""A model file of any family as one who answers whole calls, and the rule as another. No torch.

For judging, for listening tests, and for whoever tries a model without playing. Must not know ports, clocks,
or why an answer is wanted.
"""

from dataclasses import replace
from pathlib import Path

from realtime.answerers.answerer import Answerer
from realtime.answerers.families.row_network import RowNetwork
from realtime.answerers.network import Network
from realtime.answerers.rehearsal import Rehearsal
from realtime.answerers.rule.imitation import Imitation
from realtime.inference.bundle import LIVE_FAMILY, read_bundle
from realtime.inference.rows.row_session import RowSession, open_rows
from realtime.inference.session import ModelSession, open_session
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.rules import DEFAULT_RULES

SEED = 1  # of the chances by which answers are drawn, where nobody says another


def session_of(path: Path, device: str = "cpu") -> ModelSession | RowSession:
    """A model file of any family, opened."""
    is_live = read_bundle(path).header.family == LIVE_FAMILY
    return open_session(path, device) if is_live else open_rows(path, device)


def rehearsal_of(
    session: ModelSession | RowSession, seed: int = SEED, knobs: Knobs = DEFAULT_KNOBS
) -> Rehearsal:
    """The model as one who answers whole calls."""
    if isinstance(session, RowSession):
        return _rehearsing(RowNetwork(session, seed), knobs)
    return _rehearsing(Network(session, seed), knobs)


def rehearsal_by_rule(seed: int = SEED, knobs: Knobs = DEFAULT_KNOBS) -> Rehearsal:
    """The answer without a network, in the same way."""
    return _rehearsing(Imitation(seed), knobs)


def _rehearsing(answerer: Answerer, knobs: Knobs) -> Rehearsal:
    return Rehearsal(answerer, replace(DEFAULT_RULES, knobs=knobs))
