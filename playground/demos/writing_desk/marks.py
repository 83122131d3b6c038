"""Texts of the writing desk as HTML: coloured by what each character is to a model, with stretches marked, and captions."""

import html
from collections.abc import Sequence

import numpy as np

from playground.demo import Html


def quiet(text: str) -> Html:
    """Return a caption in which nothing is markup."""
    return Html(f"<p class='zoo-quiet'>{html.escape(text)}</p>")


def coloured(text: str, strength: np.ndarray, unit: str = " bits") -> str:
    """Return a text as HTML, the stronger a character the deeper its ground: (T,), 0 to 8."""
    spans = "".join(
        f"<span style='--bits: {min(1, b / 8):.2f}' title='{b:.1f}{unit}'>{html.escape(c)}</span>"
        for c, b in zip(text, strength, strict=True)
    )
    return f"<div class='zoo-prose zoo-surprise'>{spans}</div>"


def signed(text: str, values: np.ndarray) -> str:
    """Return a text as HTML, a character's ground orange where its value (T,) is above 0, blue below, deepest at the largest."""
    largest = max(1e-9, float(np.abs(values).max()))
    spans = "".join(
        f"<span{' class=zoo-below' if x < 0 else ''} style='--bits: {abs(x) / largest:.2f}' title='{x:+.2f}'>{html.escape(c)}</span>"
        for c, x in zip(text, values, strict=True)
    )
    return f"<div class='zoo-prose zoo-surprise'>{spans}</div>"


def marked(own: str, text: str, stretches: Sequence[tuple[int, int]]) -> str:
    """Return a text as HTML after its beginning, some stretches marked, which are in order and may overlap."""
    parts, last = [f"<b>{html.escape(own)}</b>"], 0
    for start, end in stretches:
        parts += [html.escape(text[last:start]), f"<mark>{html.escape(text[max(start, last) : end])}</mark>"]
        last = end
    return f"<div class='zoo-prose'>{''.join(parts)}{html.escape(text[last:])}</div>"
