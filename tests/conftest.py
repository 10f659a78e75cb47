"""What tests share: skipping what this machine lacks, unless it is required.

`ANTIPHON_REQUIRE=jack,browser` turns those skips into failures, so that a complete machine can't pass by
skipping.
"""

import gc
import importlib.util
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.aside import step_aside
from tests.support.groups import keep_groups_together, waits_for_a_program
from tests.support.jack import forget_dead_servers
from tests.support.once_more import try_once_more
from tests.support.traced_once import share_traces_in, trace_once

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # for tests that load the runtime by themselves
os.environ["ANTIPHON_PIANO"] = os.devnull  # no test hears a recorded piano but its own
os.environ.setdefault(
    "OMP_NUM_THREADS", "1"
)  # torch's threads only wait for each other over models this small
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it to what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests send it, also to processes of their own

gc.disable()  # until all is collected: thousands of tests and a library of a million objects are made to stay

# The same examples at each run, so that what has passed passes again; `make explore` looks for others.
# No time is asserted: on a busy machine drawing an example may take long.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("antiphon", _PATIENT, max_examples=60, derandomize=True)
settings.register_profile("quick", _PATIENT, max_examples=10, derandomize=True)  # `make check`
settings.register_profile("explore", _PATIENT, max_examples=500, print_blob=True)
settings.load_profile("antiphon")

# What needs the extra `train` is not even collected without it: it can't be imported.
_HERE = Path(__file__).parent
_TRAINING_WITHOUT_TORCH = ("augmentation", "memory_capacity", "schedules")
_ELSEWHERE_WITH_TORCH = {
    "benchmarks/instrument": ("model",),
    "benchmarks/learning": ("data_memory", "training", "training_floors"),
    "benchmarks/repertoire": ("going_on", "roll_baselines"),
    "commands": (
        *(
            "data",
            "evaluate",
            "evaluate_alone",
            "evaluate_belonging",
            "evaluate_phrase_ends",
            "evaluate_rows",
        ),
        *("fine_tune", "generate", "generate_alike", "generate_format", "train"),
    ),
    "commands/listening": ("listening_test",),
    "commands/papers": ("draw",),
    "commands/parts": ("judged_file",),
    "dashboard/comparing": ("beside", "experiments", "models", "runs"),
    "dashboard/hearing": ("takes",),
    "dashboard/listened": ("listened",),
    "dashboard/pictures": ("pictures",),
    "dashboard/sending": ("report_command", "sheet"),
    "evaluation": ("alone_report", "belonging_report", "judge"),
    "evaluation/answering": ("answers", "answers_page", "calls", "distributions"),
    "evaluation/baselines": ("chance", "note"),
    "evaluation/belonging": ("comparison", "partners", "phrase_calls"),
    "evaluation/likeness": ("histograms",),
    "evaluation/scoring": ("held_out", "likelihood"),
    "listening": ("clips",),
    "pieces": ("corpus", "fetch", "manner", "music_sets", "streamed_tensors", "token_pieces"),
    "realtime/answerers": ("ideas", "network"),
    "realtime/inference": ("bad_graphs",),
}
if importlib.util.find_spec("torch") is None:
    collect_ignore = [
        "export",
        "golden",
        "test_whole_line.py",
        *(f"{room}/test_{name}.py" for room, names in _ELSEWHERE_WITH_TORCH.items() for name in names),
        *(
            str(path.relative_to(_HERE))
            for path in sorted((_HERE / "training").rglob("test_*.py"))
            if path.stem.removeprefix("test_") not in _TRAINING_WITHOUT_TORCH
        ),
    ]


def pytest_report_header() -> list[str]:
    return (
        [f"left out, as there is no torch: {', '.join(collect_ignore)}"]
        if "collect_ignore" in globals()
        else []
    )


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # tests come in the order of handing out
    if hasattr(config, "workerinput"):
        return
    if shutil.which("jackd"):
        forget_dead_servers()
    traces = tempfile.TemporaryDirectory(prefix="antiphon-traced-")
    config.add_cleanup(traces.cleanup)
    share_traces_in(Path(traces.name))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Of the processes that share the tests, those which compute leave time to those which wait."""
    if hasattr(item.config, "workerinput") and not waits_for_a_program(item):
        step_aside()


def pytest_collection_finish() -> None:
    trace_once()
    gc.freeze()
    gc.enable()


_PROGRAMS = {
    "jack": ("jackd",),
    "synth": ("fluidsynth",),
    "browser": ("chromium",),
    "firefox": ("firefox-esr",),
    "proxy": ("nginx", "openssl"),
}


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    required = set(filter(None, os.environ.get("ANTIPHON_REQUIRE", "").split(",")))
    unknown = required - _PROGRAMS.keys()
    if unknown:
        raise pytest.UsageError(f"ANTIPHON_REQUIRE knows {', '.join(_PROGRAMS)}, not {', '.join(unknown)}")
    keep_groups_together(items, are_handed_out=getattr(config.option, "loadgroup", False))
    for marker, programs in _PROGRAMS.items():
        missing = [program for program in programs if shutil.which(program) is None]
        if missing and marker not in required:
            skip = pytest.mark.skip(reason=f"needs {', '.join(missing)}")
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(skip)
    if config.pluginmanager.hasplugin("rerunfailures"):
        try_once_more(items, _PROGRAMS)


@pytest.fixture(scope="session")
def small_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run `small` with a file in each precision, for reading only: an export takes ten seconds of a core.

    Tests that use it belong to the group `exported`, so that one process makes it.
    """
    from antiphon import main
    from tests.support.models import small_run

    runs = tmp_path_factory.mktemp("runs")
    small_run(runs)
    assert main(["export-onnx", "small", "--runs", str(runs)]) == 0
    return runs / "small"
