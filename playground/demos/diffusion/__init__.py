"""Diffusion, step by step: a picture's whole way out of the noise, the pictures between two noises, and a digit finished."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from playground.demos import drawing, load
from playground.demos.recipe import Field, choice, integer, number, printed
from zoo.data.fashion import CLASSES
from zoo.drawing import SIDE, lines, rasterise
from zoo.models.ddpm import SAMPLERS
from zoo.nn import MAX_SEED, noise
from zoo.pictures import pixels, sheet

DIGITS = "ddpm.mnist"
MODELS = (DIGITS, "ddpm.fashion")
LABELS = [str(label) for label in range(10)]
ANY = "any"
FIRST = [[66, 88, 86, 58, 122, 44, 156, 54, 168, 84, 152, 116]]  # the upper bow of a 2, 3, 7, 8 or 9
STEPS, WAYS, FRAMES, THUMBNAILS = 50, 8, 8, 12  # at most
SHORT = 10  # steps of a strip's frames at most
BOX = 24  # pixels of the picture that the pad stands for
FINISH = {"steps": 20, "repeats": 3}  # a second for four digits; fewer repeats join the parts less well
ORANGE = (232, 115, 26)
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
PAD = f"The pad is the middle {BOX}x{BOX} of 28x28 pixels: the digits that the model knows keep a margin."
INTO_HELP = "'any' does not tell the network a label, as guidance 0"
GUIDANCE_HELP = (
    "0 ignores the label, 1 is told it, above 1 leans on it; other than 0 and 1 asks the network twice a step"
)
SAMPLER_HELP = "ddpm adds noise at every step, ddim none; dpm looks back one step too, and was made for few steps"


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [*MODELS, "judge.mnist"]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "model": choice(MODELS, DIGITS),
        "label": choice(LABELS, "2"),
        "seed": integer(0, MAX_SEED, 1),
        "steps": integer(1, STEPS, 10),
        "moment": integer(0, STEPS, 3),
        "guidance": number(0.0, 5.0, 1.2),
        "sampler": choice(SAMPLERS, "dpm"),
        "other": integer(0, MAX_SEED, 7),
        "drawing": Field(FIRST, drawing.FIELD.read, drawing.FIELD.write),
        "into": choice([ANY, *LABELS], ANY),
        "ways": integer(1, WAYS, 4),
    }


def called(model: str, label: str) -> str:
    """Return what a model's label stands for, such as '3' or 'dress'."""
    return label if model == DIGITS else CLASSES[int(label)]


@lru_cache(maxsize=64)
@torch.inference_mode()
def walk(
    model: str, label: int, seed: int, steps: int, guidance: float, sampler: str
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Go from noise to picture.

    Returns:
        what is there at each moment, the start included (steps + 1, 28, 28) uint8; the clean picture that the network sees in it,
        as many (at the end, the picture itself); the levels of noise, T to 0.
    """
    x, network = noise(1, 1, 28, 28, seed=seed), load(model)
    way = list(network.walk(x, torch.tensor([label]), seed=seed, steps=steps, guidance=guidance, sampler=sampler))
    there = torch.cat([x, *(step.x for step in way)])
    seen = torch.cat([*(step.clean for step in way), way[-1].x])
    return pixels((there + 1) / 2), pixels((seen + 1) / 2), network.levels(steps)


def evaluations(steps: int, guidance: float) -> int:
    """Return how often a walk asks the network."""
    return steps * (1 if guidance in (0, 1) else 2)


def chosen(steps: int) -> list[int]:
    """Return the moments of the film strip: all, or at most `THUMBNAILS` evenly spaced, both ends among them."""
    return np.linspace(0, steps, min(steps + 1, THUMBNAILS)).round().astype(int).tolist()


def pairs(there: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Put what is seen under what is there: (N, 28, 28) each to (N, 58, 28) uint8."""
    return np.concatenate([there, np.zeros((len(there), 2, 28), np.uint8), seen], 1)


def spherical(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Mix two noises along the great circle through them, so that every mix has the variance of noise.

    Args:
        start, end: (1, ...).
        share: (N,) of the end, 0 to 1.

    Returns:
        (N, ...).
    """
    angle = torch.cosine_similarity(start.flatten(), end.flatten(), 0).clamp(-1, 1).arccos()
    if angle < 1e-3:
        return start.expand(len(share), *start.shape[1:])
    share = share.view(-1, *[1] * (start.ndim - 1))
    return (((1 - share) * angle).sin() * start + (share * angle).sin() * end) / angle.sin()


@lru_cache(maxsize=64)
@torch.inference_mode()
def between(model: str, label: int, seed: int, other: int, steps: int, guidance: float, sampler: str) -> np.ndarray:
    """Draw pictures from noises between two seeds'; the first and the last are the seeds' own: (FRAMES, 28, 28) uint8."""
    x = spherical(*(noise(1, 1, 28, 28, seed=s) for s in (seed, other)), torch.linspace(0, 1, FRAMES))
    y = torch.full((FRAMES,), label)
    *_, last = load(model).walk(x, y, seed=seed, steps=steps, guidance=guidance, sampler=sampler)
    return pixels((last.x + 1) / 2)


def quick(steps: int, sampler: str) -> tuple[int, str]:
    """Return how a strip's frames are drawn: in few steps, and with no noise but the first."""
    return min(steps, SHORT), "ddim" if sampler == "ddpm" else sampler


def part(strokes: drawing.Strokes) -> np.ndarray:
    """Return a drawing where it was drawn, neither centred nor scaled to fit: (28, 28) ink in [0, 1]; 0 where nothing is."""
    inner = [BOX / 28 * (line - SIDE / 2) + SIDE / 2 for line in lines(strokes)]
    return rasterise(inner, 28, width=2.3)


def finish(strokes: drawing.Strokes, into: str, seed: int, ways: int) -> tuple[np.ndarray, np.ndarray]:
    """Finish a digit: what is drawn stays, and the model adds the rest.

    Args:
        into: the label to make of it, or `ANY`.
        seed: way i depends on (seed, i) alone.

    Returns:
        pictures (ways, 28, 28) uint8; the digit that the judge reads in each (ways,). None of them where nothing is drawn.
    """
    return _finish(tuple(map(tuple, strokes)), into, seed, ways)


@lru_cache(maxsize=32)
@torch.inference_mode()
def _finish(strokes: tuple[tuple[int, ...], ...], into: str, seed: int, ways: int) -> tuple[np.ndarray, np.ndarray]:
    ink = torch.from_numpy(part(strokes))[None, None]
    if not ink.any():
        return np.zeros((0, 28, 28), np.uint8), np.zeros(0, int)
    y = torch.full((ways,), 0 if into == ANY else int(into))
    told = {"known": 2 * ink - 1, "mask": (ink > 0).float(), "guidance": 0 if into == ANY else 1}
    x = noise(ways, 1, 28, 28, seed=seed)
    *_, last = load(DIGITS).walk(x, y, seed=seed, sampler="ddpm", **told, **FINISH)
    whole = (last.x + 1) / 2
    return pixels(whole), load("judge.mnist").classify(whole).argmax(1).numpy()


def coloured(picture: np.ndarray, drawn: np.ndarray, ink: tuple[int, int, int]) -> np.ndarray:
    """Show what was drawn (28, 28) in orange within a finished digit (28, 28) uint8: (28, 28, 4) uint8, clear where no ink is."""
    own = (drawn > 0)[..., None]
    return np.concatenate([np.where(own, ORANGE, ink), picture[..., None]], 2).astype(np.uint8)


def on_paper(clear: np.ndarray) -> np.ndarray:
    """Lay pictures (..., 4) uint8 on white: (..., 3) uint8."""
    share = clear[..., 3:] / 255
    return (255 * (1 - share) + clear[..., :3] * share).round().astype(np.uint8)


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


def strip(v: dict) -> str:
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


def walk_of(v: dict) -> tuple:
    """Return the arguments of `walk`, of a page's values."""
    return v["model"], int(v["label"]), v["seed"], v["steps"], v["guidance"], v["sampler"]


def strip_of(v: dict) -> tuple:
    """Return the arguments of `between`, of a page's values: its own steps and sampler are quick ones."""
    steps, sampler = quick(v["steps"], v["sampler"])
    return v["model"], int(v["label"]), v["seed"], v["other"], steps, v["guidance"], sampler


def poster(v: dict) -> np.ndarray:
    """Return the download: what is there, what is seen, the pictures between and the finished digits, in rows on white."""
    there, seen, _ = walk(*walk_of(v))
    at, drawn = chosen(v["steps"]), part(v["drawing"])
    rows = [np.repeat(printed(x)[..., None], 3, 3) for x in (there[at], seen[at], between(*strip_of(v)))]
    made = finish(v["drawing"], v["into"], v["seed"], v["ways"])[0]
    if len(made):
        rows.append(np.stack([on_paper(coloured(x, drawn, (0, 0, 0))) for x in made]))
    paper = np.full((len(rows), THUMBNAILS, 28, 28, 3), 255, np.uint8)
    for line, row in zip(paper, rows, strict=True):
        line[: len(row)] = row
    return sheet(paper.reshape(-1, 28, 28, 3), THUMBNAILS)


def code(v: dict) -> str:
    """Return the lines of Python that give the same moment."""
    moment = min(v["moment"], v["steps"])
    return (
        f'import torch\nimport zoo\nfrom zoo.nn import noise\n\nmodel = zoo.load("{v["model"]}")\nx = noise(1, 1, 28, 28, seed={v["seed"]})\n'
        f"way = list(model.walk(x, torch.tensor([{v['label']}]), seed={v['seed']}, steps={v['steps']}, "
        f'sampler="{v["sampler"]}", guidance={v["guidance"]:g}))\n'
        f"there = [x, *(step.x for step in way)][{moment}]  # (1, 1, 28, 28), -1 paper to 1 ink\n"
        f"seen = [*(step.clean for step in way), way[-1].x][{moment}]"
    )


@lru_cache(maxsize=1)
@torch.inference_mode()
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: four digits on their way out of the noise, (112, 112) uint8."""
    x, y = noise(4, 1, 28, 28, seed=1), torch.tensor([3, 5, 8, 2])
    way = [x, *(step.x for step in load(DIGITS).walk(x, y, seed=1))]
    return sheet(pixels((torch.stack([way[i] for i in (0, 5, 7, 10)], 1).flatten(0, 1) + 1) / 2), 4)
