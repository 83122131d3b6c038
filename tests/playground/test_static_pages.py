"""The static Spaces: built, served by a plain file server, and used in a real browser that reaches nothing else."""

import io
import json

import pytest
import torch
import yaml
from PIL import Image

from playground import topics
from playground.demos import cartpole
from playground.hosts import space, static
from tests.playground.static_pages import pictures
from tests.playground.test_demos import stage
from tests.playground.values import defaults


@pytest.mark.parametrize("name", static.names())
def test_a_folder_is_a_space(built, name):
    folder = built(name)
    front = yaml.safe_load((folder / "README.md").read_text().split("---")[1])
    assert front["sdk"] == "static" and (folder / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60
    large = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 25e6]
    assert not large
    assert "${" not in (folder / "index.html").read_text()


read = pytest.mark.parametrize("left_open", static.names(), indirect=True)


@read
def test_a_result_appears_by_itself_and_fits(left_open):
    _, page = left_open
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.locator("#stage canvas, #stage .prose, #stage .zoo-marks, #stage .zoo-names").count() > 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#problems").is_hidden()


@read
def test_every_field_is_there_as_the_demo_says_it(left_open):
    name, page = left_open
    demo = topics.demo(name)
    facts = page.evaluate("async () => (await fetch('facts.json')).json()")
    without = topics.static(name).PAGE.without
    linked = {field for field, said in demo.fields().items() if said.linked or field in demo.controls()}
    assert set(facts["fields"]) == linked - set(without)
    shown = page.locator("#stage").text_content()
    for field, said in facts["fields"].items():
        assert said["default"] == json.loads(json.dumps(demo.fields()[field].default))
        if said["kind"] != "drawing" and said.get("label"):
            assert said["label"] in shown


@read
def test_all_of_a_demo_is_there_or_said_to_need_a_server(left_open):
    name, page = left_open
    demo, without = topics.demo(name), topics.static(name).PAGE.without
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
            found += [(name, option) for option in field.allowed(defaults(demo)) if option != field.default]
            found.append((name, field.default))
    return found


@torch.inference_mode()
@pytest.mark.parametrize("name", static.names())
def test_a_page_shows_what_the_app_shows(opened, name):
    demo, without = topics.demo(name), topics.static(name).PAGE.without
    fields, slots = demo.fields(), {slot.name for slot in demo.slots()} - set(without)
    few = {field: fields[field].low for field in ("length", "longer") if field in fields}
    page = opened(name, "?" + "&".join(f"{field}={value:g}" for field, value in few.items()))
    page.eval_on_selector_all("details", "all => all.forEach((part) => (part.open = true))")
    offered = page.evaluate("async () => (await (await fetch('facts.json')).json()).fields")
    for field, option in turns(demo):
        if fields[field].kind == "choice" and option not in offered[field]["options"]:
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
        given = {slot: said for slot, said in stage(demo, values).items() if slot in slots}
        late = {slot: said for slot, said in given.items() if callable(said) and slot not in filled}  # nothing is there
        assert set(filled) == {slot for slot, said in given.items() if said and slot not in late}, (field, option)
        assert not any(said() for said in late.values()), (field, option)
    assert page.locator("#problems").is_hidden()


def test_agents_and_starts_are_the_apps(built):
    facts = json.loads((built("cartpole") / "facts.json").read_text())
    age = len(cartpole.ages()) - 1
    assert facts["agents"][age] == cartpole.packed(age)
    assert facts["starts"][7] == cartpole.scene("watch", age, 7)["start"]


def test_a_shared_link_shows_the_same(opened):
    page = opened("digit_sampler", "?seed=5")
    page.get_by_text("Share", exact=True).click()
    page.wait_for_function("location.search.includes('weights=')")
    link = page.evaluate("location.search")
    again = opened("digit_sampler", link)
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
def test_a_bad_link_is_named_and_replaced(opened, name, query, said):
    page = opened(name, query)
    assert said in page.locator("#problems").inner_text()
    assert page.locator("#problems img").count() == 0
    assert page.locator("#stage canvas").count() > 0


def test_a_picture_is_downloaded(opened, tmp_path):
    page = opened("digit_sampler", "?count=12&model=cvae.mnist")
    with page.expect_download() as download:
        page.get_by_text("Download", exact=True).click()
    download.value.save_as(tmp_path / "digits.png")
    with Image.open(io.BytesIO((tmp_path / "digits.png").read_bytes())) as image:
        assert image.size == (1120, 224) and image.getpixel((0, 0))[:3] == (255, 255, 255)


def test_a_demo_without_a_page_is_named(tmp_path):
    with pytest.raises(ValueError, match="playground has no static page. Have: "):
        space.build(space.WHOLE, tmp_path / "out", static=True)
