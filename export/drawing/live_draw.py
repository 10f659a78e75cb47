"""What the event model draws, as a graph for the stage: the next event within all that a performer may ask
for.

The gap, then the key given the gap, then the velocity given both. Nothing is random: a draw is a function
of a number from 0 to 1 that comes in (`chance`), so an answer can be played again, and a field that is
`given` is scored in place of drawn: that is how a file is judged.

In the shapes below, B counts lanes (1 on stage), F features and V the symbols of a field: 141 gaps, 176 key
changes (88 down, 88 up), 32 velocities. Knows torch and the model. Must not know ONNX.
"""

import torch
from torch import Tensor, nn

from export.drawing.choices import CERTAIN, MOST_TOP_P, chosen
from music.notes import KEYS
from music.tokens.scales import GAPS, gap_cells, gap_width
from realtime.inference.bundle import COLDEST, HOTTEST, UNWISHED_NATS
from training.models.event_model import EventModel, Read
from training.models.keyboard import KEY_CHANGES

_ALMOST_NEVER = 1e-6  # what is left of the longest gap when all of it has passed: something must follow


def live_controls(lanes: int) -> dict[str, Tensor]:
    """Controls that ask for nothing."""
    return {
        "temperature": torch.ones(lanes, 3),
        "top_p": torch.ones(lanes),
        "key_mask": torch.ones(lanes, KEY_CHANGES),
        "chance": torch.full((lanes, 3), 0.5),
        "given": torch.zeros(lanes, 3, dtype=torch.long),
        "is_given": torch.zeros(lanes, 3, dtype=torch.bool),
        "gap_at_least": torch.zeros(lanes, dtype=torch.long),
    }


class LiveDraw(nn.Module):
    """Features, what sounds and controls in; the next event, its cells and its log-probabilities out."""

    lower: Tensor
    upper: Tensor
    width: Tensor
    floor: Tensor
    past_upper: Tensor
    whole: Tensor

    def __init__(self, model: EventModel) -> None:
        super().__init__()
        self.model = model
        lower = [gap_cells(gap) - (gap_width(gap) - 1) // 2 for gap in range(GAPS)]
        upper = [first + gap_width(gap) - 1 for gap, first in enumerate(lower)]
        width = [float(gap_width(gap)) for gap in range(GAPS)]
        self.register_buffer("lower", torch.tensor(lower, dtype=torch.float))
        self.register_buffer("upper", torch.tensor(upper, dtype=torch.float))
        self.register_buffer("past_upper", torch.tensor(upper) + 1.0)
        self.register_buffer("width", torch.tensor(width))
        self.register_buffer("floor", torch.tensor([0.0] * (GAPS - 1) + [_ALMOST_NEVER]))
        self.register_buffer("whole", torch.tensor(1.0))

    def forward(
        self,
        features: Tensor,  # B x F
        sounding: Tensor,  # B x 88
        temperature: Tensor,  # B x 3
        top_p: Tensor,  # B
        key_mask: Tensor,  # B x 176: 1 where a key change is wished for
        chance: Tensor,  # B x 3, each from 0 to 1
        given: Tensor,  # B x 3: numbers of symbols
        is_given: Tensor,  # B x 3: bool
        gap_at_least: Tensor,  # B: cells
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The next event of each lane; what is given is scored, the rest drawn."""
        read, passed = Read(features, sounding), gap_at_least.to(features.dtype)
        controls = (temperature.clamp(COLDEST, HOTTEST), chance.clamp(0.0, CERTAIN), given, is_given)
        # four columns for each field, B x 1: temperature, chance, given, is given
        of_gap, of_key, of_velocity = zip(*(torch.split(control, 1, -1) for control in controls), strict=True)
        top = top_p[:, None].clamp(max=MOST_TOP_P)  # B x 1

        gap_logits = self.model.gap_logits(read)  # B x 141
        gap = chosen(gap_logits + self._log_open(passed), top, *of_gap)  # B x 1
        key_logits = self.model.key_logits(read, gap[:, 0])  # B x 176
        key = chosen(key_logits + (key_mask - 1.0) * UNWISHED_NATS, top, *of_key)  # B x 1
        velocity_logits = self.model.velocity_logits(read, gap[:, 0], key[:, 0])  # B x 32: bins, without none
        heat, luck, velocity, is_given = of_velocity
        harder = chosen(velocity_logits, top, heat, luck, (velocity - 1).clamp(min=0), is_given)  # B x 1
        goes_down = key < KEYS  # B x 1; a key going up has velocity 0, which is certain
        scores = [
            _log_probability(gap_logits, gap),
            _log_probability(key_logits, key),
            torch.where(goes_down, _log_probability(velocity_logits, harder), 0.0),
        ]
        event = torch.cat([gap, key, torch.where(goes_down, harder + 1, 0)], -1)  # B x 3
        return event, self._cells(gap[:, 0], passed), torch.cat(scores, -1)  # B x 3, B, B x 3

    def _log_open(self, at_least: Tensor) -> Tensor:
        """Log of the share of each gap that has not passed yet; a gap's cells are equally likely.

        The longest gap stands for all silences beyond it too, so some of it is always left.
        """
        left = (
            self.past_upper - at_least[:, None]
        ) / self.width  # B x 141: of each gap, the share still to come
        return torch.minimum(torch.maximum(left, self.floor), self.whole).log()

    def _cells(self, gap: Tensor, at_least: Tensor) -> Tensor:
        """The cells until the event: the middle of what is left of its gap; exact up to 46 hours."""
        lower = torch.maximum(self.lower.index_select(0, gap), at_least)  # B, from which cell
        upper = torch.maximum(self.upper.index_select(0, gap), at_least)  # B, up to which
        return ((lower + upper) * 0.5).long()


def _log_probability(logits: Tensor, chosen: Tensor) -> Tensor:
    return logits.log_softmax(-1).gather(-1, chosen)  # B x V and B x 1 to B x 1
