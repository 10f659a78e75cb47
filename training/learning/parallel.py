"""One run in several processes, each learning from its share of the lanes: PyTorch's own
DistributedDataParallel, started by torchrun.

Alone, everything here is as if there were no others. Must not know data or recipes.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from music.settings import SettingError
from training.feeds.feed import Share

_ALONE = "another process of this run ended, so this one does too; the other one says why"


@dataclass(frozen=True, slots=True)
class Company:
    """The processes that learn together, and which of them this is."""

    share: Share
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes and reports."""
        return self.share.number == 0

    @property
    def is_alone(self) -> bool:
        """Whether there are no others."""
        return self.share.of == 1

    def together(self, model: nn.Module) -> nn.Module:
        """The model, so that `backward` gives every process the mean of all gradients."""
        if self.is_alone:
            return model
        on = [self.device] if self.device.type == "cuda" else None
        return DistributedDataParallel(model, device_ids=on)

    def sums(self, *values: float) -> list[float]:
        """Each value summed over all processes."""
        if self.is_alone:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64, device=self.device)
        with _refusing_if_left_alone():
            dist.all_reduce(total)
        return [float(value) for value in total]

    def gathered(self, value: Tensor) -> Tensor:
        """The values of all processes, one after another along the first axis."""
        if self.is_alone:
            return value
        value = value.contiguous()
        parts = [torch.empty_like(value) for _ in range(self.share.of)]
        with _refusing_if_left_alone():
            dist.all_gather(parts, value)
        return torch.cat(parts)

    def said_by_first(self, value: float) -> float:
        """What the first process says, to all; the others wait for it."""
        if self.is_alone:
            return value
        said = torch.tensor([value], dtype=torch.float64, device=self.device)
        with _refusing_if_left_alone():
            dist.broadcast(said, 0)
        return float(said)

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """What is within is done by the first process, and by the others only when that is done:
        they find what it made."""
        if not self.is_first:
            self.said_by_first(0.0)
        yield
        if self.is_first:
            self.said_by_first(0.0)


@contextmanager
def _refusing_if_left_alone() -> Iterator[None]:
    """Where another process doesn't answer any more: it has ended, and says why itself."""
    try:
        yield
    except RuntimeError as error:
        raise SettingError(_ALONE) from error


@contextmanager
def _refusing_if_never_met() -> Iterator[None]:
    """Where another process met this one and has ended before this one knew:
    on a busy machine the first may be so much faster."""
    try:
        yield
    except RuntimeError as error:
        if "onnect" not in str(error):  # "Connection closed by peer", "connectFullMesh failed"
            raise
        raise SettingError(_ALONE) from error


def processes() -> int:
    """How many torchrun started, or 1."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def end_process(status: int) -> NoReturn:
    """End this one of several processes at once: PyTorch's own threads, which are still there at the usual
    end, abort it now and then, though all is learnt and saved."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@contextmanager
def company(device: torch.device) -> Iterator[Company]:
    """The processes that torchrun started, or this one alone."""
    of = processes()
    if of == 1:
        yield Company(Share(), device)
        return
    number, local = int(os.environ["RANK"]), int(os.environ.get("LOCAL_RANK", "0"))
    if device.type == "cuda":
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    with _refusing_if_never_met():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Company(Share(number, of), device)
        with _refusing_if_left_alone():
            dist.barrier()  # whoever leaves while others still listen ends them
    finally:
        dist.destroy_process_group()
