"""A toy: nine pictures from noise."""

from playground.catalogue import load
from playground.demo import Demo, Drawn, Endpoint, Pictures, Section
from playground.fields import Values, seed
from zoo.pictures import grid

NAME = "toy.discs"


def draw(v: Values) -> Drawn:
    """Draw nine pictures as one PNG."""
    return Drawn(grid(load(NAME).sample(9, seed=v["seed"]), 3))


DEMO = Demo(
    title="Toy", line="One matrix draws.", term="energy distance", group="Draw", order=99, icon="toys",
    how="Eight random numbers *z* are multiplied by one matrix, and what comes out is a picture. The matrix was moved until pictures "
    "drawn like this were as far from each other as they are from discs. One matrix can only add, so discs come out as clouds.",
    equation=r"x = \sigma(W z + b)", try_this="Another seed.", layout=(Section(("pictures",), fields=("seed",)),),
    checkpoints=lambda: [NAME], fields=lambda: {"seed": seed()}, render=lambda v: draw(v).pixels,
    stage=lambda v: {"pictures": Pictures([draw(v).pixels], ["nine discs"], largest=336)},
    code=lambda v: f'import zoo\n\nx = zoo.load("{NAME}").sample(9, seed={v["seed"]})',
    thumbnail=lambda: draw({"seed": 1}).pixels, endpoints=(Endpoint(draw, ("seed",)),),
)  # fmt: skip
