"""The Python that a page shows runs as it stands, and gives what the page shows beside it."""

import html
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from tests.playground.recorded.face import App, Page, Shown, call, small

SEVEN = [[80, 50, 125, 55, 170, 60, 140, 135, 110, 210]]  # on the pads at first
INK = 27  # what is drawn in digits' pictures, of 255 for paper
ALIKE = 1.01  # grey levels of 255: what is shown is rounded, or rounded and drawn in an ink that is not quite black


class Kept(dict):
    """Names as code sets them, with all the values that each has had."""

    def __init__(self, **given):
        super().__init__(given)
        self.had: dict[str, list] = {}

    def __setitem__(self, name, value):
        self.had.setdefault(name, []).append(value)
        super().__setitem__(name, value)


def opened(page: str, **query: str) -> Shown:
    return Page(page, query).shown()


def run(code: str, **given) -> Kept:
    """Run code in which some names are the reader's own."""
    assert code, "no code is shown"
    names = Kept(**given)
    exec(compile(code, "shown", "exec"), names)
    return names


def grey(x: torch.Tensor) -> np.ndarray:
    """Show a picture (1, 28, 28) in [0, 1] as the pages do, in ink on white paper: (28, 28) in 0..255."""
    return 255 - np.round(x[0].detach().numpy().clip(0, 1) * 255) * (255 - INK) / 255


def same(pictures, shown: list[np.ndarray]) -> None:
    assert len(pictures) == len(shown)
    for x, there in zip(pictures, shown, strict=True):
        assert np.abs(grey(x) - there).max() <= ALIKE


def drawn(strokes: list[list[int]]) -> torch.Tensor:
    """A drawing as the code wants it, (1, 1, 28, 28) in [0, 1]: the one step that it leaves to the reader."""
    from playground.drawing import digit

    return torch.tensor(digit(strokes))[None, None].float() / 255


@pytest.mark.parametrize("query", [{}, {"model": "dcgan.mnist", "count": "7", "wild": "0.5"}])
def test_dcgan(query):
    shown = opened("dcgan", **query)
    x = run(shown.code)["x"]
    if x.shape[1] == 1:
        return same(x, shown.pictures[0])
    for picture, there in zip(x, shown.pictures[0], strict=True):
        assert np.abs(picture.permute(1, 2, 0).numpy() * 255 - there).max() <= ALIKE


def test_digit_sampler():
    shown = opened("digit_sampler")
    for x, block in zip(run(shown.code).had["x"], shown.pictures, strict=False):
        same(x, block)


@pytest.mark.parametrize("query", [{}, {"sampler": "ddpm", "guidance": "0", "steps": "3", "moment": "2"}])
def test_diffusion(query):
    shown = opened("diffusion", drawing="", **query)
    found = run(shown.code)
    same([(found[name][0] + 1) / 2 for name in ("there", "seen")], shown.pictures[0])


def test_draw_and_see(capsys):
    run(opened("draw_and_see").code, x=drawn(SEVEN))
    said = [line.split() for line in capsys.readouterr().out.splitlines()]
    wanted = call("draw_and_see", "/judge", {})
    assert {name: int(read) for name, read, _ in said} == {name: int(np.argmax(p)) for name, p in wanted.items()}
    for name, _, sure in said:
        assert float(sure) == pytest.approx(max(wanted[name]), abs=1e-3)


@pytest.mark.parametrize("query", [{}, {"steps": "20"}])
def test_dreams(query):
    shown = opened("dreams", **query)
    same(run(shown.code)["x"], shown.pictures[0][-1:])


def test_flow():
    shown = opened("flow", drawing="")
    found = run(shown.code)
    order = found["bits"].argsort(stable=True)
    same(found["x"][order], shown.pictures[0])
    assert [f"{b:.2f}" for b in found["bits"][order]] == shown.captions[0]
    assert torch.allclose(found["back"], found["x"], atol=1e-3)


@pytest.mark.parametrize("query", [{}, {"start": "point", "seed": "4", "sliders": "1.5_0_-2"}, {"start": "drawing"}])
def test_latent_sliders(query):
    if query.get("start") == "drawing":
        query = {**query, "drawing": "eNpjYGkQqXgGAAQsAfc"}
    shown = opened("latent_sliders", **query)
    same(run(shown.code, x=drawn([[128, 20, 120, 230]]))["x"], shown.pictures[0][:1])


def test_one_digit(mnist):
    shown = opened("one_digit")
    made = run(shown.code).had["x"]
    there = [picture for block in shown.pictures for picture in block]
    for x, n in zip(made, range(0, 5 * len(made), 5), strict=True):  # of each model four, and what lies nearest
        same(x, there[n : n + 4])


@pytest.mark.parametrize("query", [{}, {"age": "19", "seed": "3"}])
def test_cartpole(query, capsys):
    run(opened("cartpole", **query).code)
    given = {name: int(value) for name, value in query.items()} or {"age": default("cartpole", "Age of the agent")}
    _, episode = call("cartpole", "/play", given)
    assert int(capsys.readouterr().out) == len(episode["actions"])


def default(page: str, label: str):
    """The value of an app's widget on arrival."""
    return next(found.value for found in App(page, {}).demo.blocks.values() if getattr(found, "label", "") == label)


def mirrored(strokes: list[list[int]]) -> list[list[int]]:
    return [*strokes, *([v if i % 2 else 255 - v for i, v in enumerate(stroke)] for stroke in strokes)]


WING = [[128, 90, 200, 20, 240, 60, 190, 130, 128, 130]]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"mirror": "no"},
        {"source": "random", "seed": "7"},
        {"blend": "40", "sliders": "1.5_0_-2"},
        {"mix": "wings", "blend": "70"},
    ],
    ids=str,
)
def test_butterfly_studio(query):
    page = Page("butterfly_studio", {"drawing": "eNpj4GqIOiHywWZfU0MTABw8BS8", **query})
    shown = page.shown()
    strokes = WING if query.get("mirror") == "no" else mirrored(WING)
    picture = run(shown.code, strokes=strokes)["picture"][0].numpy()
    on_white = picture[:3] * picture[3] + 1 - picture[3]
    apart = np.abs(on_white.reshape(3, 32, 8, 32, 8).mean((2, 4)).transpose(1, 2, 0) * 255 - shown.pictures[0][0])
    within = ndimage.minimum_filter(picture[3], 7).reshape(32, 8, 32, 8).min((1, 3)) > 0.9
    beyond = ndimage.maximum_filter(picture[3], 7).reshape(32, 8, 32, 8).max((1, 3)) == 0
    assert within.sum() > 20 and beyond.sum() > 300
    assert (
        apart[within | beyond].max() <= 3 and apart.mean() < 3
    )  # the page cuts the soft edge of the wings along the outline


def test_own_network(mnist, capsys):
    query = {"hidden": "7", "activation": "tanh", "loss": "hinge", "lr": "-2", "digits": "1000", "epochs": "1"}
    run(opened("own_network", **query).code)
    given = {**query, "lr": -2, "digits": 1000, "epochs": 1}
    wanted = call("own_network", "/train", given)["losses"]
    assert float(capsys.readouterr().out) == pytest.approx(wanted[-1], rel=1e-3)


def test_watch_it_learn():
    shown = opened("watch_it_learn")
    found = run(shown.code).had
    for frames, moments, block in zip(found["frames"], found["moments"], shown.pictures, strict=False):
        height = frames.height // len(moments)
        at = round(0.6 * (len(moments) - 1))  # the page begins at 60 %
        moment = np.asarray(frames.convert("L").crop((0, at * height, frames.width, (at + 1) * height)), float)
        file = io.BytesIO()
        Image.fromarray((255 - moment * (255 - INK) / 255).round().astype(np.uint8)).save(file, "PNG")
        assert np.abs(small(file.getvalue()).astype(int) - block[0]).max() <= ALIKE


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"model": "char_gpt.wells", "wild": "1.3", "top_k": "5", "repetition": "1.2"},
        {"model": "speech.lstm", "speaker": "Abraham Lincoln", "decade": "1860", "beginning": "We must "},
    ],
)
def test_writing_desk(query, capsys):
    # 400 characters, as the page begins, take seconds.
    shown = opened("writing_desk", length="50", part="measure", **query)
    names = run(shown.code)
    printed = capsys.readouterr().out.removesuffix("\n\n")  # an address's end
    assert names["beginning"] + printed in shown.texts


@pytest.mark.parametrize(
    ("model", "made", "shape"),
    [
        (None, "x", (16, 1, 28, 28)),
        ("dcgan.cifar10", "x", (16, 3, 32, 32)),
        ("judge.mnist", "probabilities", (1, 10)),
        ("scratch.mnist", "probabilities", (1, 10)),
        ("ppo.cartpole", "action", (1,)),
        ("retexture.butterflies", "painted", (1, 4, 256, 256)),
        ("char_gpt.wells", None, None),
    ],
)
def test_models(model, made, shape, capsys):
    """The code of its cards, which stand on the page."""
    page = Page("models", {"model": model} if model else {})
    body = "\n".join(element.proto.body for element in page.app.get("html"))
    (code,) = map(html.unescape, re.findall(r'<code class="language-python">(.*?)</code>', body, re.DOTALL))
    half = torch.zeros(1, 1, 256, 256)
    half[..., 40:200, 60:190] = 1
    names = run(code, x=drawn(SEVEN), picture=half.expand(-1, 3, -1, -1), silhouette=half, strokes=half, outline=half)
    if made:
        assert tuple(names[made].shape) == shape
    else:
        assert len(capsys.readouterr().out) > 200
