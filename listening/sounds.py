"""Clips as sound: rendered by FluidSynth, all as loud as each other, as WAV files.

Loudness is the root mean square of what isn't nearly silent. Where FluidSynth or a sound font is missing, the
listener's page plays the notes on its own piano, and measures loudness in the same way.
"""

import os
import shutil
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from music.midi.files import write_midi
from music.phrase import Phrase
from music.settings import SettingError

Samples = NDArray[np.float64]  # moments x 2, from -1 to 1

RATE = 32_000  # samples a second: a phone loads a clip in a moment, and a piano has nothing above 16 kHz
TAIL_S = 1.0  # what rings on after the last note
FADE_S = 0.3  # at the end of the tail
LOUDEST_RMS = 0.1  # 20 dB below the greatest sine
_BLOCK_S = 0.1
_NEARLY_SILENT = 0.1  # of the loudest block: 20 dB below it
_HIGHEST = 0.98
_FONTS = ("FluidR3_GM.sf2", "default-GM.sf2", "TimGM6mb.sf2")
_FOLDERS = ("/usr/share/sounds/sf2", "/usr/share/soundfonts", "/opt/homebrew/share/soundfonts")
_PATIENCE_S = 120.0


def sound_font() -> Path | None:
    """A General MIDI font of this machine."""
    places = [Path(folder) / name for folder in _FOLDERS for name in _FONTS]
    return next((place for place in places if place.is_file()), None)


def can_render(font: Path | None) -> bool:
    """Whether clips can become sound here."""
    return shutil.which("fluidsynth") is not None and font is not None


def render(phrases: Sequence[tuple[Phrase, float]], targets: Sequence[Path], font: Path) -> None:
    """Write a WAV file for each phrase and how long it lasts in seconds; all are equally loud."""
    heard = [_rendered(phrase, seconds, font) for phrase, seconds in phrases]
    loudness = [rms(samples) for samples in heard]
    peaks = [float(np.abs(samples).max(initial=0.0)) for samples in heard]
    if not all(loudness):
        raise SettingError(f"{font} is silent: say another sound font (--sound-font FILE)")
    target = min([LOUDEST_RMS, *(_HIGHEST * loud / peak for loud, peak in zip(loudness, peaks, strict=True))])
    for samples, loud, path in zip(heard, loudness, targets, strict=True):
        _write(samples * (target / loud), path)


def rms(samples: Samples) -> float:
    """How loud sound is where it isn't nearly silent."""
    block = int(_BLOCK_S * RATE)
    whole = samples[: max(len(samples) // block, 1) * block]
    means = np.sqrt((whole.reshape(-1, min(block, len(whole)), 2) ** 2).mean((1, 2)))
    return float(np.sqrt((means[means >= _NEARLY_SILENT * means.max()] ** 2).mean()))


def read_wav(path: Path) -> Samples:
    """The samples of a stereo file of 16 bits."""
    with wave.open(str(path), "rb") as file:
        if file.getnchannels() != 2 or file.getsampwidth() != 2:
            raise SettingError(f"{path}: not a stereo file of 16 bits")
        rows = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    return rows.astype(np.float64) / 32768


def _rendered(phrase: Phrase, seconds: float, font: Path) -> Samples:
    """As FluidSynth plays it, exactly so long and its tail, faded out at the end."""
    with TemporaryDirectory() as place:
        notes, sound = Path(place) / "clip.mid", Path(place) / "clip.wav"
        write_midi(phrase, notes)
        words = ["fluidsynth", "-n", "-i", "-q", "-g", "0.4", "-r", str(RATE), "-O", "s16", "-T", "wav"]
        done = subprocess.run(
            [*words, "-F", str(sound), str(font), str(notes)],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
        )
        if done.returncode or not sound.is_file():
            why = (done.stderr.strip().splitlines() or ["it wrote nothing"])[-1]
            raise SettingError(f"FluidSynth can't render with {font}: {why}; leave it out with --sound page")
        samples = read_wav(sound)
    wanted = int((seconds + TAIL_S) * RATE)
    samples = np.concatenate([samples[:wanted], np.zeros((max(wanted - len(samples), 0), 2))])
    fade = int(FADE_S * RATE)
    samples[-fade:] *= np.linspace(1.0, 0.0, fade)[:, None]
    return samples


def _write(samples: Samples, path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
