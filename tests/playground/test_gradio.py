"""Every Gradio app: its controls and slots, its API through gradio_client, and its page in a real browser."""

import html.parser
import importlib
import re
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import gradio as gr
import gradio_client
import numpy as np
import pytest
from PIL import Image

from playground import learning, markup, topics
from playground.catalogue import conditional, load
from playground.demos import digit_sampler
from playground.hosts import space
from playground.hosts.gradio_host import launch
from playground.hosts.gradio_host.layout import Layout
from playground.hosts.gradio_host.look import INK, blocks
from playground.hosts.gradio_host.page import Page
from playground.hosts.gradio_host.widgets import follow, followers, widget
from playground.recipe import recipe_of
from tests.playground.access import DESK, Host
from tests.playground.test_demos import stage
from tests.playground.values import bad, defaults, visible
from zoo.pictures import sheet

APPS = space.apps()
ENDPOINTS = [
    (topic, endpoint.name or endpoint.call.__name__) for topic in APPS for endpoint in topics.demo(topic).endpoints
]
SEVEN = [[80, 50, 125, 55, 170, 60, 140, 135, 110, 210]]


def endpoint_of(topic: str, name: str):
    return next(e for e in topics.demo(topic).endpoints if name in (e.name, e.call.__name__))


@pytest.fixture(scope="module")
def apps():
    return {topic: importlib.import_module(f"playground.gradio_apps.{topic}").demo for topic in APPS}


@pytest.fixture(scope="module")
def addresses(apps):
    assert not any(app.is_running for app in apps.values()), "an app starts when it is imported"
    launched = {}
    try:
        for name, app in apps.items():
            _, launched[name], _ = launch(app, prevent_thread_lock=True, server_name="127.0.0.1", quiet=True)
        yield launched
    finally:
        for app in apps.values():
            app.close(verbose=False)


@pytest.fixture(scope="module")
def clients(addresses, tmp_path_factory):
    return {
        name: gradio_client.Client(address, verbose=False, download_files=tmp_path_factory.mktemp(name))
        for name, address in addresses.items()
    }


def pixels(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


def files(answer) -> list[str]:
    """Return the paths of all pictures in an endpoint's answer."""
    if isinstance(answer, (list, tuple)):
        return [path for part in answer for path in files(part)]
    return [answer] if isinstance(answer, str) and answer.endswith(".png") else []


@pytest.mark.parametrize("topic", APPS)
def test_every_field_has_a_widget_and_every_slot_its_place(topic):
    demo = topics.demo(topic)
    page = Page(topic, demo.fields(), demo.weighed(), demo.buttons or {})
    with gr.Blocks():
        layout = Layout(demo, page)
        page.hide_the_rest()
    for name, field in demo.fields().items():
        if field.has_widget:
            assert page.widgets[name][0].label or field.kind in ("strokes", "sound")
    for field in page.fields:  # what is hidden at first can be brought to sight
        values = visible(demo, field)
        looks = dict(zip(map(id, followers(page)), follow(page, values), strict=True))
        for shown in page.widgets.get(field, []):
            look = looks.get(id(getattr(shown, "zoo_around", shown)))
            assert look is None or (look["visible"] if isinstance(look, dict) else look.visible)
    filled = stage(demo, defaults(demo))
    shown = layout.fill(filled)
    assert len(shown) == len(layout._filling)
    for slot in demo.slots():
        if not slot.charts and not slot.component and filled.get(slot.name) and not callable(filled[slot.name]):
            assert markup.shown(filled[slot.name], INK) in shown


@pytest.mark.parametrize("topic", APPS)
def test_the_widgets_carry_all_values(topic):
    demo = topics.demo(topic)
    page = Page(topic, demo.fields(), demo.weighed(), demo.buttons or {})
    with gr.Blocks():
        for name, field in demo.fields().items():
            if field.has_widget:
                widget(page, name)
        page.hide_the_rest()
    for name in demo.fields():
        values = visible(demo, name)
        assert page.gather(*page.spread(values)) == values


@pytest.mark.parametrize("topic", APPS)
def test_every_computation_has_a_name_and_nothing_else_is_public(clients, topic):
    demo = topics.demo(topic)
    wanted = {f"/{endpoint.name or endpoint.call.__name__}" for endpoint in demo.endpoints}
    if demo.history and set(demo.shown()) & set(learning.watchable()):
        wanted |= {"/moment"}
    assert set(clients[topic].view_api(return_format="dict", print_info=False)["named_endpoints"]) == wanted


@pytest.mark.parametrize(("topic", "name"), ENDPOINTS)
def test_an_endpoint_names_each_bad_value_and_lives_on(clients, topic, name):
    endpoint, fields = endpoint_of(topic, name), topics.demo(topic).fields()
    must = {field for field, value in (endpoint.fixed or {}).items() if value is ...}
    needed = {taken.rpartition(":")[2]: "x" for taken in endpoint.takes if taken.partition(":")[0] in must}
    for taken in endpoint.takes:
        field, told = taken.partition(":")[0], taken.rpartition(":")[2]
        for text, said in bad(fields[field])[:1]:
            said = (
                "drawing cannot be read"
                if fields[field].kind == "strokes"
                else f"{field} must be .*{said if said != 'must be' else ''}"
            )
            with pytest.raises(gradio_client.exceptions.AppError, match=said):
                clients[topic].predict(**{**needed, told: text}, api_name=f"/{name}")


def test_a_seed_gives_its_pictures_to_everyone(clients):
    first, again, other = (
        clients["digit_sampler"].predict(label=5, seed=seed, count=3, api_name="/sample")[0] for seed in (7, 7, 8)
    )
    assert len(first) == len(conditional()) > 0
    for a, b, c in zip(first, again, other, strict=True):
        assert (pixels(a) == pixels(b)).all()
        assert (pixels(a) != pixels(c)).any()


def test_the_api_gives_what_the_demo_computes(clients):
    name = conditional()[0]
    (path,), read = clients["digit_sampler"].predict(
        label=4, seed=3, count=12, wild=0.5, model=name, api_name="/sample"
    )
    wanted, judged = digit_sampler.sample(name, 4, 12, 3, 0.5)
    assert (255 - pixels(path) == sheet(wanted, 10)).all()
    assert read == {name: {"read": judged.argmax(1).tolist(), "sure": pytest.approx(judged.max(1), abs=1e-3)}}
    recipe = recipe_of(Path(path).read_bytes())
    demo = topics.demo("digit_sampler")
    assert recipe["page"] == "digit_sampler" and (recipe["label"], recipe["seed"], recipe["model"]) == ("4", "3", name)
    page = Page("digit_sampler", demo.fields(), demo.weighed())
    assert recipe["weights"] == page.weights


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"label": "<b>x</b>"}, "label must be one of .* not '&lt;b&gt;x"),
        ({"label": [3]}, "label must be one of"),
        ({"count": 0}, "from 1 to 60"),
        ({"seed": 1.5}, "seed must be a whole number"),
    ],
)
def test_odd_kinds_of_values_are_named(clients, given, said):
    with pytest.raises(gradio_client.exceptions.AppError, match=said):
        clients["digit_sampler"].predict(**given, api_name="/sample")


def test_a_slow_visitor_does_not_block_others(clients, addresses, monkeypatch):
    gate, compute = threading.Event(), digit_sampler.sample

    def slow(name, label, count, seed, wild):
        if seed == 99:
            gate.wait(60)
        return compute(name, label, count, seed, wild)

    monkeypatch.setattr(digit_sampler, "sample", slow)
    job = clients["digit_sampler"].submit(seed=99, api_name="/sample")
    try:
        assert gradio_client.Client(addresses["digit_sampler"], verbose=False).predict(seed=1, api_name="/sample")
        assert not job.done()
    finally:
        gate.set()
    assert job.result(30)


def test_a_text_is_streamed(clients):
    job = clients["writing_desk"].submit(beginning="The ", length=300, seed=5, min_p=0.0, wild=1.0, api_name="/write")
    text = job.result(60)
    pieces = job.outputs()
    assert len(pieces) > 2 and all(text.startswith(piece) for piece in pieces)
    model = topics.demo("writing_desk").fields()["model"].default
    assert text == load(model).write("The ", 300, seed=5, temperature=1.0)


@pytest.mark.parametrize("topic", [t for t in APPS if topics.demo(t).history and set(topics.demo(t).shown()) & set(learning.watchable())])  # fmt: skip
def test_training_can_be_scrubbed(clients, topic):
    first, last = (clients[topic].predict(moment=percent, api_name="/moment") for percent in (0, 100))
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


@pytest.mark.parametrize("topic", APPS)
def test_a_page_names_no_other_host_to_load_from(addresses, topic):
    with urllib.request.urlopen(addresses[topic]) as answer:
        loads = Loads(answer.read().decode()).found
    assert any("assets" in load for load in loads)
    elsewhere = {load for load in loads if urlsplit(load).hostname not in (None, "127.0.0.1", "localhost")}
    assert not elsewhere


@contextmanager
def visiting(browser, addresses):
    """Give a function that opens an app on a phone; fail on a request that leaves the machine and on script errors."""
    contexts, outside, errors = [], [], []

    def open_app(topic: str, query: str = "", **options):
        context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, **options)
        contexts.append(context)
        page = context.new_page()
        local = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:")
        page.on("request", lambda request: local.match(request.url) or outside.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(addresses[topic] + query)
        page.wait_for_selector(
            ".zoo-slot img, .zoo-cart-stage, .zoo-reel-map, .zoo-page span, .zoo-slot table, .zoo-sound canvas"
        )
        return page

    yield open_app
    for context in contexts:
        context.close()
    assert not outside, f"requests that leave the machine: {outside}"
    assert not errors


@pytest.mark.parametrize("prefix", ["", "/zoo/app"])
def test_a_proxy_may_strip_its_prefix_before_the_fonts(prefix):
    with blocks("Behind a proxy") as app:
        gr.HTML("<p>here</p>")
    try:
        _, address, _ = launch(app, prevent_thread_lock=True, server_name="127.0.0.1", quiet=True, root_path=prefix)
        for font in ("source-sans-3-latin.woff2", "source-serif-4-latin.woff2", "source-code-pro-latin.woff2"):
            with urllib.request.urlopen(f"{address}zoo-fonts/{font}") as answer:  # what a proxy asks
                assert answer.read(4) == b"wOF2"
        for other in ("../config.toml", "..%2fconfig.toml", "none.woff2"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}zoo-fonts/{other}")
    finally:
        app.close(verbose=False)


@pytest.fixture
def visit(browser, addresses):
    """Give a function that opens an app on a phone."""
    with visiting(browser, addresses) as open_app:
        yield open_app


@pytest.fixture(scope="module", params=APPS)
def seen(request, browser, addresses):
    """Each app in turn: its name, and its page, first on a phone and with reduced motion."""
    with visiting(browser, addresses) as open_app:
        yield request.param, open_app(request.param, reduced_motion="reduce")


@pytest.fixture
def desk(seen, axe):
    """Each app in turn on a desk: its name, and its page, which can be asked."""
    topic, page = seen
    page.set_viewport_size(DESK)
    settle(page)
    axe(page)
    return topic, page


def settle(page) -> None:
    """Wait until the app has its shape and theme."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_function(
        "document.body.classList.contains('dark') === matchMedia('(prefers-color-scheme: dark)').matches"
    )


# What Gradio's own markup does, which no app can mend.
GRADIO = Host(
    main=".gradio-container main",
    settle=settle,
    known=(("aria-prohibited-attr", ".empty[aria-label='Empty value']"),),  # where a plot is not drawn yet
)


def first_picture(page) -> str:
    return page.locator(".zoo-gallery img").first.get_attribute("src")


def changed(page, before: str) -> str:
    """Wait until the first picture is another, and return it."""
    page.wait_for_function("src => document.querySelector('.zoo-gallery img').src !== src", arg=before)
    return first_picture(page)


def test_it_fits_a_phone_and_its_fonts_are_ours(seen):
    topic, page = seen
    page.wait_for_function("document.fonts.check(\"16px 'Zoo Sans'\")")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for tab in ("How it works", *(["Watch it learn"] if topics.demo(topic).history else []), "Measured", "Code"):
        page.get_by_role("tab", name=tab, exact=True).click()
    page.get_by_text(re.compile("(import|from) (zoo|numpy)")).first.wait_for()


def test_nothing_moves_where_reduced_motion_is_asked_for(desk):
    assert desk[1].evaluate("access.moving()") == []


def test_axe_finds_nothing_serious(desk):
    assert GRADIO.findings(desk[1]) == []


def test_at_200_percent_nothing_is_lost(desk):
    assert GRADIO.lost(desk[1]) == []


def test_the_keyboard_alone_comes_to_everything_and_works_it(desk):
    topic, page = desk
    assert GRADIO.unreachable(page) == []
    assert GRADIO.changed(page, topics.demo(topic))


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
    changed_by_chat = urlsplit(page.url).query.replace("&", "&amp;") + ")."
    assert first_picture(visit("digit_sampler", "?" + changed_by_chat)) == shown
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


def test_a_text_is_written_on_from_a_chosen_character(visit):
    page = visit("writing_desk", "?length=50&beginning=ROMEO%3A")
    characters = page.locator(".zoo-page span")
    page.wait_for_function("document.querySelectorAll('.zoo-page span').length === 56")
    first = page.locator(".zoo-page").inner_text()
    characters.nth(30).click()
    page.locator(".zoo-page span[aria-current]").wait_for()
    page.get_by_role("button", name=re.compile("again", re.IGNORECASE)).click()
    page.wait_for_function("document.querySelectorAll('.zoo-page span').length === 80")
    again = page.locator(".zoo-page").inner_text()
    assert again[:29] == first[:29] and again[30:] != first[30:]


def test_what_a_component_gives_back_changes_the_page(visit):
    page = visit("name_maker", "?seed=2")
    page.locator(".zoo-names-one").nth(3).click()
    page.locator(".zoo-names-one").nth(3).and_(page.locator("[aria-selected=true]")).wait_for()
    way = page.locator("button.zoo-names-other").nth(3)
    begun = way.evaluate(
        "(one) => document.querySelector('.zoo-names-one[aria-selected=true]').textContent.slice(0, one.dataset.letter)"
    )
    letter = way.locator("i").inner_text()
    way.click()
    page.wait_for_function("(begun) => [...document.querySelectorAll('.zoo-names-one')].every((one) => one.textContent.startsWith(begun))", arg=begun + letter)  # fmt: skip


def test_a_character_that_is_chosen_has_what_each_model_expected(visit):
    page = visit("counts_to_attention", "?length=50&read=The+soul+of+man")
    page.locator(".zoo-page span").nth(9).click()
    page.get_by_text("After “The soul ” each expected:").wait_for()
    page.locator(".zoo-page span").nth(9).and_(page.locator("[aria-current]")).wait_for()
    models = topics.demo("counts_to_attention").checkpoints()
    assert page.locator(".zoo-few .zoo-chosen", has_text="o").count() == len(models)


@pytest.mark.parametrize(("given", "said"), [({"start": "drawing"}, "Nothing is drawn yet"), ({"start": "drawing", "strokes": [[1, 2, 3]]}, "stroke 0 has 3 numbers"), ({"sliders": [None]}, "sliders must be at most 20 numbers")])  # fmt: skip
def test_bad_starts_are_named(clients, given, said):
    with pytest.raises(gradio_client.exceptions.AppError, match=said):
        clients["latent_sliders"].predict(**given, api_name="/decode")
    assert clients["latent_sliders"].predict(strokes=SEVEN, start="drawing", api_name="/decode")
