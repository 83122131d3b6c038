"""The look of the Gradio apps: theme, fonts, title line, and how they are launched."""

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from playground import markup
from playground.catalogue import card
from playground.demo import Demo
from zoo.photos import MOST_BYTES

PLAYGROUND = Path(__file__).parent.parent.parent
QUIET = {"api_visibility": "private", "show_progress": "hidden"}
MAX_REQUEST = 2**18  # bytes: the longest drawing has 16,000
INK = (27, 27, 31)  # pictures are drawn in it once; the dark theme inverts them
FONTS = {"Zoo Sans": "source-sans-3", "Zoo Serif": "source-serif-4", "Zoo Mono": "source-code-pro"}
FACES = "".join(
    f"@font-face {{ font-family: '{family}'; src: url('zoo-fonts/{stem}-latin.woff2'); font-weight: 200 900; }}"
    for family, stem in FONTS.items()
)
# Gradio puts its own content class before every rule of `css` in a media query, so what lies outside it goes here.
HEAD = f"<style>{FACES} @media (max-width: 640px) {{ .main.app {{ padding: 16px !important; }} }} .gradio-container {{ overflow: clip !important; }}</style>"
# It also writes the rules anew from the parsed style, which loses a shorthand with var() once a part of it is overridden.
STYLE = """
.dark { --color-accent: #E8731A; }
.dark input[type="range"] { --neutral-200: #3A3A42; }
.dark .zoo-digit, .dark .zoo-direction::before, .dark .zoo-direction::after { filter: invert(1); }
.dark .zoo-own { filter: invert(1) hue-rotate(180deg); } /* orange stays orange */
.zoo-gallery figcaption, .zoo-quiet { color: var(--body-text-color-subdued); }
.zoo-quiet { margin: 0.25rem 0; max-width: 70ch; }
.zoo-quiet code { font-family: var(--font-mono); font-size: 0.875em; overflow-wrap: anywhere; }
.prose p { max-width: 70ch; }
.zoo-drawing { font-family: inherit; }
.zoo-read { margin: 0.75rem 0 0.5rem; }
.zoo-films { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.zoo-scroll { overflow-x: auto; }
.zoo-scroll table, .zoo-words table { border: 0 !important; }
.zoo-scroll table { border-collapse: collapse; font-size: 1rem; margin: 0.5rem 0 1rem; width: auto; }
.zoo-scroll tr { border: 0 !important; }
.zoo-scroll th, .zoo-scroll td, .zoo-words th, .zoo-words td {
  background: none; border-bottom-color: var(--border-color-primary) !important;
  border-style: solid !important; border-width: 0 0 1px !important;
  padding: 0.25rem 0.5rem !important; text-align: left; vertical-align: top;
}
.zoo-confusion td, .zoo-confusion th { font-variant-numeric: tabular-nums; text-align: right !important; }
.zoo-digits .wrap:has(> label) { display: grid; gap: 4px; grid-template-columns: repeat(5, 1fr); max-width: 24rem; }
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
.zoo-stage { align-self: start; background: var(--body-background-fill); }
@media (min-height: 640px) { /* in a low window, as one zoomed to 200 % is, it would cover what it stays beside */
  .zoo-stage { position: sticky; top: 0; z-index: 2; }
}
.row > .form { background: none; gap: 8px 24px; }
input:is([type="range"], [type="radio"], [type="checkbox"]):focus-visible { outline: 2px solid var(--color-accent) !important; outline-offset: 2px; }
.block.zoo-slot:has(> .zoo-slot:empty) { display: none; }
.zoo-row { align-items: flex-end; }
.zoo-row > button { flex: 0 1 auto; min-width: 5rem; }
.zoo-actions { gap: 8px; }
.zoo-actions button { flex: 1 1 6rem; font-weight: 400; min-height: 44px; min-width: 6rem; }
@media (max-width: 640px) {
  .tab-container button { padding: 0 6px !important; } /* four tabs in one row of 358 pixels */
}
"""


def theme() -> gr.themes.Base:
    """Return the playground's colours and fonts; what they are and why stands in playground/.streamlit/config.toml."""
    paper, ink, sheet, line, quiet, accent = "#FBFAF7", "#1B1B1F", "#F1EEE7", "#D9D5CB", "#5A5854", "#A84D09"
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


class Limit:
    """ASGI middleware: a request's body may have so many bytes; uploads have Gradio's own limit."""

    def __init__(self, app, most: int = MAX_REQUEST):
        self.app, self.most = app, most

    async def __call__(self, scope, receive, send):
        """Pass a request on; one that turns out too large ends with status 413."""
        seen = 0

        async def limited():
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most:
                raise HTTPException(413, f"A request may have at most {self.most:,} bytes: send a shorter drawing")
            return message

        free = scope["type"] != "http" or scope["path"].endswith("/upload")
        await self.app(scope, receive if free else limited, send)


def launch(demo: gr.Blocks, **options: Any):
    """Launch an app in the playground's look; takes and returns what `gr.Blocks.launch` does."""
    style = (PLAYGROUND / "style.css").read_text("utf-8") + STYLE
    files = StaticFiles(directory=PLAYGROUND / "static" / "fonts")

    async def font(request):
        return await files.get_response(request.path_params["name"], request.scope)

    fonts = Route("/zoo-fonts/{name}", font)  # a mount would find nothing behind a proxy that strips its prefix
    chosen = {
        "theme": theme(), "css": style, "head": HEAD, "app_kwargs": {"routes": [fonts], "middleware": [Middleware(Limit)]}, "footer_links": ["api", "settings"],
        "max_file_size": MOST_BYTES, "ssr_mode": False, **options,
    }  # fmt: skip
    return demo.launch(**chosen)


def blocks(title: str) -> gr.Blocks:
    """Return an empty app whose queue lets several visitors compute at once; downloads are deleted after a day."""
    return gr.Blocks(title=f"{title} · Pocket Zoo", analytics_enabled=False, delete_cache=(3600, 86400)).queue(
        max_size=200, default_concurrency_limit=4
    )


def head(demo: Demo) -> None:
    """Show the title line: name, technical name, one sentence, and chips for the models."""
    gr.HTML(markup.head(demo.title, demo.term, demo.line, [card(model) for model in demo.shown()]))
