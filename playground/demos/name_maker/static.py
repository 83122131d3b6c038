"""The name maker without a server: the networks' weights, and the hashes of the names that they learnt from."""

import shutil
from pathlib import Path
from typing import Any

from playground.catalogue import card, load
from playground.demos import name_maker
from playground.demos.name_maker import bayes, maker
from playground.hosts.static.page import StaticPage
from zoo.data.lines import LONGEST


def weights(out: Path) -> dict[str, Any]:
    """Write the models; return what the page says of them."""
    found = []
    for name in maker.models():
        model, held = load(name), card(name)
        shutil.copyfile(held.folder / "model.safetensors", out / f"{name}.safetensors")
        shutil.copyfile(held.folder / "extras.safetensors", out / f"{name}.known.safetensors")
        found.append({
            "name": name, "chars": list(model.config.chars), "alphabet": maker.alphabet(name), "config": held.config,
            "conditions": [[key, list(options)] for key, options in model.conditions.items()],
            "plainly": bayes.plainly(name), "means": name_maker.means(name),
        })  # fmt: skip
    sizes = {"count": maker.COUNT, "others": maker.OTHERS, "length": LONGEST, "name": name_maker.NAME}
    said = {
        "drawn": name_maker.DRAWN,
        "none": name_maker.NONE,
        "empty": bayes.EMPTY,
        "one": bayes.ONE,
        "chart": bayes.TITLE,
    }
    return {"models": found, "sizes": sizes, "latin": maker.LATIN, "called": bayes.CALLED, "said": said}


PAGE = StaticPage(
    weights,
    components=("names",),
    scripts=("characters.js", "recurrent.js"),
    seeds="A seed gives the same names as in the app, until two letters are as likely as each other to six digits.",
    runtime=False,
)
