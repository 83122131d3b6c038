"""HTML that every host shows: the parts of a stage, a page's head, links of data."""

import base64
import html
import io
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

import numpy as np
from markdown_it import MarkdownIt
from PIL import Image

from playground.demo import Beside, Html, Moving, Part, Pictures, Prose, Rows, Table, Words
from playground.recipe import png
from zoo import contour

Ink = tuple[int, int, int]
ORANGE = (232, 115, 26)  # what is the visitor's own in a picture
MOST_CHIPS = 2  # models with a chip each; more fold into one line


def uri(content: bytes, kind: str = "png") -> str:
    """Return an encoded picture as a data: address."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def inked(pixels: np.ndarray, ink: Ink, *, scale: int = 4, own: np.ndarray | None = None) -> bytes:
    """Encode a grey picture (H, W) uint8 as PNG: ink where it is white, nothing where it is black; orange ink in `own` (H, W) bool."""
    rgba = np.empty((*pixels.shape, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = ink, pixels
    if own is not None:
        rgba[own, :3] = ORANGE
    return png(rgba, scale=scale)


def picture(
    pixels: np.ndarray, alt: str, ink: Ink, *, scale: int = 4, crisp: int = 1, own: np.ndarray | None = None
) -> str:
    """Return an <img>: grey (H, W) uint8 as ink with crisp pixels, colour (H, W, 3 or 4) as it is, or each pixel `crisp` times as large."""
    if pixels.ndim == 3:
        return image(png(pixels, scale=crisp), alt, style="zoo-colour")
    style = "zoo-digit" if own is None else "zoo-digit zoo-own"
    return image(inked(pixels, ink, scale=scale, own=own), alt, style=style)


def clipped(pixels: np.ndarray, clip: str, alt: str, over: np.ndarray | None = None) -> str:
    """Return an <img> of colour (H, W, 4) uint8, cut along SVG path data in its pixels, and what lies over it, (H, W, 4) uint8: a vector picture that holds a JPEG, a tenth of a PNG's time, and a PNG."""
    height, width = pixels.shape[:2]
    place = f"width='{width}' height='{height}'"
    pieces = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' {place}>"
        f"<clipPath id='c'><path clip-rule='evenodd' d='{clip}'/></clipPath><image clip-path='url(#c)' {place} href='",
        uri(_jpeg(contour.spread(pixels)), "jpeg"), "'/>",
        *([] if over is None else [f"<image {place} href='", uri(png(over)), "'/>"]), "</svg>",
    ]  # fmt: skip
    said = "".join(piece if piece.startswith("data:") else quote(piece, safe=" =/:,") for piece in pieces)
    return _img(f"data:image/svg+xml,{said}", alt, "zoo-colour")


def _jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95, subsampling=0)
    return buffer.getvalue()


def image(content: bytes, alt: str, kind: str = "png", *, style: str = "zoo-digit") -> str:
    """Return an <img> of an encoded picture."""
    return _img(uri(content, kind), alt, style)


def _img(source: str, alt: str, style: str) -> str:
    return f"<img class='{style}' alt='{html.escape(alt, quote=True)}' src='{source}'>"


def pictures(part: Pictures, ink: Ink) -> list[str]:
    """Return an <img> of each picture."""
    if part.clips:
        over = part.over if len(part.over) else [None] * len(part.pixels)
        return [clipped(*given) for given in zip(part.pixels, part.clips, part.alts, over, strict=True)]
    return [
        picture(x, alt, ink, scale=part.scale, crisp=part.crisp, own=part.own)
        for x, alt in zip(part.pixels, part.alts, strict=True)
    ]


def gallery(
    images: Sequence[str], captions: Sequence[str] = (), *, columns: int = 10, largest: int = 96, phone: int = 0
) -> str:
    """Lay <img> elements of equal size out in a grid that folds on narrow screens.

    Args:
        images: <img> elements.
        captions: one for each picture, where '' is none; or none at all.
        columns: at most so many in a row.
        largest: a picture's side at most, in CSS pixels.
        phone: the same on a phone; 0 is as wide as there is room.
    """
    figures = "".join(
        f"<figure>{img}{f'<figcaption>{html.escape(caption)}</figcaption>' if caption else ''}</figure>"
        for img, caption in zip(images, captions or [""] * len(images), strict=True)
    )
    small = f"; --phone: {phone}px" if phone else ""
    return f"<div class='zoo-gallery' style='--columns: {columns}; --largest: {largest}px{small}'>{figures}</div>"


def head(title: str, term: str, sentence: str, cards: list) -> str:
    """Return the title line: name, technical name, one sentence, and a chip for each model, or one for more than two."""

    def chip(text: str) -> str:
        return f"<span class='zoo-chip'>{text}</span>"

    facts = [
        f"<b>{c.name}</b> {c.parameters / 1e6:.2f} M parameters · trained in {c.trained_in} · from the {c.source} · {c.license}"
        for c in cards
    ]
    if len(facts) > MOST_CHIPS:
        said = f"<b>{len(cards)} models</b> {sum(c.parameters for c in cards) / 1e6:.1f} M parameters"
        chips = f"<details class='zoo-chips'><summary>{chip(said)}</summary>{''.join(map(chip, facts))}</details>"
    else:
        chips = "".join(map(chip, facts))
    named = f" <span class='zoo-term'>{html.escape(term)}</span>" if term else ""
    return (
        f"<h1 class='zoo-title'>{html.escape(title)}{named}</h1><p class='zoo-lead'>{html.escape(sentence)}</p>{chips}"
    )


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def marked(text: str, *, inline: bool = False) -> str:
    """Return Markdown as HTML; markup in it is shown as text. Code, which may scroll, can be reached by the keyboard."""
    if inline:
        return _markdown().renderInline(text)
    return _markdown().render(text).replace("<pre>", "<pre tabindex='0'>")


def prose(own: str, written: str = "") -> str:
    """Return a text as a page: the person's part stands out."""
    return f"<div class='zoo-prose'><b>{html.escape(own)}</b>{html.escape(written)}</div>"


def bars(options: Sequence[tuple[str, float]], chosen: str = "", *, wide: bool = False) -> str:
    """Return characters, or with room for them words, and their probabilities as bars; the chosen one stands out."""
    names = {" ": "space", "\n": "new line"}
    rows = "".join(
        f"<div{' class=zoo-chosen' if c == chosen else ''}><span>{html.escape(names.get(c, c))}</span>"
        f"<i style='width: {100 * p:.1f}%'></i><em>{100 * p:.0f} %</em></div>"
        for c, p in options
    )
    return f"<div class='zoo-bars{' zoo-wide' if wide else ''}'>{rows}</div>"


def table(columns: dict[str, Sequence[tuple[str, bool]]]) -> str:
    """Return columns as a table that scrolls within itself on a narrow screen, the best of each in bold."""

    def row(kind: str, cells: list[str]) -> str:
        return "<tr>" + "".join(f"<{kind}>{cell}</{kind}>" for cell in cells) + "</tr>"

    rows = [
        row("td", [f"<b>{html.escape(text)}</b>" if best else html.escape(text) for text, best in cells])
        for cells in zip(*columns.values(), strict=True)
    ]
    head = row("th", [html.escape(name) for name in columns])
    return f"<div class='zoo-scroll' tabindex='0'><table class='zoo-table'>{head}{''.join(rows)}</table></div>"


def rows(columns: Mapping[str, Sequence[str | float | None]], formats: Mapping[str, str]) -> str:
    """Return columns as a table that scrolls within itself; see `Rows`."""

    def cell(name: str, value: str | float | None) -> str:
        if not isinstance(value, str):
            return "" if value is None else format(value, formats.get(name, ""))
        said = html.escape(value, quote=True)
        return f"<a href='{said}'>{said.rsplit('/', 1)[-1]}</a>" if value.startswith("https://") else said

    body = "".join(
        "<tr>" + "".join(f"<td>{cell(name, value)}</td>" for name, value in zip(columns, values, strict=True)) + "</tr>"
        for values in zip(*columns.values(), strict=True)
    )
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    return f"<div class='zoo-scroll zoo-rows' tabindex='0'><table class='zoo-table'><tr>{head}</tr>{body}</table></div>"


def moving(frames: np.ndarray, alt: str, ink: Ink, scale: int = 6) -> str:
    """Return frames (N, 28, 28) uint8 as a picture that plays to and fro, and beside it each by itself."""
    images = []
    for alpha in [*frames, *frames[-2:0:-1]]:
        shown = Image.new("RGBA", alpha.shape[::-1], (*ink, 0))
        shown.putalpha(Image.fromarray(alpha))
        images.append(shown.resize((alpha.shape[1] * scale, alpha.shape[0] * scale), Image.Resampling.NEAREST))
    buffer = io.BytesIO()
    images[0].save(
        buffer, "WEBP", save_all=True, append_images=images[1:], duration=90, loop=0, lossless=True, method=0
    )
    played = image(buffer.getvalue(), alt, "webp")
    steps = "".join(picture(x, f"{alt}: step {i}", ink) for i, x in enumerate(frames))
    return f"<div class='zoo-film'><div class='zoo-moving'>{played}</div>{steps}</div>"


def shown(parts: Part | Sequence[Part] | None, ink: Ink) -> str:
    """Return the parts of a slot as HTML."""
    if parts is None:
        return ""
    if isinstance(parts, Sequence):
        return "".join(shown(part, ink) for part in parts)
    return _SHOW[type(parts)](parts, ink)


def _pictures(part: Pictures, ink: Ink) -> str:
    return gallery(pictures(part, ink), part.captions, columns=part.columns, largest=part.largest, phone=part.phone)


def _words(part: Words, ink: Ink) -> str:
    look = " zoo-quiet" if part.quiet else " zoo-warning" if part.warns else ""
    return f"<div class='zoo-words{look}'>{marked(part.text)}</div>"


def _beside(part: Beside, ink: Ink) -> str:
    groups = "".join(f"<div>{shown(group, ink)}</div>" for group in part.groups)
    return f"<div class='zoo-beside' style='--least: {part.least}'>{groups}</div>"


_SHOW: dict[type, Callable[..., str]] = {
    Pictures: _pictures,
    Words: _words,
    Prose: lambda part, ink: prose(part.own, part.written),
    Table: lambda part, ink: table(part.columns),
    Rows: lambda part, ink: rows(part.columns, part.formats),
    Moving: lambda part, ink: moving(part.frames, part.alt, ink),
    Html: lambda part, ink: part.html,
    Beside: _beside,
}
