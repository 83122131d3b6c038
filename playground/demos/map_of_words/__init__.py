"""A map of words: neighbours, analogies, directions, and how words moved, of vectors learnt from presidents' addresses; GloVe beside them."""

from typing import Any

import numpy as np

from playground.catalogue import load
from playground.demo import Button, Demo, Endpoint, Refused, Section, Slot, Stage
from playground.demos.map_of_words import drawn
from playground.demos.map_of_words.parts import (
    LAYOUTS,
    NEAR,
    ROLES,
    SOURCES,
    THEN,
    answers,
    bias,
    by_period,
    chosen,
    listed,
    map_chart,
    moved,
    near,
    plainly,
    shown,
    through_time,
    toned,
    under_map,
)
from playground.demos.map_of_words.spaces import (
    MODEL,
    Unclear,
    along,
    between,
    neighbours,
    ours,
    parsed,
    theirs,
)
from playground.fields import Field, Values, choice, text
from playground.memory import remembered
from zoo.models.word2vec import UnknownWord

HOW = (
    "Nobody told the model what a word means. It read 286 addresses and learnt two vectors a word, so that words which stand **near each "
    "other** in a sentence have a large product, and words drawn at random a small one. Words used alike end up in the same place: then "
    "their angle is small, and differences point somewhere, as from *man* to *woman*. For each of five periods a frequent word has a small "
    "step of its own from its place, so all periods share one space. A map flattens 64 numbers to two or three: the lists beside it are "
    "computed in all 64. **GloVe** learnt the same kind of vectors from 6 billion words."
)
EQUATION = r"-\log\sigma(v_w \cdot u_c) - k\,\mathbb{E}_{n}\bigl[\log\sigma(-v_w \cdot u_n)\bigr]"
TRY_THIS = "Search *america*, *just* or *economy*, and see whom each stood with before 1861 and stands with now. Then colour the map by *war - peace*."


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [MODEL]


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "word": text("union", "Word", "Or click one on the map", most=60),
        "source": choice(SOURCES, "ours", "Map and list of"),
        "layout": choice(LAYOUTS, "tsne", "Map by"),
        "dims": choice({"2": "Two", "3": "Three"}, "2", "Dimensions"),
        "direction": text("she - he", "Colour from one word to another", "Empty: no colour", most=120),
        "analogy": text("king - man + woman", "Words that are added and taken away", most=200),
    }


def stage(v: Values) -> Stage:
    """Return the map with the word's neighbours, what the sum of words comes to, how the word moved, and roles along the direction."""
    return {
        "map": map_chart(v), "about": under_map(v), "near": near(v), "answers": answers(v), "periods": through_time(v), "moved": moved(v),
        "bias": bias(v), "plainly": plainly(v),
    }  # fmt: skip


BUTTONS = {
    "go": Button(
        "Go to a neighbour", lambda v, word: {"word": word}, options=lambda v: {word: word for word, _ in listed(v["source"], v, 6)}
    ),
}  # fmt: skip


def nearest(v: Values) -> dict[str, Any]:
    """Return the words nearest to a word, with their cosines: by the presidents, by GloVe, and by the presidents of each period."""
    try:
        found = {source: neighbours(source, v["word"], NEAR) for source in SOURCES}
    except UnknownWord as error:
        raise Refused(error.args[0]) from error
    return found | {"periods": {name: {"said": said, "nearest": words} for name, said, words in by_period(v)}}


def summed(v: Values) -> dict[str, Any]:
    """Return the words nearest to a sum such as 'king - man + woman', with their cosines; GloVe's where its vectors are at hand."""
    try:
        plus, minus = parsed(v["analogy"])
        found: dict[str, Any] = {"ours": load(MODEL).analogy(plus, minus, 5)}
        if (other := theirs()) is not None:
            found["glove"] = other.nearest(
                other.total(plus, minus), 5, tuple(other.number(word) for word in (*plus, *minus))
            )
    except (Unclear, UnknownWord) as error:
        raise Refused(error.args[0]) from error
    return found


def leans(v: Values) -> dict[str, float]:
    """Return the cosines of people's roles with a direction such as 'she - he'."""
    try:
        between(v["direction"])
        values = along(ours(), v["direction"])
    except (Unclear, UnknownWord) as error:
        raise Refused(error.args[0]) from error
    return {role: float(values[ours().number(role)]) for role in ROLES}


def code(v: Values) -> str:
    """Return the lines of Python that give the same neighbours, by period too, and the same answers."""
    word = v["word"].strip()
    lines = ["import zoo", "", f'model = zoo.load("{MODEL}")']
    if chosen(v) is not None:
        lines.append(f"near = model.neighbours({word!r}, {NEAR})  # words with their cosines")
        if by_period(v):
            lines.append(f"then = [model.neighbours({word!r}, {THEN}, period) for period in range(len(model.starts))]")
    try:
        plus, minus = parsed(v["analogy"])
        load(MODEL).analogy(plus, minus, 1)
        lines.append(f"answers = model.analogy({plus!r}, {minus!r}, 5)")
    except (Unclear, UnknownWord):
        pass
    return "\n".join(lines)


def render(v: Values) -> np.ndarray:
    """Return the download: the map in the plane."""
    return drawn.picture(v["source"], v["layout"], *shown(v), toned(v)[0])


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: the map with some words, (336, 336, 3) uint8."""
    shown_ = [ours().number(word) for word in ("peace", "money", "union", "women", "history")]
    return drawn.picture("ours", "tsne", shown_[0], shown_[1:], None, size=(336, 336), edge=12, posts=False)


DEMO = Demo(
    title="A map of words", line="Words as points: whom they stand with, what they add up to, and how they moved in two centuries.",
    term="word2vec, GloVe, PCA, t-SNE, UMAP", group="Read and write", order=4, icon="hub", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=checkpoints, fields=fields, buttons=BUTTONS, stage=stage, code=code, render=render, scale=1, thumbnail=thumbnail,
    layout=(
        Section(
            (Slot("map", charts=1), "about"), lead=("word", "direction"), fields=(Slot("near"), "go", "source", "layout"), more=("dims",),
            widths=(3, 2),
        ),
        Section(("answers",), title="Sums of words", lead=("analogy",)),
        Section(("periods", Slot("moved", charts=1)), title="The word through time"),
        Section(("plainly", Slot("bias", charts=1)), title="People's roles along the direction"),
    ),
    endpoints=(
        Endpoint(nearest, ("word",), "neighbours"),
        Endpoint(summed, ("analogy",), "analogy"),
        Endpoint(leans, ("direction",), "direction"),
    ),
)  # fmt: skip
