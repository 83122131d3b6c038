"""Links as they arrive: mail and chat programs add to them, escape them once more, and take the end of a sentence for a part of them.

`hosts/static/link.js` does the same for pages without a server.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from playground.fields import Field

FOLLOWED = re.compile(  # what is added to links so that their readers can be followed
    r"(utm|mtm|pk|piwik|matomo|hsa|_hs|mc|gad|oly|vero|bsft|tt|trk|at|wt|ref)_\w+|\w*clk?id|gclsrc|[gw]braid|igsh(id)?|_g[al]|mkt_tok|"
    r"li_fat_id|lipi|trk|mibextid|sfnsn|srsltid|epik|rdt_cid|(s|sc)?_?cid|spm|si|ref|from|isappinstalled|wprov|__\w+__(\[\d+\])?",
    re.ASCII | re.IGNORECASE,
)
TAIL = re.compile(r"[\s\u200b\ufeff.,;:!?)\]}>'\"*»”’…]+$")
WEIGHTS = re.compile(r"[0-9a-f]{12}(-[0-9a-f]{12})*")
ESCAPED = re.compile(r"([\w.~!'()*+-]|%[0-9A-F]{2})*", re.ASCII | re.IGNORECASE)  # all that would be escaped is


def mended(link: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, str]:
    """Return a link's parameters as they were written: what was changed is put right where only one meaning is left.

    Args:
        link: as the host has decoded its query, once.
    """
    found: dict[str, str] = {}
    known = {*fields, "weights"}
    for name, value in (pair for given in link.items() for pair in _pairs(*given, known)):
        if name in fields:
            found.setdefault(name, _value(fields[name], value))
        elif name == "weights":
            digits = WEIGHTS.match(value)
            found.setdefault(name, digits[0] if digits else value)
        elif not FOLLOWED.fullmatch(name):
            found.setdefault(name, value)
    return found


def _pairs(name: str, value: str, known: set[str]) -> list[tuple[str, str]]:
    """Return a parameter under its name, without the rest of '&amp;' before it; of a whole query, escaped into one name, all its own."""
    plain = re.sub("^(amp;)+", "", name)
    if plain in known or FOLLOWED.fullmatch(plain):
        return [(plain, value)]
    query = f"{name}={value}" if value else name
    parts = parse_qsl(query if "=" in name else unquote_plus(query), keep_blank_values=True)
    if not known & {part for part, _ in parts}:
        return [(name, value)]
    return [pair for part in parts for pair in _pairs(*part, known)]


def _value(field: Field, text: str) -> str:
    """Return the first of a value's forms that the field reads; the text as it is where it reads none."""
    plain = unquote_plus(text)
    if (
        field.kind == "text"
    ):  # which reads all: another form is meant where this one is escaped throughout, and prose is not
        return plain if "%" in text and ESCAPED.fullmatch(text) and re.search(r"\s", plain) else text
    forms = (text, TAIL.sub("", text), plain, TAIL.sub("", plain))
    return next((form for form in forms if form and _reads(field, form)), text)


def _reads(field: Field, text: str) -> bool:
    try:
        field.read(text)
    except (ValueError, OverflowError, RecursionError):
        return False
    return True
