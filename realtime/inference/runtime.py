"""The runtime that runs models, loaded in one place: before it starts it is set to report to nobody.

ONNX Runtime's own builds report every process and session to their maker, and keep an identifier in the home
folder. An instrument does no such thing (`docs/decisions/016-the-runtime-reports-to-nobody.md`). Must not
know models.
"""

import atexit
import importlib
import os
import sys
from collections.abc import Callable
from threading import Thread
from typing import Any

from music.settings import SettingError
from realtime.inference.native_report import caught_report

_OPTED_OUT = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")  # the name has changed between versions

REFUSED = 2  # the exit status of whoever is given a file that can't be


class NoRuntimeError(SettingError):
    """Nothing is installed that could run a model: says what to install."""


def loaded_runtime() -> Any:
    """The module `onnxruntime`; `NoRuntimeError` if there is none."""
    for name in _OPTED_OUT:
        os.environ[name] = "1"
    try:
        with caught_report():  # it warns of each graphics card that it can't make out
            runtime = importlib.import_module("onnxruntime")
    except ModuleNotFoundError:
        raise NoRuntimeError(
            "no model runtime is installed: pip install 'antiphon[cpu]' (or 'antiphon[gpu]')"
        ) from None
    except ImportError as error:  # a library of the system's that it was linked to
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise NoRuntimeError(
            f"the model runtime can't be loaded: {reason}; pip install --force-reinstall 'antiphon[cpu]'"
        ) from None
    runtime.disable_telemetry_events()  # on Windows no variable is read
    return runtime


def ends_in_time(deed: Callable[[], None], within_s: float) -> bool:
    """Do something that may never end, such as a graph's loop; whether it has ended within so many seconds.

    What it raises is raised here. What doesn't end is left to its thread, and the process ends without it.
    """
    raised: list[BaseException] = []

    def work() -> None:
        try:
            deed()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the other thread raises it
            raised.append(error)

    worker = Thread(target=work, name="perhaps without end", daemon=True)
    worker.start()
    worker.join(within_s)
    if raised:
        raise raised[0]
    if worker.is_alive():
        atexit.register(_end_without, worker)
    return not worker.is_alive()


def _end_without(worker: Thread) -> None:
    """The interpreter's own end would break off a thread in the runtime, which then aborts the process."""
    if worker.is_alive():
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(REFUSED)
