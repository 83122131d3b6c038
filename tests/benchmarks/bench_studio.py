"""Server time of the butterfly studio: from a drawing's strokes to the encoded picture.

    python tests/benchmarks/bench_studio.py

The live picture is of a mirrored drawing, which is painted once and mirrored; the other is painted half by half. Both are
256x256 and the model's best: there is no coarser preview.
"""

import time

import numpy as np

from playground.demos import butterfly_studio as studio
from playground.demos.recipe import png

ROUNDS, WARM = 40, 5


def main() -> None:
    """Print medians and 95 % quantiles, milliseconds."""
    generator = np.random.default_rng(0)
    starters = list(studio.space().starters.values())
    for mirror in (True, False):
        taken = {"lines and silhouette": [], "picture": [], "PNG": [], "all": []}
        for i in range(WARM + ROUNDS):
            strokes = starters[i % len(starters)]
            z = studio.latent(studio.space().names[generator.integers(len(studio.space().names))])
            marks = [time.perf_counter()]
            drawn = studio.drawn(strokes if mirror else studio.mirrored(strokes), mirror)
            marks.append(time.perf_counter())
            painted = studio.paint(z[None], *drawn, mirror=mirror)[0]
            marks.append(time.perf_counter())
            png(painted)
            marks.append(time.perf_counter())
            if i >= WARM:
                for key, part in zip(taken, [*np.diff(marks), marks[-1] - marks[0]], strict=True):
                    taken[key].append(1000 * part)
        print("mirrored drawing" if mirror else "drawing without mirror")
        for key, values in taken.items():
            print(f"  {key:22} median {np.median(values):6.1f} ms, 95 % {np.quantile(values, 0.95):6.1f} ms")


if __name__ == "__main__":
    main()
