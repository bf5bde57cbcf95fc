"""The code that visitors point their phones at."""

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code as one path of an SVG drawing, with its quiet zone."""

    side: int
    path: str


QUIET = 4
"""Modules of white around it, without which phones do not find it (ISO/IEC 18004)."""


def code_of(text: str) -> Code:
    """Return the code of a text, sturdy enough to be read off a screen in sunlight."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    dark = (f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    return Code(side=len(rows) + 2 * QUIET, path="".join(dark))
