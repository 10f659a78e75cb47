"""A real synthesizer for tests.

FluidSynth on a JACK port, what it sounds like written to a file as it sounds.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NAME = "antiphonsynth"
RATE = 44100
SOUND_FONTS = (
    Path("/usr/share/sounds/sf2/TimGM6mb.sf2"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
)


def sound_font() -> Path | None:
    """Instruments for it, as Debian installs them."""
    return next((path for path in SOUND_FONTS if path.exists()), None)


@dataclass(frozen=True)
class Synth:
    """What sounds: 16-bit stereo in a growing file."""

    recording: Path

    def loudness(self, last_s: float = 0.3) -> float:
        """The root mean square of the newest sound, of 32767."""
        wanted = int(last_s * RATE) * 4
        with self.recording.open("rb") as file:
            size = file.seek(0, 2)
            start = max(size - wanted, 0)
            file.seek(start - start % 4)
            samples = np.frombuffer(file.read(wanted // 4 * 4), "<i2").astype(float)
        return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


@contextmanager
def fluidsynth(server: str, folder: Path) -> Iterator[Synth]:
    """The synthesizer, listening on JACK's port `antiphonsynth`."""
    font = sound_font()
    assert font is not None
    recording = folder / "sound.raw"
    options = {
        "audio.file.name": recording,
        "audio.file.type": "raw",
        "audio.file.format": "s16",
        "midi.jack.server": server,
        "midi.jack.id": NAME,
    }
    settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    command = ["fluidsynth", "-q", "-a", "file", "-m", "jack", "-r", str(RATE), *settings, str(font)]
    with (
        (folder / "fluidsynth.log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log) as process,
    ):
        try:
            yield Synth(recording)
        finally:
            process.kill()  # asked politely it waits for its shell
