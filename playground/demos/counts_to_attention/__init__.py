"""From counts to attention: one text written, and one read, by five models in the order of history; what each step brought."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from playground import markup
from playground.catalogue import card
from playground.components.page import PAGE, validate_choice
from playground.demo import Beside, Button, Demo, Endpoint, Html, Part, Section, Slot, Stage, Words
from playground.demos.counts_to_attention import graphs, ladder, picture
from playground.demos.counts_to_attention.ladder import MODELS, models
from playground.demos.counts_to_attention.texts import (
    Task,
    Written,
    by_copies,
    by_surprise,
    copied,
    divided,
    known,
    likeliest,
    share,
    surprise,
    task,
    witness,
    written,
)  # fmt: skip
from playground.fields import Field, Values, choice, integer, number, seed, text
from playground.memory import remembered
from zoo import copies

BEGINNING, READ = "The soul ", 'He said, "Zanzibar is far from the soul of man; yet we look to Zanzibar."'
MOST, LONGEST = 500, 300  # characters of a beginning, and of a text that is read
INKS = {"plain": "Plain", "copies": "Copies", "surprise": "Surprise"}
HOW = (
    "All five do the same: say how likely each character is to come next, draw one, go on. A **bigram** looks it up by the one character "
    "before, a **6-gram** by five, and backs off to fewer where those were never seen (Kneser and Ney's smoothing). Counts of more "
    "characters would hardly ever have been seen at all. A **recurrent network** keeps all it read in one state instead, which each character "
    "overwrites a little; an **LSTM** has gates that let it hold on to things. A **transformer** overwrites nothing: each character looks "
    "back by **attention** at whichever of the last 256 it needs. *Bits* are how surprised a model is by text that it never saw."
)
EQUATION = r"\text{bits} = -\frac{1}{T} \sum_{t=1}^{T} \log_2 p(x_t \mid x_{<t})"
TRY_THIS = (
    "Under *Read closer*, type a rare name twice, far apart, and a quotation. Who expects its second half the second time, and who the "
    "closing quote?"
)


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    return {
        "beginning": text(BEGINNING, "Beginning", most=MOST, lines=2),
        "wild": number(0.0, 2.0, 0.8, "Wilder", "Temperature: 0 takes the likeliest character"),
        "length": integer(50, 600, 200, "Length", "Characters to write", step=10),
        "seed": seed(),
        "ink": choice(INKS, "plain", "Ink", "Mark copies from the training text, or what surprised the writer itself",
            allows=lambda v: [ink for ink in INKS if ink != "copies" or witness()]),
        "read": text(READ, "A text to read", "A sentence of yours", most=LONGEST, lines=2),
        "at": integer(-1, LONGEST - 1, -1),
    }  # fmt: skip


def stage(v: Values) -> Iterator[Stage]:
    """Write, the fast models first; then tell what each step brought, and read closer."""
    asked, done = task(v), dict[str, Written]()
    yield {"said": said(v), "figures": ladder.figures({})}
    for name in models():
        done[name] = written(name, asked)
        yield {"texts": [columns(v, done)]}
    yield {
        "figures": ladder.figures({name: one.ms for name, one in done.items()}),
        "bits": graphs.by_model(), "context": graphs.by_context(), "gains": [quiet(told)] if (told := ladder.gains()) else None,
    }  # fmt: skip
    yield closer(v)


def columns(v: Values, done: dict[str, Written]) -> Beside:
    """Return the texts side by side, with a place kept for those to come."""
    groups: list[list[Part]] = []
    for name in models():
        head = Words(f"**{MODELS[name]}** · {ladder.bits(name):.2f} bits")
        if name in done:
            groups.append([head, *column(name, done[name].text, v)])
        else:  # unseen, about as long
            groups.append([head, Html(f"<div aria-hidden='true' style='visibility: hidden'>{markup.prose(task(v).beginning, next(iter(done.values())).text)}</div>")])  # fmt: skip
    return Beside(groups, "12rem")


def column(name: str, new: str, v: Values) -> list[Part]:
    """Return what a model wrote, in the chosen ink."""
    own = task(v).beginning
    if v["ink"] == "surprise":
        bits = surprise(name, own + new)[len(own) :]
        return [Html(by_surprise(name, own + new, len(own))), quiet(f"{bits.mean():.2f} bits a character to itself")]
    if v["ink"] == "copies" and witness():
        found = copied(own + new)
        longest = max((end - start for start, end in found), default=0)
        told = f"{share(own + new):.0f} % in copies, the longest of {longest} characters" if found else "no copy"
        return [Html(by_copies(own + new, len(own))), quiet(told)]
    return [Html(markup.prose(own, new))]


def quiet(said: str) -> Words:
    """Return a caption."""
    return Words(said, quiet=True)


def said(v: Values) -> list[Part]:
    """Return what is to be said of the texts."""
    told = "Each draws by the same random numbers."
    if v["ink"] == "surprise":
        told += " The deeper a character's ground, the less the model that wrote it expected it."
    if v["ink"] == "copies" and witness():
        told += (
            f" Marked: {copies.WINDOW} characters or more in a row of which each {copies.WINDOW} stand in the essays that they learnt from, the "
            "longer the deeper." + real()
        )
    return [*noted(v["beginning"]), quiet(told)]


def noted(given: str) -> list[Part]:
    """Return what is to be said of a text's characters that the models do not know."""
    _, note = known(given)
    return [Html(f"<p class='zoo-quiet'>{markup.html.escape(note)}</p>")] if note else []


def real() -> str:
    """Return how long the longest stretch is in what the writer himself wrote, '' where no card tells it."""
    found = {metric.name: metric.value for metric in card(witness()).metrics}.get("longest_copy_real")
    if found is None:
        return ""
    return (
        " In 500 characters of Emerson's own essays that none learnt from, the longest is of "
        f"{found:.0f} on average: a turn of phrase comes back, and is no theft."
    )


def reading(v: Values) -> tuple[str, int]:
    """Return the text that is read and the chosen place in it: where the models are most divided, unless one was chosen."""
    shown, _ = known(v["read"])
    at = v["at"] if 0 <= v["at"] < len(shown) else int(divided(shown).argmax()) if shown else 0
    return shown, at


def closer(v: Values) -> Stage:
    """Return one text as all five read it, and what each expected at the chosen place."""
    shown, at = reading(v)
    if not shown:
        page = {"text": "", "from": 0, "selected": None, "bits": None}
        return {"hint": [quiet("Put a text into the box.")], "page": page, "rows": None, "bars": None}
    rows, bars = list[Part](), list[list[Part]]()
    for name in models():
        bits = surprise(name, shown)
        rows.append(Html(f"<div style='margin-top: 1rem'>{markup.marked(f'**{MODELS[name]}** · {bits.mean():.2f} bits a character')}{by_surprise(name, shown, chosen=at)}</div>"))  # fmt: skip
        options = markup.bars(likeliest(name, shown, at), shown[at])
        bars.append([Words(f"**{MODELS[name]}** · {bits[at]:.1f} bits"), Html(f"<div class='zoo-few'>{options}</div>")])
    return {
        "hint": [*noted(v["read"]), quiet("The deeper the ground, the further the models are apart. Choose a character.")],
        "page": {"text": shown, "from": 0, "selected": at if at == v["at"] else None, "bits": divided(shown).tolist()},
        "bars": [Html(f"<p>{markup.html.escape(after(shown, at))}</p>"), Beside(bars, "12rem")], "rows": rows,
    }  # fmt: skip


def after(shown: str, at: int, most: int = 30) -> str:
    """Return the sentence on the chosen place of a text."""
    before = ("…" if at > most else "") + shown[max(0, at - most) : at].replace("\n", " ⏎ ")
    return f"After “{before}” each expected:" if at else "As the first character each expected:"


def choose(given: Any, v: Values) -> Values:
    """Choose a character of the text that is read."""
    return {"at": validate_choice(given, len(reading(v)[0]))}


BUTTONS = {
    "take": Button(
        "Read what it wrote", lambda v, name: {"read": (task(v).beginning + written(name, task(v)).text)[:LONGEST], "at": -1},
        options=lambda v: {name: MODELS[name] for name in models()},
    ),
}  # fmt: skip


def compare(v: Values) -> dict[str, str]:
    """Write on after a beginning by each model, with the same random numbers: what each wrote, without the beginning."""
    return {name: written(name, task(v)).text for name in models()}


def bits(v: Values) -> dict[str, list[float]]:
    """Return how surprising each character of a text is to each model, in bits; what a model does not know is replaced by the nearest."""
    shown, _ = known(v["read"])
    return {name: surprise(name, shown).tolist() if shown else [] for name in models()}


def code(v: Values) -> str:
    """Return the lines of Python that write the same texts, and read the same one."""
    beginning, length, seed, temperature = task(v)
    names = ", ".join(f'"{name}"' for name in models())
    return (
        f"import zoo\n\nmodels = {{name: zoo.load(name) for name in [{names}]}}\nbeginning = {beginning!r}\ntext = {reading(v)[0]!r}\n"
        f"for name, model in models.items():\n"
        f"    written = model.write(beginning, {length}, seed={seed}, temperature={temperature:g})\n"
        f"    bits = model.bits(text)  # of each character\n"
        f'    print(f"{{name}}, {{bits.mean():.2f}} bits a character: {{beginning + written}}\\n")'
    )


def drawable(asked: Task) -> list[tuple[str, str]]:
    """Return the models' names and what they write."""
    return [(MODELS[name], asked.beginning + written(name, asked).text) for name in models()]


def render(v: Values) -> np.ndarray:
    """Return the download: the five texts."""
    return picture.sheet(drawable(task(v)), 960)


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: the beginnings of the five texts, (336, 336, 3) uint8."""
    asked = task({name: field.default for name, field in fields().items()})
    return picture.sheet(drawable(asked), 336, 336, rows=1, letters=22)


DEMO = Demo(
    title="From counts to attention", line="Five models in the order of history go on with one beginning: what did each step bring?",
    term="n-grams, RNN, LSTM, transformer", group="Read and write", order=3, icon="stairs", how=HOW, equation=EQUATION,
    try_this=TRY_THIS, checkpoints=models, fields=fields, buttons=BUTTONS, stage=stage, code=code, render=render, scale=1,
    thumbnail=thumbnail,
    layout=(
        Section(lead=("beginning",)),
        Section(("texts", "said"), lead=("wild", "ink"), under=("length", "seed")),
        Section(("figures",), title="What each step brought"),
        Section((Slot("context", charts=1), "gains"), fields=(Slot("bits", charts=1),), widths=(3, 2)),
        Section(lead=("read",), under=("take",), title="Read closer"),
        Section(("hint", Slot("page", component=PAGE, sets=choose, redraws=True), "bars", "rows")),
    ),
    endpoints=(
        Endpoint(compare, ("beginning", "length", "seed", "wild:temperature"), "compare"),
        Endpoint(bits, ("read:text",), "bits", {"read": ...}),
    ),
)  # fmt: skip
