"""Read a message without a server: classical readers as their arrays, networks as ONNX."""

import shutil
import sys
from pathlib import Path
from typing import Any

from playground import markup
from playground.catalogue import card, load
from playground.demos import read_message
from playground.demos.read_message import closer, graph, padding, risk
from playground.demos.read_message.reader import DATA, KINDS, TASKS, classes, metric, models, readers, style, title
from playground.hosts.static.page import StaticPage
from zoo import reading
from zoo.checkpoint import write_tensors
from zoo.data import named
from zoo.models.text_classifier import TextClassifier
from zoo.models.text_classifier.words import SHAPES

INK = (27, 27, 31)
ALIKE = "The same message gives the same verdicts as in the app, to four digits."
FAILS = "This needs texts that were held back, and the page carries no data."


def write_reader(name: str, out: Path) -> dict[str, Any]:
    """Write a reader; return its facts."""
    model, config = load(name), card(name).config
    facts = {"name": name, "title": title(name), "style": style(name), "config": config}
    if not isinstance(model, TextClassifier):
        shutil.copyfile(card(name).folder / "model.safetensors", out / f"{name}.safetensors")
        return facts
    write_tensors(out / f"{name}.vocabulary.safetensors", {"vocabulary": model.vocabulary})
    graph.write(out / f"{name}.onnx", model, each=name in padding.padders("spam"))
    return facts


def looks(task: str) -> dict[str, Any]:
    """Return the closer looks at a task's readers that no message changes, as HTML and figures."""
    v = {"task": task, "model": readers(task)[0]}
    found = {}
    for name in ("compare", "curves"):
        parts, figures = getattr(closer, name)(v)
        found[name] = {"html": markup.shown(parts, INK), "figures": [vars(figure) for figure in figures]}
    return found


def readings(out: Path) -> dict[str, Any]:
    """Write what the page needs; return its facts."""
    kinds = models(KINDS)
    tasks = {
        task: {
            "readers": readers(task), "classes": classes(task), "noun": named(DATA[task]).NOUN, "data": DATA[task], "looks": looks(task),
            "examples": read_message.EXAMPLES[task],
        }
        for task in TASKS
    }  # fmt: skip
    measured = {
        name: card(name).numbers | {"few": shown(metric(name, risk.FEW)), "majority": metric(name, "majority")}
        for name in risk.measured()
    }
    padders = padding.padders("spam")
    return {
        "readers": [write_reader(name, out) for name in read_message.checkpoints()], "tasks": tasks, "measured": measured,
        "kinds": {"name": kinds[0], "classes": named(KINDS).CLASSES, "familiar": card(kinds[0]).numbers["familiar"]} if kinds else None,
        "limits": {"most": reading.MOST, "work": reading.WORK, "letters": reading.LETTERS, "strong": read_message.STRONG, "strongest": read_message.STRONGEST, "least": risk.LEAST},
        "digits": "".join(c for c in map(chr, range(sys.maxunicode + 1)) if c.isdigit() and not c.isdecimal()), "shapes": SHAPES,
        "padding": {
            "name": padders[0], "blanks": padding.BLANKS, "beside": padding.BESIDE, "said": padding.reason(padders[0]), "ways": padding.ways(padders[0]),
        } if padders else None,
        "fails": f"{FAILS} It can be seen only with a server.",
    }  # fmt: skip


def shown(value: float) -> float | None:
    """Return a figure as JSON can have it."""
    return value if value == value else None


PAGE = StaticPage(readings, components=("words",), scripts=("network.js",), without={"take": FAILS}, seeds=ALIKE)
