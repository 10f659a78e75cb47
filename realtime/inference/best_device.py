"""The device that plays a model when nobody names one: CUDA where the model really ran there, else the CPU.

Knows the files of the default model and what a session refuses. Must not know what the choice is for.
"""

from pathlib import Path

from music.settings import SettingError
from realtime.inference.bundle import read_bundle
from realtime.inference.default_model import default_model
from realtime.inference.providers import is_built_for
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import DeviceError, ModelSession, open_session


def open_on_best_device(path: Path | None) -> tuple[ModelSession, str | None]:
    """A model file (None: the default model's), and why it isn't played on CUDA if the runtime has it."""
    if not is_built_for(loaded_runtime(), "cuda"):
        return open_session(path or default_model("cpu")), None
    bundle = read_bundle(path or default_model("cuda"))
    try:
        return ModelSession(bundle, "cuda"), None
    except DeviceError as error:
        reason = error.reason
    except SettingError as error:
        reason = str(error)
    return ModelSession(bundle if path else read_bundle(default_model("cpu"))), reason
