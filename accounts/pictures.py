"""Photos that come in: made smaller, turned upright, freed of what the phone wrote into them.

Where a photo was taken, when and by which phone is personal data nobody asked for; a picture of 12 megapixels is more
than any page shows. What is no picture is refused in words staff may read.
"""

from io import BytesIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

register_heif_opener()

LONGEST_SIDE = 1600
"""Pixels of the longer side as kept: fills a sheet of A4 at 140 dots an inch."""

MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 100_000_000
"""No phone takes more; a file that claims more is made to fill the memory."""

QUALITY = 82


class PictureError(Exception):
    """A file that is no photo we take, in words staff may read."""


def clean_picture(content: bytes) -> bytes:
    """Return a photo as an upright JPEG of at most ``LONGEST_SIDE`` pixels, with nothing but the picture in it.

    Takes JPEG, PNG, WebP and HEIC, whatever the file is called. Raises ``PictureError`` for what is none of these,
    is broken, or is larger than ``MOST_BYTES`` or ``MOST_PIXELS``.
    """
    if len(content) > MOST_BYTES:
        raise PictureError(too_large())
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP", "HEIF")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureError(_("The photo has more than 100 million pixels; take it with a smaller size."))
            # A JPEG of 80 megapixels is read at a fraction of its size: the memory stays small.
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _as_jpeg(upright)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise PictureError(_("This is no photo. JPEG, PNG, WebP or HEIC it must be.")) from error
    except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises for a torn file
        raise PictureError(_("This photo is damaged and cannot be read; send it again or take it anew.")) from error


def _as_jpeg(picture: Image.Image) -> bytes:
    """Lay a picture on white, where it is see-through, and return it as a JPEG without a word beside it."""
    flat = Image.new("RGB", picture.size, "white")
    shown = picture.convert("RGBA")
    flat.paste(shown, mask=shown.getchannel("A"))
    out = BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def too_large() -> str:
    """Return the words for a file of more than ``MOST_BYTES``."""
    most = MOST_BYTES // (1024 * 1024)
    return ngettext(
        "The photo is larger than %(most)d MB; take it with a smaller size.",
        "The photo is larger than %(most)d MB; take it with a smaller size.",
        most,
    ) % {"most": most}


LEAST_INK = 120
"""Pixels. A finger that slipped over the glass leaves fewer."""

NARROWEST_INK = 30
"""Pixels from the leftmost to the rightmost: a dot is no signature."""


def has_ink(content: bytes) -> bool:
    """Say whether somebody wrote on a see-through or white ground. Raises ``PictureError`` for what is no picture."""
    with Image.open(BytesIO(clean_picture(content))) as flat:
        dark = flat.convert("L").point([255] * 128 + [0] * 128)
    box = dark.getbbox()
    return box is not None and box[2] - box[0] >= NARROWEST_INK and dark.histogram()[255] >= LEAST_INK
