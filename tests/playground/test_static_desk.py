"""The writing desk without a server gives what its app gives."""

import html
import json
import re
from dataclasses import replace
from urllib.parse import urlencode

import numpy as np
import torch

from playground.catalogue import load
from playground.demo import Beside, Html, Prose, Words
from playground.demos import writing_desk
from playground.demos.writing_desk import closer, static, tokens, voices
from playground.demos.writing_desk.writing import Paper, attention, task, whole
from tests.playground.static_pages import pictures
from tests.playground.values import defaults


def facts_of(page, name: str) -> dict:
    facts = page.evaluate("async () => (await fetch('facts.json')).json()")
    return next(model for model in facts["models"] if model["name"] == name)


def desk(opened, **changes):
    """Open the writing desk, all written; return it and the app's values."""
    values = defaults(writing_desk, **{"part": "measure", "length": 50, "seed": 5, **changes})
    fields = writing_desk.fields()
    page = opened("writing_desk", "?" + urlencode({name: fields[name].write(values[name]) for name in changes | FAST}))
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


def test_a_text_is_the_apps(opened):
    beginning = "O " * 140  # longer than the window
    page, values = desk(opened, beginning=beginning, length=60)
    assert on_page(page) == whole(values) and whole(values).startswith(beginning)
    assert "does not know" not in page.locator("#stage").inner_text()


def test_a_text_begins_with_nothing_as_in_the_app(opened):
    page, values = desk(opened, beginning="")
    assert on_page(page) == whole(values)
    assert bars(page) == close(tokens.expected(values["model"], whole(values), writing_desk.sampling(values)))


@torch.inference_mode()
def test_reading_equals_torch_and_knows_the_same_characters(opened):
    page = opened("writing_desk", "?length=50&part=measure")
    for name in static.models():
        model = load(name)
        text = (writing_desk.BEGINNING + "\n") * 18  # longer than the window
        shown = page.evaluate(
            """async ([facts, text]) => {
              const { reader, runner } = await import(new URL('writing.js', document.baseURI));
              const { read, logits } = reader(await runner(facts), facts);
              for (const c of text.slice(0, 3)) await read(c);
              await read(text.slice(3, 200));
              await read(text.slice(200));
              return logits.map((row) => [...row]);
            }""",
            [facts_of(page, name), text],
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


def test_three_ways_on_are_the_apps_and_one_is_taken(opened):
    page, values = desk(opened, part="ways")
    looks_closer(page, values)
    press(page, values, "take", "The second", "1")


def test_all_models_side_by_side_are_the_apps(opened, monkeypatch):
    there = static.models()
    monkeypatch.setattr(voices, "models", lambda: there)  # the page has no others
    looks_closer(*desk(opened, part="both", beginning="Naïve"))


def test_a_recurrent_voice_is_the_apps(opened):
    page, values = desk(opened, model="char_rnn.emerson", beginning="The soul ", part="ways", length=80)
    assert on_page(page) == whole(values)
    offered = page.locator("[data-field='part'] label:visible").all_text_contents()
    assert offered == [closer.PARTS[part] for part in ("ways", "both", "measure")]
    looks_closer(page, values)


def test_surprise_is_the_apps(opened):
    page, values = desk(opened, ink="surprise")
    wanted = tokens.bits(values["model"], whole(values))
    shown = page.eval_on_selector_all("[data-slot='page'] [data-at]", "all => all.map((c) => parseFloat(c.title))")
    assert np.abs(np.array(shown) - wanted).max() < 0.06
    assert page.locator("[data-slot='said']").inner_text() == f"{wanted.mean():.2f} bits a character"
    looks_closer(page, values)
    page.locator("[data-field='measured'] textarea").fill("To be, or not to bé")
    looks_closer(page, values | {"measured": "To be, or not to bé"})


@torch.inference_mode()
def test_where_it_looks_equals_torch(opened):
    page, values = desk(opened, part="looks", layer=3, head=2)
    text, wanted = attention(values["model"], whole(values), 2)
    shown = page.evaluate(
        """async ([facts, text]) => {
          const { reader, runner } = await import(new URL('writing.js', document.baseURI));
          return JSON.stringify([...(await reader(await runner(facts), facts).read(text))]);
        }""",
        [facts_of(page, values["model"]), text],
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


def test_another_character_is_chosen_and_gone_on_with(opened):
    page, values = desk(opened)
    text, how = whole(values), writing_desk.sampling(values)
    assert bars(page) == close(tokens.expected(values["model"], text, how))
    assert page.locator("[data-button='again']").is_hidden()
    for at in (40, 0, 4):
        page.locator(f"[data-at='{at + 1}']").click()
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector(f"[data-at='{at}'][aria-current]")
        written(page)
        assert page.get_by_text("What could stand there").is_visible()
        assert bars(page) == close(tokens.expected(values["model"], text[:at], how))
    values["paper"] = replace(values["paper"], at=at)
    others = writing_desk.others(values)
    assert page.locator("[data-button='other'] button").all_text_contents() == list(others.values())
    option, title = list(others.items())[-1]
    press(page, values, "other", title, option)


def test_buttons_are_the_apps(opened):
    page, values = desk(opened)
    page.locator("[data-at='20']").click()
    values = press(page, values | {"paper": replace(values["paper"], at=20)}, "again")
    values = press(page, values, "go_on")
    values = press(page, values, "take_over")
    written(page)
    assert on_page(page) == values["beginning"]  # nothing is written until it is asked for


def test_a_text_is_stopped_and_written_again(opened):
    page = opened("writing_desk", "?length=2000&part=measure")
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
