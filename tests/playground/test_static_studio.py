"""The butterfly studio without a server gives what its app gives."""

import io
from urllib.parse import parse_qs

import numpy as np
import pytest
import torch
from PIL import Image

from playground.catalogue import load
from playground.demos import butterfly_studio
from playground.demos.butterfly_studio.painting import on_white
from tests.playground.static_pages import pictures, run
from tests.playground.test_studio import cut, photo
from tests.playground.values import defaults
from zoo import drawing
from zoo.models.retexture import wings


@torch.inference_mode()
@pytest.mark.parametrize("mirror", [True, False])
def test_butterflies_equal_torch(opened, mirror):
    page, space = opened("butterfly_studio", alone=True), butterfly_studio.space()
    strokes, silhouette = butterfly_studio.drawn(list(space.starters.values())[1], mirror)
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


def test_a_butterfly_is_the_apps(opened):
    space = butterfly_studio.space()
    page = opened("butterfly_studio")
    values = {name: field.default for name, field in butterfly_studio.fields().items()}
    drawn = butterfly_studio.drawn(values["drawing"], True)
    wanted = butterfly_studio.paint(butterfly_studio.latent(values["texture"])[None], *drawn, mirror=True)[0]
    shown = page.eval_on_selector("#stage canvas", "c => [...c.getContext('2d').getImageData(0, 0, 256, 256).data]")
    shown = np.array(shown, np.uint8).reshape(256, 256, 4)
    a, b = butterfly_studio.on_white(shown).astype(int), butterfly_studio.on_white(wanted).astype(int)
    assert np.abs(a - b).mean() < 2 and space.names


def colours(page, selector: str) -> np.ndarray:
    """Return canvases on white, (N, H, W, 3)."""
    shown = page.eval_on_selector_all(
        selector,
        "all => all.map((c) => [c.width, [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]])",
    )
    return np.stack([on_white(np.array(data, np.uint8).reshape(-1, width, 4)) for width, data in shown]).astype(int)


def studio(**changes) -> dict:
    return butterfly_studio.stage(defaults(butterfly_studio.DEMO) | changes)


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
    page, wanted = opened("butterfly_studio"), studio(source="photo", photo=photo())
    give(page, photo())
    assert np.abs(colours(page, "[data-slot=butterfly] canvas")[0] - on_white(wanted["butterfly"].pixels[0])).mean() < 2
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
    page, wanted = opened("butterfly_studio", "?seed=3"), studio(sixteen="yes", seed=3)["sixteen"]()
    page.locator("[data-field=sixteen] input").check()
    page.wait_for_selector("#stage[aria-busy='false']")
    shown = page.locator("[data-slot=sixteen] button")
    assert shown.all_inner_texts() == list(wanted.captions)
    pictures = colours(page, "[data-slot=sixteen] canvas")
    assert all(np.abs(a - on_white(b)).mean() < 2 for a, b in zip(pictures, wanted.pixels, strict=True))
    shown.nth(5).click()
    page.wait_for_selector("#stage[aria-busy='false']")
    assert (colours(page, "[data-slot=butterfly] canvas")[0] == pictures[5]).all()
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
