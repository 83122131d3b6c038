"""The static Spaces: built, served by a plain file server, and used in a real browser that reaches nothing else."""

import html
import io
import json
import os
import re
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from playground import topics
from playground.catalogue import conditional, load
from playground.charts import DIGITS
from playground.demo import Beside, Html, Prose, Words
from playground.demos import butterfly_studio, cartpole, digit_sampler, latent_sliders, writing_desk
from playground.demos.butterfly_studio.painting import on_white
from playground.demos.digit_sampler.static import JUDGE
from playground.demos.writing_desk import closer
from playground.demos.writing_desk.writing import Paper, task, whole
from playground.hosts import space, static
from playground.photo import cut_out
from tests.playground.test_demos import stage
from tests.playground.test_studio import photo
from tests.playground.values import defaults
from zoo import drawing
from zoo.models.retexture import wings
from zoo.nn import noise


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Each page, built once."""
    root = tmp_path_factory.mktemp("static")
    try:
        for name in static.names():
            space.build(name, root / name, static=True)
    except OSError as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{error}; connect once, and npm keeps it")
    return root


@pytest.fixture(scope="module")
def address(folders):
    class Handler(SimpleHTTPRequestHandler):
        extensions_map = {
            **SimpleHTTPRequestHandler.extensions_map,
            ".wasm": "application/wasm",
            ".mjs": "text/javascript",
        }

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folders)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser, address):
    """Open a page and wait for its first result; whatever goes wrong in it, or is asked of another host, fails the test."""
    problems, contexts = [], []

    def open_page(name: str, query: str = "", **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: said.type == "error" and problems.append(said.text))
        page.on(
            "request", lambda asked: asked.url.startswith((address, "data:", "blob:")) or problems.append(asked.url)
        )
        page.goto(f"{address}/{name}/{query}")
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems


def pictures(page, selector: str) -> np.ndarray:
    """Return the opacity of canvases, (N, H, W) uint8."""
    shown = page.eval_on_selector_all(
        selector,
        """all => JSON.stringify(all.map((c) => {
          const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
          return [c.width, [...data.filter((_, i) => i % 4 === 3)]];
        }))""",  # as one text: Playwright takes its time over each number
    )
    return np.stack([np.array(data, np.uint8).reshape(-1, width) for width, data in json.loads(shown)])


@pytest.mark.parametrize("name", static.names())
def test_a_folder_is_a_space(folders, name):
    front = yaml.safe_load((folders / name / "README.md").read_text().split("---")[1])
    assert front["sdk"] == "static" and (folders / name / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60
    large = [path for path in (folders / name).rglob("*") if path.is_file() and path.stat().st_size > 25e6]
    assert not large
    assert "${" not in (folders / name / "index.html").read_text()


@pytest.mark.parametrize("name", static.names())
@pytest.mark.parametrize("width", [390, 1280])
def test_a_result_appears_by_itself_and_fits(visit, name, width):
    page = visit(name, viewport={"width": width, "height": 844})
    assert page.locator("#stage canvas, #stage .prose").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#problems").is_hidden()


@pytest.mark.parametrize("name", static.names())
def test_every_field_is_there_as_the_demo_says_it(visit, name):
    page, demo = visit(name), topics.demo(name)
    facts = page.evaluate("async () => (await fetch('facts.json')).json()")
    without = topics.static(name).PAGE.without
    linked = {field for field, said in demo.fields().items() if said.linked or field in demo.controls()}
    assert set(facts["fields"]) == linked - set(without)
    shown = page.locator("#stage").text_content()
    for field, said in facts["fields"].items():
        assert said["default"] == json.loads(json.dumps(demo.fields()[field].default))
        if said["kind"] != "drawing" and said.get("label"):
            assert said["label"] in shown


@pytest.mark.parametrize("name", static.names())
def test_all_of_a_demo_is_there_or_said_to_need_a_server(visit, name):
    page, demo, without = visit(name), topics.demo(name), topics.static(name).PAGE.without
    fields, buttons = demo.fields(), demo.buttons or {}
    parts = {
        "field": [field for field, said in fields.items() if said.label and said.kind != "kept"],
        "slot": [slot.name for slot in demo.slots()],
        "button": buttons,
    }
    for kind, wanted in parts.items():
        there = page.eval_on_selector_all(f"[data-{kind}]", f"all => all.map((part) => part.dataset.{kind})")
        assert sorted(there) == sorted(set(wanted) - set(without)), kind
    told = page.locator("main").text_content()
    assert ("Only with a server: " in told) == bool(without)
    for part, reason in without.items():
        label = fields[part].label if part in fields else buttons[part].label if part in buttons else part
        assert reason in told and label in told


def turns(demo) -> list[tuple[str, str]]:
    """Return what may be pressed at first: each option of each choice and switch, its default last."""
    found = []
    for name, field in demo.fields().items():
        if field.label and field.kind in ("choice", "switch") and field.look != "list" and field.when(defaults(demo)):
            found += [(name, option) for option in field.options if option != field.default]
            found.append((name, field.default))
    return found


@torch.inference_mode()
@pytest.mark.parametrize("name", static.names())
def test_a_page_shows_what_the_app_shows(visit, name):
    demo, without = topics.demo(name), topics.static(name).PAGE.without
    fields, slots = demo.fields(), {slot.name for slot in demo.slots()} - set(without)
    few = {field: fields[field].low for field in ("length",) if field in fields}
    page = visit(name, "?" + "&".join(f"{field}={value:.0f}" for field, value in few.items()))
    for field, option in turns(demo):
        if field in without:
            continue
        control, kind = page.locator(f"[data-field={field}]"), fields[field].kind
        if kind == "switch":
            control.locator("input").set_checked(option == "yes")
        elif control.locator("select").count():
            control.locator("select").select_option(option)
        else:
            control.locator(f"input[value='{option}']").check()
        values = defaults(demo) | few | {field: option}
        wanted = [part for part, said in fields.items() if said.label and part not in without and said.when(values)]
        shown = "all => all.filter((part) => !part.hidden).map((part) => part.dataset.field)"
        assert sorted(page.eval_on_selector_all("[data-field]", shown)) == sorted(wanted), (field, option)
        page.wait_for_selector("#stage[aria-busy='false']")
        filled = page.eval_on_selector_all(
            "[data-slot]", "all => all.filter((part) => part.hasChildNodes()).map((part) => part.dataset.slot)"
        )
        assert set(filled) == {slot for slot, said in stage(demo, values).items() if said and slot in slots}, (
            field,
            option,
        )
    assert page.locator("#problems").is_hidden()


def run(page, file: str, inputs: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Run one of a page's networks in its browser."""
    given = {name: {"data": x.flatten().tolist(), "dims": list(x.shape)} for name, x in inputs.items()}
    found = page.evaluate(
        """async ([file, given]) => {
          const run = await (await import(new URL('network.js', document.baseURI))).network(file);
          for (const input of Object.values(given)) input.data = Float32Array.from(input.data);
          const found = await run(given);
          return Object.fromEntries(Object.entries(found).map(([k, t]) => [k, { data: [...t.data], dims: [...t.dims] }]));
        }""",
        [file, given],
    )
    return {name: np.array(x["data"]).reshape(x["dims"]) for name, x in found.items()}


@torch.inference_mode()
@pytest.mark.parametrize("n", [1, 3])
def test_digits_equal_torch(visit, n):
    page = visit("digit_sampler")
    for name in conditional():
        model = load(name)
        z, y = noise(n, model.config.latent, seed=3), torch.rand(n, 10).softmax(1)
        wanted = model.decode(z, y)
        assert np.abs(run(page, f"{name}.onnx", {"z": z, "y": y})["x"] - wanted.numpy()).max() < 1e-3
    x = load("cvae.mnist").sample(n, seed=1)
    assert np.abs(run(page, "judge.onnx", {"x": x})["p"] - load(JUDGE).classify(x).numpy()).max() < 1e-3


@torch.inference_mode()
@pytest.mark.parametrize("n", [1, 3])
def test_latents_equal_torch(visit, n):
    page = visit("latent_sliders")
    for name in latent_sliders.MODELS:
        model, z = load(name), noise(n, 20, seed=4)
        x = model.decode(z)
        assert np.abs(run(page, f"{name}.decode.onnx", {"z": z})["x"] - x.numpy()).max() < 1e-3
        assert np.abs(run(page, f"{name}.encode.onnx", {"x": x})["mean"] - model.encode(x)[0].numpy()).max() < 1e-3 * 5


@torch.inference_mode()
@pytest.mark.parametrize("mirror", [True, False])
def test_butterflies_equal_torch(visit, mirror):
    page, space = visit("butterfly_studio"), butterfly_studio.space()
    strokes, silhouette = butterfly_studio.drawn(list(space.starters.values())[1], mirror)
    z = butterfly_studio.random(5)[None]
    sides = zip(wings.halves(strokes), wings.halves(silhouette), strict=True)
    given = [{"z": z, "strokes": a[None], "silhouette": b[None]} for a, b in sides][: 1 if mirror else 2]
    painted = [torch.from_numpy(run(page, "painter.onnx", half)["painted"]).float() for half in given]
    wanted = load(butterfly_studio.MODEL).decode(z, strokes, silhouette, mirrored=mirror)
    assert (wings.join(painted[0], painted[-1]) - wanted).abs().max() < 1e-3


def test_a_seed_gives_the_apps_digits(visit):
    name = conditional()[0]
    page = visit("digit_sampler", f"?seed=4294967295&label=7&count=5&wild=1.2&model={name}")
    wanted, _ = digit_sampler.sample(name, 7, 5, 2**32 - 1, 1.2)
    shown = pictures(page, f"canvas[aria-label^='digit 7 by {name}']")
    assert np.abs(shown.astype(int) - wanted).max() <= 1


def test_sliders_give_the_apps_digits(visit):
    page = visit("latent_sliders", "?start=point&seed=11&sliders=2.5_-1")
    for name in latent_sliders.MODELS:
        z = latent_sliders.move(name, latent_sliders.start(name, "point", seed=11), (2.5, -1.0, *[0.0] * 18))
        shown = pictures(page, f"canvas[aria-label='the digit as {name} draws it']")[0]
        assert np.abs(shown.astype(int) - latent_sliders.decode(name, z)).max() <= 1


def defaults(demo, **changes) -> dict:
    """Return a demo's values."""
    return {name: field.default for name, field in demo.fields().items()} | changes


def test_both_ways_to_another_digit_are_the_apps(visit):
    page = visit("latent_sliders", "?digit=17&to=2040&sliders=0_1.5")
    values = defaults(latent_sliders, digit=17, to=2040, sliders=(0.0, 1.5, *[0.0] * 18))
    for name, wanted in latent_sliders.films(values).items():
        shown = pictures(page, f"[data-slot='film'] canvas[aria-label^='{name}: from one digit to the other: step']")
        assert np.abs(shown.astype(int) - wanted).max() <= 1
        played = page.locator(f"[data-slot='film'] canvas[aria-label='{name}: from one digit to the other']")
        first = played.evaluate("c => c.toDataURL()")
        page.wait_for_function("([c, first]) => c.toDataURL() !== first", arg=[played.element_handle(), first])


def test_who_asked_for_calm_sees_no_film(visit):
    page = visit("latent_sliders", reduced_motion="reduce")
    films = page.locator("[data-slot='film'] canvas")
    assert films.count() == 26 and films.nth(1).is_visible()
    assert page.locator("[data-slot='film'] .played").first.is_hidden()


@pytest.mark.parametrize("name", latent_sliders.MODELS)
def test_the_small_pictures_are_the_apps(visit, name):
    page = visit("latent_sliders", f"?along={name}")
    shown = pictures(page, "[data-field='sliders'] canvas").reshape(20, 2, 28, 28)
    assert np.abs(shown.astype(int) - latent_sliders.directions(name)).max() <= 1


def test_a_click_on_the_map_starts_from_that_digit(visit):
    page, space = visit("latent_sliders"), latent_sliders.space(latent_sliders.MODELS[0])
    points, labels = space.map.numpy(), space.label.numpy()
    canvas = page.locator("[data-slot='map'] canvas")
    box = canvas.bounding_box()
    low, high = points.min(0), points.max(0)
    size = np.array([box["width"], box["height"]])
    scale = ((size - 24) / (high - low)).min()
    places = size / 2 + (points - (low + high) / 2) * scale * [1, -1]
    far = np.hypot(*(places[:, None] - places).transpose(2, 0, 1)) + 1e3 * np.eye(len(places))
    lonely = [i for i in far.min(1).argsort()[::-1] if i != 61][:5]
    for i in lonely:
        x, y = (int(part) for part in places[i])
        colour = canvas.evaluate("(c, [x, y]) => [...c.getContext('2d').getImageData(x, y, 1, 1).data]", [x, y])
        wanted = tuple(int(DIGITS[labels[i]][k : k + 2], 16) for k in (1, 3, 5))
        assert np.abs(np.array(colour[:3]) - wanted).max() <= 3 and colour[3] > 100
    canvas.click(position={"x": places[lonely[0]][0], "y": places[lonely[0]][1]})
    page.wait_for_selector(f"canvas[aria-label*='number {lonely[0]}, a {labels[lonely[0]]}, is ringed']")
    assert page.locator("[data-field='digit'] input").input_value() == str(lonely[0])


def test_until_something_is_drawn_the_mean_digit_is_shown(visit):
    page = visit("latent_sliders", "?start=drawing")
    assert page.locator("[data-slot='about']").inner_text() == "The mean digit is shown, until you draw one on the pad."
    assert page.locator("[data-slot='map'] canvas").count() == 0
    values = defaults(latent_sliders, start="drawing")
    shown = pictures(page, "[data-slot='decoded'] canvas")
    for picture, (name, z) in zip(shown, latent_sliders.codes(values).items(), strict=True):
        assert np.abs(picture.astype(int) - latent_sliders.decode(name, z)).max() <= 1
    box = page.locator(".zoo-pad-sheet").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_selector("canvas[aria-label='your drawing as the models see it']")


def test_a_drawing_is_read_as_in_the_app(visit):
    from playground.drawing import digit, encode

    seven = [[80, 50, 125, 55, 170, 60, 140, 135, 110, 210]]
    page = visit("latent_sliders", f"?start=drawing&drawing={encode(seven)}")
    shown = page.evaluate("async (s) => [...(await import(new URL('demo.js', document.baseURI))).digit(s)]", seven)
    wanted = digit(seven) / 255
    assert np.abs(np.array(shown).reshape(28, 28) - wanted).mean() < 0.02


@pytest.mark.parametrize("which", range(4))
def test_an_outline_is_closed_as_in_the_app(visit, which):
    starters = list(butterfly_studio.space().starters.values())
    arcs = [[60, 40, 120, 30, 180, 60], [200, 100, 190, 180, 120, 220], [60, 190, 40, 120, 45, 70]]
    strokes = [starters[0], starters[-1], arcs, [[20, 20, 200, 200]]][which]
    page = visit("butterfly_studio")
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


def test_a_butterfly_is_the_apps(visit):
    space = butterfly_studio.space()
    page = visit("butterfly_studio")
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
def test_a_pattern_equals_torch(visit):
    pixels, mask = (torch.from_numpy(x) for x in cut_out(photo()))
    picture, silhouette = pixels.permute(2, 0, 1)[None], mask[None, None]
    shown = run(visit("butterfly_studio"), "encoder.onnx", {"picture": picture, "silhouette": silhouette})
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


def test_photos_are_cut_out_as_in_the_app(visit):
    page = visit("butterfly_studio")
    for name, content in photos().items():
        shown = page.evaluate(
            """async (bytes) => {
              const { cutOut } = await import(new URL('photo.js', document.baseURI));
              const { colour, mask } = await cutOut(new Blob([Uint8Array.from(bytes)]));
              return [colour.map((values) => [...values]), [...mask]];
            }""",
            list(content),
        )
        pixels, mask = cut_out(content)
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


def test_a_photo_is_worn_as_in_the_app(visit):
    page, wanted = visit("butterfly_studio"), studio(source="photo", photo=photo())
    give(page, photo())
    assert np.abs(colours(page, "[data-slot=butterfly] canvas")[0] - on_white(wanted["butterfly"].pixels[0])).mean() < 2
    assert np.abs(colours(page, "[data-slot=seen] canvas")[0] - on_white(wanted["seen"].pixels[0])).mean() < 2


def test_a_photo_that_cannot_be_used_says_why(visit):
    page = visit("butterfly_studio")
    before = colours(page, "[data-slot=butterfly] canvas")
    page.locator("[data-field=source] input[value=photo]").check()
    for content, said in (
        (b"GIF89a" + bytes(50), "cannot be read"),
        (photo(size=(20, 20)), "smaller than 32"),
        (photo("leaves"), "cannot be told from its background"),
        (photo("nothing"), "cannot be told from its background"),
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


def test_chance_is_numpys(visit):
    page = visit("butterfly_studio")
    for n, seed in ((1, 0), (2, 1), (10, 3), (821, 1), (1024, 2**32 - 1)):
        shown = page.evaluate(
            "async (given) => (await import(new URL('chance.js', document.baseURI))).permutation(...given)", [n, seed]
        )
        assert shown == np.random.default_rng(seed).permutation(n).tolist()


def test_sixteen_are_the_apps_and_one_is_worn(visit):
    page, wanted = visit("butterfly_studio", "?seed=3"), studio(sixteen="yes", seed=3)["sixteen"]()
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


def test_what_is_forgotten_is_the_apps(visit):
    kind = butterfly_studio.fields()["second"].default
    page, wanted = visit("butterfly_studio", f"?texture={kind}"), studio(texture=kind, forgotten="yes")["forgotten"]
    page.locator("[data-field=forgotten] input").check()
    page.wait_for_selector("#stage[aria-busy='false']")
    shown = pictures(page, "[data-slot=forgotten] canvas").astype(int)
    assert np.abs(shown - np.stack(wanted[0].pixels)).max() <= 1
    assert page.locator("[data-slot=forgotten] figcaption").all_inner_texts() == list(wanted[0].captions)
    assert page.locator("[data-slot=forgotten] p").inner_text() == wanted[1].text.replace("*", "")


def test_a_starter_is_put_on_the_pad(visit):
    page = visit("butterfly_studio", "?mirror=no")
    name, strokes = list(butterfly_studio.space().starters.items())[2]
    page.locator("[data-button=starter]").get_by_text(name, exact=True).click()
    page.get_by_text("Share", exact=True).click()
    page.wait_for_function("location.search.includes('weights=')")
    query = parse_qs(page.evaluate("location.search.slice(1)"))
    assert butterfly_studio.fields()["drawing"].read(query["drawing"][0]) == strokes and query["mirror"] == ["yes"]
    assert "photo" not in query and "sixteen" not in query


@torch.inference_mode()
def test_a_text_is_the_apps(visit):
    values = {name: field.default for name, field in writing_desk.fields().items()}
    name, beginning = values["model"], "O " * 140  # longer than the window
    wanted = writing_desk.write(name, beginning, 60, 5, writing_desk.sampling(values))
    page = visit("writing_desk", f"?seed=5&length=60&beginning={beginning.replace(' ', '+')}")


def desk(visit, **changes):
    """Open the writing desk, all written; return it and the app's values."""
    values = defaults(writing_desk, **{"part": "measure", "length": 50, "seed": 5, **changes})
    fields = writing_desk.fields()
    page = visit("writing_desk", "?" + urlencode({name: fields[name].write(values[name]) for name in changes | FAST}))
    written(page)
    text = writing_desk.write(*task(values))
    return page, values | {"paper": Paper(task(values), text)}


FAST = {"part": "", "length": "", "seed": ""}  # what the tests' desk says otherwise than the page


def written(page) -> None:
    """Wait until nothing is written any more."""
    page.wait_for_selector("#stage[aria-busy='false']")


def on_page(page) -> str:
    """Return what stands on the page."""
    return page.locator("[data-slot='page']").text_content()


def test_a_text_is_the_apps(visit):
    beginning = "O " * 140  # longer than the window
    page, values = desk(visit, beginning=beginning, length=60)
    assert on_page(page) == whole(values) and whole(values).startswith(beginning)
    assert "does not know" not in page.locator("#stage").inner_text()


def test_a_text_begins_with_nothing_as_in_the_app(visit):
    page, values = desk(visit, beginning="")
    assert on_page(page) == whole(values)
    assert bars(page) == close(writing_desk.expected(values["model"], whole(values), writing_desk.sampling(values)))


@torch.inference_mode()
def test_reading_equals_torch_and_knows_the_same_characters(visit):
    page = visit("writing_desk", "?length=50&part=measure")
    for name in writing_desk.models():
        model = load(name)
        text = (writing_desk.BEGINNING + "\n") * 18  # longer than the window
        shown = page.evaluate(
            """async ([file, facts, text]) => {
              const { network } = await import(new URL('network.js', document.baseURI));
              const { reader } = await import(new URL('writing.js', document.baseURI));
              const { read, logits } = reader(await network(file), facts);
              for (const c of text.slice(0, 3)) await read(c);
              await read(text.slice(3, 200));
              await read(text.slice(200));
              return logits.map((row) => [...row]);
            }""",
            [f"{name}.onnx", facts_of(page, name), text],
        )
        assert np.abs(np.array(shown) - model.logits(model.encode(text)[None])[0].numpy()).max() < 1e-3
        for text in ("Où êtes-vous, naïve “Zoë”…", "A\tB — 12 ½ ﬁn Ünïcödé ẞ", "\U0001f98b Δ x² ’tis"):
            shown = page.evaluate(
                "async ([facts, text]) => (await import(new URL('writing.js', document.baseURI))).known(facts, text)",
                [facts_of(page, name), text],
            )
            known, note = writing_desk.known(name, text)
            assert shown["text"] == known and bool(shown["note"]) == bool(note)


def shades(markup: str) -> list[tuple[str, float]]:
    """Return the characters of HTML that have a ground, and how deep it is."""
    found = re.findall(r"--bits: ([0-9.]+);?['\"][^>]*>(.*?)</span>", markup, re.DOTALL)
    return [(html.unescape(c), float(bits)) for bits, c in found]


def looks_closer(page, values) -> None:
    """Check that the closer look is the app's."""
    written(page)
    parts = closer.parts(values)
    flat = [*(one for part in parts if isinstance(part, Beside) for group in part.groups for one in group), *parts]
    texts = [part.own + part.written for part in flat if isinstance(part, Prose)]
    grounds = [found for part in flat if isinstance(part, Html) and (found := shades(part.html))]
    texts += ["".join(c for c, _ in found) for found in grounds]
    place = page.locator("[data-slot='closer']")
    assert texts and place.locator(".written").all_text_contents() == texts
    shown, wanted = shades(place.inner_html()), [one for found in grounds for one in found]
    assert [c for c, _ in shown] == [c for c, _ in wanted]
    assert all(abs(a - b) < 0.011 for (_, a), (_, b) in zip(shown, wanted, strict=True))
    said = [part.text.strip("*") for part in flat if isinstance(part, Words)]
    said += [re.sub("<.*?>", "", part.html) for part in flat if isinstance(part, Html) and not shades(part.html)]
    assert all(html.unescape(text).strip() in place.inner_text() for text in said)


def test_three_ways_on_are_the_apps_and_one_is_taken(visit):
    page, values = desk(visit, part="ways")
    looks_closer(page, values)
    press(page, values, "take", "The second", "1")


def test_all_models_side_by_side_are_the_apps(visit):
    looks_closer(*desk(visit, part="both", beginning="Naïve"))


def test_surprise_is_the_apps(visit):
    page, values = desk(visit, ink="surprise")
    wanted = writing_desk.bits(values["model"], whole(values))
    shown = page.eval_on_selector_all("[data-slot='page'] [data-at]", "all => all.map((c) => parseFloat(c.title))")
    assert np.abs(np.array(shown) - wanted).max() < 0.06
    assert page.locator("[data-slot='said']").inner_text() == f"{wanted.mean():.2f} bits a character"
    looks_closer(page, values)
    page.locator("[data-field='measured'] textarea").fill("To be, or not to bé")
    looks_closer(page, values | {"measured": "To be, or not to bé"})


@torch.inference_mode()
def test_where_it_looks_equals_torch(visit):
    page, values = desk(visit, part="looks", layer=3, head=2)
    text, wanted = writing_desk.attention(values["model"], whole(values), 2)
    shown = page.evaluate(
        """async ([file, facts, text]) => {
          const { network } = await import(new URL('network.js', document.baseURI));
          const { reader } = await import(new URL('writing.js', document.baseURI));
          return JSON.stringify([...(await reader(await network(file), facts).read(text))]);
        }""",
        [f"{values['model']}.onnx", facts_of(page, values["model"]), text],
    )
    assert np.abs(np.array(json.loads(shown)).reshape(-1, *wanted.shape)[2] - wanted).max() < 1e-4
    looks_closer(page, values)
    canvas = page.locator("[data-slot='map'] canvas")
    alpha = pictures(page, "[data-slot='map'] canvas")[0] / 255
    n = len(text)
    cell = (canvas.bounding_box()["width"] - 44) / n, (560 - 44) / n
    rows, columns = np.tril_indices(n)
    seen = alpha[((rows + 0.5) * cell[1]).astype(int), (44 + (columns + 0.5) * cell[0]).astype(int)]
    assert np.abs(seen - np.sqrt(wanted[1][rows, columns])).max() < 0.02


def bars(page) -> list[tuple[str, int]]:
    """Return the characters that could come next, and their probabilities in %."""
    cells = page.locator("[data-slot='next'] .bars span").all_text_contents()
    names = {"space": " ", "new line": "\n"}
    return [(names.get(c, c), int(share.split()[0])) for c, share in zip(cells[::2], cells[1::2], strict=True)]


def close(options) -> list[tuple[str, int]]:
    """Return probabilities as `bars` does."""
    return [(c, round(100 * p)) for c, p in options]


def press(page, values, button: str, title: str = "", option: str = "") -> dict:
    """Press a button, wait until the page is what the app's would be, and return the app's values."""
    place = page.locator(f"[data-button='{button}']")
    (place.get_by_role("button", name=title, exact=True) if title else place).click()
    values = values | writing_desk.BUTTONS[button].press(values, option)
    values["paper"] = values["paper"] or Paper(task(values), writing_desk.write(*task(values)))
    page.wait_for_function("text => document.querySelector('[data-slot=page]').textContent === text", arg=whole(values))
    assert page.locator("[data-field='beginning'] textarea").input_value() == values["beginning"]
    assert page.locator("[data-field='seed'] input").input_value() == str(values["seed"])
    return values


def test_another_character_is_chosen_and_gone_on_with(visit):
    page, values = desk(visit)
    text, how = whole(values), writing_desk.sampling(values)
    assert bars(page) == close(writing_desk.expected(values["model"], text, how))
    assert page.locator("[data-button='again']").is_hidden()
    for at in (40, 0, 4):
        page.locator(f"[data-at='{at + 1}']").click()
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector(f"[data-at='{at}'][aria-selected]")
        written(page)
        assert page.get_by_text("What could stand there").is_visible()
        assert bars(page) == close(writing_desk.expected(values["model"], text[:at], how))
    values["paper"] = replace(values["paper"], at=at)
    others = writing_desk.others(values)
    assert page.locator("[data-button='other'] button").all_text_contents() == list(others.values())
    option, title = list(others.items())[-1]
    press(page, values, "other", title, option)


def test_buttons_are_the_apps(visit):
    page, values = desk(visit)
    page.locator("[data-at='20']").click()
    values = press(page, values | {"paper": replace(values["paper"], at=20)}, "again")
    values = press(page, values, "go_on")
    values = press(page, values, "take_over")
    written(page)
    assert on_page(page) == values["beginning"]  # nothing is written until it is asked for


def test_a_text_is_stopped_and_written_again(visit):
    page = visit("writing_desk", "?length=2000&part=measure")
    page.locator("[data-button='stop']").click()
    written(page)
    stopped = on_page(page)
    own = len(writing_desk.BEGINNING)
    assert own < len(stopped) < own + 2000
    values = defaults(writing_desk, length=len(stopped) - own)
    assert stopped == writing_desk.BEGINNING + writing_desk.write(*task(values))
    page.locator("[data-button='write']").click()
    page.wait_for_function("n => document.querySelector('[data-slot=page]').textContent.length > n", arg=len(stopped))
    page.locator("[data-button='stop']").click()
    written(page)
    assert on_page(page).startswith(stopped)


def facts_of(page, name: str) -> dict:
    facts = page.evaluate("async () => (await fetch('facts.json')).json()")
    return next(model for model in facts["models"] if model["name"] == name)


def test_agents_and_starts_are_the_apps(folders):
    facts = json.loads((folders / "cartpole" / "facts.json").read_text())
    age = len(cartpole.ages()) - 1
    assert facts["agents"][age] == cartpole.packed(age)
    assert facts["starts"][7] == cartpole.scene("watch", age, 7)["start"]


def test_a_shared_link_shows_the_same(visit):
    page = visit("digit_sampler", "?seed=5")
    page.get_by_text("Share", exact=True).click()
    page.wait_for_function("location.search.includes('weights=')")
    link = page.evaluate("location.search")
    again = visit("digit_sampler", link)
    assert again.locator("#problems").is_hidden()
    assert (pictures(page, "#stage canvas") == pictures(again, "#stage canvas")).all()


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("digit_sampler", "?seed=-1", "seed must be a whole number"),
        ("digit_sampler", "?label=eleven", "label must be one of"),
        ("digit_sampler", "?count=1e9", "count must be"),
        ("digit_sampler", "?weights=000", "other weights"),
        ("digit_sampler", "?model=constructor", "model must be one of"),
        ("latent_sliders", "?sliders=9_9", "sliders must be at most"),
        ("latent_sliders", "?drawing=%00%01", "drawing must be a drawing made here"),
        ("butterfly_studio", "?texture=<img src=x>", "texture must be one of"),
        ("cartpole", "?age=1.5", "age must be a whole number"),
    ],
)
def test_a_bad_link_is_named_and_replaced(visit, name, query, said):
    page = visit(name, query)
    assert said in page.locator("#problems").inner_text()
    assert page.locator("#problems img").count() == 0
    assert page.locator("#stage canvas").count() > 0


def test_a_picture_is_downloaded(visit, tmp_path):
    page = visit("digit_sampler", "?count=12&model=cvae.mnist")
    with page.expect_download() as download:
        page.get_by_text("Download", exact=True).click()
    download.value.save_as(tmp_path / "digits.png")
    with Image.open(io.BytesIO((tmp_path / "digits.png").read_bytes())) as image:
        assert image.size == (1120, 224) and image.getpixel((0, 0))[:3] == (255, 255, 255)


def test_a_drawing_is_painted_as_it_is_drawn(visit):
    page = visit("butterfly_studio")
    before = pictures(page, "#stage canvas").copy()
    box = page.locator(".zoo-pad-sheet").bounding_box()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    for step in range(10):
        page.mouse.move(box["x"] + (0.6 + 0.03 * step) * box["width"], box["y"] + (0.1 + 0.05 * step) * box["height"])
    page.mouse.up()
    while (pictures(page, "#stage canvas") == before).all():
        page.wait_for_timeout(50)


def test_a_demo_without_a_page_is_named(tmp_path):
    with pytest.raises(ValueError, match="playground has no static page. Have: "):
        space.build(space.WHOLE, tmp_path / "out", static=True)
