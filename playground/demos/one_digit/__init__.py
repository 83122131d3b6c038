"""One digit, many ways: the same label and seed in every model, side by side."""

from typing import Any

import numpy as np
import torch

from playground import real_digits
from playground.catalogue import labelled, load
from playground.demo import Beside, Button, Demo, Drawn, Endpoint, Part, Pictures, Refused, Section, Stage, Table, Words
from playground.demos.one_digit import which_is_real as quiz
from playground.demos.one_digit.comparison import COUNT, Entry, compared, entries, facts, legend, neighbours, scoreboard
from playground.fields import Field, Values, digit, integer, seed
from playground.memory import remembered
from zoo.pictures import pixels, sheet

HOW = (
    "All models learned from the same 60,000 digits, and all get your label and seed. The **cVAE** and the **IDVAE** unpack a short "
    "code in one pass. So does the **cGAN**, which was taught by a critic. The **flow** (real_nvp) bends noise into a picture by steps "
    "that also run backwards: it alone can say how probable a digit is. The **diffusion** model (ddpm) cleans noise little by little: "
    "it runs its network again and again. A judge reads what was drawn. And is a picture just remembered? Then some training digit would lie "
    "much closer to it than one does to a new digit of the test set."
)
EQUATION = r"d(x) = \min_{i \le 60000} \lVert x - x_i \rVert_2"
TRY_THIS = "Play ten rounds of the quiz with 1, then ten with 8. Which model fooled you most?"


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [*labelled(), "judge.mnist"]


def fields() -> dict[str, Field]:
    """Return the page's controls: label and seed, and where the quiz stands."""
    return {
        "label": digit("3"),
        "seed": seed(),
        "round": integer(0, quiz.MOST_ROUNDS, 0),
        "pick": quiz.answers(),
        "right": integer(0, quiz.MOST_ROUNDS, 0),
        "rounds": integer(0, quiz.MOST_ROUNDS, 0),
    }


def beside(one: Entry, label: int, near: tuple[np.ndarray, float] | None) -> list[Part]:
    """Return what is shown of a model: its pictures, the first the largest, its facts, and the training digit nearest to the first with its distance."""
    alts = [f"{one.name}: a {label}, picture {k + 1}" for k in range(COUNT)]
    shown: list[Part] = [
        Words(f"**{one.name}**"),
        Pictures(one.pictures[:1], alts[:1], columns=1, largest=176),
        Pictures(one.pictures[1:], alts[1:], columns=3, largest=53),
        Words("  \n".join(facts(one)), quiet=True),
    ]
    if near:
        alt = f"the training digit nearest to the first picture by {one.name}"
        shown += [
            Pictures([near[0]], [alt], columns=3, largest=53),
            Words(f"nearest training digit, {near[1]:.1f} away", quiet=True),
        ]
    return shown


def asked(v: Values, problem: str) -> list[Part]:
    """Return a round of the quiz: pictures to choose from, or who made them; or why there is none."""
    label, turn = int(v["label"]), v["round"]
    title = Words(f"#### Which of these is a real {label}?")
    if problem:
        return [title, Words(problem)]
    question = quiz.question(label, v["seed"], turn)
    place = quiz.picked(v["pick"], label, v["seed"], turn)
    alts = [f"picture {i + 1} of {len(question.pictures)}" for i in range(len(question.pictures))]
    pictures = Pictures(question.pictures, alts, quiz.captions(question, place), columns=3, largest=144)
    return [title, pictures, Words(quiz.verdict(question, place, v["right"], v["rounds"]))]


def stage(v: Values) -> Stage:
    """Return the models side by side, a round of the quiz, and the scoreboard."""
    label, drawn, problem = int(v["label"]), entries(int(v["label"]), v["seed"]), real_digits.problem()
    near = [None] * len(drawn) if problem else list(zip(*neighbours(label, v["seed"]), strict=True))
    models = Beside([beside(one, label, found) for one, found in zip(drawn, near, strict=True)], least="8rem")
    return {
        "models": models if problem else [models, Words(compared(label), quiet=True)],
        "quiz": asked(v, problem),
        "scoreboard": [Table(scoreboard(label, v["seed"])), Words(legend(), quiet=True)],
    }


def repair(v: Values) -> tuple[Values, list[str]]:
    """Count no more rounds as won than were played."""
    right, problem = quiz.score(v["right"], v["rounds"])
    return {"right": right}, [problem] if problem else []


def waits(v: Values) -> bool:
    """Return whether the quiz waits for an answer."""
    return not real_digits.problem() and not quiz.picked(v["pick"], int(v["label"]), v["seed"], v["round"])


def answered(v: Values, number: str) -> Values:
    """Count an answer, once."""
    label, turn, place = int(v["label"]), v["round"], int(number)
    if not waits(v):
        return {}
    right, rounds = quiz.scored(quiz.question(label, v["seed"], turn), place, v["right"], v["rounds"])
    return {"pick": quiz.answer(label, v["seed"], turn, place), "right": right, "rounds": rounds}


def fetch(v: Values, _: str) -> Values:
    """Get the real digits.

    Raises:
        Refused: they cannot be had.
    """
    if failed := real_digits.fetch():
        raise Refused(failed)
    return {}


BUTTONS = {
    "answer": Button(
        "Which is real?", answered, lambda v: {str(i + 1): str(i + 1) for i in range(len(labelled()) + 1)}, when=waits
    ),
    "next": Button(
        "Next round", lambda v, _: {"round": quiz.following(v["round"]), "pick": ""}, icon="arrow_forward",
        when=lambda v: not real_digits.problem() and not waits(v),
    ),
    "fetch": Button(
        real_digits.FETCH, fetch, icon="download", busy="Fetching the digits", when=lambda v: bool(real_digits.problem())
    ),
}  # fmt: skip


def render(v: Values) -> np.ndarray:
    """Return the download: a row of each model's pictures, (H, W) uint8."""
    return np.concatenate([sheet(one.pictures, COUNT) for one in entries(int(v["label"]), v["seed"])])


def together(v: Values) -> tuple[Drawn, dict[str, dict[str, Any]]]:
    """Draw a digit by every model with the same seed: a PNG, a row of four for each model; and what was found out about each first picture.

    Those are ms (milliseconds a picture on this server), verdict (the label that the judge reads), probability (the judge's), and nearest
    (Euclidean distance to the nearest training digit over 784 pixels from 0 to 1; null where the data is not at hand).
    """
    label, drawn = int(v["label"]), entries(int(v["label"]), v["seed"])
    far = [None] * len(drawn) if real_digits.problem() else neighbours(label, v["seed"])[1].tolist()
    return Drawn(render(v)), {
        one.name: {"ms": one.ms, "verdict": one.read, "probability": one.sure, "nearest": distance}
        for one, distance in zip(drawn, far, strict=True)
    }


def code(v: Values) -> str:
    """Return the lines of Python that draw the same pictures."""
    names = ", ".join(f'"{name}"' for name in labelled())
    return (
        f"import zoo\n\nfor name in ({names}):\n"
        f"    x = zoo.load(name).sample({COUNT}, seed={v['seed']}, label={v['label']})  # ({COUNT}, 1, 28, 28) in [0, 1]"
    )


@remembered
@torch.inference_mode()
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: one digit by four models, (56, 56) uint8."""
    names = (labelled() * 4)[:4]
    return sheet(np.stack([pixels(load(name).sample(1, seed=3, label=5))[0] for name in names]), 2)


DEMO = Demo(
    title="One digit, many ways", line="Every model draws the same digit. Which one would you take for real?",
    term="VAE, GAN, flow, diffusion", group="Digits", order=5, icon="compare", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, models=labelled, weights=checkpoints, fields=fields, repair=repair, buttons=BUTTONS,
    stage=stage, code=code, render=render, thumbnail=thumbnail,
    layout=(
        Section(("models",), lead=("label", "seed")),
        Section(("quiz",), under=("answer", "next", "fetch")),
        Section(("scoreboard",), title="Scoreboard"),
    ),
    endpoints=(Endpoint(together, ("label", "seed"), "draw"),),
)  # fmt: skip
