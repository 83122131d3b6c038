"""HTML that both hosts show: pictures in a grid, and films."""

import base64
import html

import numpy as np

from playground.demos.recipe import png


def uri(content: bytes, kind: str = "png") -> str:
    """Return an encoded picture as a data: address."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def inked(pixels: np.ndarray, ink: tuple[int, int, int], *, scale: int = 4) -> bytes:
    """Encode a grey picture (H, W) uint8 as PNG: ink where it is white, nothing where it is black."""
    rgba = np.empty((*pixels.shape, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = ink, pixels
    return png(rgba, scale=scale)


def picture(pixels: np.ndarray, alt: str, ink: tuple[int, int, int], *, scale: int = 4) -> str:
    """Return an <img>: grey (H, W) uint8 as ink with crisp pixels, colour (H, W, 3 or 4) as it is."""
    if pixels.ndim == 3:
        return image(png(pixels), alt, style="zoo-colour")
    return image(inked(pixels, ink, scale=scale), alt)


def image(content: bytes, alt: str, kind: str = "png", *, style: str = "zoo-digit") -> str:
    """Return an <img> of an encoded picture."""
    return f"<img class='{style}' alt='{html.escape(alt, quote=True)}' src='{uri(content, kind)}'>"


def gallery(images: list[str], captions: list[str] = (), *, columns: int = 10, largest: int = 96) -> str:
    """Lay <img> elements of equal size out in a grid that folds on narrow screens.

    Args:
        images: <img> elements.
        captions: one for each picture, where '' is none; or none at all.
        columns: at most so many in a row.
        largest: a picture's side at most, in CSS pixels.
    """
    figures = "".join(
        f"<figure>{img}{f'<figcaption>{html.escape(caption)}</figcaption>' if caption else ''}</figure>"
        for img, caption in zip(images, captions or [""] * len(images), strict=True)
    )
    return f"<div class='zoo-gallery' style='--columns: {columns}; --largest: {largest}px'>{figures}</div>"


def film(moving: str, steps: list[str]) -> str:
    """Put a moving <img> beside its steps; who asked for reduced motion sees the steps alone."""
    return f"<div class='zoo-film'><div class='zoo-moving'>{moving}</div>{''.join(steps)}</div>"


def head(title: str, sentence: str, cards: list) -> str:
    """Return the title line: name, one sentence, and a chip for each model."""
    facts = [[f"<b>{c.name}</b> {c.parameters / 1e6:.2f} M parameters", f"trained in {c.trained_in}"] for c in cards]
    origins = [f"from the {c.source} · {c.license}" for c in cards]
    if len(cards) > 3:  # what they have in common is said once
        facts += [[origin] for origin in dict.fromkeys(origins)]
    else:
        facts = [[*fact, origin] for fact, origin in zip(facts, origins, strict=True)]
    chips = "".join(f"<span class='zoo-chip'>{' · '.join(fact)}</span>" for fact in facts)
    return f"<h1 class='zoo-title'>{html.escape(title)}</h1><p class='zoo-lead'>{html.escape(sentence)}</p>{chips}"


def prose(own: str, written: str) -> str:
    """Return a text as a page: the person's part stands out."""
    return f"<div class='zoo-prose'><b>{html.escape(own)}</b>{html.escape(written)}</div>"


def texts(written: dict[str, str]) -> str:
    """Return texts by their beginnings, side by side where there is room."""
    return f"<div class='zoo-texts'>{''.join(prose(beginning, text) for beginning, text in written.items())}</div>"


def bars(options: list[tuple[str, float]], chosen: str = "") -> str:
    """Return characters and their probabilities as bars; the chosen one stands out."""
    names = {" ": "space", "\n": "new line"}
    rows = "".join(
        f"<div{' class=zoo-chosen' if c == chosen else ''}><span>{html.escape(names.get(c, c))}</span>"
        f"<i style='width: {100 * p:.1f}%'></i><em>{100 * p:.0f} %</em></div>"
        for c, p in options
    )
    return f"<div class='zoo-bars'>{rows}</div>"
