"""The digit sampler and the latent sliders without a server give what their apps give."""

import numpy as np
import pytest
import torch

from playground.catalogue import conditional, load
from playground.charts import DIGITS
from playground.demos import digit_sampler, latent_sliders
from playground.demos.digit_sampler.static import JUDGE
from tests.playground.static_pages import pictures, run
from tests.playground.values import defaults
from zoo.nn import noise


@torch.inference_mode()
@pytest.mark.parametrize("n", [1, 3])
def test_digits_equal_torch(opened, n):
    page = opened("digit_sampler", alone=True)
    for name in conditional():
        model = load(name)
        z, y = noise(n, model.config.latent, seed=3), torch.rand(n, 10).softmax(1)
        wanted = model.decode(z, y)
        assert np.abs(run(page, f"{name}.onnx", {"z": z, "y": y})["x"] - wanted.numpy()).max() < 1e-3
    x = load("cvae.mnist").sample(n, seed=1)
    assert np.abs(run(page, "judge.onnx", {"x": x})["p"] - load(JUDGE).classify(x).numpy()).max() < 1e-3


@torch.inference_mode()
@pytest.mark.parametrize("n", [1, 3])
def test_latents_equal_torch(opened, n):
    page = opened("latent_sliders", alone=True)
    for name in latent_sliders.MODELS:
        model, z = load(name), noise(n, 20, seed=4)
        x = model.decode(z)
        assert np.abs(run(page, f"{name}.decode.onnx", {"z": z})["x"] - x.numpy()).max() < 1e-3
        assert np.abs(run(page, f"{name}.encode.onnx", {"x": x})["mean"] - model.encode(x)[0].numpy()).max() < 1e-3 * 5


def test_a_seed_gives_the_apps_digits(opened):
    name = conditional()[0]
    page = opened("digit_sampler", f"?seed=4294967295&label=7&count=5&wild=1.2&model={name}")
    wanted, _ = digit_sampler.sample(name, 7, 5, 2**32 - 1, 1.2)
    shown = pictures(page, f"canvas[aria-label^='digit 7 by {name}']")
    assert np.abs(shown.astype(int) - wanted).max() <= 1


def test_sliders_give_the_apps_digits(opened):
    page = opened("latent_sliders", "?start=point&seed=11&sliders=2.5_-1")
    for name in latent_sliders.MODELS:
        z = latent_sliders.move(name, latent_sliders.start(name, "point", seed=11), (2.5, -1.0, *[0.0] * 18))
        shown = pictures(page, f"canvas[aria-label='the digit as {name} draws it']")[0]
        assert np.abs(shown.astype(int) - latent_sliders.decode(name, z)).max() <= 1


def test_both_ways_to_another_digit_are_the_apps(opened):
    page = opened("latent_sliders", "?digit=17&to=2040&sliders=0_1.5")
    values = defaults(latent_sliders, digit=17, to=2040, sliders=(0.0, 1.5, *[0.0] * 18))
    for name, wanted in latent_sliders.films(values).items():
        shown = pictures(page, f"[data-slot='film'] canvas[aria-label^='{name}: from one digit to the other: step']")
        assert np.abs(shown.astype(int) - wanted).max() <= 1
        played = page.locator(f"[data-slot='film'] canvas[aria-label='{name}: from one digit to the other']")
        first = played.evaluate("c => c.toDataURL()")
        page.wait_for_function("([c, first]) => c.toDataURL() !== first", arg=[played.element_handle(), first])


def test_who_asked_for_calm_sees_no_film(opened):
    page = opened("latent_sliders", reduced_motion="reduce")
    films = page.locator("[data-slot='film'] canvas")
    assert films.count() == 26 and films.nth(1).is_visible()
    assert page.locator("[data-slot='film'] .played").first.is_hidden()


@pytest.mark.parametrize("name", latent_sliders.MODELS)
def test_the_small_pictures_are_the_apps(opened, name):
    page = opened("latent_sliders", f"?along={name}")
    shown = pictures(page, "[data-field='sliders'] canvas").reshape(20, 2, 28, 28)
    assert np.abs(shown.astype(int) - latent_sliders.directions(name)).max() <= 1


def test_a_click_on_the_map_starts_from_that_digit(opened):
    page, space = opened("latent_sliders"), latent_sliders.space(latent_sliders.MODELS[0])
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


def test_until_something_is_drawn_the_mean_digit_is_shown(opened):
    page = opened("latent_sliders", "?start=drawing")
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


def test_a_drawing_is_read_as_in_the_app(opened):
    from playground.drawing import digit, encode

    seven = [[80, 50, 125, 55, 170, 60, 140, 135, 110, 210]]
    page = opened("latent_sliders", f"?start=drawing&drawing={encode(seven)}")
    shown = page.evaluate("async (s) => [...(await import(new URL('demo.js', document.baseURI))).digit(s)]", seven)
    wanted = digit(seven) / 255
    assert np.abs(np.array(shown).reshape(28, 28) - wanted).mean() < 0.02
