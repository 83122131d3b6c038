"""The playground by its public face alone: links, buttons, downloads, endpoints. What lies behind may change; this and what was recorded stay.

Streamlit's pages run in its test runner, the Gradio apps in this process, event by event, as a browser would fire them.
"""

import base64
import html
import importlib
import inspect
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, unquote

import gradio as gr
import numpy as np
from gradio.helpers import special_args
from PIL import Image, ImageChops, ImageDraw
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

HOME = next(home for folder in Path(__file__).parents if (home := folder / "playground" / "Home.py").exists())
SIDE = 32  # pixels of a picture that is kept, at most
TIMED = ("ms", "seconds")  # what no two runs share
IMG = re.compile(
    r"<img\b[^>]*?src='data:image/((?:png|webp);base64,|svg\+xml,)([^']+)'[^>]*>(?:<figcaption>(.*?)</figcaption>)?"
)
FINE = 4  # pixels of a clipped picture for each of its own
PROSE = re.compile(r"<div class='zoo-prose[^']*'>(.*?)</div>", re.DOTALL)


@dataclass
class Shown:
    """What a page shows."""

    pictures: list[list[np.ndarray]] = field(default_factory=list)
    """of each gallery, small: as `small` returns them"""
    captions: list[list[str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """written by a model"""
    scenes: list[dict] = field(default_factory=list)
    """what the browser gets to play"""
    code: str = ""

    def read(self, body: str) -> None:
        """Add what a block of HTML shows."""
        for gallery in re.split("(?=<div class='zoo-(?:gallery|film))", body):
            if found := IMG.findall(gallery):
                self.pictures.append(
                    [
                        small(clipped(unquote(said)) if "svg" in kind else base64.b64decode(said))
                        for kind, said, _ in found
                    ]
                )
                self.captions.append([html.unescape(caption) for *_, caption in found])
        self.texts += [html.unescape(re.sub("<[^>]*>", "", text)) for text in PROSE.findall(body)]

    def take(self, data: Any) -> None:
        """Add what a component is given: a page of text, or carts and their agents."""
        data = data if isinstance(data, dict) else {}
        for part in (data, *(value for value in data.values() if isinstance(value, dict))):
            if isinstance(part.get("text"), str):
                self.texts.append(part["text"])
            if "agents" in part:
                self.scenes.append({key: part[key] for key in ("mode", "agents", "start", "best")})


def small(content: bytes) -> np.ndarray:
    """Read a picture on white paper and make it small: (h, w) where it is grey, else (h, w, 3), uint8, h and w at most `SIDE`.

    Each pixel that is shown as a block of equal pixels is one again, so a host may show it at another scale.
    """
    with Image.open(io.BytesIO(content)) as image:
        rgba = image.convert("RGBA")
    paper = Image.new("RGBA", rgba.size, "white")
    x = np.asarray(Image.alpha_composite(paper, rgba).convert("RGB"))
    edges = [np.flatnonzero((np.diff(x.astype(int), axis=axis) != 0).any((1 - axis, 2))) + 1 for axis in (0, 1)]
    block = int(np.gcd.reduce([*x.shape[:2], *edges[0], *edges[1]]))
    x = x[::block, ::block]
    image = Image.fromarray(x if np.ptp(x, axis=2).max() > 8 else x[..., 1])
    image = image if max(image.size) <= SIDE else image.resize(
        [max(1, round(side * SIDE / max(image.size))) for side in image.size], Image.Resampling.BOX
    )  # fmt: skip
    return np.asarray(image)


def clipped(svg: str) -> bytes:
    """Return the PNG that an SVG file holds, enlarged and cut along the ends of its clip's curves."""
    with Image.open(io.BytesIO(base64.b64decode(svg.split("base64,")[1].split("'")[0]))) as image:
        picture = image.convert("RGB").resize([FINE * side for side in image.size])
    alpha = Image.new("1", picture.size)
    for ring in re.findall("M([^Z]*)Z", svg.split(" d='")[1].split("'")[0]):
        points = [
            float(number) * FINE for number in re.findall(r"[-.\d]+ [-.\d]+(?=Q|$)", ring) for number in number.split()
        ]
        part = Image.new("1", picture.size)
        ImageDraw.Draw(part).polygon(points, fill=1)
        alpha = ImageChops.logical_xor(alpha, part)
    picture.putalpha(alpha.convert("L"))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def recipe(content: bytes) -> dict[str, str]:
    """Return the recipe in a PNG's metadata."""
    with Image.open(io.BytesIO(content)) as image:
        return json.loads(image.info["pocket-zoo"])


class Page:
    """A Streamlit page, opened by a link."""

    def __init__(self, page: str, query: dict[str, str]):
        self.app = AppTest.from_file(HOME, default_timeout=120)
        self.app.query_params.update(query)
        self.app._page_hash = calc_hash(page)  # the page's address: what st.Page hashes, file or function
        self.run(self.app)

    def run(self, waiting) -> None:
        """Run the page, or what an element of it waits to do, and make the download that it offers."""
        self.file = b""

        def kept(manager, make, *args, **options):
            content = make()
            self.file = content if content.startswith(b"\x89PNG") else self.file
            return "kept"

        with patch.object(MediaFileManager, "add_deferred", kept):
            waiting.run()
        assert not self.app.exception and not self.app.error

    def press(self, label: str) -> None:
        """Press a button."""
        self.run(next(button for button in self.app.button if button.label == label).click())

    def share(self) -> dict[str, str]:
        """Press Share; return the link's query."""
        self.press("Share")
        return {key: given[-1] if isinstance(given, list) else given for key, given in self.app.query_params.items()}

    def open(self, content: bytes) -> None:
        """Drop a downloaded picture in."""
        place = next(place for place in self.app.file_uploader if list(place.allowed_type) == [".png"])
        self.run(place.upload("picture.png", content, "image/png"))

    def shown(self) -> Shown:
        """Return what the page shows."""
        found = Shown()
        for element in self.app.get("html"):
            found.read(element.proto.body)
        for element in self.app.get("bidi_component"):
            found.take(json.loads(element.proto.json or element.proto.mixed.json or "{}"))
        found.code = next((code.value for code in self.app.code if re.search("(import|from) zoo", code.value)), "")
        return found


class App:
    """A Gradio app, opened by a link: each component's value, and the events that change them."""

    def __init__(self, page: str, query: dict[str, str]):
        self.demo = importlib.import_module(f"playground.gradio_apps.{page}").demo
        self.request = gr.Request(query_params=query)
        self.values = {block: getattr(found, "value", None) for block, found in self.demo.blocks.items()}
        self.fire("load")

    def fire(self, event: str, label: str | None = None) -> list[Any]:
        """Let an event happen to what bears a label; return what its functions gave."""
        given = []
        for function in list(self.demo.fns.values()):
            sources = [self.demo.blocks.get(source) for source, name in function.targets if name == event]
            if function.fn is None or not any(label in (None, name(source)) for source in sources):
                continue
            inputs = [self.values[block._id] for block in function.inputs]
            inputs = special_args(function.fn, inputs, self.request)[0]
            for answer in answers(function.fn(*inputs)):
                answer = answer if len(function.outputs) > 1 else [answer]
                for block, value in zip(function.outputs, answer, strict=True):
                    if said(value):
                        self.values[block._id] = plain(value)
                        given.append(plain(value))
        return given

    def share(self) -> dict[str, str]:
        """Press Share; return the link's query."""
        (link,) = (given for given in self.fire("click", "Share") if isinstance(given, str))
        return dict(parse_qsl(link, keep_blank_values=True))

    def download(self) -> bytes:
        """Press Download."""
        (path,) = self.fire("click", "Download")
        return Path(path).read_bytes()

    def open(self, content: bytes) -> None:
        """Drop a downloaded picture in."""
        (place,) = (block for block, found in self.demo.blocks.items() if isinstance(found, gr.UploadButton))
        self.values[place] = content
        self.fire("upload", "Open")

    def shown(self) -> Shown:
        """Return what the app shows."""
        found = Shown()
        for block, component in self.demo.blocks.items():
            value = self.values[block]
            if isinstance(component, gr.HTML):
                found.read(value) if isinstance(value, str) else found.take(value)
            elif isinstance(component, gr.Code):
                found.code = value
        return found


def endpoints(page: str) -> dict[str, list[list]]:
    """Return the parameters of each endpoint of an app, name and default."""
    named = importlib.import_module(f"playground.gradio_apps.{page}").demo.get_api_info()["named_endpoints"]
    return {
        endpoint: [[one["parameter_name"], one["parameter_default"]] for one in facts["parameters"]]
        for endpoint, facts in named.items()
    }


def call(page: str, endpoint: str, given: dict[str, Any]) -> Any:
    """Call an endpoint of an app; return its answer, the last where it streams, without what depends on the machine's speed."""
    demo = importlib.import_module(f"playground.gradio_apps.{page}").demo
    (function,) = (
        one for one in demo.fns.values() if f"/{one.api_name}" == endpoint and one.api_visibility == "public"
    )
    values = {**dict(endpoints(page)[endpoint]), **given}
    assert len(values) == len(endpoints(page)[endpoint]), f"{endpoint} does not take all of {list(given)}"
    *_, answer = answers(function.fn(*values.values()))
    return told(answer)


def told(answer: Any) -> Any:
    """Return an answer as JSON has it: a picture as {"picture": `small`, "recipe": ...}, numbers with five digits."""
    if isinstance(answer, dict) and "path" in answer:
        content = Path(answer["path"]).read_bytes()
        return {"picture": small(content), "recipe": recipe(content)}
    if isinstance(answer, dict):
        return {key: told(value) for key, value in answer.items() if key not in TIMED}
    if isinstance(answer, (list, tuple)):
        return [told(value) for value in answer]
    return float(f"{answer:.5g}") if isinstance(answer, float) else answer


def name(block) -> str | None:
    """Return what a button bears."""
    return block.value if isinstance(block, gr.Button) else getattr(block, "label", None)


def answers(answer: Any) -> Iterable[Any]:
    """Return all that a function gives: one answer, or those that it streams."""
    return answer if inspect.isgenerator(answer) else [answer]


def said(value: Any) -> bool:
    """Return whether an event's answer has a value, and does not only show or hide."""
    if isinstance(value, dict) and value.get("__type__") == "update":
        return "value" in value
    return "value" in value._constructor_args[0] if isinstance(value, gr.blocks.Block) else True


def plain(value: Any) -> Any:
    """Return an event's answer as the component's value."""
    if isinstance(value, dict) and value.get("__type__") == "update":
        return value["value"]
    return value.value if isinstance(value, gr.blocks.Block) else value
