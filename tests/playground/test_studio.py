"""The butterfly studio: photos from outside, what the stage holds, and the code that gives the same."""

import io
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from playground import markup
from playground.demo import Pictures, Words
from playground.demos import butterfly_studio as studio
from playground.recipe import recipe_of
from tests.playground.recorded.face import App
from zoo import contour
from zoo.cutouts import cut_out
from zoo.photos import PhotoError, read


def cut(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    found = cut_out(read(content, largest=512))
    return found.pixels, found.mask


def photo(ground: str = "plain", kind: str = "PNG", size: tuple[int, int] = (300, 240)) -> bytes:
    w, h = size
    y, x = np.mgrid[:h, :w]
    pixels = np.stack([150 + 60 * x / w, 180 + 30 * y / h, 200 - 40 * x / w], -1)  # a ground that is not even
    if ground == "leaves":
        pixels = (
            np.random.default_rng(0).integers(0, 255, (h // 8 + 1, w // 8 + 1, 3)).repeat(8, 0).repeat(8, 1)[:h, :w]
        )
    image = Image.fromarray(pixels.astype(np.uint8))
    if ground != "nothing":
        ImageDraw.Draw(image).ellipse((w * 0.3, h * 0.25, w * 0.7, h * 0.7), fill=(120, 30, 20))
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_photo_is_cut_out_and_centred(kind):
    pixels, mask = cut(photo(kind=kind))
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    assert (columns[-1] - columns[0]) == pytest.approx(0.92 * 256, abs=6)  # the longer side
    assert columns[0] + columns[-1] == pytest.approx(255, abs=6) and rows[0] + rows[-1] == pytest.approx(255, abs=6)
    colour = pixels[mask > 0.5].mean(0) * 255
    assert np.abs(colour - [120, 30, 20]).max() < 12
    assert mask.sum() == pytest.approx(math.pi / 4 * (columns[-1] - columns[0]) * (rows[-1] - rows[0]), rel=0.06)


def test_a_transparent_picture_brings_its_own_outline():
    image = Image.new("RGBA", (100, 100))
    ImageDraw.Draw(image).rectangle((20, 40, 79, 69), fill=(0, 90, 200, 255))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    _, mask = cut(buffer.getvalue())
    assert mask.sum() == pytest.approx((0.92 * 256) ** 2 / 2, rel=0.06)


def test_a_photo_stands_as_its_camera_says():
    upright = Image.open(io.BytesIO(photo(size=(240, 300))))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    buffer = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(buffer, "PNG", exif=exif)
    for turned, wanted in zip(cut(buffer.getvalue()), cut(photo(size=(240, 300))), strict=True):
        assert (turned == wanted).all()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"GIF89a" + bytes(50), "cannot be read"),
        (photo()[:500], "cannot be read"),
        (bytes(6 * 2**20), "over 5 MB"),
        (photo(size=(20, 20)), "smaller than 32"),
        (photo("leaves"), "can be told from its background"),
        (photo("nothing"), "can be told from its background"),
    ],
    ids=["empty", "no picture", "cut short", "too large", "tiny", "busy ground", "nothing there"],
)
def test_a_photo_that_cannot_be_used_says_why(content, said):
    with pytest.raises(PhotoError, match=said):
        cut(content)


TWO = [
    [60, 30, 110, 20, 115, 70, 100, 110, 70, 90, 40, 115, 20, 75, 15, 25, 60, 30],
    [200, 150, 240, 140, 245, 190, 230, 230, 200, 210, 170, 235, 150, 195, 160, 145, 200, 150],
]


def values(**changes) -> dict:
    return {name: field.default for name, field in studio.fields().items()} | changes


def painted(**changes) -> np.ndarray:
    return studio.stage(values(**changes))["butterfly"].pixels[0]


def test_a_photo_is_worn_once_it_can_be_used():
    species = painted()
    waiting, refused, taken = (studio.stage(values(source="photo", photo=x)) for x in (None, photo("leaves"), photo()))
    assert isinstance(waiting["seen"], Words) and waiting["seen"].quiet
    assert isinstance(refused["seen"], Words) and refused["seen"].warns
    assert "can be told from its background" in refused["seen"].text
    assert all((given["butterfly"].pixels[0] == species).all() for given in (waiting, refused))
    assert isinstance(taken["seen"], Pictures) and (taken["butterfly"].pixels[0] != species).any()


def test_sixteen_wear_the_drawing_and_one_is_chosen():
    v = values(sixteen="yes", seed=3, source="random")
    worn, button = studio.stage(v)["sixteen"](), studio.DEMO.buttons["wear"]
    offered = button.options(v)
    assert list(offered.values()) == list(worn.alts) and len(offered) == 16
    kind = list(offered)[5]
    assert (painted(**{**v, **button.press(v, kind)}) == worn.pixels[5]).mean() > 0.999  # a batch rounds otherwise
    assert studio.stage(values())["sixteen"] is None and not button.options(values())


def test_an_empty_pad_gives_nothing_to_see_and_an_empty_outline():
    v = values(drawing=[], sixteen="yes")
    stage = studio.stage(v)
    for shown in (stage["butterfly"], stage["sixteen"]()):
        assert set(shown.clips) == {""} and len(shown.clips) == len(shown.pixels)
        assert markup.shown(shown, (0, 0, 0)).count("d=%27%27") == len(shown.pixels)
    assert studio.render(v).shape == (1024, 1024, 4) and not studio.render(v)[..., 3].any()
    root = ElementTree.fromstring(studio.DEMO.exports[0].make(v))
    assert root.get("viewBox") == "0 0 256 256" and not list(root)


def test_the_app_gives_a_large_clear_picture_and_the_outline(tmp_path):
    app = App("butterfly_studio", {"mirror": "no"})
    content = app.download()
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (1024, 1024) and image.mode == "RGBA" and image.getpixel((0, 0))[3] == 0
        assert set(np.unique(np.asarray(image)[..., 3])) - {0, 255}, "its edge is soft"
    assert recipe_of(content)["mirror"] == "no"
    (path,) = app.fire("click", "Outline (SVG)")
    assert path.endswith("/butterfly_studio.svg")
    assert Path(path).read_bytes() == studio.DEMO.exports[0].make(values(mirror="no"))


def test_an_edge_is_sharp_at_any_size(browser):
    y, x = np.mgrid[:64, :64] + 0.5
    inside = np.clip(20.5 - np.hypot(x - 32, y - 32), 0, 1)
    disc = np.dstack([np.full((64, 64, 3), 10), 255 * inside]).astype(np.uint8)
    page = browser.new_page(viewport={"width": 640, "height": 640})
    grey = {}
    for name, shown in {
        "cut": markup.clipped(disc, contour.path(contour.rings(inside)), "a disc"),
        "as it is": markup.picture(disc, "a disc", (0, 0, 0)),
    }.items():
        page.set_content(f"<style>body {{margin: 0}} img {{display: block; width: 640px}}</style>{shown}")
        page.wait_for_function("document.images[0].complete")
        with Image.open(io.BytesIO(page.screenshot())) as image:
            row = np.asarray(image.convert("L"), int)[320]
        assert row[5] == 255 and row[320] == 10 and abs((row < 128).sum() - 400) <= 4
        grey[name] = ((row > 20) & (row < 245)).sum()
    page.close()
    assert grey["cut"] <= 4 and grey["as it is"] >= 16


def test_a_starter_comes_with_its_mirror():
    button = studio.DEMO.buttons["starter"]
    for name in button.options(values()):
        assert button.press(values(mirror="no"), name) == {
            "drawing": studio.space().starters[name], "mirror": "yes", "axes": [],
        }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"source": "random", "seed": 5, "sliders": (1.5, -2.0) + (0.0,) * 6},
        {"blend": 40, "mix": "wings", "mirror": "no"},
        {"blend": 70, "sliders": (0.0,) * 7 + (3.0,)},
        {"mirror": "no", "drawing": TWO, "each": "yes", "axes": [[60, 20, 70, 120]]},
    ],
)
def test_the_shown_code_gives_the_shown_picture(changes):
    v = values(**changes)
    scope: dict = {"strokes": v["drawing"]}
    with torch.inference_mode():
        exec(studio.code(v), scope)
    colour, alpha = scope["picture"][0].split([3, 1])
    shown = (255 * (colour * alpha + 1 - alpha)).permute(1, 2, 0).numpy()
    apart = np.abs(shown - studio.retexture(v).pixels)  # the page may paint in bfloat16
    assert apart.mean() < 0.5 and np.quantile(apart, 0.998) <= 3 and apart.max() <= 8
