"""MIDI systems and their ports: which answer, what can be played on, and where it could sound.

Knows ports by their faces. Must not know a driver: what was opened, or why not, is given to it.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from realtime.health.finding import Finding, fine, noted, wrong
from realtime.midi.ports import OWN_INPUT, OWN_OUTPUT, PortError, PortSystem, is_own, obvious_keyboard

ALSA_DEVICE = Path("/dev/snd/seq")
Systems = Mapping[str, PortSystem | str]  # by name: opened, or why it can't be

_NO_SYNTHS = ("midi through", "network", "iac driver", "rtpmidi", "monitor")
_WITHOUT_ANY = {  # by whether the driver knows of any
    True: ("no system answers: only the page and the computer's keys play", "mend one of those above"),
    False: ("python-rtmidi was built without any system", "pip install --force-reinstall python-rtmidi"),
}
_START = {
    "jack": "start a JACK server, if you want one (jackd, or PipeWire with pw-jack)",
    "core": "open Audio MIDI Setup once, so that macOS starts its MIDI server",
    "winmm": "plug the device in and close other programs that use it: on Windows only one can",
}


def midi_findings(systems: Systems, alsa_device: Path = ALSA_DEVICE) -> Iterator[Finding]:
    """What there is of MIDI systems, inputs and outputs."""
    opened = {name: system for name, system in systems.items() if not isinstance(system, str)}
    for name, system in systems.items():
        if isinstance(system, str):
            yield noted(f"midi system {name}", system, _remedy_for(name, alsa_device))
    if not opened:
        yield wrong("midi", *_WITHOUT_ANY[bool(systems)])
    for name, system in opened.items():
        yield from _ports_of(name, system)


def _remedy_for(name: str, alsa_device: Path) -> str:
    if name != "alsa":
        return _START.get(name, f"see what the driver {name} needs to run")
    if not alsa_device.exists():
        return "sudo modprobe snd-seq (and add snd-seq to /etc/modules, to have it after every start)"
    if not os.access(alsa_device, os.R_OK | os.W_OK):
        return f"{alsa_device} isn't yours to open: sudo usermod -aG audio $USER, and log in again"
    return "close programs that hold many MIDI clients, or restart the sound system"


def _ports_of(name: str, system: PortSystem) -> Iterator[Finding]:
    try:
        inputs, outputs = system.input_names(), system.output_names()
    except PortError as reason:
        yield wrong(f"midi system {name}", str(reason), f"restart {name}, then look again")
        return
    offered = f'offers "{OWN_INPUT}" and "{OWN_OUTPUT}"' if system.makes_ports else "no virtual ports"
    yield fine(f"midi system {name}", f"answers; {offered}")
    if not system.makes_ports:
        yield noted(
            "virtual ports",
            f"{name} lets no program make any",
            "to play in a DAW, make one with loopMIDI and name it with --in and --out",
        )
    yield _keyboard(name, inputs)
    yield _synth(name, outputs)


def _keyboard(name: str, inputs: Sequence[str]) -> Finding:
    obvious = obvious_keyboard(inputs, name)
    if obvious is not None:
        return fine(f"keyboards on {name}", f"{obvious} is opened by itself")
    others = [port for port in inputs if not is_own(port)]
    if others:
        return noted(
            f"keyboards on {name}",
            f"none is obvious among: {', '.join(others)}",
            "name yours by a part of its name: antiphon play --in PART",
        )
    return noted(
        f"keyboards on {name}",
        "none is plugged in",
        "plug one in, at any time; until then the computer's keys and the page play",
    )


def _synth(name: str, outputs: Sequence[str]) -> Finding:
    others = [
        port for port in outputs if not is_own(port) and not any(word in port.lower() for word in _NO_SYNTHS)
    ]
    if others:
        return fine(f"synths on {name}", f"--out can name: {', '.join(others)}")
    return noted(
        f"synths on {name}",
        "none is there",
        f'the page sounds by itself; for another sound, start a synth or a DAW and connect "{OWN_OUTPUT}"',
    )
