"""Build your own network: choose its layers, and watch it learn points in the plane or digits, in numpy, in seconds."""

import re
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from playground import charts, real_digits
from playground.components.film import FILM, validate_points
from playground.demo import Button, Chart, Demo, Drawn, Endpoint, Part, Pictures, Refused, Section, Slot, Stage, Words
from playground.demos.own_network import digits, plane
from playground.demos.own_network.as_python import code
from playground.demos.own_network.digits import FEWEST, TESTED, Progress, mistakes, weights
from playground.demos.own_network.turns import DIVERGED
from playground.fields import Field, Values, choice, integer, number, seed, text
from playground.memory import remembered
from zoo.data import points
from zoo.models.scratch import ACTIVATIONS, LOSSES
from zoo.pictures import sheet

MOST_LAYERS, MOST_UNITS = 4, 256
MODEL = "scratch.mnist"
YOURS, DIGITS = "yours", "digits"
DATA = {**{name: name for name in points.SETS}, YOURS: "your own", DIGITS: DIGITS}
HOW = (
    "This is all there is to a neural network. Each layer multiplies what it gets by a matrix and bends the result; the last gives a "
    "number for each class, and the loss says how wrong they are. Going back through the layers, each matrix learns which way to "
    "change, a few examples at a time, with steps that Adam evens out. It is written in numpy, by hand. The map shows what the network "
    "would say anywhere. Of digits, the pictures are what the first units look for: orange is ink that they want, blue what they refuse. "
    "The tabs beside this one are of a larger network, `scratch.mnist`: layers of 256 and 128, ten times through 60,000 digits."
)
EQUATION = r"h_l = f(W_l h_{l-1} + b_l), \qquad \frac{\partial L}{\partial W_l} = \Bigl(\frac{\partial L}{\partial h_l}\odot f'\Bigr)\,h_{l-1}^\top"
TRY_THIS = "Take one layer of 4 for the spiral, then of 16, then 16 16. Then break it: a learning rate of 0.1, four layers of sigmoid, none for a bend."


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [MODEL, digits.ARTIST]


def models() -> list[str]:
    """Return the model that it shows."""
    return [MODEL]


def layers(label: str, help: str) -> Field:
    """Return a field for the units of up to four layers, such as '64 32'; '' is none."""

    def read(given: str) -> str:
        parts = given.split()
        if len(parts) > MOST_LAYERS or not all(
            re.fullmatch("[0-9]{1,3}", p) and 1 <= int(p) <= MOST_UNITS for p in parts
        ):
            raise ValueError(f"up to {MOST_LAYERS} numbers of units from 1 to {MOST_UNITS}, separated by blanks")
        return " ".join(str(int(p)) for p in parts)

    return text("64 32", label, help, most=40, read=read)


def on_digits(v: Values) -> bool:
    """Return whether the network learns digits."""
    return v["data"] == DIGITS


def on_points(v: Values) -> bool:
    """Return whether the network learns points in the plane."""
    return not on_digits(v)


def on_a_set(v: Values) -> bool:
    """Return whether the network learns points that are made, not placed."""
    return v["data"] in points.SETS


def fields() -> dict[str, Field]:
    """Return the page's controls. A link that does not name the data is from when there were digits alone."""
    return {
        "data": choice(DATA, "spiral", "Learn", missing=DIGITS),
        "points": Field(kind="state", default="", read=plane.read),
        "hidden": layers(
            "Units of the layers between", "Up to four numbers, such as 64 32; none makes it logistic regression"
        ),
        "activation": choice(tuple(ACTIVATIONS), "relu", "Activation"),
        "loss": choice(tuple(LOSSES), "cross-entropy", "Loss"),
        "lr": number(-4.0, -1.0, -2.5, "Learning rate, as a power of ten", step=0.25),
        "noise": number(0.0, 0.5, 0.05, "Noise", "How far points stray, standard deviation", when=on_a_set),
        "count": integer(
            40, 400, 300, "Points", f"One of {plane.HELD_OUT} is held out: not learned from", step=20, when=on_a_set
        ),
        "steps": integer(100, 3000, 1000, "Training steps", f"Of {plane.BATCH} points each", step=100, when=on_points),
        "digits": integer(FEWEST, digits.MOST, 10_000, "Training digits", step=1000, when=on_digits),
        "epochs": integer(1, 5, 2, "Epochs", "Times through all digits", when=on_digits),
        "seed": seed(help="Of the first weights, the order of examples, and the points"),
    }  # fmt: skip


def of(v: Values, *names: str) -> dict[str, Any]:
    """Return the values of these names."""
    return {name: v[name] for name in names}


def of_points(v: Values) -> dict[str, Any]:
    """Return the arguments of `plane.learn`, of a page's values; what does not matter to these points is left out."""
    its = (
        {"placed": "", "noise": v["noise"], "count": v["count"]}
        if on_a_set(v)
        else {"placed": v["points"], "noise": 0.0, "count": 0}
    )
    return of(v, "data", "hidden", "activation", "loss", "lr", "steps", "seed") | its


def of_digits(v: Values) -> dict[str, Any]:
    """Return the arguments of `digits.learn`, of a page's values."""
    return of(v, "hidden", "activation", "loss", "lr", "digits", "epochs", "seed")


def stage(v: Values) -> Iterator[Stage]:
    """Return the film of learning points; or how learning digits goes, and in the end what was learned."""
    if on_points(v):
        since = time.monotonic()
        for made in plane.progress(**of_points(v)):
            if isinstance(made, float) and time.monotonic() > since + 0.5:
                yield {"said": Words(f"{100 * made:.0f} % of {v['steps']:,} steps are taken.", quiet=True)}
                since = time.monotonic()
        sizes = " → ".join(["2", *v["hidden"].split(), str(made.maps.shape[3] + 1)])
        said: list[Part] = [Words(f"Layers of {sizes} units: {made.parameters:,} numbers to learn.", quiet=True)]
        if made.diverged:
            said.insert(0, Words(DIVERGED))
        yield {"film": plane.scene(made, v["data"] == YOURS), "said": said, "curve": None, "learned": None}
        return
    yield {
        "film": {},
        "curve": None,
        "learned": None,
        "said": [*missing(), Words("Taking the first steps.", quiet=True)],
    }
    for there in digits.draw(v["digits"]):
        yield {"said": [*missing(), Words(f"{there:,} digits are drawn.", quiet=True)]}
    for progress in digits.progress(**of_digits(v)):
        yield {"curve": curve(progress), "said": [*missing(), Words(told(progress))]}
    said = [*missing(), Words(told(progress)), *([Words(DIVERGED)] if progress.diverged else [])]
    yield {"said": said, "learned": found(progress)}


def missing() -> list[Part]:
    """Return the sentence on where the digits come from, where they are not MNIST's."""
    if digits.real():
        return []
    said = f"The digits (MNIST) are not at hand: until they are, it learns and is tested on digits that `{digits.ARTIST}` draws."
    return [Words(said)]


def told(progress: Progress) -> str:
    """Return the sentence on how a training on digits stands."""
    kind = "test" if digits.real() else "drawn test"
    return f"{progress.accuracy:.1f} % of {TESTED:,} {kind} digits right after {progress.seconds:.1f} s, {100 * progress.done:.0f} % done."


def curve(progress: Progress) -> Chart:
    """Return the loss so far, in about sixty points."""
    losses = np.nan_to_num(progress.losses, nan=10.0, posinf=10.0)
    width = max(1, len(losses) // 60)
    smooth = losses[: len(losses) // width * width].reshape(-1, width).mean(1)
    series = {"loss": ((np.arange(len(smooth)) + 1) * width, smooth)}
    return Chart(lambda colors: charts.lines(colors, series, "step", "training loss"), height=240)


def found(progress: Progress) -> list[Part]:
    """Return what a network has learned of digits: what its first units look for, and its surest mistakes."""
    units = [np.kron(w, np.ones((4, 4, 1), np.uint8)) for w in weights(progress.network)]
    wrong, said = mistakes(progress.network)
    return [
        Words("**What the first units look for**"),
        Pictures(units, [f"weights of unit {i + 1}" for i in range(len(units))]),
        Words("**What it is surest of, and wrong**"),
        Pictures(wrong, said, said),
    ]


def placed(given: Any, v: Values) -> Values:
    """Keep the points that a visitor placed.

    Raises:
        ValueError: the browser sent none of ours.
    """
    return {"points": plane.pack(validate_points(given))}


def fetch(v: Values, _: str) -> Values:
    """Get the real digits.

    Raises:
        Refused: they cannot be had.
    """
    if failed := real_digits.fetch():
        raise Refused(failed)
    return {}


BUTTONS = {
    "fetch": Button(
        real_digits.FETCH, fetch, icon="download", busy="Fetching the digits",
        when=lambda v: on_digits(v) and not digits.real(),
    )
}  # fmt: skip


def render(v: Values) -> np.ndarray:
    """Return the download: the map with its points, or what the first units look for, (H, W, 3) uint8."""
    if on_points(v):
        return plane.picture(plane.learned(**of_points(v)), 768)
    return np.kron(sheet(weights(digits.learned(**of_digits(v)).network), 10), np.ones((8, 8, 1), np.uint8))


def train(v: Values) -> dict[str, Any]:
    """Train a network of numpy on digits; return its accuracy on 2,000 test digits (%), its losses and the seconds. lr is a power of ten.

    While the digits (MNIST) are not at hand, those to learn from and to test are drawn by a model, which stands under 'data'.
    """
    progress = digits.learned(**of_digits(v))
    answer = {"accuracy": progress.accuracy, "losses": [float(x) for x in progress.losses], "seconds": progress.seconds}
    return answer if digits.real() else {**answer, "data": f"drawn by {digits.ARTIST}"}


def separate(v: Values) -> tuple[Drawn, dict[str, Any]]:
    """Train a network of numpy to tell points in the plane apart: a PNG of its map in the end, with the points; and how it went.

    Those are the film's steps, and at each of them the loss and the share told right (%), of the points learned from and of those held
    out; null where there is none. points is text of placed points, for data 'yours': base64url of three bytes each, x, y and class.
    """
    made = plane.learned(**of_points(v))
    names = ("loss", "right", "held_out_loss", "held_out_right")
    lines = (made.losses, made.right, made.held_losses, made.held_right)
    numbers = ([x if np.isfinite(x) else None for x in line] for line in lines)
    return Drawn(plane.picture(made, 384)), {"steps": made.steps, **dict(zip(names, numbers, strict=True))}


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: a network that has told the arms of a spiral apart, (336, 336, 3) uint8."""
    v = {name: field.default for name, field in fields().items()}
    return plane.picture(plane.learned(**of_points(v | {"noise": 0.02, "count": 200})), 336)


DEMO = Demo(
    title="Build your own network", line="Choose its layers, and watch it learn in seconds, without a library.",
    term="multilayer perceptron (MLP)", group="Understand", order=3, icon="construction", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, models=models, fields=fields, buttons=BUTTONS, stage=stage, code=code, render=render, scale=1,
    thumbnail=thumbnail,
    layout=(
        Section(
            (Slot("film", component=FILM, sets=placed, redraws=True), "said", Slot("curve", charts=1), "learned"), lead=("data",),
            fields=("hidden", "activation", "loss", "lr"), more=("noise", "count", "steps", "digits", "epochs", "seed"),
            under=("fetch",),
        ),
    ),
    endpoints=(
        Endpoint(separate, ("data", "hidden", "activation", "loss", "lr", "noise", "count", "steps", "seed", "points")),
        Endpoint(train, ("hidden", "activation", "loss", "lr", "digits", "epochs", "seed"), fixed={"data": DIGITS}),
    ),
)  # fmt: skip
