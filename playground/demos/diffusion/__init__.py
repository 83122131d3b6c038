"""Diffusion, step by step: a picture's whole way out of the noise, the pictures between two noises, and a digit finished."""

from collections.abc import Iterator

import numpy as np
import torch

from playground.catalogue import load
from playground.demo import Demo, Drawn, Endpoint, Pictures, Refused, Section, Stage, Words
from playground.demos.diffusion.walks import (
    ANY,
    BOX,
    DIGITS,
    FRAMES,
    between,
    coloured,
    evaluations,
    finish,
    part,
    quick,
    walk,
)
from playground.fields import DIGITS as LABELS
from playground.fields import Field, Values, choice, digit, integer, number, seed, strokes
from playground.memory import remembered
from playground.recipe import printed
from zoo.data.fashion import CLASSES
from zoo.models.ddpm import SAMPLERS
from zoo.nn import noise
from zoo.pictures import pixels, sheet

MODELS = (DIGITS, "ddpm.fashion")
FIRST = [[66, 88, 86, 58, 122, 44, 156, 54, 168, 84, 152, 116]]  # the upper bow of a 2, 3, 7, 8 or 9
STEPS, WAYS, THUMBNAILS = 50, 8, 12  # at most
HOW = (
    "Training drowns a picture in noise and asks the network what was there. Drawing starts from **noise alone**. At every step the "
    "network says which clean picture it sees; a little of the noise is exchanged for it, and it is asked again. Its first answer is a "
    "blur, the mean of all that is still possible; each step rules something out. *Guidance* asks twice, with the label and "
    "without, and adds the difference more than once. The same noise ends at the same picture, so a way from noise to noise is a film of "
    "pictures. To **finish a digit**, the drawn pixels are put back into every answer, and each step is repeated until the rest fits them."
)
EQUATION = (
    r"\begin{gathered} x_t = a_t\,x + s_t\,\varepsilon, \qquad a_t^2 + s_t^2 = 1 \\ "
    r"\hat{x} = a_t\,x_t - s_t\,v_\theta(x_t, t, y) \end{gathered}"
)
TRY_THIS = (
    "At moment 0, look at what the network sees in nothing but noise. Then set guidance to 0 under More: which digit does it "
    "see now? And with one step?"
)


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [*MODELS, "judge.mnist"]


def models() -> list[str]:
    """Return the models that it shows."""
    return list(MODELS)


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "model": choice(MODELS, DIGITS, "Model"),
        "label": digit("2", "Picture of", calls=lambda label, v: called(v["model"], label)),
        "seed": seed(help="Of the noise that it begins with"),
        "steps": integer(1, STEPS, 10, "Steps", "Between noise and picture"),
        "moment": integer(
            0, STEPS, 3, "Moment", "0 is noise alone; the last is the picture", end=lambda v: v["steps"]
        ),
        "guidance": number(
            0.0, 5.0, 1.2, "Guidance",
            "0 ignores the label, 1 is told it, above 1 leans on it; other than 0 and 1 asks the network twice a step",
            step=0.1,
        ),
        "sampler": choice(
            SAMPLERS, "dpm", "Sampler",
            "ddpm adds noise at every step, ddim none; dpm looks back one step too, and was made for few steps",
        ),
        "other": seed(7, "To seed"),
        "drawing": strokes(
            FIRST, "draw a part of a digit",
            f"The pad is the middle {BOX}x{BOX} of 28x28 pixels: the digits that the model knows keep a margin.",
            size=260,
        ),
        "into": choice([ANY, *LABELS], ANY, "Make of it", "'any' does not tell the network a label, as guidance 0"),
        "ways": integer(1, WAYS, 4, "Ways", "Each begins with a noise of its own"),
    }  # fmt: skip


def called(model: str, label: str) -> str:
    """Return what a model's label stands for, such as '3' or 'dress'."""
    return label if model == DIGITS else CLASSES[int(label)]


def chosen(steps: int) -> list[int]:
    """Return the moments of the film strip: all, or at most `THUMBNAILS` evenly spaced, both ends among them."""
    return np.linspace(0, steps, min(steps + 1, THUMBNAILS)).round().astype(int).tolist()


def pairs(there: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Put what is seen under what is there: (N, 28, 28) each to (N, 58, 28) uint8."""
    return np.concatenate([there, np.zeros((len(there), 2, 28), np.uint8), seen], 1)


def where(moment: int, levels: list[int]) -> str:
    """Return the sentence on a moment of a walk."""
    steps, level = len(levels) - 1, levels[moment]
    share = 100 * float(load(DIGITS).s[level]) ** 2
    return (
        f"Moment {moment} of {steps}: level {level} of {levels[0]:,}, the noise has {share:.0f} % of its full variance."
    )


def cost(steps: int, guidance: float) -> str:
    """Return the sentence on what a walk costs."""
    asked = evaluations(steps, guidance)
    return f"The whole way asks the network {'once' if asked == 1 else f'{asked} times'}."


def strip(v: Values) -> str:
    """Return the sentence on the pictures between two seeds."""
    steps, sampler = quick(v["steps"], v["sampler"])
    drawn = [f"drawn in {steps} {'step' if steps == 1 else 'steps'}"]
    if sampler != v["sampler"]:
        drawn.append(f"with {sampler}, since {v['sampler']} adds noise of its own on the way")
    return (
        f"From seed {v['seed']} to seed {v['other']}, {', '.join(drawn)}. The noises between are on the circle through the two: "
        "a plain mean of two noises has half their variance, which the network has never seen."
    )


def ends(read: np.ndarray) -> str:
    """Return the sentence on the finished digits."""
    if not len(read):
        return "Nothing is drawn yet: draw a part of a digit on the pad."
    return "Orange: what you drew, kept as it is. The rest is the model's, and the judge says what it reads."


def walk_of(v: Values) -> tuple:
    """Return the arguments of `walk`, of a page's values."""
    return v["model"], int(v["label"]), v["seed"], v["steps"], v["guidance"], v["sampler"]


def strip_of(v: Values) -> tuple:
    """Return the arguments of `between`, of a page's values: its own steps and sampler are quick ones."""
    steps, sampler = quick(v["steps"], v["sampler"])
    return v["model"], int(v["label"]), v["seed"], v["other"], steps, v["guidance"], sampler


def finish_of(v: Values) -> tuple:
    """Return the arguments of `finish`, of a page's values."""
    return v["drawing"], v["into"], v["seed"], v["ways"]


def own(v: Values) -> np.ndarray:
    """Return where a picture is the visitor's own: (28, 28) bool."""
    return part(v["drawing"]) > 0


def stage(v: Values) -> Iterator[Stage]:
    """Return the walk, one moment large and the whole way small; then the pictures between, and last the slowest: the finished digits."""
    (there, seen, levels), name = walk(*walk_of(v)), called(v["model"], v["label"])
    moment, at = min(v["moment"], v["steps"]), chosen(v["steps"])
    large = Pictures(
        [there[moment], seen[moment]],
        [f"{name}: what is there at moment {moment}", f"{name}: what the network sees in it"],
        ["what is there", "what the network sees in it"],
        columns=2, largest=300, scale=8,
    )  # fmt: skip
    film = Pictures(
        list(pairs(there[at], seen[at])),
        [f"moment {i}: what is there, and under it what the network sees" for i in at],
        [f"now {i}" if i == moment else str(i) for i in at],
        columns=len(at), largest=72,
    )  # fmt: skip
    said = Words(f"{where(moment, levels)} {cost(v['steps'], v['guidance'])}", quiet=True)
    yield {"walk": [large, said, film]}

    frames = between(*strip_of(v))
    alts = [f"picture {i + 1} of {len(frames)} between two noises" for i in range(len(frames))]
    yield {"between": [Pictures(frames, alts, columns=len(frames), largest=112), Words(strip(v), quiet=True)]}

    made, read = finish(*finish_of(v))
    alts, said = [f"your part finished, read as {r}" for r in read], [f"read as {r}" for r in read]
    finished = Pictures(made, alts, said, columns=4, largest=160, scale=8, own=own(v))
    yield {"finished": [finished, Words(ends(read), quiet=True)]}


def render(v: Values) -> np.ndarray:
    """Return the download: what is there, what is seen, the pictures between and the finished digits, in rows on white."""
    there, seen, _ = walk(*walk_of(v))
    at = chosen(v["steps"])
    rows = [np.repeat(printed(x)[..., None], 3, 3) for x in (there[at], seen[at], between(*strip_of(v)))]
    made, _ = finish(*finish_of(v))
    if len(made):
        rows.append(coloured(made, own(v), (0, 0, 0)))
    paper = np.full((len(rows), THUMBNAILS, 28, 28, 3), 255, np.uint8)
    for line, row in zip(paper, rows, strict=True):
        line[: len(row)] = row
    return sheet(paper.reshape(-1, 28, 28, 3), THUMBNAILS)


def walked(v: Values) -> tuple[Drawn, list[int]]:
    """Draw a picture out of noise: a PNG of all moments, 28x28 each, above what is there and below what the network sees in it; and the moments' levels of noise, 1000 to 0."""
    there, seen, levels = walk(*walk_of(v))
    return Drawn(sheet(np.concatenate([there, seen]), len(levels)), {"moment": min(v["moment"], v["steps"])}), levels


def mixed(v: Values) -> Drawn:
    """Draw pictures from noises between two seeds': a PNG, 8 pictures of 28x28 side by side, the first and last the seeds' own."""
    return Drawn(sheet(between(*strip_of(v)), FRAMES))


def finished(v: Values) -> tuple[Drawn, list[int]]:
    """Finish a digit: a PNG, its ways of 28x28 pixels side by side, what was drawn in orange; and the digit that the judge reads in each."""
    made, read = finish(*finish_of(v))
    if not len(made):
        raise Refused("Nothing is drawn yet: send strokes.")
    return Drawn(np.concatenate(list(coloured(made, own(v), (27, 27, 31))), 1)), read.tolist()


def code(v: Values) -> str:
    """Return the lines of Python that give the same moment."""
    moment = min(v["moment"], v["steps"])
    return (
        f'import torch\nimport zoo\nfrom zoo.nn import noise\n\nmodel = zoo.load("{v["model"]}")\nx = noise(1, 1, 28, 28, seed={v["seed"]})\n'
        f"way = list(model.walk(x, torch.tensor([{v['label']}]), seed={v['seed']}, steps={v['steps']}, "
        f'sampler="{v["sampler"]}", guidance={v["guidance"]:g}))\n'
        f"there = [x, *(step.x for step in way)][{moment}]  # (1, 1, 28, 28), -1 paper to 1 ink\n"
        f"seen = [*(step.clean for step in way), way[-1].x][{moment}]"
    )


@remembered
@torch.inference_mode()
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: four digits on their way out of the noise, (112, 112) uint8."""
    x, y = noise(4, 1, 28, 28, seed=1), torch.tensor([3, 5, 8, 2])
    way = [x, *(step.x for step in load(DIGITS).walk(x, y, seed=1))]
    return sheet(pixels((torch.stack([way[i] for i in (0, 5, 7, 10)], 1).flatten(0, 1) + 1) / 2), 4)


DEMO = Demo(
    title="Diffusion, step by step",
    line="A picture comes out of nothing but noise; stop it anywhere, or begin it yourself.",
    term="DDPM", group="Digits", order=3, icon="blur_on", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, models=models, weights=checkpoints, fields=fields, stage=stage, code=code, render=render,
    thumbnail=thumbnail,
    layout=(
        Section(
            ("walk",), lead=("moment",), fields=("model", "label", "steps", "seed"), more=("guidance", "sampler"),
        ),
        Section(("finished",), title="Finish my digit", side="left", lead=("into",), fields=("drawing",), more=("ways",)),
        Section(("between",), title="From noise to noise", lead=("other",)),
    ),
    endpoints=(
        Endpoint(walked, ("model", "label", "seed", "steps", "guidance", "sampler"), "walk"),
        Endpoint(mixed, ("model", "label", "seed", "other", "steps", "guidance", "sampler"), "between"),
        Endpoint(finished, ("drawing:strokes", "into", "seed", "ways"), "finish"),
    ),
)  # fmt: skip
