"""The event model as a `Scorer`: judged in windows of many lanes, its state carried as a value."""

from typing import NamedTuple

import torch
from torch import Tensor

from evaluation.scoring.scorer import Events, Nats, Sounding
from music.encodings.event import EventEncoding
from training.models.event_model import EventModel, begin_event
from training.models.model import State, in_use


class _Heard(NamedTuple):
    """The state before the event heard last, and that event (B x 3)."""

    before: State
    last: Tensor


class EventScorer:
    """An event model that is only listened to: its weights and its mode stay as they are."""

    encoding = EventEncoding().fingerprint
    lanes = 16

    def __init__(self, model: EventModel) -> None:
        self.model = model

    def begin(self, sounding: Sounding) -> _Heard:
        """The silent state, with these keys as if struck now."""
        like = self.model.gap_out.weight
        silent = self.model.silent_state(len(sounding))
        struck = torch.from_numpy(sounding).to(like)
        last = torch.tensor([begin_event()] * len(sounding), device=like.device)
        return _Heard(silent | {"sounding": struck}, last)

    @torch.no_grad()
    def score(self, state: _Heard, events: Events) -> tuple[Nats, _Heard]:
        """Nats of each field of the next events."""
        following = torch.from_numpy(events).to(state.last.device)  # B x T x 3
        heard = torch.cat([state.last[:, None], following[:, :-1]], dim=1)  # B x T x 3: one event before
        with in_use(self.model):
            read, after = self.model(heard, state.before)
            nats = self.model.surprise(read, following)
        return nats.double().cpu().numpy(), _Heard(after, following[:, -1])
