"""The models that come with Antiphon: of each, one file for the CPU and its sister for CUDA.

Knows where they lie, and on which terms. Must not know how they are opened.
"""

from importlib import resources
from pathlib import Path

DEFAULT, CONCERT = "default", "concert"
FILES = {"cpu": "default.onnx", "cuda": "default-fp16.onnx"}
# Trained on music for non-commercial use, too, so played only by whoever asks for it by its name.
CONCERT_FILES = {"cpu": "concert/concert.onnx", "cuda": "concert/concert-fp16.onnx"}
_OWN = {DEFAULT: FILES, CONCERT: CONCERT_FILES}
OWN_NAMES = tuple(_OWN)


def default_model(device: str = "cpu") -> Path:
    """The default model's file for a device."""
    return own_model(DEFAULT, device)


def own_model(name: str, device: str = "cpu") -> Path:
    """The file for a device of a model that comes with Antiphon."""
    return Path(str(resources.files("realtime") / "models" / _OWN[name][device]))
