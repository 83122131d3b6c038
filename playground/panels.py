"""The tabs below every stage: how it works, watch it learn, measured, code."""

from pathlib import Path

import streamlit as st

from playground import charts, shell
from playground.demos import card
from playground.demos import watch_it_learn as learning

DRAWINGS = Path(__file__).parent / "static" / "drawings"


def tabs(page: str, models: list[str], *, how: str, equation: str, try_this: str, drawing: str, history: bool = True):
    """Show the tabs; return the empty place for the code, which the stage fills.

    Args:
        how: explanation, at most 120 words of Markdown.
        equation: LaTeX.
        try_this: one thing to try.
        drawing: file in static/drawings, an SVG in the current colour.
        history: whether there is a tab with the models' training.
    """
    names = ["How it works", *(["Watch it learn"] if history else []), "Measured", "Code"]
    places = dict(zip(names, st.tabs(names), strict=True))
    with places["How it works"]:
        st.markdown(how)
        st.latex(equation)
        shell.drawing(DRAWINGS / drawing)
        st.markdown(f"**Try this.** {try_this}")
    if history:
        with places["Watch it learn"]:
            scrub(page, models)
    with places["Measured"]:
        for name in models:
            figures(name)
    return places["Code"].empty()


@st.fragment
def scrub(page: str, models: list[str]) -> None:
    """Show a model's samples at a moment of its training, on a slider, over the loss."""
    models = [name for name in models if name in learning.watchable()]
    if not models:
        st.info("No history is kept for these models.")
        return
    name = models[0]
    if len(models) > 1:
        name = st.segmented_control("Model", models, default=name, key=f"scrub model {page}", required=True) or name
    moments = learning.moments(name)
    i = st.slider(
        "Moment of training", 0, len(moments) - 1, len(moments) - 1, key=f"scrub {page} {name}", format="moment %d"
    )
    moment = moments[i]
    facts = [f"step {moment['step']:,}", f"{moment['seconds']:.0f} s"]
    facts += [
        f"{learning.AXES[key][0].lower()} {moment[key]:.2f} {learning.AXES[key][1]}" for key in learning.axes(name)
    ]
    shell.moment(name, i)
    st.caption(" · ".join(facts))
    curves = {key.replace("_", " "): tuple(zip(*points, strict=True)) for key, points in learning.losses(name).items()}
    curves = {key: value for key, value in curves.items() if key not in ("discriminator accuracy", "accuracy")}
    first = next(iter(curves.values()))[0][0]
    said = "steps an episode lasts" if "greedy return" in curves else "training loss"
    charts.show(
        charts.lines(curves, "training step", said, log=True, mark=max(moment["step"], min(50, first))),
        key=f"curve {page}",
    )


def figures(name: str) -> None:
    """Show a card's metrics with their definitions, and its failures as pictures."""
    c = card(name)
    st.markdown(f"#### {name}")
    rows = [
        {"metric": metric.name, "value": str(metric), "n": f"{metric.n:,}", "definition": metric.definition}
        for metric in c.metrics
    ]
    st.table(rows)
    st.caption(f"Measured on the test split, n each; computed again by `python -m train verify {name}`.")
    if "confusion" in c.tables:
        st.markdown("**What the judge reads**, % of 1,000 samples of each digit")
        charts.show(charts.confusion(c.tables["confusion"]), key=f"confusion {name}", height=380)
        st.markdown(
            "**Diversity of each digit**: mean distance between two samples in judge features, over real digits' own"
        )
        digits = [str(i) for i in range(10)]
        charts.show(
            charts.columns(digits, c.tables["diversity"], "digit", "share of real digits'"),
            key=f"diversity {name}",
            height=220,
        )
    if "seeds" in c.study:
        learning_of(c.study["seeds"])
    if "survival" in c.tables:
        st.markdown(
            "**Outside what it was trained on**: steps of 500 that it lasts when a number of the world is changed"
        )
        factors = c.tables["survival"]["factors"]
        changed = {
            key.replace("force_mag", "force"): (factors, c.tables["survival"][key])
            for key in ("gravity", "length", "force_mag")
        }
        charts.show(
            charts.lines(changed, "times what it was trained on", "steps", log=True, mark=1), key=f"survival {name}"
        )
    picture_of(name, "failures")


def learning_of(seeds: list[dict]) -> None:
    """Show how all trained seeds learned, by steps and by seconds."""
    st.markdown("**All seeds**: steps of 500 that the likeliest actions last, mean of 100 unseen episodes")
    for place, key, title in zip(
        st.columns(2), ("steps", "seconds"), ("steps of all carts", "seconds of one core"), strict=True
    ):
        with place:
            charts.show(
                charts.bundle([(run[key], run["greedy_return"]) for run in seeds], title, "steps"),
                key=f"seeds by {key}",
            )


def picture_of(name: str, stem: str) -> None:
    """Show one of a card's pictures, if it has it."""
    title = card(name).pictures.get(stem)
    if title:
        st.markdown(f"**{title}**")
        shell.framed(learning.picture(card(name).folder / f"{stem}.webp"), title)
