"""The map of words without a server: the vectors as they are stored, the maps, and GloVe's neighbours."""

import shutil
from itertools import product
from pathlib import Path
from typing import Any

from playground.catalogue import card, load
from playground.demos.map_of_words import drawn, parts
from playground.demos.map_of_words.spaces import FEW, MODEL, MOST, periods
from playground.hosts.static.page import StaticPage
from zoo.checkpoint import write_tensors

LACKING = "This needs GloVe's vectors, which this page does not carry: see the app, with the data at hand."


def words(out: Path) -> dict[str, Any]:
    """Write the vectors and maps; return the words, and what the page says of them."""
    model = load(MODEL)
    write_tensors(out / "vectors.safetensors", {"vector": model.vector_of.half(), "offset": model.offset_of.half()})
    shutil.copyfile(card(MODEL).folder / "extras.safetensors", out / "extras.safetensors")
    kinds = product(parts.SOURCES, parts.LAYOUTS, (2, 3))
    return {
        "words": list(model.words), "starts": list(model.starts), "periods": periods(), "moving": model.config.moving,
        "sources": parts.SOURCES, "units": parts.UNITS, "axes": drawn.AXES, "roles": list(parts.ROLES),
        "signposts": {f"{source} {layout} {dims}": list(drawn.signposts(source, layout, dims)) for source, layout, dims in kinds},
        "near": parts.NEAR, "then": parts.THEN, "lines": parts.LINES, "few": FEW, "most": MOST, "height": parts.HEIGHT, "lacking": LACKING,
    }  # fmt: skip


PAGE = StaticPage(words, seeds="Nothing here is drawn at random.", runtime=False)
