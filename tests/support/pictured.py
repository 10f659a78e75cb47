"""What stands in the pictures of the dashboard: runs that really learnt, from music that tests make, and
takes of the live instrument. All of it is small, and says nothing about music."""

import subprocess
import sys
from pathlib import Path

from dashboard.places import Places
from music.midi.files import write_midi
from tests.support.command import ROOT
from tests.support.phrases import improvised

STEPS = {"learning.steps": 240, "log.every": 4, "log.validate_every": 24, "log.save_every": 240}


def pictured(home: Path) -> Places:
    """Runs, an experiment and takes in a folder; the models are those that Antiphon carries."""
    _learn(home)
    takes = home / "takes"
    takes.mkdir()
    for number in range(3):
        call = home / f"call-{number}.mid"
        write_midi(improvised(number, notes=24), call)
        _play(call, takes / f"2026-11-2{number + 5} 21-0{number}-00.mid", seed=number)
    return Places(home / "runs", home / "corpora", takes=takes, listening=home)


def _learn(home: Path) -> None:
    import torch

    from tests.support.recipes import TRUNK, home_in, learnt, small_recipe_of
    from training.experiments.outcome import write_outcome
    from training.experiments.trials import carry_out
    from training.recipes.experiment import Trial

    torch.set_num_threads(1)  # networks as small as these are done sooner so
    places = home_in(home)
    wide = {"model.trunk": TRUNK | {"width": 48}}
    for name, kind, changes in (
        ("patient", "event", {"learning.rate": 2e-3}),
        ("bold", "event", {"learning.rate": 3e-2}),
        ("wide", "event", wide),
        ("rolls", "roll", {}),
    ):
        about = {"about": f"tries {', '.join(map(str, changes)) or 'another family'}"}
        write_outcome(learnt(places, name, small_recipe_of(kind, STEPS | changes | about)), places)
    trials = [
        Trial(f"{name}-seed{seed}", small_recipe_of("event", STEPS | changes | {"seed": seed}))
        for name, changes in (("narrow", {}), ("wide", wide))
        for seed in (1, 2, 3)
    ]
    carry_out(trials, "width", places, "cpu", 1, lambda line: None)


def _play(call: Path, take: Path, seed: int) -> None:
    """The model that Antiphon carries answers a call, without waiting for the time that it takes."""
    words = ["play", "--from", str(call), "--fast", "--take", str(take), "--seed", str(seed)]
    subprocess.run([sys.executable, "antiphon.py", *words], cwd=ROOT, check=True, capture_output=True)
