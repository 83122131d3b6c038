"""Static pages for tests: what they show, and what their networks compute."""

import json

import numpy as np
import torch


def pictures(page, selector: str) -> np.ndarray:
    """Return the opacity of canvases, (N, H, W) uint8."""
    shown = page.eval_on_selector_all(
        selector,
        """all => JSON.stringify(all.map((c) => {
          const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
          return [c.width, [...data.filter((_, i) => i % 4 === 3)]];
        }))""",  # as one text: Playwright takes its time over each number
    )
    return np.stack([np.array(data, np.uint8).reshape(-1, width) for width, data in json.loads(shown)])


def run(page, file: str, inputs: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Run one of a page's networks in its browser."""
    given = {name: {"data": x.flatten().tolist(), "dims": list(x.shape)} for name, x in inputs.items()}
    found = page.evaluate(
        """async ([file, given]) => {
          const run = await (await import(new URL('network.js', document.baseURI))).network(file);
          for (const input of Object.values(given)) input.data = Float32Array.from(input.data);
          const found = await run(given);
          return Object.fromEntries(Object.entries(found).map(([k, t]) => [k, { data: [...t.data], dims: [...t.dims] }]));
        }""",
        [file, given],
    )
    return {name: np.array(x["data"]).reshape(x["dims"]) for name, x in found.items()}
