"""Pictures from outside, read as they are meant to be seen: the one way for training, uploads and pages."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 5 * 2**20
MOST_PIXELS = 24_000_000  # the largest download has 21 million
_KNOWN = {
    b"\x89PNG": "a PNG", b"\xff\xd8\xff": "a JPEG", b"RIFF": "a WebP", b"GIF8": "a GIF", b"BM": "a BMP", b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF", b"%PDF": "a PDF", b"<svg": "an SVG", b"<?xml": "an SVG", b"<!DOC": "a web page", b"<html": "a web page",
}  # fmt: skip


class PhotoError(ValueError):
    """A picture cannot be used; the message says why and what would do."""


@contextmanager
def opened(
    content: bytes, formats: tuple[str, ...] = FORMATS, *, largest: int | None = None, trusted: bool = False
) -> Iterator[Image.Image]:
    """Open a picture file, within limits; what goes wrong in the block while it is decoded is named too.

    Args:
        formats: of Pillow, that are taken.
        largest: as in `read`; a JPEG is decoded smaller.
        trusted: the file is the user's own, on their own machine: it may be as large as they like.

    Raises:
        PhotoError: the file is empty, too large, damaged, or of another format.
    """
    wanted = " or ".join(formats).replace("WEBP", "WebP")
    if not content:
        raise PhotoError(f"The file is empty: choose a {wanted}.")
    if len(content) > MOST_BYTES and not trusted:
        raise PhotoError(f"The file is over {MOST_BYTES // 2**20} MB: choose a smaller one.")
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            if image.width * image.height > MOST_PIXELS and not trusted:
                raise PhotoError(
                    f"The picture has {image.width} x {image.height} pixels: choose one of at most {MOST_PIXELS // 10**6} million."
                )
            if largest is not None:
                image.draft(None, (largest, largest))
            yield image
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        found = kind(content)
        hint = (
            "It may be damaged: fetch it again" if found in map(_named, formats) else f"Save it as {_named(formats[0])}"
        )
        raise PhotoError(f"The file cannot be read as a {wanted}: it is {found}. {hint}.") from error
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise PhotoError(f"The file cannot be read as a {wanted} ({error}): fetch or save it again.") from error


def read(content: bytes, *, largest: int | None = None, trusted: bool = False) -> Image.Image:
    """Read a picture file as it is meant to be seen: upright as its camera says, 8 bits a channel, its first frame.

    Args:
        largest: pixels that neither side exceeds; a larger picture is made smaller.
        trusted: as in `opened`.

    Returns:
        an image of mode RGBA.

    Raises:
        PhotoError: as `opened`.
    """
    with opened(content, largest=largest, trusted=trusted) as image:
        whole = _eight_bits(ImageOps.exif_transpose(image))
        if largest is not None:
            whole.thumbnail((largest, largest))
        return whole


def _named(form: str) -> str:
    return f"a {form.replace('WEBP', 'WebP')}"


def kind(content: bytes) -> str:
    """Return what a file seems to be, by its first bytes, as a noun with its article."""
    if content[4:8] == b"ftyp":
        return "an AVIF" if content[8:12] in (b"avif", b"avis") else "a HEIC, as some phones save photos"
    head = content.lstrip()
    return next((said for start, said in _KNOWN.items() if head.startswith(start)), "no picture")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return an image of any mode as RGBA; what has 16 bits a channel is scaled, where Pillow would clip it."""
    if not image.mode.startswith("I"):
        return image.convert("RGBA")
    grey = np.asarray(image).astype(np.int64)
    whole = Image.fromarray((grey.clip(0, 65535) / 257).round().astype(np.uint8)).convert("RGBA")
    if isinstance(through := image.info.get("transparency"), int):
        whole.putalpha(Image.fromarray(np.where(grey == through, 0, 255).astype(np.uint8)))
    return whole
