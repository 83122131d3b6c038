"""What padding does to a reader whose last state it reaches."""

from collections.abc import Sequence

import torch

from playground.catalogue import card, load
from playground.demo import Part, Table, Words
from playground.demos.read_message.figures import Figure
from playground.demos.read_message.reader import classes, left, metric, readers, signed, style
from playground.fields import Values
from playground.memory import remembered
from zoo.models.text_classifier import Batch

BLANKS = 150  # that are read after a message
BESIDE = {
    "one from a friend": "Call me when you are home", "one about a prize": "You have won a prize, call 09060 111 222 to claim it",
}  # fmt: skip
# Of the 5,574 messages as they were collected 4,827 are wanted; 403 repeat another.
REASON = (
    "Texts of a batch are padded to equal length. Where the {style} reads on through the padding, its last state is that of a hundred "
    "blanks, whatever stood before them, and every message gets one answer. A network that is trained so learns which answer is the most "
    "frequent, and no more: always saying “{most}” is right for {majority:.1f} % of the distinct messages, and for 86.6 % of all 5,574 "
    "with their repeats. Here padding reaches no reader."
)


def padders(task: str) -> list[str]:
    """Return the readers that answer by their last state alone, which padding can reach."""
    configs = {name: card(name).config for name in readers(task)}
    return [name for name, c in configs.items() if c.get("pool") == "last" and c["kind"] != "cnn" and not c["both"]]


@remembered
@torch.inference_mode()
def blanks(name: str, messages: tuple[str, ...]) -> list[list[float]]:
    """Return the log-odds of the second class after each of 0 to `BLANKS` blanks that follow a message, for each message."""
    model, found = load(name), []
    for words in map(model.encode, messages):
        batch = Batch.of([words], padded=len(words) + BLANKS)
        scores = []
        for network in model.networks:
            x = network.vectors(batch, model.given)[batch.places] * batch.mask[..., None]
            scores.append(network.head(network.states(x, batch.lengths)[0, len(words) - 1 :]).log_softmax(1))
        logits = torch.stack(scores).mean(0)
        found.append((logits[:, 1] - logits[:, 0]).tolist())
    return found


def reason(name: str) -> str:
    """Return why padding that a reader reads on through leaves one answer for every message."""
    return REASON.format(style=style(name), most=classes("spam")[0], majority=metric(name, "majority"))


def ways(name: str) -> list[tuple[str, float]]:
    """Return the share of held-back messages, %, that a reader gets right as it is, and where padding reaches it."""
    table = card(name).tables.get("ways")
    return list(zip(table.column("way"), table.column("accuracy"), strict=True)) if table else []


def padding(v: Values) -> tuple[list[Part], list[Figure]]:
    """Show what becomes of a message's log-odds as a network reads on through the blanks that pad it."""
    name, called = padders(v["task"])[0], classes(v["task"])
    messages = {"this message": left(v), **BESIDE}
    found = dict(zip(messages, blanks(name, tuple(messages.values())), strict=True))
    columns: dict[str, Sequence[tuple[str, bool]]] = {
        "message": [(which, False) for which in found],
        "at its end": [(_told(odds[0], called), False) for odds in found.values()],
        f"{BLANKS} blanks later": [(_told(odds[-1], called), False) for odds in found.values()],
    }
    series = {which: (list(range(BLANKS + 1)), odds) for which, odds in found.items()}
    figure = Figure("What the blanks wipe out", series, "blanks read after the message", f"log-odds of {called[1]}")
    measured = ways(name)
    rates: dict[str, Sequence[tuple[str, bool]]] = {
        "of messages held back": [(way, False) for way, _ in measured],
        "right": [(f"{share:.1f}\N{NO-BREAK SPACE}%", False) for _, share in measured],
    }
    return [Words(reason(name)), Table(columns), *([Table(rates)] if measured else [])], [figure]


def _told(odds: float, called: tuple[str, ...]) -> str:
    return f"{called[int(odds > 0)]}, {signed(odds)}"
