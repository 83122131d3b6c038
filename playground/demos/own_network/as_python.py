"""The lines of Python that train the same network, from a page's values."""

from playground.components.film import LEVELS
from playground.demos.own_network import digits, plane
from playground.fields import Values
from zoo.data import points


def code(v: Values) -> str:
    """Return the lines of Python that train the same network."""
    config = f"hidden={v['hidden']!r}, activation={v['activation']!r}, loss={v['loss']!r}"
    rate = f"lambda done: 10**{v['lr']:g}"
    if v["data"] != "digits":
        return _of_points(v, config, rate)
    if digits.real():
        head = f'from zoo.data import mnist\nfrom zoo.models.scratch import Config, Network\n\nimages, y = (a[:{v["digits"]}] for a in mnist.load("train"))\n'
    else:
        sheets = -(-v["digits"] // digits.SHEET)
        head = (
            f'import zoo\nfrom zoo.models.scratch import Config, Network\nfrom zoo.pictures import pixels\n\nmodel = zoo.load("{digits.ARTIST}")  # while the real digits are not at hand\n'
            f"images = np.concatenate([pixels(model.sample({digits.SHEET}, seed=i)) for i in range({sheets})])[:{v['digits']}]\n"
            "y = np.arange(len(images)) % 10\n"
        )
    return (
        f"import numpy as np\n{head}x = images.reshape(len(y), -1).astype(np.float32) / 255\n"
        f"network = Network(Config({config}), seed={v['seed']})\n"
        f"rng = np.random.default_rng({v['seed']})\nfor epoch in range({v['epochs']}):\n"
        f"    losses = list(network.epoch(x, y, {digits.BATCH}, {rate}, rng))\n    print(losses[-1])"
    )


def _of_points(v: Values, config: str, rate: str) -> str:
    """Return the lines of Python that train the same network on the same points."""
    if v["data"] in points.SETS:
        known = v["count"] - v["count"] // plane.HELD_OUT
        head, classes = (
            f'from zoo.data import points\nfrom zoo.models.scratch import Config, Network\n\nx, y = points.make("{v["data"]}", {v["count"]}, noise={v["noise"]:g}, seed={v["seed"]})\n'
            f"new_x, new_y, x, y = x[{known}:], y[{known}:], x[:{known}], y[:{known}]  # those held out, those to learn from\n",
            2,
        )
        size, tail = min(plane.BATCH, known), "print((network.forward(new_x)[0].argmax(1) == new_y).mean())"
    else:
        if not v["points"]:
            return "# Place some points first."
        *x, y = zip(*plane.unpack(v["points"]), strict=True)
        head = (
            f"from zoo.models.scratch import Config, Network\n\nplaced = np.array([{list(x[0])}, {list(x[1])}]).T  # from 0 to {LEVELS}\n"
            f"x, y = ((2 * placed / {LEVELS} - 1) * {plane.SPAN}).astype(np.float32), np.array({list(y)})\n"
        )
        classes, size = max(2, max(y) + 1), min(plane.BATCH, len(y))
        tail = "print((network.forward(x)[0].argmax(1) == y).mean())"
    return (
        f"import numpy as np\n{head}network = Network(Config(inputs=2, classes={classes}, {config}), seed={v['seed']})\n"
        f"rng = np.random.default_rng({v['seed']})\nwhile network.steps < {v['steps']}:\n"
        f"    for loss in network.epoch(x, y, {size}, {rate}, rng):\n"
        f"        if network.steps == {v['steps']}:\n            break\n{tail}"
    )
