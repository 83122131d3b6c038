"""A demo as a static Space: what any web server can host, and no server of ours computes."""

import html
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from playground import demos, pages
from playground.static_pages import networks

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RUNTIME = "onnxruntime-web@1.30.0"
RUNTIME_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
SAME = "A seed gives the same picture as in the app: the noise is the same to the last bit."


@dataclass(frozen=True)
class Page:
    """What a demo's static page is made of."""

    export: Callable[[Path], dict]
    """writes models into a folder and returns the facts that the page's script reads"""
    components: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    sketch: str = ""
    seeds: str = SAME
    runtime: bool = True


PAGES = {
    "butterfly_studio": Page(
        networks.butterflies, ("canvas",), ("network.js", "outline.js"), "retexture.svg",
        f"{SAME} Lines are drawn by the browser, so an outline may differ from the app's by a pixel.",
    ),
    "cartpole": Page(
        networks.carts, ("cartpole",), (), "ppo.svg",
        "A seed gives the same episode as in the app and in gymnasium.", runtime=False,
    ),
    "digit_sampler": Page(networks.digits, (), ("digit.js", "network.js"), "conditional.svg"),
    "latent_sliders": Page(networks.latents, ("canvas",), ("digit.js", "network.js"), "vae.svg"),
    "writing_desk": Page(
        networks.writers, (), ("network.js",), "gpt.svg",
        "A seed gives the same text as in the app, until two characters are as likely as each other to six digits.",
    ),
}  # fmt: skip


def build(name: str, out: Path) -> None:
    """Write a demo's static Space into an empty folder.

    Raises:
        ValueError: the demo has no static page.
        OSError: npm, which fetches the runtime, is not installed or cannot reach its packages.
    """
    if name not in PAGES:
        raise ValueError(f"{name} has no static page. Have: {', '.join(PAGES)}")
    page = PAGES[name]
    view = next(view for view in pages.find() if view.stem == name)
    demo = getattr(networks, name)
    cards = [demos.card(model) for model in demo.checkpoints()]
    models = out / "models"
    models.mkdir()
    facts = page.export(models)
    facts |= {
        "name": name.replace("_", "-"),
        "weights": "-".join(card.sha256[:12] for card in cards if card.name != networks.JUDGE),
    }
    (out / "facts.json").write_text(json.dumps(facts, separators=(",", ":"), ensure_ascii=False))
    for script in ("link.js", "noise.js", "page.js", "page.css", *page.scripts):
        shutil.copyfile(HERE / script, out / script)
    shutil.copyfile(HERE / f"{name}.js", out / "demo.js")
    styles = []
    for component in page.components:
        folder = Path("components", component)
        (out / folder).mkdir(parents=True)
        for file in (ROOT / "playground" / folder).iterdir():
            if file.suffix in (".js", ".css"):
                shutil.copyfile(file, out / folder / file.name)
        styles.append(f'<link rel="stylesheet" href="{folder / component}.css">')
    shutil.copytree(ROOT / "playground" / "static" / "fonts", out / "fonts")
    shutil.copyfile(ROOT / "playground" / "static" / "icon.png", out / "icon.png")
    if page.runtime:
        runtime(out / "ort")
        styles.append('<link rel="modulepreload" href="ort/ort.wasm.min.mjs">')
    (out / "index.html").write_text(
        Template((HERE / "index.html").read_text("utf-8")).substitute(
            title=html.escape(view.title), lead=html.escape(view.line), styles="\n    ".join(styles), seeds=page.seeds,
            chips="".join(f"<span><b>{c.name}</b> {c.parameters / 1e6:.2f} M parameters · {html.escape(c.license)}</span>" for c in cards),
            megabytes=f"{sum(file.stat().st_size for file in out.rglob('*')) / 1e6:.0f}",
            how=f"<p>{marked(demo.HOW)}</p>{equation(demo.EQUATION)}{sketch(page.sketch)}", try_this=marked(demo.TRY_THIS),
            measured="".join(map(measured, cards)),
        )
    )  # fmt: skip


def runtime(out: Path) -> None:
    """Put onnxruntime-web into a folder, from npm."""
    out.mkdir()
    with TemporaryDirectory() as folder:
        try:
            # Its version is fixed, so npm's cache will do.
            command = ["npm", "pack", RUNTIME, "--silent", "--prefer-offline"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise OSError(f"npm, which fetches {RUNTIME}, is not installed: install Node.js") from None
        except subprocess.CalledProcessError as error:
            raise OSError(f"npm cannot fetch {RUNTIME}: {error.stderr.strip()[-300:]}") from None
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            for file in RUNTIME_FILES:
                (out / file).write_bytes(package.extractfile(f"package/dist/{file}").read())


def marked(text: str) -> str:
    """Return a sentence or two of Markdown, with **bold**, *italics* and paragraphs, as HTML."""
    text = html.escape(text, quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text).replace("\n\n", "</p><p>")


def equation(latex: str) -> str:
    """Return LaTeX as MathML, which browsers show."""
    from latex2mathml.converter import convert

    return f'<div class="scroll">{convert(latex, display="block")}</div>'


def sketch(name: str) -> str:
    """Return a drawing in the current colour."""
    return (ROOT / "playground" / "static" / "drawings" / name).read_text("utf-8")


def measured(card) -> str:
    """Return a card's metrics with their definitions."""
    rows = "".join(
        f"<tr><td>{m.name}</td><td>{m}</td><td>{m.n:,}</td><td>{html.escape(m.definition)}</td></tr>"
        for m in card.metrics
    )
    return (
        f"<h3>{card.name}</h3><div class='scroll'><table><tr><th>metric</th><th>value</th><th>n</th><th>definition</th></tr>"
        f"{rows}</table></div><p class='quiet'>On the test split, n each; computed again by "
        f"<code>python -m train verify {card.name}</code>.</p>"
    )
