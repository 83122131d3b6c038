"""Server time of one slider move on the latent page: move z, decode by both models, encode the pictures for the page.

    python tests/benchmarks/bench_slider.py

Median and 95th percentile in milliseconds over 300 moves: what the move itself costs, and the whole
rerun of the page's stage as Streamlit runs it, films included.
"""

import base64
import random
import time

import numpy as np

from playground import recipe
from playground.demos import latent_sliders


def move() -> float:
    """Move one random slider; return seconds."""
    sliders = [0.0] * 20
    sliders[random.randrange(20)] = random.uniform(-3, 3)
    began = time.perf_counter()
    for name in latent_sliders.MODELS:
        z = latent_sliders.move(name, latent_sliders.start(name, "digit", digit=random.randrange(2500)), tuple(sliders))
        base64.b64encode(recipe.png(latent_sliders.decode(name, z), scale=8))
    return time.perf_counter() - began


def rerun() -> list[float]:
    """Move a slider of the page in Streamlit's own test runner; return seconds of each whole rerun."""
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    app = AppTest.from_file("../../playground/Home.py", default_timeout=60)
    app._page_hash = calc_hash("latent_sliders")  # the page's address
    app.run()
    seconds = []
    for i in range(40):
        app.slider(key="latent_sliders.sliders.0").set_value((i % 30) / 10)
        began = time.perf_counter()
        app.run()
        seconds.append(time.perf_counter() - began)
    return seconds[5:]


def main() -> None:
    """Print both."""
    for _ in range(10):
        move()
    for title, seconds in (("move, decode, encode", [move() for _ in range(300)]), ("whole page rerun", rerun())):
        milliseconds = 1000 * np.array(seconds)
        print(f"{title}: median {np.median(milliseconds):.1f} ms, 95 % {np.percentile(milliseconds, 95):.1f} ms")


if __name__ == "__main__":
    main()
