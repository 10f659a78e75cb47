"""A recorded piano for tests: sines that are worked out here, in a folder as the real one."""

import io
import math
import struct
import wave
from pathlib import Path

from realtime.web.recorded.kept import keep

SAMPLE_RATE = 16000


def tone(pitch: int, seconds: float = 0.6) -> bytes:
    """A falling sine at a pitch as a WAV file."""
    turn = 2 * math.pi * 440 * 2 ** ((pitch - 69) / 12) / SAMPLE_RATE
    samples = [
        round(12000 * math.exp(-3 * index / SAMPLE_RATE) * math.sin(turn * index))
        for index in range(round(seconds * SAMPLE_RATE))
    ]
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(b"".join(struct.pack("<hh", each, each) for each in samples))
    return file.getvalue()


def made_piano(folder: Path) -> Path:
    """Two keys in two strokes each, kept in a folder."""
    samples = [
        {"file": f"{pitch}-{velocity}.wav", "pitch": pitch, "velocity": velocity}
        for pitch in (48, 72)
        for velocity in (40, 100)
    ]
    keep(
        folder,
        "made by a test",
        {str(each["file"]): tone(int(str(each["pitch"]))) for each in samples},
        samples,
    )
    return folder


def ogg_page(position: int, body: bytes) -> bytes:
    """A page of an Ogg file that ends after so many samples."""
    table = bytes([255] * (len(body) // 255) + [len(body) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, 0, position, 1, 0, 0, len(table))
    return head + table + body
