"""Name maker: names for a gender and an origin, how each of their letters came, and for whom a name is."""

from typing import Any

import numpy as np

from playground.catalogue import learnt
from playground.components.names import NAMES, validate_name
from playground.demo import Button, Demo, Endpoint, Html, Part, Refused, Section, Slot, Stage
from playground.demos.name_maker import bayes, picture
from playground.demos.name_maker.bayes import kinds, plainly, prior, quiet, scientific
from playground.demos.name_maker.maker import (
    COUNT,
    chosen,
    knows,
    letters,
    made,
    models,
    shown,
    spelt,
    task,
    title,
    wishes,
)  # fmt: skip
from playground.fields import Field, Values, choice, integer, number, seed, text
from playground.memory import remembered
from zoo.data.lines import LONGEST
from zoo.writing import Sampling

GENDERS = {"any": "Any", "f": "Girls'", "m": "Boys'"}
ORIGINS = {"any": "Any", "US": "US", "India": "India", "blend": "Between"}
FIRST, NAME = "Maya", 60  # the name on arrival, and characters of one at most
DRAWN = (
    "Drawn with probability {}: each letter's, multiplied. The deeper its ground, the less it was expected; under it, what else could "
    "have stood there. Press another letter to go on with it."
)
NONE = "No sample has a letter: the end was drawn at once."
HOW = (
    "A **recurrent network** (LSTM) reads a name letter by letter and keeps what it read in one state; from that comes the probability of "
    "every next letter, or of the end. One is drawn, and the whole repeats. Gender and origin are numbers added to each letter it reads; "
    "in training each was hidden at random, so it also writes without. Shares instead of one origin lie **between** two. "
    "It was never asked which gender a name has. But it knows how likely a name is for each, and **Bayes' rule** turns that around: "
    "multiply by how likely each was before, divide by the sum. *New* names are on no list that it learnt from."
)
EQUATION = r"p(c \mid x) = \frac{p(c)\prod_t p(x_t \mid x_{<t}, c)}{\sum_{c'} p(c')\prod_t p(x_t \mid x_{<t}, c')}"
TRY_THIS = (
    "Choose *Between* and push the slider from one end to the other: which names stay? Then type your own name below, and see at "
    "which letter the answer turns."
)


def fields() -> dict[str, Field]:
    """Return the page's controls."""
    titles = {name: title(name) for name in models()}
    return {
        "model": choice(titles, models()[0], "List", "What it learnt from", when=lambda v: len(models()) > 1),
        "gender": choice(GENDERS, "f", "Names for", when=lambda v: knows(v["model"], "gender")),
        "origin": choice(ORIGINS, "US", "Origin", when=lambda v: knows(v["model"], "origin")),
        "india": integer(
            0, 100, 50, "From the US to India", "Share of India", unit="%",
            when=lambda v: v["origin"] == "blend" and knows(v["model"], "origin"),
        ),
        "beginning": text("", "First letters", most=LONGEST),
        "wild": number(0.0, 2.0, 0.8, "Wilder", "Temperature: 0 takes the likeliest letter, always the same name"),
        "top_p": number(0.05, 1.0, 1.0, "The likeliest with this much together", "top p"),
        "min_p": number(0.0, 0.5, 0.0, "At least this share of the likeliest", "min p", step=0.01),
        "seed": seed(),
        "chosen": integer(0, COUNT - 1, 0),
        "name": text(FIRST, "A name, such as yours", most=NAME),
        "prior": integer(
            1, 99, 50, "From India, before any letter", "The prior of Bayes' rule", unit="%",
            when=lambda v: knows(v["model"], "origin"),
        ),
    }  # fmt: skip


def stage(v: Values) -> Stage:
    """Return the names, the letters of the chosen one, and what the model makes of the typed one."""
    said = plainly(v["model"])
    return {
        "names": names(v), "said": told(v), "verdict": bayes.verdict(v), "belief": bayes.chart(v), "numbers": bayes.numbers(v),
        "plainly": [Html(f"<div class='zoo-words'><p>{said}</p></div>")] if said else None,
    }  # fmt: skip


def names(v: Values) -> dict[str, Any]:
    """Return the names for the component, and the letters of the chosen one."""
    found, at = made(task(v)), chosen(v)
    rows = [{"text": shown(v["model"], one.text), "new": one.new, "times": one.times} for one in found]
    read = letters(task(v), found[at].index) if found else []
    return {"names": rows, "at": at, "letters": read, "said": drawn(read)}


def drawn(read: list[dict[str, Any]]) -> str:
    """Return how likely a name was, and what its letters show."""
    if not read:
        return NONE
    return DRAWN.format(scientific(float(np.prod([letter["p"] for letter in read if letter["p"] is not None]))))


def means(name: str) -> str:
    """Return what a new name is."""
    return f"New: not among the {len(learnt(name)):,} that it learnt from or was tested by. It may be somebody's name all the same."


def told(v: Values) -> list[Part]:
    """Return what is to be said of the names."""
    found = made(task(v))
    _, note = spelt(v["model"], v["beginning"])
    said = f"{sum(one.times for one in found)} names drawn, {len(found)} different, {sum(one.new for one in found)} of them new."
    return [*([quiet(note)] if note else []), quiet(said), quiet(means(v["model"]))]


def press(given: object, v: Values) -> Values:
    """Choose a name, or let another letter stand at a place of the chosen one."""
    found = names(v)
    at, other = validate_name(given, len(found["names"]), [len(letter["others"]) for letter in found["letters"]])
    if other is None:
        return {"chosen": made(task(v))[at].index}
    way = found["letters"][at]["others"][other]
    if not way["begins"]:
        raise ValueError("a name cannot go on after its end")
    begun = made(task(v))[found["at"]].text[:at] + {"space": " "}.get(way["text"], way["text"])
    return {"beginning": shown(v["model"], begun), "chosen": 0}


BUTTONS = {
    "weigh": Button(
        "Whose name is this?", lambda v, _: {"name": shown(v["model"], made(task(v))[chosen(v)].text)[:NAME]}, icon="balance",
        help="Ask Bayes' rule of the chosen name, below", when=lambda v: bool(made(task(v))),
    ),
}  # fmt: skip


def make(v: Values) -> list[dict[str, Any]]:
    """Make names: each with whether it is new, on no list that the model learnt from or was tested by."""
    return [{"name": shown(v["model"], one.text), "new": one.new} for one in made(task(v))]


def weigh(v: Values) -> dict[str, Any]:
    """Tell for whom a name is: of each kind its prior, each letter's probability and the end's, and the answer by Bayes' rule."""
    found, note = bayes.asked(v)
    if found is None:
        raise Refused(note or "Type a name")
    rows = {
        bayes.called(kind) or "any": {
            "prior": found.prior[k], "letters": found.p[:, k].tolist(), "answer": found.posterior[-1, k],
        }
        for k, kind in enumerate(found.kinds)
    }  # fmt: skip
    return {"read": found.text, "note": note, "kinds": rows}


def code(v: Values) -> str:
    """Return the lines of Python that make the same names and weigh the typed one."""
    asked, (name, _) = task(v), spelt(v["model"], v["name"])
    changed = {key: value for key, value in vars(asked.how).items() if value != getattr(Sampling(), key)}
    options = "".join(f", {key}={value:g}" for key, value in changed.items())
    wanted = ", ".join(f"{key}={wish!r}" for key, wish in wishes(asked).items())
    lines = [
        "import torch\nimport zoo\nfrom zoo.copies import new\n", f'model = zoo.load("{asked.name}")',
        f"beginning = {asked.beginning!r}",
        f'written = model.sample({COUNT}, seed={asked.seed}, prompt="\\n" + beginning, length={LONGEST}'
        + (f", given=model.given({wanted})" if wanted else "") + f"{options})",
        r'names = [name for text in written if (name := beginning + text.split("\n")[0])]',
        f'is_new = new(names, zoo.extras("{asked.name}")["known"].numpy())',
    ]  # fmt: skip
    if name and kinds(asked.name) != ((),):
        every = [dict(zip(["gender", "origin"], kind, strict=True)) for kind in kinds(asked.name)]
        lines += [
            "", f"kinds = {every!r}",
            f"likelihood = torch.stack([model.likelihoods([{name!r}], model.given(**kind))[0] for kind in kinds])",
            f"prior = torch.tensor({[round(float(p), 4) for p in prior(asked.name, v['prior'])]!r})",
            "posterior = (prior.log() + likelihood).softmax(0)  # Bayes' rule",
        ]  # fmt: skip
    elif name:
        lines += ["", f"likelihood = model.likelihoods([{name!r}])"]
    return "\n".join(lines)


def render(v: Values) -> np.ndarray:
    """Return the download: the names."""
    return picture.sheet([(shown(v["model"], one.text), one.new) for one in made(task(v))], (960, 706), 2)


@remembered
def thumbnail() -> np.ndarray:
    """Return the demo's square picture: some names at the page's first settings, (336, 336, 3) uint8."""
    v = {name: field.default for name, field in fields().items()}
    found = sorted(made(task(v)), key=lambda one: len(one.text) > 8)
    return picture.sheet([(shown(v["model"], one.text), one.new) for one in found], (336, 336), 1, 1.08)


DEMO = Demo(
    title="Name maker", line="Names for girls or boys, from the US to India, that nobody may have borne.",
    term="recurrent network (LSTM)", group="Read and write", order=2, icon="badge", how=HOW, equation=EQUATION, try_this=TRY_THIS,
    checkpoints=models, fields=fields, buttons=BUTTONS, stage=stage, code=code, render=render, scale=1, thumbnail=thumbnail,
    layout=(
        Section(lead=("model", "gender", "origin", "beginning", "india")),
        Section(
            (Slot("names", component=NAMES, sets=press, redraws=True),), fields=("wild", "weigh", Slot("said")),
            more=("top_p", "min_p", "seed"), widths=(3, 1),
        ),
        Section(lead=("name",), title="Whose name is it?"),
        Section(("verdict", Slot("belief", charts=1)), fields=("prior", Slot("numbers")), widths=(1, 1)),
        Section(("plainly",)),
    ),
    endpoints=(
        Endpoint(make, ("beginning", "gender", "origin", "india", "seed", "wild", "top_p", "min_p", "model"), "names"),
        Endpoint(weigh, ("name", "prior", "model"), "weigh", {"name": ...}),
    ),
)  # fmt: skip
