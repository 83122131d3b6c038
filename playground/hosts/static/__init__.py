"""A demo as a static Space: what any web server can host, and no server of ours computes."""

import html
import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from playground import markup, panels, topics
from playground.catalogue import card

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
    cards = [card(model) for model in demo.checkpoints()]
    models = out / "models"
    models.mkdir()
    facts = page.export(models)
    said = facts.pop("fields", {})
    fields = demo.fields()
    order = [name for name in dict.fromkeys([*demo.controls(), *fields]) if name in fields]
    order = [name for name in order if fields[name].linked and name not in page.without]
    records = {name: fields[name].record() | said.get(name, {}) for name in order}
    facts |= {
        "name": topic.replace("_", "-"), "fields": records,
        "weights": "-".join(card(model).sha256[:12] for model in demo.weighed()),
    }  # fmt: skip
    (out / "facts.json").write_text(json.dumps(facts, separators=(",", ":"), ensure_ascii=False), "utf-8")
    for script in ("link.js", "noise.js", "page.js", "page.css", *page.scripts):
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
            seeds=page.seeds,
            chips="".join(f"<span><b>{c.name}</b> {c.parameters / 1e6:.2f} M parameters · {html.escape(c.license)}</span>" for c in cards),
            megabytes=f"{sum(file.stat().st_size for file in out.rglob('*')) / 1e6:.0f}",
            how=f"{markup.marked(demo.how)}{equation(demo.equation)}{drawing}", try_this=markup.marked(demo.try_this, inline=True),
            measured="".join(measured(c.name) for c in cards),
        ),
        "utf-8",
    )  # fmt: skip


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
