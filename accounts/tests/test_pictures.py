"""Photos come in as phones make them, and are kept as pictures alone."""

from io import BytesIO

import pytest
from PIL import Image

from accounts.pictures import LONGEST_SIDE, MOST_BYTES, PictureError, clean_picture

ORIENTATION, MAKER, PLACE = 0x0112, 0x010F, 0x8825


def photo(kind: str, size: tuple[int, int] = (400, 300), *, exif: Image.Exif | None = None, mode: str = "RGB") -> bytes:
    out = BytesIO()
    Image.new(mode, size, "red").save(out, kind, **({"exif": exif} if exif else {}))
    return out.getvalue()


def kept(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(clean_picture(content)))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_what_phones_take_is_kept_as_a_jpeg(kind):
    picture = kept(photo(kind))
    assert (picture.format, picture.size) == ("JPEG", (400, 300))


def test_a_photo_keeps_no_word_of_where_it_was_taken_or_by_which_phone():
    exif = Image.Exif()
    exif[MAKER] = "Phone"
    exif.get_ifd(PLACE)[1] = "N"
    content = photo("JPEG", exif=exif)
    assert b"Phone" in content
    assert b"Phone" not in clean_picture(content)
    assert not dict(kept(content).getexif())


def test_a_photo_taken_upright_stays_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the phone was turned; the picture lies on its side
    assert kept(photo("JPEG", (400, 300), exif=exif)).size == (300, 400)


def test_eighty_megapixels_are_made_small():
    picture = kept(photo("JPEG", (10_400, 7_800)))
    assert max(picture.size) == LONGEST_SIDE


def test_what_is_see_through_lies_on_white():
    out = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert kept(out.getvalue()).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a letter, called photo.jpg",
        photo("JPEG")[:200],
        b"\xff\xd8\xff\xe0" + b"x" * 1000,
        photo("GIF"),
        b"x" * (MOST_BYTES + 1),
    ],
    ids=["empty", "text", "torn", "rubbish", "another kind", "too large"],
)
def test_what_is_no_photo_is_refused_in_words(content):
    with pytest.raises(PictureError, match=r"\w+"):
        clean_picture(content)


def test_a_file_that_claims_a_giant_picture_is_refused_before_it_is_unpacked():
    out = BytesIO()
    Image.new("1", (20_000, 6_000)).save(out, "PNG")  # a few kilobytes, 120 million pixels
    with pytest.raises(PictureError):
        clean_picture(out.getvalue())
