"""The butterfly studio without a server gives what its app gives."""

import io
import re
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from playground.catalogue import load
from playground.components.canvas import mirrored
from playground.demos import butterfly_studio
from playground.demos.butterfly_studio.painting import on_white, sixteen
from tests.playground.static_pages import pictures, run
from tests.playground.test_studio import TWO, cut, photo
from tests.playground.values import defaults
from tests.zoo.test_figures import FIGURES
from zoo import contour, drawing
from zoo.models.retexture import wings


@torch.inference_mode()
@pytest.mark.parametrize("mirror", [True, False])
def test_butterflies_equal_torch(opened, mirror):
    page, space = opened("butterfly_studio", alone=True), butterfly_studio.space()
    starter = drawing.lines(mirrored(list(space.starters.values())[1]))
    strokes, silhouette = (torch.from_numpy(f(starter))[None, None] for f in (drawing.rasterise, drawing.enclose))
    z = butterfly_studio.random(5)[None]
    sides = zip(wings.halves(strokes), wings.halves(silhouette), strict=True)
    given = [{"z": z, "strokes": a[None], "silhouette": b[None]} for a, b in sides][: 1 if mirror else 2]
    painted = [torch.from_numpy(run(page, "painter.onnx", half)["painted"]).float() for half in given]
    wanted = load(butterfly_studio.MODEL).decode(z, strokes, silhouette, mirrored=mirror)
    assert (wings.join(painted[0], painted[-1]) - wanted).abs().max() < 1e-3


@pytest.mark.parametrize("which", range(4))
def test_an_outline_is_closed_as_in_the_app(opened, which):
    starters = list(butterfly_studio.space().starters.values())
    arcs = [[60, 40, 120, 30, 180, 60], [200, 100, 190, 180, 120, 220], [60, 190, 40, 120, 45, 70]]
    strokes = [starters[0], starters[-1], arcs, [[20, 20, 200, 200]]][which]
    page = opened("butterfly_studio", alone=True)
    shown = page.evaluate(
        """async (strokes) => {
          const outline = await import(new URL('outline.js', document.baseURI));
          const lines = outline.lines(strokes);
          return [[...outline.enclose(lines)], [...outline.rasterise(lines)]];
        }""",
        strokes,
    )
    inside, ink = (np.array(x).reshape(256, 256) for x in shown)
    lines = drawing.lines(strokes)
    assert (inside != drawing.enclose(lines)).mean() < 0.01
    assert np.abs(ink - drawing.rasterise(lines)).mean() < 0.01


def test_lines_are_sorted_into_figures_as_in_the_app(opened):
    page = opened("butterfly_studio", alone=True)
    drawings = [[line.round(1).tolist() for line in drawn] for drawn, _ in FIGURES]
    shown = page.evaluate(
        """async (drawings) => {
          const { figures } = await import(new URL('figures.js', document.baseURI));
          return drawings.map(figures);
        }""",
        drawings,
    )
    assert shown == [wanted for _, wanted in FIGURES]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"body": "no"},
        {"body": "yes", "mirror": "no", "drawing": TWO, "each": "yes", "seed": 4},
        {"body": "yes", "mirror": "no", "drawing": TWO, "axes": [[60, 20, 70, 120]]},
        {"mirror": "no", "drawing": TWO[:1], "axes": [[130, 10, 120, 130]]},
    ],
    ids=["as it opens", "no body", "two turned", "an axis set", "a wing"],
)
def test_a_butterfly_is_the_apps(opened, changes):
    fields = butterfly_studio.fields()
    query = "&".join(f"{name}={fields[name].write(value)}" for name, value in changes.items())
    page = opened("butterfly_studio", f"?{query}" if query else "")
    (shown,) = colours(page, "#stage canvas")
    assert np.abs(shown - worn(**changes)).mean() < 1


def test_a_link_from_before_goes_without_a_body(opened):
    (shown,) = colours(opened("butterfly_studio", "?blend=0"), "#stage canvas")
    assert np.abs(shown - worn(body="no")).mean() < np.abs(shown - worn(body="yes")).mean()


def small(picture: Image.Image) -> np.ndarray:
    """Return a picture on white at 256x256: (256, 256, 3)."""
    white = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("RGB")
    return np.asarray(white.reduce(picture.width // 256), int)


def worn(**changes) -> np.ndarray:
    """Return the app's picture as `small` does."""
    return small(Image.fromarray(butterfly_studio.render(defaults(butterfly_studio.DEMO) | changes)))


def colours(page, selector: str) -> np.ndarray:
    """Return canvases on white at 256x256, (N, 256, 256, 3)."""
    shown = page.eval_on_selector_all(selector, "all => all.map((c) => c.toDataURL().split(',')[1])")
    return np.stack([small(Image.open(io.BytesIO(b64decode(content)))) for content in shown])


def studio(**changes) -> dict:
    return butterfly_studio.stage(defaults(butterfly_studio.DEMO) | changes)


SHAPES = {
    "a disc": lambda x, y: np.clip(80.3 - np.hypot(x - 128.4, y - 120.7), 0, 1),
    "a ring and a disc": lambda x, y: (np.abs(np.hypot(x - 90, y - 90) - 40) < 12) | (np.hypot(x - 200, y - 200) < 20),
    "beyond the edge": lambda x, y: x + y < 200,
    "corners that touch": lambda x, y: (x < 100) & (y < 100) | (x > 100) & (y > 100) & (x < 180) & (y < 180),
    "a point": lambda x, y: (x == 20.5) & (y == 30.5),
    "nothing": lambda x, y: 0 * x,
    "all": lambda x, y: 0 * x + 1,
}


def test_an_outline_is_led_as_in_the_app(opened):
    page, (y, x) = opened("butterfly_studio", alone=True), np.mgrid[:256, :256] + 0.5
    for name, shape in SHAPES.items():
        silhouette = np.asarray(shape(x, y), np.float32)
        shown = page.evaluate(
            """async (cells) => {
              const { rings, path, svg } = await import(new URL('contour.js', document.baseURI));
              const found = rings(Float32Array.from(cells));
              return [found, path(found), svg(found)];
            }""",
            silhouette.flatten().tolist(),
        )
        wanted, found = contour.rings(silhouette), [np.array(ring) for ring in shown[0]]
        assert sorted(map(len, found)) == sorted(map(len, wanted)), name
        apart = contour.cover(found, 256, 1).astype(int) - contour.cover(wanted, 256, 1)
        assert np.abs(apart).mean() < 0.01, name
        numbers = [np.array(re.findall(r"[-.\d]+", text), float) for text in (shown[1], contour.path(found))]
        assert np.abs(numbers[0] - numbers[1]).max(initial=0) < 0.11, name  # halves are rounded otherwise
        assert shown[2] == contour.svg(found, 256).replace(contour.path(found) or " ", shown[1] or " "), name


@torch.inference_mode()
def test_a_pattern_equals_torch(opened):
    pixels, mask = (torch.from_numpy(x) for x in cut(photo()))
    picture, silhouette = pixels.permute(2, 0, 1)[None], mask[None, None]
    shown = run(opened("butterfly_studio", alone=True), "encoder.onnx", {"picture": picture, "silhouette": silhouette})
    for name, wanted in zip(("mean", "logvar"), load(butterfly_studio.MODEL).encode(picture, silhouette), strict=True):
        assert np.abs(shown[name] - wanted.numpy()).max() < 1e-3


def photos() -> dict[str, bytes]:
    """Return photos that can be used: as they come, beyond the size that is read, turned by their camera, cut out before."""
    with Image.open(io.BytesIO(photo(size=(240, 300)))) as upright, Image.open(io.BytesIO(photo())) as plain:
        turned, cut, exif = io.BytesIO(), io.BytesIO(), Image.Exif()
        exif[0x0112] = 6
        upright.transpose(Image.Transpose.ROTATE_90).save(turned, "PNG", exif=exif)
        plain.putalpha(Image.fromarray(np.asarray(plain)[..., 2] < 50))
        plain.save(cut, "PNG")
    jpeg = {f"jpeg {side}": photo(kind="JPEG", size=(side, side * 3 // 4)) for side in (300, 1600)}
    return {"png": photo(), "turned": turned.getvalue(), "cut out": cut.getvalue(), **jpeg}


def test_photos_are_cut_out_as_in_the_app(opened):
    page = opened("butterfly_studio", alone=True)
    for name, content in photos().items():
        shown = page.evaluate(
            """async (bytes) => {
              const { cutOut } = await import(new URL('photo.js', document.baseURI));
              const { colour, mask } = await cutOut(new Blob([Uint8Array.from(bytes)]), { pixels: Infinity, side: 1 });
              return [colour.map((values) => [...values]), [...mask]];
            }""",
            list(content),
        )
        pixels, mask = cut(content)
        there = np.array(shown[1]).reshape(mask.shape)
        assert (there != mask).mean() < 0.01, name
        both = (there > 0.5) & (mask > 0.5)
        away = np.array(shown[0]).reshape(3, *mask.shape).transpose(1, 2, 0) - pixels
        assert np.abs(away)[both].mean() < 0.01, name


def give(page, content: bytes) -> None:
    """Choose the pattern of a photo, and give one."""
    page.locator("[data-field=source] input[value=photo]").check()
    page.locator("[data-field=photo] input").set_input_files({"name": "a", "mimeType": "image/png", "buffer": content})
    page.wait_for_selector("[data-slot=seen] canvas")
    page.wait_for_selector("#stage[aria-busy='false']")


def test_a_photo_is_worn_as_in_the_app(opened):
    page, wanted = opened("butterfly_studio", "?body=no"), studio(source="photo", photo=photo())
    give(page, photo())
    (shown,) = colours(page, "[data-slot=butterfly] canvas")
    assert np.abs(shown - worn(source="photo", photo=photo(), body="no")).mean() < 1
    assert np.abs(colours(page, "[data-slot=seen] canvas")[0] - on_white(wanted["seen"].pixels[0])).mean() < 2


def test_a_photo_that_cannot_be_used_says_why(opened):
    page = opened("butterfly_studio")
    before = colours(page, "[data-slot=butterfly] canvas")
    page.locator("[data-field=source] input[value=photo]").check()
    for content, said in (
        (b"GIF89a" + bytes(50), "cannot be read"),
        (photo(size=(20, 20)), "smaller than 32"),
        (photo("leaves"), "can be told from its background"),
        (photo("nothing"), "can be told from its background"),
    ):
        page.locator("[data-field=photo] input").set_input_files(
            {"name": said, "mimeType": "image/png", "buffer": content}
        )
        page.wait_for_selector(f"[data-slot=seen] [role=alert]:has-text('{said}')")
        page.wait_for_selector("#stage[aria-busy='false']")
        assert (colours(page, "[data-slot=butterfly] canvas") == before).all()
    page.locator("[data-field=photo] input").set_input_files(
        {"name": "large.png", "mimeType": "image/png", "buffer": bytes(6 * 2**20)}
    )
    page.wait_for_selector("#problems:has-text('over 5 MB')")


def test_chance_is_numpys(opened):
    page = opened("butterfly_studio", alone=True)
    for n, seed in ((1, 0), (2, 1), (10, 3), (821, 1), (1024, 2**32 - 1)):
        shown = page.evaluate(
            "async (given) => (await import(new URL('chance.js', document.baseURI))).permutation(...given)", [n, seed]
        )
        assert shown == np.random.default_rng(seed).permutation(n).tolist()


def test_sixteen_are_the_apps_and_one_is_worn(opened):
    page, wanted = opened("butterfly_studio", "?seed=3&body=no"), studio(sixteen="yes", seed=3)["sixteen"]()
    page.locator("[data-field=sixteen] input").check()
    page.wait_for_selector("#stage[aria-busy='false']")
    shown = page.locator("[data-slot=sixteen] button")
    assert shown.all_inner_texts() == list(wanted.captions)
    pictures = colours(page, "[data-slot=sixteen] canvas")
    for kind, picture in zip(sixteen(3), pictures, strict=True):
        assert np.abs(picture - worn(texture=kind, body="no")).mean() < 1
    shown.nth(5).click()
    page.wait_for_selector("#stage[aria-busy='false']")
    assert np.abs(colours(page, "[data-slot=butterfly] canvas")[0] - pictures[5]).mean() < 1
    kinds = butterfly_studio.fields()["texture"].options
    assert kinds[page.locator("[data-field=texture] select").input_value()] == wanted.captions[5]


def test_what_is_forgotten_is_the_apps(opened):
    kind = butterfly_studio.fields()["second"].default
    page, wanted = opened("butterfly_studio", f"?texture={kind}"), studio(texture=kind, forgotten="yes")["forgotten"]
    page.locator("[data-field=forgotten] input").check()
    page.wait_for_selector("#stage[aria-busy='false']")
    shown = pictures(page, "[data-slot=forgotten] canvas").astype(int)
    assert np.abs(shown - np.stack(wanted[0].pixels)).max() <= 1
    assert page.locator("[data-slot=forgotten] figcaption").all_inner_texts() == list(wanted[0].captions)
    assert page.locator("[data-slot=forgotten] p").inner_text() == wanted[1].text.replace("*", "")


def test_a_starter_is_put_on_the_pad(opened):
    page = opened("butterfly_studio", "?mirror=no")
    name, strokes = list(butterfly_studio.space().starters.items())[2]
    page.locator("[data-button=starter]").get_by_text(name, exact=True).click()
    page.get_by_text("Share", exact=True).click()
    page.wait_for_function("location.search.includes('weights=')")
    query = parse_qs(page.evaluate("location.search.slice(1)"))
    assert butterfly_studio.fields()["drawing"].read(query["drawing"][0]) == strokes and query["mirror"] == ["yes"]
    assert "photo" not in query and "sixteen" not in query


def test_a_large_clear_picture_and_the_outline_are_downloaded(opened, tmp_path):
    page = opened("butterfly_studio")

    def outline() -> bytes:
        return butterfly_studio.line(defaults(butterfly_studio.DEMO))

    def given(label: str) -> bytes:
        with page.expect_download() as download:
            page.get_by_text(label, exact=True).click()
        return Path(download.value.path()).read_bytes()

    with Image.open(io.BytesIO(given("Download"))) as image:
        assert image.size == (1024, 1024) and image.getpixel((0, 0))[3] == 0 and image.getpixel((700, 400))[3] == 255
    (line,) = ElementTree.fromstring(given("Outline (SVG)"))
    assert line.get("d") and line.get("d").count("M") == ElementTree.fromstring(outline())[0].get("d").count("M")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function(
        "!document.querySelector('#stage canvas').getContext('2d').getImageData(700, 400, 1, 1).data[3]"
    )
    assert not list(ElementTree.fromstring(given("Outline (SVG)")))


def test_a_drawing_is_painted_as_it_is_drawn(opened):
    page = opened("butterfly_studio")
    before = pictures(page, "#stage canvas").copy()
    box = page.locator(".zoo-pad-sheet").bounding_box()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    for step in range(10):
        page.mouse.move(box["x"] + (0.6 + 0.03 * step) * box["width"], box["y"] + (0.1 + 0.05 * step) * box["height"])
    page.mouse.up()
    while (pictures(page, "#stage canvas") == before).all():
        page.wait_for_timeout(50)
