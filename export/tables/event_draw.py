"""What the event model draws, by tables: the same event for the same numbers as `export.drawing.live_draw`,
in fewer operations, for a CPU.

All that is predicted from the features alone is one product; what follows from the gap that was drawn stands
in one row. Where a random number falls is the first of the greatest among sums that are cut off at it. In the
shapes, as there, B counts lanes. Knows torch and the model. Must not know ONNX.
"""

import torch
from torch import Tensor
from torch.nn import functional

from export.drawing.choices import MOST_TOP_P
from export.drawing.live_draw import LiveDraw
from music.notes import KEYS
from realtime.inference.bundle import COLDEST, HOTTEST, UNWISHED_NATS
from training.models.drawing import BARRED
from training.models.event_model import EventModel

_FOR_EVER = 1e30  # cells


class TabledDraw(LiveDraw):
    """Features, what sounds and controls in; the next event, its cells and its log-probabilities out."""

    never_past: Tensor
    heads: Tensor
    biases: Tensor
    after_gap: Tensor
    velocities: Tensor
    velocity_bias: Tensor

    def __init__(self, model: EventModel) -> None:
        super().__init__(model)
        never_past = self.past_upper.clone()
        never_past[-1] = _FOR_EVER
        self.register_buffer("never_past", never_past)
        heads = (model.gap_out, model.key_from_past, model.velocity_from_past)
        self._sizes = [head.out_features for head in heads]
        with torch.no_grad():
            self.register_buffer("heads", torch.cat([head.weight for head in heads]))
            self.register_buffer("biases", torch.cat([head.bias for head in heads]))
            of_gap = (model.key_from_gap.weight, model.velocity_from_gap.weight)
            cells = torch.stack([self.lower, self.upper], 1)
            self.register_buffer("after_gap", torch.cat([*of_gap, cells], 1))
            out = model.velocity_out  # number 0, no velocity, comes before the bins, and is never drawn
            self.register_buffer("velocities", functional.pad(out.weight, (0, 0, 1, 0)))
            self.register_buffer("velocity_bias", functional.pad(out.bias, (1, 0), value=BARRED))

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
        passed = gap_at_least.to(features.dtype)[:, None]  # B x 1
        controls = (temperature.clamp(COLDEST, HOTTEST), chance, given, is_given)
        of_gap, of_key, of_velocity = zip(*(torch.split(control, 1, -1) for control in controls), strict=True)
        top = top_p[:, None].clamp(max=MOST_TOP_P)  # B x 1

        past = functional.linear(features, self.heads, self.biases)
        gap_logits, key_past, velocity_past = torch.split(past, self._sizes, -1)
        gap = _chosen(gap_logits + self._log_open(passed), top, *of_gap)  # B x 1
        key_more, velocity_more, ends = torch.split(
            functional.embedding(gap[:, 0], self.after_gap), [*self._sizes[1:], 2], -1
        )
        key_logits = self.model.key_out(functional.relu(key_past + key_more))
        key_logits = key_logits + torch.cat([sounding, 1.0 - sounding], -1) * BARRED  # B x 176
        wished = key_logits + (key_mask - 1.0) * UNWISHED_NATS
        key = _chosen(wished, top, *of_key, most=KEYS)  # B x 1
        velocity_more = velocity_more + self.model.velocity_from_key(key[:, 0])
        velocity_logits = functional.linear(  # B x 33
            functional.relu(velocity_past + velocity_more), self.velocities, self.velocity_bias
        )
        heat, luck, velocity, is_given = of_velocity
        velocity = _chosen(velocity_logits, top, heat, luck, velocity.clamp(min=1), is_given)  # B x 1
        goes_down = key < KEYS  # B x 1; a key going up has velocity 0, which is certain
        scores = [
            _log_probability(gap_logits, gap),
            _log_probability(key_logits, key),
            torch.where(goes_down, _log_probability(velocity_logits, velocity), 0.0),
        ]
        event = torch.cat([gap, key, torch.where(goes_down, velocity, 0)], -1)  # B x 3
        cells = torch.maximum(ends, passed).mean(-1).long()  # B: the middle of what is left
        return event, cells, torch.cat(scores, -1)

    def _log_open(self, at_least: Tensor) -> Tensor:
        """As in the original, of a column (B x 1). Of the longest gap all is always left: where it counts how
        much of it has passed, every other gap is ruled out."""
        return ((self.never_past - at_least) / self.width).clamp(0.0, 1.0).log()  # B x 141


def _chosen(
    logits: Tensor,
    top_p: Tensor,
    temperature: Tensor,
    chance: Tensor,
    given: Tensor,
    is_given: Tensor,
    *,
    most: int | None = None,
) -> Tensor:
    """What is given, or what is drawn of the likeliest that together hold `top_p`: of B x V, B x 1.

    No more than `most` have any chance. Of the greatest the runtime's CPU takes the first, so what is cut off
    at a bar begins where the bar is reached.
    """
    shares, numbers = (logits / temperature).softmax(-1).topk(most or logits.shape[-1])
    sums = shares.cumsum(-1)
    kept = sums.gather(-1, _reached(sums, top_p))
    drawn = numbers.gather(-1, _reached(sums, kept * chance))
    return torch.where(is_given, given, drawn)


def _reached(sums: Tensor, bar: Tensor) -> Tensor:
    """Where growing sums (B x V) reach a bar (B x 1), or come nearest to it: B x 1."""
    return torch.minimum(sums, bar).argmax(-1, keepdim=True)


def _log_probability(logits: Tensor, chosen: Tensor) -> Tensor:
    return logits.log_softmax(-1).gather(-1, chosen)  # B x V and B x 1 to B x 1
