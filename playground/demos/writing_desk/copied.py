"""Memorised or made up? What of a text stands in the text that its voice learnt from, and a twin that was trained until it repeats it."""

from collections.abc import Sequence

import plotly.graph_objects as go

from playground import learning
from playground.catalogue import card, learnt
from playground.demo import Beside, Chart, Html, Part, Table, Words
from playground.demos.writing_desk.marks import marked, quiet
from playground.demos.writing_desk.voices import STYLES, TWIN, twin
from playground.demos.writing_desk.writing import task, whole
from playground.fields import Values
from zoo import copies

FIGURES = {"its samples": "", "real passages, kept from it": "_real"}
HELD_OUT, COPIED = "held_out", "copied"  # what the twin's history measured
HEIGHT = 360  # CSS pixels of the chart


def tells(name: str) -> bool:
    """Return whether it is known what a voice learnt from, and its card says how much it copies."""
    if not {"copied", "copied_real"} <= {m.name for m in card(name).metrics}:
        return False
    try:
        return len(learnt(name)) > 0
    except LookupError:
        return False


def found(name: str, text: str) -> tuple[list[tuple[int, int]], int, float]:
    """Return the stretches of a text that were learnt, the longest one's length, and all characters' share in them, in %."""
    stretches = copies.copies(text, learnt(name), copies.WINDOW)
    lengths = [end - start for start, end in stretches]
    return stretches, max(lengths, default=0), 100 * copies.covered(stretches) / max(1, len(text))


def parts(v: Values) -> list[Part]:
    """Mark what of the page was learnt; tell the longest stretch and the share beside the card's figures; then the twin's own words."""
    name, own = v["model"], task(v).beginning
    text = whole(v)[len(own) :]
    stretches, longest, share = found(name, text)
    figures = {metric.name: metric for metric in card(name).metrics}
    rows = {"this text": (longest, share)} | {
        said: (figures[f"longest_copy{end}"].value, figures[f"copied{end}"].value) for said, end in FIGURES.items()
    }
    shown: list[Part] = [Html(marked(own, text, stretches))]
    if longest:
        start, end = max(stretches, key=lambda one: one[1] - one[0])
        shown.append(quiet(f"The longest, {longest} characters: “{text[start:end].strip()}”."))
    said = (
        f"Marked is what stands in the training text too, {copies.WINDOW} characters or more in a row. Turns of phrase recur in whoever "
        "writes: so the same is counted in passages by the author that the model has not seen."
    )
    table = {
        "of": [(one, False) for one in rows],
        "longest copy, characters": [(f"{length:.0f}", False) for length, _ in rows.values()],
        "in copies, %": [(f"{part:.0f}", False) for _, part in rows.values()],
    }
    shown += [
        quiet(said),
        Table(table),
        quiet(figures["longest_copy"].definition[:1].upper() + figures["longest_copy"].definition[1:] + "."),
    ]
    if other := twin(name):
        settings = card(other).training["settings"]
        shown.append(
            Words(
                f"**And if it is trained for too long?** The same kind of network, {100 * settings['part']:.0f} % of the text "
                f"{settings['epochs']:g} times over, with nothing that holds it back:"
            )
        )
    return shown


# --- the twin ---


def last(names: list[str]) -> int:
    """Return the number of the last moment of the longest history of some twins, 1 at least."""
    return max([1, *(len(learning.moments(name)) - 1 for name in names)])


def moment(name: str, v: Values) -> int:
    """Return the number of the moment of a twin's history that is looked at: the chosen one, or the last."""
    return min(v["moment"], len(learning.moments(name)) - 1)


def words(v: Values) -> list[Part]:
    """Show what the twin wrote at a moment of its training, copies marked, and what was measured then."""
    name = twin(v["model"])
    if name is None:
        missing = f"The network that was trained for too long is not at hand: restore checkpoints/{v['model']}{TWIN}."
        return [quiet(missing)] if v["model"] in STYLES else []
    there, axes = learning.moments(name), learning.progress(name).axes
    now = there[moment(name, v)]
    groups: list[list[Part]] = [
        [Html(marked(begun, text, found(name, text)[0]))] for begun, text in now["texts"].items()
    ]

    def read(one: dict) -> str:
        return f"{axes[HELD_OUT].title.lower()} {one[HELD_OUT]:.2f} {axes[HELD_OUT].unit}, {axes[COPIED].title.lower()} {one[COPIED]:.0f}"

    best = min(there, key=lambda one: one[HELD_OUT])
    return [
        Words(f"After step {now['step']:,}: {read(now)}, the mean of these {len(groups)}."),
        Beside(groups),
        quiet(
            f"Least surprised by what it has not seen after step {best['step']:,}: {read(best)}. At the end: {read(there[-1])}."
        ),
    ]


def course(v: Values) -> Chart | None:
    """Return held-out loss and longest copy over the twin's training, the moment marked."""
    name = twin(v["model"])
    if name is None:
        return None
    at, there, axes = moment(name, v), learning.moments(name), learning.progress(name).axes

    def drawn(colors: Sequence[str]) -> go.Figure:
        steps = [max(1, one["step"]) for one in there]
        figure = go.Figure()
        for i, (key, place) in enumerate(((HELD_OUT, "y"), (COPIED, "y2"))):
            ys = [one[key] for one in there]
            figure.add_scatter(
                x=steps, y=ys, mode="lines+markers", line={"color": colors[i]}, name=axes[key].title, yaxis=place
            )
            figure.add_annotation(
                text=axes[key].title, font={"color": colors[i]}, showarrow=False, x=0, xref="paper", xanchor="left",
                y=1 - 0.52 * i, yref="paper", yanchor="top",
            )  # fmt: skip
        figure.add_shape(
            type="line", x0=steps[at], x1=steps[at], y0=0, y1=1, yref="paper", line={"color": colors[1], "dash": "dot"}
        )
        figure.update_layout(
            xaxis={"title": "step", "type": "log", "anchor": "y2", "dtick": 1},
            yaxis={"title": axes[HELD_OUT].unit, "domain": [0.54, 0.92]},
            yaxis2={"title": axes[COPIED].unit, "domain": [0, 0.4], "rangemode": "tozero"},
        )
        return figure

    return Chart(drawn, "As it was trained on and on", HEIGHT)
