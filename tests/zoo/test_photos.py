"""Pictures from outside: however they are stored they are read as they are meant to be seen, and cut out of any plain ground."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from playground.recipe import RecipeError, recipe_of
from zoo.cutouts import cut_out
from zoo.photos import PhotoError, read

TURNED = {  # how an upright picture is stored, by the EXIF orientation that says so
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def stored(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def corners() -> Image.Image:
    """Return a picture that is another one however it is turned."""
    image = Image.new("RGB", (96, 64), (230, 230, 230))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 47, 31), fill=(200, 20, 20))
    pen.rectangle((48, 32, 95, 63), fill=(20, 20, 200))
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", TURNED)
def test_a_picture_stands_as_its_camera_says(kind, orientation):
    exif, upright = Image.Exif(), corners()
    exif[0x0112] = orientation
    turn = TURNED[orientation]
    content = stored(upright.transpose(turn) if turn is not None else upright, kind, exif=exif)
    for largest in (None, 512, 48):
        seen = read(content, largest=largest)
        assert seen.size == ((96, 64) if largest != 48 else (48, 32))
        away = np.abs(np.asarray(seen.convert("RGB").resize((6, 4)), int) - np.asarray(upright.resize((6, 4)), int))
        assert away.max() < 30


def greys(bits: int) -> Image.Image:
    ramp = np.linspace(0, 2**bits - 1, 64 * 64).reshape(64, 64)
    return Image.fromarray(ramp.astype(np.uint16 if bits > 8 else np.uint8))


DEPTHS = {
    "8-bit grey": (greys(8), "PNG"),
    "16-bit grey": (greys(16), "PNG"),
    "grey with alpha": (greys(8).convert("LA"), "PNG"),
    "palette": (greys(8).convert("P"), "PNG"),
    "RGBA": (greys(8).convert("RGBA"), "PNG"),
    "RGB, WebP": (greys(8).convert("RGB"), "WEBP"),
    "grey, JPEG": (greys(8), "JPEG"),
    "CMYK, JPEG": (greys(8).convert("RGB").convert("CMYK"), "JPEG"),
}


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_depth_shows_the_same(depth):
    image, kind = DEPTHS[depth]
    seen = read(stored(image, kind))
    assert seen.mode == "RGBA"
    ramp = np.linspace(0, 255, 64 * 64).reshape(64, 64)
    assert np.abs(np.asarray(seen.convert("L"), float) - ramp).max() <= (12 if kind != "PNG" else 2)


def test_black_and_white_and_what_a_palette_leaves_open():
    assert np.asarray(read(stored(Image.new("1", (40, 40), 1))).convert("L")).min() == 255
    palette = Image.new("P", (40, 40), 0)
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.paste(1, (0, 0, 20, 40))
    seen = np.asarray(read(stored(palette, transparency=0), largest=40))
    assert (seen[:, 20:, 3] == 0).all() and (seen[:, :20] == (200, 100, 50, 255)).all()


def test_of_a_film_the_first_frame_is_read():
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    content = stored(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert np.asarray(read(content))[0, 0].tolist() == [255, 0, 0, 255]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"hello", "it is no picture"),
        (b"GIF89a" + bytes(50), "it is a GIF"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "a HEIC, as some phones save"),
        (b"\0\0\0\x18ftypavif" + bytes(50), "it is an AVIF"),
        (b"<!DOCTYPE html><html>", "it is a web page"),
        (b"<svg xmlns='x'/>", "it is an SVG"),
        (stored(corners())[:60], "fetch"),
        (stored(corners(), "JPEG")[:400], "it is a JPEG|fetch"),
    ],
    ids=["empty", "text", "GIF", "HEIC", "AVIF", "page", "SVG", "cut PNG", "cut JPEG"],
)
def test_what_cannot_be_read_is_named(content, said):
    for look in (read, recipe_of):
        with pytest.raises((PhotoError, RecipeError), match=said) as error:
            look(content)
        assert "object at 0x" not in str(error.value)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_recipe_saved_as_another_format_is_named(kind):
    with pytest.raises(RecipeError, match=rf"(?i)it is an? {kind}.*loses its recipe.*as it was downloaded") as error:
        recipe_of(stored(corners(), kind))
    assert "Save it as" not in str(error.value)


def thing(ground=(255, 255, 255), size=(200, 160)) -> Image.Image:
    image = Image.new("RGB", size, ground)
    ImageDraw.Draw(image).ellipse((60, 40, 139, 119), fill=(120, 30, 20))
    return image


def specked() -> Image.Image:
    image = thing()
    image.putpixel((3, 3), (0, 0, 0))
    ImageDraw.Draw(image).rectangle((190, 150, 193, 153), fill=(0, 0, 0))
    return image


def nearly_opaque() -> Image.Image:
    image = thing().convert("RGBA")
    image.putpixel((5, 5), (255, 255, 255, 250))
    return image


def transparent() -> Image.Image:
    image = Image.new("RGBA", (200, 160))
    ImageDraw.Draw(image).ellipse((60, 40, 139, 119), fill=(120, 30, 20, 250))
    return image


GROUNDS = {
    **{f"paper of {grey}": (thing((grey,) * 3), "ground") for grey in (255, 239, 200, 128)},
    "paper with a tint": (thing((250, 240, 215)), "ground"),
    "a speck and a stray dot": (specked(), "ground"),
    "one pixel not quite opaque": (nearly_opaque(), "ground"),
    "a thing not quite opaque": (transparent(), "transparency"),
}


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_thing_is_cut_out_of_any_plain_ground(ground):
    image, by = GROUNDS[ground]
    cut = cut_out(read(stored(image), largest=256), 128)
    assert cut.by == by
    circle = np.hypot(*(np.mgrid[:128, :128] - 63.5)) < 0.46 * 128
    assert (cut.mask.astype(bool) != circle).mean() < 0.03
    assert np.abs(cut.pixels[60:68, 60:68] * 255 - (120, 30, 20)).max() < 8


def test_what_fills_a_transparent_picture_to_its_rim_is_cut_out():
    image = transparent().crop((60, 40, 140, 120))
    assert cut_out(read(stored(image)), 64).mask.mean() > 0.6
