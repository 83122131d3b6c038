"""Record what every page gives: `python -m tests.playground.recorded.record [PAGE ...]`, with the digits (MNIST) at hand.

Each page has a JSON file: links and endpoint calls, and what they gave; its pictures, small, are in the WebP file of the same name,
and the JSON names them by their number there. Record a page again only where it is meant to give something else.
"""

import json
import os
import re
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

os.environ.update(HF_HUB_OFFLINE="1", GRADIO_ANALYTICS_ENABLED="False", OMP_NUM_THREADS="1")
HERE = Path(__file__).parent
from tests.playground.recorded.face import SIDE, App, Page, Shown, call, endpoints, recipe, small  # noqa: E402

COLUMNS = 16  # pictures in a row of the WebP file
ONE, WING = [[128, 20, 120, 230]], [[128, 90, 200, 20, 240, 60, 190, 130, 128, 130]]
# The same drawings, a bar and a cross as links carry them.
ONE_, BAR_, CROSS_ = "eNpjYGkQqXgGAAQsAfc", "eNpjYAmw2WIDAAOyAYE", "eNpjYNHQuHSdgeWSsu4dABScBAA"
WING_ = "eNpj4GqIOiHywWZfU0MTABw8BS8"
MOST = "4294967295"  # the largest seed

# For each page: links' queries, the first the default; the endpoints' names and what they are given.
LINKS = {
    "butterfly_studio": [
        {},
        {"texture": "Zerynthia rumina|rumina|dorsal", "drawing": WING_, "blend": "40", "sliders": "1.5_0_-2"},
        {"source": "random", "seed": MOST, "mirror": "no", "drawing": WING_, "mix": "wings", "blend": "100", "second": "Adonis||"},
    ],
    "cartpole": [{}, {"mode": "race", "age": "5", "seed": "12", "score": "77"}, {"mode": "inside", "age": "0", "seed": MOST, "score": "500"}],
    "dcgan": [
        {},
        {"model": "dcgan.mnist", "seed": "3", "count": "7", "wild": "0.5", "start": "2", "end": "6"},
        {"seed": MOST, "count": "1", "wild": "0", "start": "60", "end": "1"},
    ],
    "diffusion": [
        {},
        {"model": "ddpm.fashion", "label": "7", "seed": "9", "steps": "5", "moment": "4", "guidance": "2", "sampler": "ddim", "other": "3", "drawing": BAR_, "into": "7", "ways": "2"},
        {"seed": MOST, "steps": "1", "moment": "50", "guidance": "0", "sampler": "ddpm", "other": "0", "drawing": "", "ways": "8"},
    ],
    "digit_sampler": [
        {},
        {"label": "7", "wild": "0.35", "count": "3", "seed": "99", "model": "cvae.mnist", "to": "1"},
        {"label": "0", "wild": "1.5", "count": "1", "seed": MOST, "to": "0"},
    ],
    "draw_and_see": [{}, {"drawing": ONE_, "shift": "-3"}, {"drawing": CROSS_, "shift": "6"}],
    "dreams": [{}, {"label": "8", "seed": "3", "steps": "20", "size": "0.5"}, {"label": "8", "seed": "3", "steps": "1", "size": "0.5"}],
    "flow": [
        {},
        {"label": "7", "wild": "0.5", "count": "4", "seed": "9", "drawing": ONE_},
        {"label": "1", "wild": "0", "count": "1", "seed": MOST, "drawing": CROSS_},
    ],
    "latent_sliders": [
        {},
        {"start": "point", "seed": "5", "sliders": "1.5_0_-2", "to": "7", "along": "vae.mnist-mlp"},
        {"start": "drawing", "drawing": CROSS_, "sliders": "_".join(["0"] * 19 + ["3"]), "digit": "2499", "to": "0"},
    ],
    "models": [{}, {"model": "char_gpt.wells"}, {"model": "ppo.cartpole"}],
    "one_digit": [
        {},
        {"label": "7", "seed": "5", "round": "3", "right": "1", "rounds": "2", "pick": "7_5_3_2"},
        {"label": "7", "seed": MOST, "round": "999", "right": "999", "rounds": "999"},
    ],
    "own_network": [
        {},
        {"hidden": "7", "activation": "tanh", "loss": "hinge", "lr": "-2", "digits": "1000", "epochs": "1", "seed": "4"},
        {"hidden": "", "activation": "sigmoid", "lr": "-1", "digits": "1001", "epochs": "1", "seed": MOST},
    ],
    "watch_it_learn": [{}, {"model": "dcgan.mnist", "moment": "10", "against": "nothing"}, {"model": "ppo.cartpole", "moment": "0"}],
    "writing_desk": [
        {},
        {"beginning": "JULIET:\nO", "seed": "4", "length": "60", "wild": "0.5", "part": "measure", "ink": "surprise"},
        {"model": "char_gpt.wells", "beginning": "Café 7", "seed": MOST, "length": "50", "wild": "1.3", "top_p": "0.9", "min_p": "0", "top_k": "5", "repetition": "1.2", "part": "looks"},
    ],
}  # fmt: skip
CALLS = {
    "butterfly_studio": [
        ("/retexture", {}),
        ("/retexture", {"texture": "Zerynthia rumina|rumina|dorsal", "strokes": WING, "sliders": [1.5, 0, -2]}),
        ("/retexture", {"strokes": WING, "mirror": False, "second": "Adonis||", "blend": 40}),
        ("/moment", {"moment": 50}),
    ],
    "cartpole": [("/play", {}), ("/play", {"age": 0, "seed": 3}), ("/play", {"age": 5, "seed": 12}), ("/moment", {"moment": 0})],
    "dcgan": [
        ("/sample", {}),
        ("/sample", {"model": "dcgan.mnist", "count": 7, "seed": 3, "wild": 0.5}),
        ("/between", {}),
        ("/between", {"model": "dcgan.mnist", "start": 2, "end": 60, "seed": 3}),
        ("/moment", {"model": "dcgan.mnist", "moment": 30}),
    ],
    "diffusion": [
        ("/walk", {}),
        ("/walk", {"model": "ddpm.fashion", "label": 7, "seed": 9, "steps": 5, "guidance": 2.0, "sampler": "ddim"}),
        ("/walk", {"steps": 1, "guidance": 0.0, "sampler": "ddpm"}),
        ("/between", {"other": 3, "steps": 2}),
        ("/finish", {}),
        ("/finish", {"strokes": [[80, 60, 180, 60]], "into": "7", "seed": 9, "ways": 2}),
        ("/moment", {"model": "ddpm.fashion", "moment": 50}),
    ],
    "digit_sampler": [
        ("/sample", {}),
        ("/sample", {"label": 7, "seed": 99, "count": 3, "wild": 0.35, "model": "cvae.mnist"}),
        ("/sample", {"label": 0, "seed": 4294967295, "count": 1, "wild": 1.5}),
        ("/film", {"label": 1, "to": 7}),
        ("/moment", {"moment": 10}),
    ],
    "draw_and_see": [("/judge", {}), ("/judge", {"strokes": ONE, "shift": -3}), ("/judge", {"strokes": ONE, "shift": 6}), ("/moment", {"moment": 10})],
    "dreams": [("/dream", {}), ("/dream", {"label": 8, "seed": 3, "size": 0.5, "steps": 20}), ("/moment", {"model": "judge.mnist-robust", "moment": 20})],
    "flow": [
        ("/sample", {}),
        ("/sample", {"label": 7, "count": 4, "seed": 9, "wild": 0.5}),
        ("/rank", {}),
        ("/rank", {"strokes": ONE}),
        ("/moment", {"moment": 40}),
    ],
    "latent_sliders": [
        ("/decode", {}),
        ("/decode", {"start": "point", "seed": 5, "sliders": [1.5, 0, -2]}),
        ("/decode", {"start": "drawing", "strokes": ONE}),
        ("/morph", {"digit": 5, "to": 7}),
        ("/moment", {"model": "vae.mnist-mlp", "moment": 5}),
    ],
    "one_digit": [("/draw", {}), ("/draw", {"label": 7, "seed": 5}), ("/draw", {"label": 0, "seed": 4294967295}), ("/moment", {"model": "ddpm.mnist"})],
    "own_network": [
        ("/train", {"hidden": "7", "activation": "tanh", "loss": "hinge", "lr": -2, "digits": 1000, "epochs": 1, "seed": 4}),
        ("/train", {"hidden": "", "activation": "sigmoid", "lr": -1, "digits": 1001, "epochs": 1}),
        ("/train", {"digits": 1000, "epochs": 1}),
        ("/separate", {"data": "moons", "count": 100, "steps": 100}),
        ("/moment", {"moment": 20}),
    ],
    "writing_desk": [
        ("/write", {"length": 50}),
        ("/write", {"beginning": "The ", "length": 60, "seed": 5, "wild": 1.0, "min_p": 0.0, "branch": 2}),
        ("/write", {"model": "char_gpt.wells", "beginning": "", "length": 50, "top_k": 5, "top_p": 0.9, "repetition": 1.2}),
        ("/expected", {"beginning": "The "}),
        ("/bits", {"text": "Café"}),
        ("/moment", {"model": "char_gpt.wells", "moment": 0}),
    ],
}  # fmt: skip
# What cannot be tested without the digits, and what of an answer they add: the models' own pictures come without.
NEED_DIGITS = {("own_network", "link"), ("own_network", "/train"), ("one_digit", "link")}
ADDED = {"nearest"}
SLOW = [("writing_desk", {})]  # links that one host shows: the other would write the same 400 characters twice more


class Sheet:
    """Small pictures by number, each kept once."""

    def __init__(self):
        self.pictures: list[np.ndarray] = []
        self.places: dict[tuple, int] = {}

    def put(self, picture: np.ndarray) -> int:
        """Keep a picture; return its number."""
        key = picture.shape, picture.tobytes()
        if key not in self.places:
            self.places[key] = len(self.pictures)
            self.pictures.append(picture)
        return self.places[key]

    def save(self, path: Path) -> None:
        """Write all pictures side by side."""
        rows = -(-len(self.pictures) // COLUMNS)
        paper = np.full((rows * SIDE, COLUMNS * SIDE, 3), 255, np.uint8)
        for i, picture in enumerate(self.pictures):
            y, x = i // COLUMNS * SIDE, i % COLUMNS * SIDE
            h, w = picture.shape[:2]
            paper[y : y + h, x : x + w] = picture if picture.ndim == 3 else picture[..., None]
        Image.fromarray(paper).save(path, "WEBP", lossless=True, quality=100, method=6)


def load(page: str) -> tuple[dict, list[np.ndarray]]:
    """Return what was recorded of a page, and its pictures."""
    kept = json.loads((HERE / f"{page}.json").read_text("utf-8"))
    with Image.open(HERE / f"{page}.webp") as image:
        paper = np.asarray(image.convert("RGB"))
    pictures = []
    for i, (h, w, *colour) in enumerate(kept["pictures"]):
        y, x = i // COLUMNS * SIDE, i % COLUMNS * SIDE
        picture = paper[y : y + h, x : x + w]
        pictures.append(picture if colour else picture[..., 0])
    return kept, pictures


def known(scene: dict) -> dict:
    """Return what is played in the browser, each agent by its name and the hash of its numbers."""
    numbers = [sha256((agent["actor"] + agent["critic"]).encode()).hexdigest()[:12] for agent in scene["agents"]]
    return {**scene, "agents": [[agent["name"], n] for agent, n in zip(scene["agents"], numbers, strict=True)]}


def written(shown: Shown, sheet: Sheet) -> dict:
    """Return what a page shows as JSON; what is empty is left out."""
    facts = {
        "pictures": [[sheet.put(picture) for picture in block] for block in shown.pictures],
        "captions": [block for block in shown.captions if any(block)] and shown.captions,
        "texts": shown.texts,
        "scenes": [known(scene) for scene in shown.scenes],
        "code": shown.code,
    }
    return {key: value for key, value in facts.items() if value}


def link(page: str, query: dict[str, str], sheet: Sheet) -> dict:
    """Open a link in every host; return what is shown there, what Share and the download carry, and the download."""
    hosts = {}
    opened = Page(page, query)
    content, shown = opened.file, opened.shown()
    hosts["streamlit"] = {
        "link": opened.share(), "recipe": recipe(content), "download": sheet.put(small(content)), **written(shown, sheet),
    }  # fmt: skip
    if page in CALLS and (page, query) not in SLOW:
        app = App(page, query)
        content, shown = app.download(), app.shown()
        hosts["gradio"] = {
            "link": app.share(), "recipe": recipe(content), "download": sheet.put(small(content)), **written(shown, sheet),
        }  # fmt: skip
    return hosts


def numbered(answer, sheet: Sheet):
    """Return an endpoint's answer with its pictures' numbers in their place."""
    if isinstance(answer, dict):
        return {key: numbered(value, sheet) for key, value in answer.items()}
    if isinstance(answer, list):
        return [numbered(value, sheet) for value in answer]
    return sheet.put(answer) if isinstance(answer, np.ndarray) else answer


def record(page: str) -> None:
    """Write a page's files."""
    sheet = Sheet()
    kept = {
        "endpoints": endpoints(page) if page in CALLS else {},
        "links": [{"query": query, **link(page, query, sheet)} for query in LINKS[page]],
        "calls": [
            {"endpoint": endpoint, "given": given, "gives": numbered(call(page, endpoint, given), sheet)}
            for endpoint, given in CALLS.get(page, [])
        ],
    }
    kept["pictures"] = [picture.shape for picture in sheet.pictures]
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    flat = re.sub(r"\[[^\[\]{}]*\]", lambda found: re.sub(r"\s*\n\s*", " ", found[0]), text)
    (HERE / f"{page}.json").write_text(flat + "\n", "utf-8")
    sheet.save(HERE / f"{page}.webp")


if __name__ == "__main__":
    for page in sys.argv[1:] or LINKS:
        record(page)
        print(page, flush=True)
