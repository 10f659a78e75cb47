"""The runtime that runs models, loaded in one place: before it starts it is set to report to nobody.

ONNX Runtime's own builds report every process and session to their maker, and keep an identifier in the home
folder. An instrument does no such thing (`docs/decisions/016-the-runtime-reports-to-nobody.md`). Must not
know models.
"""

import importlib
import os
from typing import Any

from music.settings import SettingError
from realtime.inference.native_report import caught_report

_OPTED_OUT = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")  # the name has changed between versions


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
