"""The model that comes with Antiphon: one file for the CPU, its sister for CUDA.

Knows where they lie. Must not know how they are opened.
"""

from importlib import resources
from pathlib import Path

FILES = {"cpu": "default.onnx", "cuda": "default-fp16.onnx"}


def default_model(device: str = "cpu") -> Path:
    """The default model's file for a device."""
    return Path(str(resources.files("realtime") / "models" / FILES[device]))
