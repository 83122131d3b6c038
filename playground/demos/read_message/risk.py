"""What each threshold for spam finds and loses."""

import math
from collections.abc import Sequence

import numpy as np

from playground.catalogue import card
from playground.demo import Part, Table, Words
from playground.demos.read_message.figures import Figure
from playground.demos.read_message.reader import asked, chosen, metric, readers, signed, style, title
from playground.fields import Values

FEW = "recall_few_false"  # share of spam that is found where 0.1 % of wanted messages are lost
LEAST = 60  # % at which recall and precision begin to be drawn


def measured() -> list[str]:
    """Return the readers of spam whose cards have what each threshold finds and loses."""
    return [name for name in readers("spam") if "threshold" in card(name).numbers]


def risk(v: Values) -> tuple[list[Part], list[Figure]]:
    """Lay out what is found and lost at each threshold, precision over recall, and recall at 0.1 % false alarms."""
    names = measured()
    own = chosen(v) if chosen(v) in names else names[0]
    kept, at = card(own).numbers, asked(v)
    found, lost = at_threshold(own, at)
    said = (
        f"At these costs the {style(own)} calls a message spam from log-odds of **{signed(at)}** on. Of messages held back it then finds "
        f"**{100 * found:.1f} %** of the spam and loses **{1000 * lost:.1f}** of 1,000 wanted ones."
    )
    shares = [metric(name, FEW) for name in names]
    columns: dict[str, Sequence[tuple[str, bool]]] = {
        "reader": [(title(name), False) for name in names],
        "spam found where 0.1 % of wanted ones are lost": [
            ("-" if math.isnan(share) else f"{share:.1f}\N{NO-BREAK SPACE}%", share == max(shares)) for share in shares
        ],
    }
    percent = {key: [100 * share for share in kept[key]] for key in ("found", "false_alarms")}
    series = {
        "spam found": (kept["threshold"], percent["found"]),
        "wanted ones lost": (kept["threshold"], percent["false_alarms"]),
    }
    return [Words(said), Table(columns)], [
        Figure("Found and lost, by the threshold", series, "log-odds asked for", "% of them", mark=at, corner=("right", "top")),
        Figure(
            "Precision over recall", {title(name): curve(name) for name in names}, "recall, %", "precision, %",
            ring=(100 * found, 100 * precision(own, found, lost)), least=LEAST, corner=("left", "bottom"),
        ),
    ]  # fmt: skip


def at_threshold(name: str, at: float) -> tuple[float, float]:
    """Return the shares of spam found and of wanted messages lost where log-odds of `at` are asked for."""
    kept = card(name).numbers
    i = int(np.searchsorted(kept["threshold"], at))
    return (kept["found"][i], kept["false_alarms"][i]) if i < len(kept["threshold"]) else (0.0, 0.0)


def precision(name: str, found: float, lost: float) -> float:
    """Return the share of spam among what is called spam, of the shares found and lost; 1 where nothing is."""
    wanted = metric(name, "majority") / 100
    spam, mistaken = found * (1 - wanted), lost * wanted
    return spam / (spam + mistaken) if spam + mistaken else 1.0


def curve(name: str) -> tuple[list[float], list[float]]:
    """Return recall and precision, %, at each threshold."""
    kept = card(name).numbers
    pairs = list(zip(kept["found"], kept["false_alarms"], strict=True))
    return [100 * found for found, _ in pairs], [100 * precision(name, *pair) for pair in pairs]
