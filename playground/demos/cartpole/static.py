"""CartPole without a server: its agents are numbers among the facts."""

from pathlib import Path
from typing import Any

from playground.demos import cartpole
from playground.hosts.static.page import StaticPage
from zoo.data.cartpole import PHYSICS, start

STARTS = 1000  # seeds of the carts that a page knows


def carts(out: Path) -> dict[str, Any]:
    """Return the facts of CartPole: its agents are numbers among them."""
    return {
        "agents": [cartpole.packed(age) for age in range(len(cartpole.ages()))],
        "lasts": [cartpole.lasts(age) for age in range(len(cartpole.ages()))],
        "starts": [start(seed).tolist() for seed in range(STARTS)],
        "physics": PHYSICS,
        "fields": {"seed": {"high": STARTS - 1}},
    }


PAGE = StaticPage(
    carts,
    components=("cartpole",),
    seeds="A seed gives the same episode as in the app and in gymnasium.",
    runtime=False,
)
