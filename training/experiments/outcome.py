"""What came of a run, kept beside it as `outcome.json`: how well it learnt, and the measures that its recipe
asks for, with their ranges, and why those that are missing are not defined; what charts are drawn from is
kept as `charts.json`. Must not know how it learnt.
"""

import json
from typing import Any

from music.whole_file import write_whole
from training.experiments.finished import Finished
from training.experiments.measures import measured
from training.learning.learner import Learner
from training.opened_run import trained
from training.run import Places


def write_outcome(learner: Learner, places: Places) -> dict[str, Any]:
    """Measure a run that is done, and write the figures beside it;
    `measures` are those that the recipe asks for."""
    curves = learner.folder.curves()
    train = [row for row in curves if row["kind"] == "train"]
    finished = Finished(
        trained(learner.folder, learner.company.device),
        learner.pieces,
        places.corpora(learner.recipe),
        learner.steps,
    )
    figures = measured(finished)
    outcome = {
        "least_loss": min(row["loss"] for row in train),
        "last_loss": train[-1]["loss"],
        "steps": learner.step,
        "weights": sum(value.numel() for value in learner.model.parameters()),
        "rows_a_second": sorted(row["rows_a_second"] for row in train)[len(train) // 2],
        "validation": min(row["loss"] for row in curves if row["kind"] == "validation"),
        "measures": figures.values,
        "ranges": figures.ranges,
        "not_defined": figures.undefined,
    }
    if figures.charts:
        write_whole(learner.folder.path / "charts.json", json.dumps(figures.charts) + "\n")
    write_whole(learner.folder.path / "outcome.json", json.dumps(outcome, indent=1) + "\n")
    return outcome
