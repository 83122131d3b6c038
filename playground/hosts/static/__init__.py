"""A demo as a static Space: what any web server can host, and no server of ours computes."""

import html
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any

from playground import markup, panels, topics
from playground.catalogue import card
from playground.demo import Demo, Slot
from playground.fields import Field
from playground.hosts.static.tables import table

HERE = Path(__file__).parent
PLAYGROUND = HERE.parent.parent
RUNTIME = "onnxruntime-web@1.30.0"
RUNTIME_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
INK = (27, 27, 31)


def names() -> list[str]:
    """Return the demos that have a static page."""
    return [topic for topic in topics.names() if (topics.FOLDER / topic / "static.py").is_file()]


def build(topic: str, out: Path) -> None:
    """Write a demo's static Space into an empty folder.

    Raises:
        ValueError: the demo has no static page.
        OSError: npm, which fetches the runtime, is not installed or cannot reach its packages.
    """
    if topic not in names():
        raise ValueError(f"{topic} has no static page. Have: {', '.join(names())}")
    page, demo = topics.static(topic).PAGE, topics.demo(topic)
    cards = [card(model) for model in (page.models or demo.checkpoints)()]
    models = out / "models"
    models.mkdir()
    facts = page.export(models)
    said = facts.pop("fields", {})
    fields = demo.fields()
    order = [name for name in dict.fromkeys([*demo.controls(), *fields]) if name in fields and name not in page.without]
    order = [name for name in order if fields[name].linked or name in demo.controls()]
    records = {name: record(name, fields) | said.get(name, {}) for name in order}
    facts |= {
        "name": topic.replace("_", "-"), "fields": records, "layout": layout(demo, page.without),
        "buttons": {
            name: {"label": button.label, "help": button.help, "many": button.options is not None}
            for name, button in (demo.buttons or {}).items() if name not in page.without
        },
        "exports": [{"label": one.label, "kind": one.kind, "mime": one.mime} for one in demo.exports],
        "weights": "-".join(card(model).sha256[:12] for model in demo.weighed()),
    }  # fmt: skip
    (out / "facts.json").write_text(json.dumps(facts, separators=(",", ":"), ensure_ascii=False), "utf-8")
    for script in ("element.js", "link.js", "noise.js", "page.js", "page.css", "tensors.js", *page.scripts):
        shutil.copyfile(HERE / script, out / script)
    folder = topics.FOLDER / topic
    for script in folder.glob("*.js"):
        shutil.copyfile(script, out / ("demo.js" if script.name == "page.js" else script.name))
    styles = []
    for component in page.components:
        place = Path("components", component)
        (out / place).mkdir(parents=True)
        for file in (PLAYGROUND / place).iterdir():
            if file.suffix in (".js", ".css"):
                shutil.copyfile(file, out / place / file.name)
        styles.append(f'<link rel="stylesheet" href="{place / component}.css">')
    shutil.copytree(PLAYGROUND / "static" / "fonts", out / "fonts")
    shutil.copyfile(PLAYGROUND / "static" / "icon.png", out / "icon.png")
    if page.runtime:
        runtime(out / "ort")
        styles.append('<link rel="modulepreload" href="ort/ort.wasm.min.mjs">')
    drawing = (folder / "drawing.svg").read_text("utf-8")
    (out / "index.html").write_text(
        Template((HERE / "index.html").read_text("utf-8")).substitute(
            title=html.escape(demo.title), term=html.escape(demo.term), lead=html.escape(demo.line), styles="\n    ".join(styles),
            seeds=page.seeds, without=without(demo, page.without),
            chips="".join(f"<span><b>{c.name}</b> {c.parameters / 1e6:.2f} M parameters · {html.escape(c.license)}</span>" for c in cards),
            megabytes=f"{sum(file.stat().st_size for file in out.rglob('*')) / 1e6:.0f}",
            how=f"{markup.marked(demo.how)}{equation(demo.equation)}{drawing}", try_this=markup.marked(demo.try_this, inline=True),
            measured="".join(measured(c.name) for c in cards),
        ),
        "utf-8",
    )  # fmt: skip


def record(name: str, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return a field's record, with when it is shown, what it allows and where it ends as tables."""
    field, told = fields[name], fields[name].record()
    shown = table(field.when, fields)
    if shown["rows"] != [[[], True]]:
        told["when"] = shown
    if field.allows:
        told["allows"] = table(field.allows, fields)
    if field.end:
        told["end"] = table(field.end, fields)
    return told


def layout(demo: Demo, without: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the sections of a demo's layout, less what needs a server."""

    def kept(items: Iterable[str | Slot]) -> list[str | dict[str, str]]:
        return [
            {"slot": item.name, "presses": "" if item.presses in without else item.presses}
            if isinstance(item, Slot)
            else item
            for item in items
            if (item.name if isinstance(item, Slot) else item) not in without
        ]

    sections = [
        {
            "title": section.title, "lead": kept(section.lead), "slots": kept(section.places()),
            "fields": kept(section.fields), "more": kept(section.more), "more_title": section.more_title,
            "under": kept(section.under), "side": section.side, "widths": section.widths, "stays": section.stays,
        }
        for section in demo.layout
    ]  # fmt: skip
    return [one for one in sections if any(one[part] for part in ("lead", "slots", "fields", "more", "under"))]


def without(demo: Demo, reasons: Mapping[str, str]) -> str:
    """Return as HTML what a static page leaves out, and why.

    Raises:
        ValueError: a name is that of no field, button or slot.
    """
    fields, buttons, why = demo.fields(), demo.buttons or {}, {}
    for name, reason in reasons.items():
        if name not in fields and name not in buttons and name not in {slot.name for slot in demo.slots()}:
            raise ValueError(f"PAGE.without names {name!r}, which is no field, button or slot of the demo: remove it")
        label = fields[name].label if name in fields else buttons[name].label if name in buttons else name
        why.setdefault(reason, []).append(label)
    return "".join(
        f'<p class="quiet"><b>Only with a server:</b> {html.escape(", ".join(labels))}. {html.escape(reason)}</p>'
        for reason, labels in why.items()
    )


def measured(name: str) -> str:
    """Return a card's figures as HTML; its charts would need a server."""
    return "".join(markup.shown(panel, INK) for panel in panels.measured(name, plots=False))


def runtime(out: Path) -> None:
    """Put onnxruntime-web into a folder, from npm."""
    out.mkdir()
    with TemporaryDirectory() as folder:
        try:
            command = [
                "npm",
                "pack",
                RUNTIME,
                "--silent",
                "--prefer-offline",
            ]  # its version is fixed, so npm's cache will do
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise OSError(f"npm, which fetches {RUNTIME}, is not installed: install Node.js") from None
        except subprocess.CalledProcessError as error:
            raise OSError(f"npm cannot fetch {RUNTIME}: {error.stderr.strip()[-300:]}") from None
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            for file in RUNTIME_FILES:
                (out / file).write_bytes(package.extractfile(f"package/dist/{file}").read())


def equation(latex: str) -> str:
    """Return LaTeX as MathML, which browsers show."""
    from latex2mathml.converter import convert

    return f'<div class="scroll">{convert(latex, display="block")}</div>'
