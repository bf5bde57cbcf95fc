"""Pictures as phones send them, for tests."""

import base64
from io import BytesIO

from PIL import Image, ImageDraw

ORIENTATION = 0x0112


def photo(kind: str = "JPEG", size: tuple[int, int] = (80, 60)) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    out = BytesIO()
    Image.new("RGB", size, "green").save(out, kind, exif=exif)
    return out.getvalue()


def signature(*, is_empty: bool = False) -> str:
    """What the box for signing sends: a see-through picture with strokes, as a data: address."""
    image = Image.new("RGBA", (640, 280), (0, 0, 0, 0))
    if not is_empty:
        ImageDraw.Draw(image).line([(40, 40), (200, 180), (300, 60), (420, 200)], fill="#10161d", width=5)
    out = BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
