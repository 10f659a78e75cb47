"""A peer's architecture as it is published, with weights by chance: what an event costs there.

Notochord (Victor Shepardson and others) is a GRU that plays live in PyTorch. Its sizes are those that its
published code has by default: events of four parts (instrument, pitch, time, velocity), each embedded in 256
numbers; one GRU layer of 2,048; a projection to 256; and for each part a small network that sees the parts
drawn before it. How deep those networks are is a setting; with 3 layers the whole has 17.5 M weights, and
17.7 M are named for the model that is handed out.

Written anew, from that description. It leaves out all that is theirs around the network (queries, which
notes are held, steering), so it is quicker than they are. Needs torch. Must not know our models.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

_EMBEDDING, _WIDTH, _DEPTH = 256, 2048, 3
_INSTRUMENTS, _PITCHES, _SINES = 321, 129, 128
_TIMES, _VELOCITIES = 32, 16  # components of each mixture of logistics
_LONGEST_S, _HARDEST = 10.0, 127.0


class _Gated(nn.Module):
    """Layers whose one half opens the other, and a product on top."""

    def __init__(self, reads: int, makes: int) -> None:
        super().__init__()
        sizes = [reads, *[_EMBEDDING] * (_DEPTH - 1)]
        layers = [layer for size in sizes for layer in (nn.Linear(size, 2 * _EMBEDDING), nn.GLU())]
        self.layers = nn.Sequential(*layers, nn.Linear(_EMBEDDING, makes))

    def forward(self, read: Tensor) -> Tensor:
        made: Tensor = self.layers(read)
        return made


class _Sines(nn.Module):
    """A number as sines of it."""

    waves: Tensor

    def __init__(self, longest: float) -> None:
        super().__init__()
        self.register_buffer("waves", torch.logspace(-3, 0, _SINES) * longest)
        self.onto = nn.Linear(_SINES, _EMBEDDING)

    def forward(self, number: Tensor) -> Tensor:
        made: Tensor = self.onto((number[..., None] / self.waves).sin())
        return made


class Peer(nn.Module):
    """Reads an event and draws the next, part by part."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.ModuleList(
            [
                nn.Embedding(_INSTRUMENTS, _EMBEDDING),
                nn.Embedding(_PITCHES, _EMBEDDING),
                _Sines(_LONGEST_S),
                _Sines(_HARDEST),
            ]
        )
        self.recurrent = nn.GRU(_EMBEDDING, _WIDTH, batch_first=True)
        self.from_past = _Gated(_WIDTH, _EMBEDDING)
        sizes = (_INSTRUMENTS, _PITCHES, 3 * _TIMES, 3 * _VELOCITIES)
        self.parts = nn.ModuleList(_Gated(_EMBEDDING, size) for size in sizes)

    @torch.inference_mode()
    def event(self, event: list[Tensor], state: Tensor) -> tuple[list[Tensor], Tensor]:
        """The next event (instrument, pitch, seconds, velocity; 1 each), and the state after this one."""
        embedded = [embed(part)[:, None] for embed, part in zip(self.embeddings, event, strict=True)]
        made, state = self.recurrent(torch.stack(embedded).sum(0), state)
        known, drawn = self.from_past(made[:, 0]), []
        for place, (head, embed) in enumerate(zip(self.parts, self.embeddings, strict=True)):
            drawn.append(_DRAWN[place](head(known.tanh())))
            known = known + embed(drawn[-1])
        return drawn, state


def _symbol(logits: Tensor) -> Tensor:
    return torch.multinomial(logits.softmax(-1), 1)[:, 0]


def _of_mixture(most: float) -> Callable[[Tensor], Tensor]:
    def drawn(numbers: Tensor) -> Tensor:
        weights, middle, spread = numbers.chunk(3, -1)
        which = torch.multinomial(weights.softmax(-1), 1)
        luck = torch.rand(len(numbers)).clamp(1e-6, 1 - 1e-6)
        away = torch.logit(luck) * spread.gather(-1, which)[:, 0].exp()
        return (middle.gather(-1, which)[:, 0] + away).clamp(0.0, most)

    return drawn


_DRAWN = (_symbol, _symbol, _of_mixture(_LONGEST_S), _of_mixture(_HARDEST))


def peer_events(clock: Callable[[], float]) -> tuple[Callable[[], float], int]:
    """What reads an event and draws the next, on one thread, and gives the seconds that it took by a clock;
    and how many weights it has."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = Peer().eval()
    event = [torch.tensor([1]), torch.tensor([60]), torch.tensor([0.1]), torch.tensor([64.0])]
    state = torch.zeros(1, 1, _WIDTH)

    def next_event() -> float:
        nonlocal event, state
        began = clock()
        event, state = model.event(event, state)
        return clock() - began

    return next_event, sum(weights.numel() for weights in model.parameters())
