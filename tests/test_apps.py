"""The Gradio apps: their API through gradio_client, and their pages in a real browser."""

import html.parser
import re
import threading
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import gradio_client
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from playground.demos import butterfly_studio, conditional, digit_sampler, load
from playground.demos.latent_sliders import MODELS
from playground.demos.recipe import recipe_of
from playground.gradio_apps import butterfly_studio as studio
from playground.gradio_apps import cartpole as carts
from playground.gradio_apps import dcgan, diffusion, draw_and_see, dreams, flow, one_digit, own_network
from playground.gradio_apps import digit_sampler as sampler
from playground.gradio_apps import latent_sliders as sliders
from playground.gradio_apps import writing_desk as desk
from playground.gradio_apps.look import launch
from zoo.pictures import sheet

APPS = {
    "butterfly_studio": studio, "cartpole": carts, "digit_sampler": sampler, "latent_sliders": sliders, "writing_desk": desk,
    "draw_and_see": draw_and_see, "dreams": dreams, "own_network": own_network, "one_digit": one_digit, "diffusion": diffusion, "flow": flow, "dcgan": dcgan,
}  # fmt: skip
ENDPOINTS = {
    "butterfly_studio": {"/retexture", "/moment"},
    "cartpole": {"/play", "/moment"},
    "draw_and_see": {"/judge", "/moment"},
    "dreams": {"/dream", "/moment"},
    "one_digit": {"/draw", "/moment"},
    "diffusion": {"/walk", "/between", "/finish", "/moment"},
    "flow": {"/sample", "/rank", "/moment"},
    "dcgan": {"/sample", "/between", "/moment"},
    "own_network": {"/train", "/moment"},
    "digit_sampler": {"/sample", "/film", "/moment"},
    "latent_sliders": {"/decode", "/morph", "/moment"},
    "writing_desk": {"/write", "/expected", "/bits", "/moment"},
}
SEVEN = [[80, 50, 125, 55, 170, 60, 140, 135, 110, 210]]


@pytest.fixture(scope="module")
def addresses():
    assert not any(app.demo.is_running for app in APPS.values()), "an app starts when it is imported"
    launched = {}
    try:
        for name, app in APPS.items():
            _, launched[name], _ = launch(app.demo, prevent_thread_lock=True, server_name="127.0.0.1", quiet=True)
        yield launched
    finally:
        for app in APPS.values():
            app.demo.close(verbose=False)


@pytest.fixture(scope="module")
def clients(addresses, tmp_path_factory):
    return {
        name: gradio_client.Client(address, verbose=False, download_files=tmp_path_factory.mktemp(name))
        for name, address in addresses.items()
    }


@pytest.fixture
def sample(clients):
    return lambda **given: clients["digit_sampler"].predict(**given, api_name="/sample")


@pytest.fixture
def decode(clients):
    return lambda **given: clients["latent_sliders"].predict(**given, api_name="/decode")


def pixels(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


@pytest.mark.parametrize("name", APPS)
def test_every_computation_has_a_name_and_nothing_else_is_public(clients, name):
    assert set(clients[name].view_api(return_format="dict")["named_endpoints"]) == ENDPOINTS[name]


def test_a_seed_gives_its_pictures_to_everyone(sample):
    first, again, other = (sample(label=5, seed=seed, count=3)[0] for seed in (7, 7, 8))
    assert len(first) == len(conditional()) > 0
    for a, b, c in zip(first, again, other, strict=True):
        assert (pixels(a) == pixels(b)).all()
        assert (pixels(a) != pixels(c)).any()


def test_the_api_gives_what_the_demo_computes(sample):
    name = conditional()[0]
    (path,), read = sample(label=4, seed=3, count=12, wild=0.5, model=name)
    wanted, judged = digit_sampler.sample(name, 4, 12, 3, 0.5)
    assert (255 - pixels(path) == sheet(wanted, 10)).all()
    assert read == {name: {"read": judged.argmax(1).tolist(), "sure": pytest.approx(judged.max(1), abs=1e-3)}}


def test_a_picture_holds_its_recipe(sample):
    recipe = recipe_of(Path(sample(label=9, seed=12)[0][0]).read_bytes())
    assert recipe["page"] == "digit_sampler"
    assert (recipe["label"], recipe["seed"]) == ("9", "12")
    assert recipe["weights"] == sampler.page.weights


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"label": 42}, "label must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, not 42"),
        ({"label": "<b>x</b>"}, "label must be one of .* not '&lt;b&gt;x"),
        ({"label": [3]}, "label must be one of"),
        ({"count": 10**9}, "count must be a whole number from 1 to 60, not 1000000000"),
        ({"count": 0}, "from 1 to 60"),
        ({"seed": -1}, "seed must be a whole number from 0 to 4294967295, not -1"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"wild": "hot"}, "wild must be a number from 0 to 1.5"),
        ({"model": "gpt"}, "model must be one of all"),
    ],
)
def test_bad_values_are_named_and_the_app_lives_on(sample, given, said):
    with pytest.raises(gradio_client.exceptions.AppError, match=said):
        sample(**given)
    assert sample(count=1)


def test_a_label_turns_into_another(clients):
    films = clients["digit_sampler"].predict(label=1, to=7, api_name="/film")
    assert [pixels(film).shape for film in films] == [(28, 280)] * len(conditional())


def test_a_slow_visitor_does_not_block_others(clients, addresses, monkeypatch):
    gate, compute = threading.Event(), digit_sampler.sample

    def slow(name, label, count, seed, wild):
        if seed == 99:
            gate.wait(240)
        return compute(name, label, count, seed, wild)

    monkeypatch.setattr(digit_sampler, "sample", slow)
    job = clients["digit_sampler"].submit(seed=99, api_name="/sample")
    try:
        assert gradio_client.Client(addresses["digit_sampler"], verbose=False).predict(seed=1, api_name="/sample")
        assert not job.done()
    finally:
        gate.set()
    assert job.result(240)


def test_the_studio_paints_what_the_demo_computes(clients):
    wing = [[128, 90, 200, 20, 240, 60, 190, 130, 128, 130]]
    name = butterfly_studio.space().names[-1]
    path = clients["butterfly_studio"].predict(texture=name, strokes=wing, api_name="/retexture")
    z = butterfly_studio.latent(name)
    wanted = butterfly_studio.paint(z[None], *butterfly_studio.drawn(wing, True), mirror=True)[0]
    with Image.open(path) as image:
        assert (np.asarray(image) == butterfly_studio.on_white(wanted)).all()
    recipe = recipe_of(Path(path).read_bytes())
    assert recipe["page"] == "butterfly_studio" and recipe["texture"] == name
    assert butterfly_studio.fields()["drawing"].read(recipe["drawing"]) == wing


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"texture": "Unicorn"}, "texture must be one of the"),
        ({"strokes": [[1, 2, 999, 4]]}, "drawing cannot be read"),
        ({"blend": 101}, "blend must be a whole number from 0 to 100"),
        ({"sliders": [9]}, "sliders must be at most 8 numbers"),
    ],
)
def test_bad_values_for_the_studio_are_named(clients, given, said):
    with pytest.raises(gradio_client.exceptions.AppError, match=said):
        clients["butterfly_studio"].predict(**given, api_name="/retexture")


def test_an_episode_is_played(clients):
    picture, young = clients["cartpole"].predict(age=0, seed=3, api_name="/play")
    _, trained = clients["cartpole"].predict(seed=3, api_name="/play")
    assert recipe_of(Path(picture).read_bytes())["age"] == "0"
    assert len(young["actions"]) < 100 and len(trained["actions"]) == 500 == len(trained["states"]) - 1
    with pytest.raises(gradio_client.exceptions.AppError, match="age must be a whole number"):
        clients["cartpole"].predict(age=99, api_name="/play")


def test_a_text_is_streamed(clients):
    job = clients["writing_desk"].submit(beginning="The ", length=300, seed=5, min_p=0.0, wild=1.0, api_name="/write")
    text = job.result(240)
    pieces = job.outputs()
    assert len(pieces) > 2 and all(text.startswith(piece) for piece in pieces)
    assert text == load(desk.MODELS[0]).write("The ", 300, seed=5, temperature=1.0)
    likely = clients["writing_desk"].predict(beginning="The ", api_name="/expected")
    assert 0 < sum(likely.values()) <= 1.001
    assert len(clients["writing_desk"].predict(text="Caf\u00e9", api_name="/bits")) == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"length": 10**9}, "length must be a whole number from 50 to 2000"),
        ({"beginning": "x" * 2001}, "at most 2,000 characters"),
        ({"branch": 99}, "branch must be a whole number from 0 to 15"),
        ({"wild": "nan"}, "wild must be a number from 0 to 2"),
    ],
)
def test_bad_values_for_the_writing_desk_are_named(clients, given, said):
    with pytest.raises(gradio_client.exceptions.AppError, match=said):
        clients["writing_desk"].predict(**given, api_name="/write")


def test_a_text_is_written_on_from_a_chosen_character(visit):
    page = visit("writing_desk", "?length=50&beginning=ROMEO%3A")
    characters = page.locator(".zoo-page span")
    expect(characters).to_have_count(56)
    first = page.locator(".zoo-page").inner_text()
    characters.nth(30).click()
    expect(page.locator(".zoo-page span[aria-selected]")).to_have_count(1)
    page.get_by_role("button", name="Again from the chosen").click()
    expect(characters).to_have_count(80)
    again = page.locator(".zoo-page").inner_text()
    assert again[:29] == first[:29] and again[30:] != first[30:]


def test_every_start_is_decoded(decode):
    starts = [{"start": "point", "seed": 2}, {"start": "digit", "digit": 5}, {"start": "drawing", "strokes": SEVEN}]
    seen = []
    for given in starts:
        pictures, codes = decode(**given)
        assert [pixels(picture).shape for picture in pictures] == [(28, 28)] * 2
        assert {name: len(z) for name, z in codes.items()} == dict.fromkeys(MODELS, 20)
        seen.append(pixels(pictures[0]))
    assert (seen[0] != seen[1]).any() and (seen[1] != seen[2]).any()


def test_a_slider_moves_both_pictures(decode):
    still, moved = (decode(digit=5, sliders=given)[0] for given in (None, [0, 2.5]))
    assert all((pixels(a) != pixels(b)).any() for a, b in zip(still, moved, strict=True))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"start": "drawing"}, "Nothing is drawn yet: send strokes"),
        ({"start": "drawing", "strokes": []}, "Nothing is drawn yet"),
        ({"start": "drawing", "strokes": [[1, 2, 3]]}, "This drawing cannot be read: stroke 0 has 3 numbers"),
        ({"strokes": "a seven"}, "This drawing cannot be read: strokes must be a list"),
        ({"strokes": [[0, 999]]}, "the pad goes from 0 to 255"),
        ({"start": "dream"}, "start must be one of point, digit, drawing"),
        ({"sliders": [9]}, "sliders must be at most 20 numbers from -3 to 3"),
        ({"sliders": [None]}, "sliders must be at most 20 numbers"),
        ({"digit": 10**6}, "digit must be a whole number from 0 to 2499"),
    ],
)
def test_bad_starts_are_named(decode, given, said):
    with pytest.raises(gradio_client.exceptions.AppError, match=said):
        decode(**given)
    assert decode()


@pytest.mark.parametrize("name", APPS)
def test_training_can_be_scrubbed(clients, name):
    first, last = (clients[name].predict(moment=percent, api_name="/moment") for percent in (0, 100))
    assert first[1]["step"] < last[1]["step"]
    assert (pixels(first[0]) != pixels(last[0])).any()


class Loads(html.parser.HTMLParser):
    """Collects what a page's HTML makes a browser load."""

    def __init__(self, text: str):
        super().__init__()
        self.found = re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")]+)", text)
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "link" and given.get("rel") in ("canonical", "author", "license"):
            return
        self.found += [given[key] for key in ("src", "href") if tag != "a" and given.get(key)]


@pytest.mark.parametrize("name", APPS)
def test_a_page_names_no_other_host_to_load_from(addresses, name):
    with urllib.request.urlopen(addresses[name]) as answer:
        loads = Loads(answer.read().decode()).found
    assert any("assets" in load for load in loads)
    elsewhere = {load for load in loads if urlsplit(load).hostname not in (None, "127.0.0.1", "localhost")}
    assert not elsewhere


@pytest.fixture
def visit(browser, addresses):
    """Give a function that opens an app on a phone; fail on a request that leaves the machine and on script errors."""
    contexts, outside, errors = [], [], []

    def open_app(name: str, query: str = ""):
        context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
        contexts.append(context)
        page = context.new_page()
        local = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:")
        page.on("request", lambda request: local.match(request.url) or outside.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(addresses[name] + query)
        page.wait_for_selector(".zoo-gallery img, .zoo-stage img, .zoo-cart-stage, .zoo-page span")
        return page

    yield open_app
    for context in contexts:
        context.close()
    assert not outside, f"requests that leave the machine: {outside}"
    assert not errors


def first_picture(page) -> str:
    return page.locator(".zoo-gallery img").first.get_attribute("src")


def changed(page, before: str) -> str:
    """Wait until the first picture is another, and return it."""
    page.wait_for_function("src => document.querySelector('.zoo-gallery img').src !== src", arg=before)
    return first_picture(page)


@pytest.mark.parametrize("name", APPS)
def test_it_fits_a_phone_and_its_fonts_are_ours(visit, name):
    page = visit(name)
    page.wait_for_function("document.fonts.check(\"16px 'Zoo Sans'\")")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for tab in ("How it works", "Watch it learn", "Measured", "Code"):
        page.get_by_role("tab", name=tab, exact=True).click()
    page.get_by_text(re.compile("(import|from) zoo")).first.wait_for()


def test_digits_are_finished_on_arrival(visit):
    expect(visit("diffusion").locator("img[alt^='your part finished']")).to_have_count(4)


def test_a_shared_link_and_a_downloaded_picture_show_the_same(visit, tmp_path):
    page = visit("digit_sampler", "?label=7&wild=9")
    page.get_by_text("wild must be a number from 0 to 1.5").wait_for()
    before = first_picture(page)
    page.get_by_role("button", name="New seed").click()
    shown = changed(page, before)
    page.get_by_role("button", name="Share").click()
    page.wait_for_url("**/?label=7&seed=*&weights=*")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "digits.png")
    assert first_picture(visit("digit_sampler", "?" + urlsplit(page.url).query)) == shown
    page = visit("digit_sampler")
    before = first_picture(page)
    page.locator("input[type=file]").first.set_input_files(tmp_path / "digits.png")
    assert changed(page, before) == shown


def test_a_drawing_is_decoded_as_it_is_drawn(visit):
    page = visit("latent_sliders", "?start=drawing")
    pad = page.locator(".zoo-pad-paper")
    pad.scroll_into_view_if_needed()
    before, box = first_picture(page), pad.bounding_box()
    points = [
        (box["x"] + x / 255 * box["width"], box["y"] + y / 255 * box["height"])
        for x, y in [(80, 50), (170, 60), (110, 210)]
    ]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()
    changed(page, before)
    page.locator("img[alt='your drawing as the models see it']").wait_for()
