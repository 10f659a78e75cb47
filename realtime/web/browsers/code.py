"""An address as a QR code, for a phone's camera."""

import segno


def code_of(address: str) -> list[str]:
    """Rows of modules, `1` for a dark one; without the light margin that must surround it."""
    return ["".join(str(module) for module in row) for row in segno.make_qr(address).matrix]
