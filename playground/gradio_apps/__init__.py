"""The demos as Gradio apps, and what these share: look, checked controls, links, and the tabs below the stage.

Each app is a module with `demo` at module level: `python -m playground.gradio_apps.digit_sampler`.
"""

import base64
import html
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr
import numpy as np
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from PIL import Image
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from playground.demos import card, drawing
from playground.demos import watch_it_learn as learning
from playground.demos.recipe import MAX_UPLOAD, Field, RecipeError, parse, png, recipe_of, text
from zoo.nn import MAX_SEED

HERE = Path(__file__).parent.parent
INK = (27, 27, 31)  # pictures are drawn in it once; the dark theme inverts them
FONTS = {"Zoo Sans": "source-sans-3", "Zoo Serif": "source-serif-4", "Zoo Mono": "source-code-pro"}
HEAD = "<style>{}</style>".format(
    "".join(
        f"@font-face {{ font-family: '{family}'; src: url('zoo-fonts/{stem}-latin.woff2'); font-weight: 200 900; }}"
        for family, stem in FONTS.items()
    )
)
STYLE = """
.dark { --color-accent: #E8731A; }
.dark input[type="range"] { --neutral-200: #3A3A42; }
.dark .zoo-digit, .dark .zoo-direction::before, .dark .zoo-direction::after { filter: invert(1); }
.zoo-gallery figcaption, .zoo-quiet { color: var(--body-text-color-subdued); }
.zoo-quiet { margin: 0.25rem 0; max-width: 70ch; }
.zoo-quiet code { font-family: var(--font-mono); font-size: 0.875em; overflow-wrap: anywhere; }
.zoo-read { margin: 0.75rem 0 0.5rem; }
.zoo-films { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.zoo-scroll { overflow-x: auto; }
.zoo-scroll table { border-collapse: collapse; font-size: 1rem; margin: 0.5rem 0 1rem; width: auto; }
.zoo-scroll th, .zoo-scroll td {
  background: none; border: 0 solid var(--border-color-primary) !important; border-bottom-width: 1px !important;
  padding: 0.25rem 0.5rem !important; text-align: left; vertical-align: top;
}
.zoo-confusion td, .zoo-confusion th { font-variant-numeric: tabular-nums; text-align: right !important; }
.zoo-digits .wrap { gap: 4px; }
.zoo-digits label { border: 2px solid transparent; min-height: 40px; min-width: 40px; justify-content: center; padding: 4px; }
.zoo-digits label span { margin: 0; }
.zoo-digits label.selected { border-color: var(--color-accent); font-weight: 600; }
.zoo-digits label:has(:focus-visible) { outline: 2px solid var(--color-accent); outline-offset: 2px; }
.zoo-digits input { opacity: 0; position: absolute; }
.zoo-direction { padding: 0 44px 10px !important; position: relative; }
.zoo-direction::before, .zoo-direction::after {
  background-size: cover; height: 36px; image-rendering: pixelated; position: absolute; top: 8px; width: 36px;
}
.zoo-direction::before { left: 0; }
.zoo-direction::after { right: 0; }
.zoo-stage { align-self: start; background: var(--body-background-fill); position: sticky; top: 0; z-index: 2; }
.zoo-actions { gap: 8px; }
.zoo-actions button { flex: 1 1 6rem; font-weight: 400; min-height: 44px; min-width: 6rem; }
@media (max-width: 640px) { .app { padding: 16px !important; } }
"""
_LINK = """(query) => {
  const link = new URL(location.href);
  link.search = query;
  history.replaceState(null, "", link);
  return link.href;
}"""
_SAVE = (
    "(file) => { Object.assign(document.createElement('a'), { href: file.url, download: file.orig_name }).click(); }"
)
_DICE = f"() => Math.floor(Math.random() * {MAX_SEED})"


def theme() -> gr.themes.Base:
    """Return the playground's colours and fonts; what they are and why stands in .streamlit/config.toml."""
    paper, ink, sheet, line, quiet, accent = "#FBFAF7", "#1B1B1F", "#F1EEE7", "#D9D5CB", "#5A5854", "#AD500A"
    dark = dict(
        zip(
            (paper, ink, sheet, line, quiet, accent),
            ("#141417", "#EDEBE6", "#1F1F24", "#3A3A42", "#B0ADA6", "#E8731A"),
            strict=True,
        )
    )
    orange = gr.themes.Color(
        "#FDF1E7",
        "#FBE6D5",
        "#F7CFAE",
        "#F2AC78",
        "#F0904A",
        "#E8731A",
        accent,
        "#8A4107",
        "#7A3706",
        "#5C2A05",
        "#3F1D04",
    )
    slate = gr.themes.Color(
        "#E3EAF2",
        "#C7D4E4",
        "#ABBFD6",
        "#8FADD3",
        "#6B8FBE",
        "#3D5A80",
        "#344D6F",
        "#2B415D",
        "#22344C",
        "#1A283A",
        "#121C28",
    )
    neutral = gr.themes.Color(
        paper, sheet, line, "#C4BFB3", "#B0ADA6", "#7D7A74", quiet, "#3A3A42", "#1F1F24", "#17171A", "#141417"
    )
    settings = {
        "body_background_fill": paper, "background_fill_primary": paper, "background_fill_secondary": sheet,
        "block_background_fill": paper, "body_text_color": ink, "body_text_color_subdued": quiet,
        "border_color_primary": line, "block_border_color": line, "slider_color": accent,
        "link_text_color": accent, "block_label_text_color": quiet, "block_title_text_color": ink,
        "button_secondary_background_fill": sheet, "button_secondary_text_color": ink, "input_background_fill": sheet,
        "checkbox_label_background_fill": sheet, "checkbox_label_background_fill_selected": sheet,
        "checkbox_label_border_color_selected": accent, "checkbox_background_color_selected": accent,
        "checkbox_border_color_selected": accent, "checkbox_label_text_color": ink, "checkbox_label_text_color_selected": ink,
    }  # fmt: skip
    look = gr.themes.Base(
        primary_hue=orange, secondary_hue=slate, neutral_hue=neutral, text_size=gr.themes.sizes.text_lg,
        font=["Zoo Sans", "system-ui", "sans-serif"], font_mono=["Zoo Mono", "ui-monospace", "monospace"],
    )  # fmt: skip
    both = settings | {f"{name}_dark": dark[color] for name, color in settings.items()}
    return look.set(
        **both,
        color_accent=accent,
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_shadow_dark="none",
        block_padding="4px 0px",
    )


def launch(demo: gr.Blocks, **options: Any):
    """Launch an app in the playground's look; takes and returns what `gr.Blocks.launch` does."""
    style = (HERE / "style.css").read_text("utf-8") + STYLE
    fonts = Mount("/zoo-fonts", StaticFiles(directory=HERE / "static" / "fonts"))
    chosen = {
        "theme": theme(), "css": style, "head": HEAD, "app_kwargs": {"routes": [fonts]}, "footer_links": ["api", "settings"],
        "max_file_size": MAX_UPLOAD, "ssr_mode": False, **options,
    }  # fmt: skip
    return demo.launch(**chosen)


def blocks(title: str) -> gr.Blocks:
    """Return an empty app whose queue lets several visitors compute at once; downloads are deleted after a day."""
    return gr.Blocks(title=f"{title} · Pocket Zoo", analytics_enabled=False, delete_cache=(3600, 86400)).queue(
        max_size=200, default_concurrency_limit=4
    )


def head(title: str, sentence: str, models: list[str]) -> None:
    """Show the title line: name, one sentence, and a chip for each model."""
    chips = "".join(
        f"<span class='zoo-chip'><b>{c.name}</b> {c.parameters / 1e6:.2f} M parameters · trained in "
        f"{c.training['seconds'] / 60:.0f} min · from the {c.source} · Apache-2.0</span>"
        for c in map(card, models)
    )
    gr.HTML(f"<h1 class='zoo-title'>{html.escape(title)}</h1><p class='zoo-lead'>{html.escape(sentence)}</p>{chips}")


def uri(content: bytes, kind: str = "png") -> str:
    """Return an encoded picture as a data: address."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def inked(pixels: np.ndarray) -> bytes:
    """Encode a grey picture (H, W) uint8 as PNG: ink where it is white, nothing where it is black."""
    rgba = np.empty((*pixels.shape, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = INK, pixels
    return png(rgba)


def image(content: bytes, alt: str, kind: str = "png") -> str:
    """Return an <img> of an encoded picture."""
    return f"<img class='zoo-digit' alt='{html.escape(alt, quote=True)}' src='{uri(content, kind)}'>"


def picture(pixels: np.ndarray, alt: str) -> str:
    """Return an <img> of a grey picture (H, W) uint8."""
    return image(inked(pixels), alt)


def gallery(images: list[str], captions: list[str] = (), *, columns: int = 10, largest: int = 96) -> str:
    """Lay <img> elements of equal size out in a grid; captions may be empty."""
    figures = "".join(
        f"<figure>{img}{f'<figcaption>{html.escape(caption)}</figcaption>' if caption else ''}</figure>"
        for img, caption in zip(images, captions or [""] * len(images), strict=True)
    )
    return f"<div class='zoo-gallery' style='--columns: {columns}; --largest: {largest}px'>{figures}</div>"


class Page:
    """An app's controls as they come from widgets, API callers, links and pictures, all checked alike."""

    def __init__(self, name: str, fields: Mapping[str, Field], models: list[str]):
        self.name, self.fields, self.models = name, fields, list(models)
        self.weights = "-".join(card(model).sha256[:12] for model in models)

    def check(self, **given: Any) -> dict[str, Any]:
        """Return the values as the demo takes them; None stands for the default.

        Raises:
            gr.Error: a value is out of range; widgets have limits, callers of the API do not.
        """
        values = {}
        for name, value in given.items():
            field = self.fields[name]
            try:
                values[name] = field.default if value is None else field.read(_text(value, field))
            except (ValueError, TypeError, OverflowError, RecursionError) as error:
                problem = f"{name} must be {error}, not {repr(value)[:40]}."
                if isinstance(field.default, list):
                    problem = f"This drawing cannot be read: {error}."
                # Gradio shows messages as HTML.
                raise gr.Error(html.escape(problem, quote=False), print_exception=False) from error
        return values

    def recipe(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return the controls and weights as text: what a link or a picture carries."""
        return {**text({**self.defaults(), **values}, self.fields), "weights": self.weights}

    def defaults(self) -> dict[str, Any]:
        """Return every control's default."""
        return {name: field.default for name, field in self.fields.items()}

    def file(self, pixels: np.ndarray, values: Mapping[str, Any], *, scale: int = 1) -> dict[str, Any]:
        """Save a picture (H, W) uint8 as a PNG, ink on white, that holds its recipe; return it as Gradio's FileData."""
        content = png(255 - pixels, {**self.recipe(values), "page": self.name}, scale=scale)
        path = save_bytes_to_cache(content, f"{self.name}.png", get_upload_folder())
        return gr.FileData(path=path, orig_name=f"{self.name}.png", mime_type="image/png").model_dump()

    def restore(self, recipe: Mapping[str, str]) -> dict[str, Any]:
        """Read a recipe's controls; warn of whatever in it could not be used."""
        ours = ("weights", "page", "embed", "embed_options", "view", "__theme", "__lang", "__sign")
        values, problems = parse({name: value for name, value in recipe.items() if name not in ours}, self.fields)
        if (theirs := recipe.get("weights", self.weights)) != self.weights:
            problems.append(
                f"The link was made with other weights ({theirs[:40]!r}; here {self.weights!r}): the result may differ."
            )
        for problem in problems:
            gr.Warning(html.escape(problem, quote=False))
        return values

    def open(self, content: bytes) -> dict[str, Any]:
        """Read the controls that a downloaded picture holds.

        Raises:
            gr.Error: it holds none, or another page's.
        """
        try:
            recipe = recipe_of(content)
            if recipe.get("page") != self.name:
                raise RecipeError(f"The picture was made on the page {recipe.get('page', '?')[:40]!r}: open it there.")
        except RecipeError as error:
            raise gr.Error(html.escape(str(error), quote=False), print_exception=False) from error
        return self.restore(recipe)

    def wire(
        self,
        demo: gr.Blocks,
        controls: list,
        seed,
        outputs: list,
        *,
        gather: Callable,
        spread: Callable,
        draw: Callable,
        render: Callable,
        pad: gr.HTML | None = None,
    ):
        """Show the row of actions, and connect it, the controls and the link with the stage.

        Args:
            controls: the widgets, in the order of `gather`'s arguments.
            seed: the widget that the dice sets.
            outputs: what `draw` fills.
            gather: widget values -> checked values by name.
            spread: values by name -> widget values.
            draw: values by name -> tuple for the outputs.
            render: values by name -> (H, W) uint8, the download.
            pad: the one of the controls that waits for its own drawing as the answer.
        """
        quiet = {"api_visibility": "private", "show_progress": "hidden"}
        with gr.Row(elem_classes="zoo-actions"):
            dice, reset, share, save = (
                gr.Button(name, size="md") for name in ("New seed", "Reset", "Share", "Download")
            )
            opened = gr.UploadButton("Open", file_types=[".png"], type="binary", size="md")
        link = gr.Textbox(
            label="This link shows the same again. It is in the address bar too.", visible=False, buttons=["copy"]
        )
        kept = gr.File(visible=False)

        def show(*widgets):
            return (*draw(gather(*widgets)), gr.Textbox(visible=False))

        def put(values):
            return (*spread(values), *draw(values), gr.Textbox(visible=False))

        def arrive(request: gr.Request):
            return put(self.restore(dict(request.query_params)))

        moved = [control.input for control in controls if control is not pad]
        gr.on(moved, show, controls, [*outputs, link], trigger_mode="always_last", **quiet)
        if pad is not None:
            place = controls.index(pad)
            pad.input(lambda *widgets: (*show(*widgets), widgets[place]), controls, [*outputs, link, pad], **quiet)
        demo.load(arrive, None, [*controls, *outputs, link], **quiet)
        dice.click(None, None, seed, js=_DICE).then(show, controls, [*outputs, link], **quiet)
        reset.click(lambda: put(self.defaults()), None, [*controls, *outputs, link], **quiet)
        opened.upload(lambda content: put(self.open(content)), opened, [*controls, *outputs, link], **quiet)
        share.click(
            lambda *widgets: gr.Textbox(urlencode(self.recipe(gather(*widgets))), visible=True), controls, link, **quiet
        ).then(None, link, link, js=_LINK)
        save.click(
            lambda *widgets: self.file(render(values := gather(*widgets)), values, scale=8)["path"],
            controls,
            kept,
            **quiet,
        ).success(None, kept, None, js=_SAVE)


def _text(value: Any, field: Field) -> str:
    """Return a value as the text that a field reads."""
    if isinstance(field.default, tuple):
        return "_".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    if isinstance(field.default, list):
        return drawing.encode(drawing.validate_strokes(value))
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def tabs(models: list[str], *, how: str, equation: str, try_this: str, sketch: str) -> gr.Code:
    """Show the four tabs; return the code, which the stage fills.

    Args:
        how: explanation, Markdown.
        equation: LaTeX.
        try_this: one thing to try.
        sketch: file in static/drawings, an SVG in the current colour.
    """
    with gr.Tabs():
        with gr.Tab("How it works"):
            gr.Markdown(f"{how}\n\n$${equation}$$")
            gr.HTML((HERE / "static" / "drawings" / sketch).read_text("utf-8"))
            gr.Markdown(f"**Try this.** {try_this}")
        with gr.Tab("Watch it learn"):
            scrub([model for model in models if model in learning.watchable()])
        with gr.Tab("Measured"):
            gr.HTML("".join(map(figures, models)))
        with gr.Tab("Code"):
            return gr.Code(language="python", interactive=False, show_label=False)


def scrub(models: list[str]) -> None:
    """Show a model's samples at a moment of its training, on a slider."""
    if not models:
        gr.Markdown("No history is kept for these models.")
        return
    page = Page("history", {**learning.fields(), "model": learning.choice(models, models[0])}, models)

    def moment(model: str = models[0], moment: int = 100) -> tuple[gr.FileData, dict[str, Any]]:
        """Return a model's samples at a share of its training's moments, 0 to 100 %, and what was measured then."""
        values = page.check(model=model, moment=moment)
        i = learning.at(values["model"], values["moment"])
        return page.file(learning.frames(values["model"])[i], values), learning.moments(values["model"])[i]

    def look(model, percent):
        values = page.check(model=model, moment=percent)
        name, i = values["model"], learning.at(values["model"], values["moment"])
        then = learning.moments(name)[i]
        facts = [f"step {then['step']:,}", f"{then['seconds']:.0f} s"]
        facts += [
            f"{learning.AXES[key][0].lower()} {then[key]:.2f} {learning.AXES[key][1]}" for key in learning.axes(name)
        ]
        shown = picture(learning.frames(name)[i], f"{name} at {facts[0]}")
        return f"<div class='zoo-frame'>{shown}</div><p class='zoo-quiet'>{' · '.join(facts)}</p>"

    with gr.Row():
        model = gr.Radio(models, value=models[0], label="Model", visible=len(models) > 1)
        percent = gr.Slider(0, 100, 100, step=1, precision=0, label="Moment of training, %")
    shown = gr.HTML(look(models[0], 100))
    gr.on(
        [model.input, percent.input],
        look,
        [model, percent],
        shown,
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
    )
    gr.api(moment, api_name="moment")


def figures(name: str) -> str:
    """Return a card's metrics with their definitions, what the judge reads, and its failures, as HTML."""
    c = card(name)
    rows = "".join(
        f"<tr><td>{m.name}</td><td>{m}</td><td>{m.n:,}</td><td>{html.escape(m.definition)}</td></tr>" for m in c.metrics
    )
    parts = [
        f"<h3>{name}</h3><div class='zoo-scroll'><table><tr><th>metric</th><th>value</th><th>n</th><th>definition</th></tr>{rows}</table></div>",
        f"<p class='zoo-quiet'>Measured on the whole test split; computed again by <code>python -m train verify {name}</code>.</p>",
    ]
    if "confusion" in c.tables:
        digits = "".join(f"<th>{i}</th>" for i in range(10))
        rows = "".join(
            f"<tr><th>{i}</th>{''.join(f'<td>{100 * n / sum(row):.0f}</td>' for n in row)}<td>{c.tables['diversity'][i]:.2f}</td></tr>"
            for i, row in enumerate(c.tables["confusion"])
        )
        parts.append(
            "<p><b>What the judge reads</b>, % of 1,000 samples of each digit; and their diversity: mean distance between two "
            "samples in judge features, over real digits' own</p><div class='zoo-scroll'><table class='zoo-confusion'>"
            f"<tr><th>asked for</th>{digits}<th>diversity</th></tr>{rows}</table></div>"
        )
    if (path := c.folder / "failures.webp").exists():
        with Image.open(path) as file:
            shown = picture(np.asarray(file.convert("L")), f"failures of {name}")
        parts.append(
            f"<p><b>Failures</b>: the samples of which the judge is least sure</p><div class='zoo-frame'>{shown}</div>"
        )
    return "".join(parts)
