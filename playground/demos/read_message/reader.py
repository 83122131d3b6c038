"""Who reads, and what each makes of a message: tasks, models, words left out, verdicts, doubts."""

import math
import re
from functools import lru_cache

import torch

from playground.catalogue import card, doing, load
from playground.fields import Values
from playground.memory import remembered
from zoo.data import named
from zoo.models.text_classifier.words import hashed
from zoo.reading import Verdict, verdict, words

TASKS = {"spam": "Spam", "opinion": "Opinion", "topics": "Topic"}
DATA = {"spam": "sms", "opinion": "sentiment", "topics": "agnews"}
KINDS = "kinds"  # the data set of the model that tells what kind of text a message is
NETS = {"rnn": "RNN", "lstm": "LSTM", "cnn": "CNN"}
OUT = re.compile(r"[0-9a-f]{8}(_\d{1,4})+")


@lru_cache(maxsize=8)
def models(data: str) -> list[str]:
    """Return the models at hand that read texts of a data set."""
    return [name for name in doing("classify", "label", data) if "text" in card(name).declared.TAKES]


def readers(task: str) -> list[str]:
    """Return the models at hand that read for a task."""
    return models(DATA[task])


def checkpoints() -> list[str]:
    """Return the checkpoints that the demo needs."""
    return [*(name for task in TASKS for name in readers(task)), *models(KINDS)]


def classes(task: str) -> tuple[str, ...]:
    """Return what a task's answers are called."""
    return named(DATA[task]).CLASSES


def style(name: str) -> str:
    """Return what a reader is called within a sentence: its kind."""
    config = card(name).config
    if "kind" not in config:
        return config["classifier"]
    both = "bidirectional " if config["kind"] != "cnn" and config["both"] else ""
    return both + NETS[config["kind"]] + (f" ×{config['members']}" if config["members"] > 1 else "")


def title(name: str) -> str:
    """Return what a reader is called by itself."""
    return style(name)[0].upper() + style(name)[1:]


def chosen(v: Values) -> str:
    """Return the reader whose words are shown: the one chosen, or the task's first."""
    names = readers(v["task"])
    return v["model"] if v["model"] in names else names[0]


def read_out(given: str) -> str:
    """Read the words that are left out, as a link has them: a hash of their message, and their numbers."""
    if given and not OUT.fullmatch(given):
        raise ValueError("a message's hash and numbers of words, separated by '_'")
    return given


def left_out(v: Values) -> set[int]:
    """Return the numbers of the words left out; none where the message is another by now."""
    of, *numbers = v["out"].split("_")
    return {int(number) for number in numbers} if of == _mark(v["message"]) else set()


def toggled(v: Values, at: int) -> str:
    """Return what leaves a word out, or puts it back."""
    numbers = left_out(v) ^ {at}
    return "_".join([_mark(v["message"]), *map(str, sorted(numbers))]) if numbers else ""


def _mark(message: str) -> str:
    return f"{hashed(message):08x}"


def left(v: Values) -> str:
    """Return the message without the words that are left out."""
    message, spans = v["message"], words(v["message"])
    for start, end in (spans[i] for i in sorted(left_out(v), reverse=True) if i < len(spans)):
        message = f"{message[:start]} {message[end:]}"
    return message


@remembered
def read(name: str, message: str) -> Verdict:
    """Return a reader's verdict on a message."""
    return verdict(load(name), message)


def asked(v: Values) -> float:
    """Return the log-odds from which on a message is called spam: what it costs to lose a wanted one against letting a spam through."""
    return math.log(v["lost"] / v["missed"])


def answer(found: Verdict, v: Values) -> int:
    """Return the label that is said: the likeliest, or for spam the one whose risk is less."""
    return int(found.log_odds[1] > asked(v)) if v["task"] == "spam" else found.label


@remembered
@torch.inference_mode()
def kind(message: str) -> tuple[float, ...] | None:
    """Return how likely a message is of each kind of text; None where no model at hand tells."""
    names = models(KINDS)
    return tuple(load(names[0]).classify([message])[0].tolist()) if names else None


def doubt(v: Values) -> str:
    """Return why the readers' verdicts are in doubt: what the message looks like instead of what they learnt from; '' where they are not."""
    found = kind(left(v))
    if found is None:
        return ""
    least = card(models(KINDS)[0]).numbers["familiar"]  # in the order of the kinds
    own, names = list(least).index(DATA[v["task"]]), named(KINDS).CLASSES
    if found[own] >= least[DATA[v["task"]]]:
        return ""
    like = max((p, name) for i, (p, name) in enumerate(zip(found, names, strict=True)) if i != own)[1]
    noun = named(DATA[v["task"]]).NOUN
    return f"I don't know: the readers learnt from {noun}, and this looks like “{like}”. Of 100 held-back {noun}, 99 look more like one."


def sure(p: float) -> str:
    """Return a probability in words."""
    return "over 99.9\N{NO-BREAK SPACE}%" if p > 0.9995 else f"{100 * p:.1f}\N{NO-BREAK SPACE}%"


def signed(odds: float) -> str:
    """Return log-odds, or a change of them, with its sign."""
    return f"{odds:+.2f}".replace("-", "\N{MINUS SIGN}")


def metric(name: str, *keys: str) -> float:
    """Return the first of these figures that a reader's card has; nan where it has none."""
    found = {one.name: one.value for one in card(name).metrics}
    return next((found[key] for key in keys if key in found), math.nan)
