"""Indirect sampling likelihood (row C8): how likely held-out steps are under a density fitted to samples.

A step of a roll is 88 keys that sound or don't. Around each sampled step lies a kernel over such steps: a key
is as in the sample with a chance of `sure`, each key by itself (Aitchison and Aitken's kernel, which is to
yes and no what a Gaussian is to numbers). The density is the mean of the kernels. How sure is chosen on
samples that were held out from the density, never on the music that is judged. The paper took Gaussian
kernels of a library; for yes and no they would be densities above 1, where it expects logarithms of at most
0.

The figure can prefer silence, as the paper found: a held-out step has a few keys of 88 that sound, so a
silent sample differs from it in those alone, while a sounding sample differs in its own as well. So two
figures stand beside it: the share of cells that sound in the samples, and what no sound at all comes to with
the same kernel. The number of samples matters (more are never worse), so it is stated, and as many samples
are asked for as the corpus that was learnt has steps. Must not know models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.likeness.defined import Figures, Undefined
from music.notes import KEYS

Steps = NDArray[Any]  # steps x 88: 1 where a key sounds

SURE = (0.9, 0.95, 0.97, 0.98, 0.99, 0.993, 0.996, 0.998, 0.999)
_HELD_OUT, _MOST_HELD_OUT = 10, 1000  # one sample in so many chooses the kernel's width, and at most so many
_FITTED = ("isl", "isl_by_key", "isl_sure", "isl_silent", "isl_silent_by_key")
_AT_ONCE = 1 << 22  # distances held at a time


@dataclass(frozen=True, slots=True)
class SampledDensity:
    """Samples, how often each occurs, and how sure the kernel is."""

    samples: Steps
    counts: NDArray[np.int64]
    sure: float

    @classmethod
    def of(cls, samples: Steps, sure: float | None = None) -> "SampledDensity":
        """Fitted to samples; unless it is given, how sure the kernel is, is chosen on a tenth of them, and on
        a thousand at most."""
        samples = _checked(samples)
        if sure is None:
            sure = _chosen(samples)
        distinct, counts = np.unique(samples, axis=0, return_counts=True)
        return cls(distinct, counts, sure)

    def nats_a_step(self, steps: Steps) -> float:
        """The mean log-likelihood of steps, in nats, 0 at most."""
        nearness = _nearness(_checked(steps), self.samples, self.counts, (self.sure,))
        return float(nearness.mean())

    def nats_a_step_by_key(self, steps: Steps) -> float:
        """The same of a density for each key by itself, which knows nothing of chords."""
        share = (self.samples * self.counts[:, None]).sum(0) / self.counts.sum()
        sounds = self.sure * share + (1 - self.sure) * (1 - share)
        chances = np.where(_checked(steps) > 0, sounds, 1 - sounds)
        return float(np.log(chances).sum(1).mean())


def isl(samples: Steps, held_out: Steps, wanted: int) -> Figures:
    """Of samples of a model: `isl`, and with each key by itself, as the paper had notes; how many samples
    it took; the share of cells that sound; and both of silence, with the kernel chosen for the samples."""
    figures = Figures()
    figures.put("isl_samples", lambda: len(samples))
    figures.put("isl_samples_wanted", lambda: wanted)
    figures.put("sounding", lambda: _sounding(samples))
    figures.put("real_sounding", lambda: _sounding(held_out))
    try:
        density = SampledDensity.of(samples)
        figures.put("isl", lambda: density.nats_a_step(held_out))
        figures.put("isl_by_key", lambda: density.nats_a_step_by_key(held_out))
        figures.put("isl_sure", lambda: density.sure)
        silence = SampledDensity.of(np.zeros((2, KEYS), np.uint8), density.sure)
        figures.put("isl_silent", lambda: silence.nats_a_step(held_out))
        figures.put("isl_silent_by_key", lambda: silence.nats_a_step_by_key(held_out))
    except Undefined as reason:
        figures.undefined |= dict.fromkeys(_FITTED, str(reason))
    return figures


def _sounding(steps: Steps) -> float:
    return float(_checked(steps).mean())


def _chosen(samples: Steps) -> float:
    """How sure makes the held-out samples likeliest."""
    every = max(_HELD_OUT, -(-len(samples) // _MOST_HELD_OUT))
    is_held_out = np.arange(len(samples)) % every == 0
    distinct, counts = np.unique(samples[~is_held_out], axis=0, return_counts=True)
    if not len(distinct):
        raise Undefined("it takes two samples or more, one to fit the density to and one to choose its width")
    means = _nearness(samples[is_held_out], distinct, counts, SURE).mean(0)
    return SURE[int(means.argmax())]


def _nearness(
    steps: Steps, samples: Steps, counts: NDArray[np.int64], sures: Sequence[float]
) -> NDArray[np.float64]:
    """The log-density of each step (rows) for each kernel (columns).

    Only how many keys differ matters, so samples are counted by that, and every kernel is summed over counts.
    """
    apart = _counts_apart(steps, samples, counts)
    with np.errstate(divide="ignore"):  # where no sample is so far away, nothing is added
        weights = np.log(apart / counts.sum())
    differ = np.arange(KEYS + 1)
    columns = []
    for sure in sures:
        logs = weights + (KEYS - differ) * log(sure) + differ * log(1 - sure)
        highest = logs.max(1, keepdims=True)
        columns.append(highest[:, 0] + np.log(np.exp(logs - highest).sum(1)))
    return np.stack(columns, axis=1)


def _counts_apart(steps: Steps, samples: Steps, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each step (rows), of how many samples each number of keys differs (columns, 0 to 88)."""
    ours, of_samples = samples.astype(np.float32), samples.sum(1).astype(np.float32)
    each, tables = max(_AT_ONCE // len(samples), 1), []
    for begin in range(0, len(steps), each):
        some = steps[begin : begin + each].astype(np.float32)
        differ = (some.sum(1)[:, None] + of_samples - 2 * (some @ ours.T)).astype(np.int64)
        places = differ + (KEYS + 1) * np.arange(len(some))[:, None]
        weights = np.broadcast_to(counts, places.shape).ravel()
        table = np.bincount(places.ravel(), weights, minlength=(KEYS + 1) * len(some))
        tables.append(table.reshape(len(some), KEYS + 1))
    return np.concatenate(tables)


def _checked(steps: Steps) -> Steps:
    if steps.ndim != 2 or steps.shape[1] != KEYS:
        raise Undefined(f"steps are {KEYS} keys wide, not {steps.shape}")
    if not len(steps):
        raise Undefined("there is no step")
    if not np.isfinite(steps).all():
        raise Undefined("a step has a cell that is no number")
    return (steps > 0).astype(np.uint8)
