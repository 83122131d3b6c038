"""Many visitors at once: 32 clients at each Gradio app, 16 browser sessions at the Streamlit app, 60 seconds each.

    ZOO_BENCH_SECONDS=60 python tests/benchmarks/bench_load.py

Every answer is compared with what the demo computes for its seed, so that nobody gets another's picture. Printed for each
server: seconds from start to the first page, answers, errors, wrong answers, median and 95th percentile of the wait, and
resident memory after warm-up and at the end.
"""

import asyncio
import base64
import io
import os
import re
import shutil
import sys
import threading
import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import gradio_client
import numpy as np
from PIL import Image
from playwright.async_api import async_playwright
from serving import free_port, memory, served

from playground.catalogue import conditional
from playground.demos import (
    butterfly_studio,
    cartpole,
    dcgan,
    diffusion,
    digit_sampler,
    draw_and_see,
    dreams,
    flow,
    latent_sliders,
    one_digit,
    own_network,
    writing_desk,
)
from zoo.pictures import sheet
from zoo.writing import Sampling

ROOT = Path(__file__).resolve().parent.parent.parent
CLIENTS, SESSIONS = 32, 16
SECONDS = float(os.environ.get("ZOO_BENCH_SECONDS", 60))
SEEDS = 40  # so many, that visitors ask for each other's too
NAME = conditional()[0]


def pixels(file: str, mode: str = "L") -> np.ndarray:
    """Read a picture file."""
    with Image.open(file) as image:
        return np.asarray(image.convert(mode))


@cache
def digits(seed: int) -> np.ndarray:
    """Return the digits that a seed gives, on white."""
    return 255 - sheet(digit_sampler.sample(NAME, seed % 10, 10, seed, 0.9)[0], 10)


@cache
def latents(seed: int) -> np.ndarray:
    """Return the point that a seed gives, moved along the first direction, on white."""
    steps = (float(seed % 3), *[0.0] * 19)
    name = latent_sliders.MODELS[0]
    return 255 - latent_sliders.decode(
        name, latent_sliders.move(name, latent_sliders.start(name, "point", seed=seed), steps)
    )


@cache
def episode(seed: int) -> np.ndarray:
    """Return the states of a seed's episode."""
    return cartpole.episode(len(cartpole.ages()) - 1, seed)["states"]


@cache
def butterfly(seed: int) -> np.ndarray:
    """Return a starter outline in a kind's pattern, on white."""
    space = butterfly_studio.space()
    values = {name: field.default for name, field in butterfly_studio.fields().items()}
    z = butterfly_studio.latent(space.names[seed])
    return butterfly_studio.on_white(butterfly_studio.paint(z[None], butterfly_studio.drawn(values))[0])


@cache
def text(seed: int) -> np.ndarray:
    """Return a seed's text, as character numbers."""
    name = writing_desk.models()[0]
    return codes(writing_desk.write(name, writing_desk.BEGINNING, 50, seed, Sampling(temperature=0.8, min_p=0.02)))


def codes(text: str) -> np.ndarray:
    """Return a text's characters as numbers."""
    return np.array([ord(c) for c in text])


@cache
def dreamt(seed: int) -> np.ndarray:
    """Return the four ways' pictures, on white."""
    return 255 - np.concatenate([dreams.dream(way, seed % 10, 1, 0.3)[0][-1] for way in dreams.WAYS], 1)


def stroke(seed: int) -> list[list[int]]:
    """Return a line that leans by the seed."""
    return [[60 + seed, 40, 200 - 2 * seed, 210]]


@cache
def opinion(seed: int) -> np.ndarray:
    """Return every classifier's probabilities for a line."""
    x = draw_and_see.seen(stroke(seed))
    return np.stack([draw_and_see.judged(name, x) for name in draw_and_see.models()])


@cache
def learned(seed: int) -> np.ndarray:
    """Return the losses of a small network."""
    *_, progress = own_network.digits.learn("8", "relu", "cross-entropy", -2.5, 1000, 1, seed)
    return np.array(progress.losses)


@cache
def walked(seed: int) -> np.ndarray:
    """Return a seed's way out of the noise in five steps, and what is seen on it, on white."""
    there, seen, levels = diffusion.walk(diffusion.DIGITS, seed % 10, seed, 5, 1.2, "dpm")
    return 255 - sheet(np.concatenate([there, seen]), len(levels))


@cache
def likeliest(seed: int) -> np.ndarray:
    """Return the flow's digits for a seed, the likeliest first, on white."""
    return 255 - sheet(flow.ranked(seed % 10, 6, seed, 0.9)[0], 6)


@cache
def forged(seed: int) -> np.ndarray:
    """Return the colour GAN's pictures for a seed."""
    return sheet(dcgan.sample("dcgan.cifar10", 6, seed, 1.0), 6)


@cache
def side_by_side(seed: int) -> np.ndarray:
    """Return every model's digits for a seed, on white."""
    return 255 - one_digit.render({"label": str(seed % 10), "seed": seed})


# What a client of each app asks for a seed, and what the demo gives for it; the first is Gradio's answer as an array.
ASK = {
    "digit_sampler": (
        lambda c, seed: pixels(
            c.predict(label=seed % 10, seed=seed, count=10, wild=0.9, model=NAME, api_name="/sample")[0][0]
        ),
        digits,
    ),
    "latent_sliders": (
        lambda c, seed: pixels(c.predict(start="point", seed=seed, sliders=[seed % 3], api_name="/decode")[0][0]),
        latents,
    ),
    "cartpole": (lambda c, seed: np.array(c.predict(seed=seed, api_name="/play")[1]["states"]), episode),
    "butterfly_studio": (
        lambda c, seed: pixels(
            c.predict(
                strokes=next(iter(butterfly_studio.space().starters.values())),
                texture=butterfly_studio.space().names[seed],
                api_name="/retexture",
            ),
            "RGB",
        ),
        butterfly,
    ),
    "writing_desk": (lambda c, seed: codes(c.predict(seed=seed, length=50, api_name="/write")), text),
    "dreams": (lambda c, seed: pixels(c.predict(label=seed % 10, api_name="/dream")[0]), dreamt),
    "draw_and_see": (
        lambda c, seed: np.array(list(c.predict(strokes=stroke(seed), api_name="/judge").values())),
        opinion,
    ),
    "diffusion": (
        lambda c, seed: pixels(c.predict(label=seed % 10, seed=seed, steps=5, api_name="/walk")[0]),
        walked,
    ),
    "flow": (lambda c, seed: pixels(c.predict(label=seed % 10, count=6, seed=seed, api_name="/sample")[0]), likeliest),
    "dcgan": (lambda c, seed: pixels(c.predict(count=6, seed=seed, api_name="/sample"), "RGB"), forged),
    "one_digit": (lambda c, seed: pixels(c.predict(label=seed % 10, seed=seed, api_name="/draw")[0]), side_by_side),
    "own_network": (
        lambda c, seed: np.array(c.predict(hidden="8", digits=1000, epochs=1, seed=seed, api_name="/train")["losses"]),
        learned,
    ),
}


def report(waits: list[float], wrong: int, errors: list[str], before: float, after: float) -> None:
    """Print what happened."""
    ms = 1000 * np.array(waits or [np.nan])
    print(
        f"  {len(waits)} answers, {len(errors)} errors, {wrong} wrong; median {np.median(ms):.0f} ms, 95 % "
        f"{np.percentile(ms, 95):.0f} ms; memory {before:.0f} MB after warm-up, {after:.0f} MB at the end"
    )
    for error in sorted(set(errors))[:5]:
        print(f"  {error}")


def gradio(name: str) -> None:
    """Load one Gradio app."""
    port = free_port()
    command = [sys.executable, "-m", f"playground.gradio_apps.{name}"]
    with served(command, port, GRADIO_SERVER_PORT=str(port), GRADIO_SERVER_NAME="127.0.0.1") as (server, start):
        print(f"Gradio {name}: {start:.1f} s to the first page")
        waits, wrong, errors, over = [], [], [], threading.Event()
        with TemporaryDirectory() as folder:
            ask, expected = ASK[name]
            for seed in range(SEEDS):
                expected(seed)

            def visit(number: int) -> None:
                try:
                    client = gradio_client.Client(f"http://127.0.0.1:{port}", verbose=False, download_files=folder)
                except Exception as error:
                    errors.append(f"connecting: {error!r}")
                    return
                chance = np.random.default_rng(number)
                while not over.is_set():
                    seed, began = int(chance.integers(SEEDS)), time.perf_counter()
                    try:
                        answer = ask(client, seed)
                        # A grey level apart is the same picture: sums are added in another order in another process.
                        right = np.allclose(
                            answer.astype(float), expected(seed), atol=1 if answer.dtype == np.uint8 else 1e-6
                        )
                    except Exception as error:
                        errors.append(repr(error)[:300])
                    else:
                        waits.append(time.perf_counter() - began)
                        wrong.extend([seed] * (not right))

            threads = [threading.Thread(target=visit, args=(i,)) for i in range(CLIENTS)]
            for thread in threads:
                thread.start()
            time.sleep(SECONDS / 3)
            before = memory(server)
            time.sleep(SECONDS * 2 / 3)
            over.set()
            for thread in threads:
                thread.join()
            report(waits, len(wrong), errors, before, memory(server))


async def streamlit() -> None:
    """Load the Streamlit app from browsers: each visit opens a shared link and compares the pictures that it shows."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "playground/Home.py",
        "--server.headless=true",
        f"--server.port={port}",
    ]
    command += ["--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    waits, wrong, errors, before = [], [], [], 0.0
    async with async_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page()
        began = time.perf_counter()
        with served(command, port) as (server, _):
            for view in [
                "",
                *sorted(path.stem for path in (ROOT / "playground" / "views").glob("[a-z]*.py") if path.stem != "home"),
            ]:
                await page.goto(f"http://127.0.0.1:{port}/{view}")
                await page.wait_for_selector(
                    "[data-testid='stApp'][data-test-script-state='notRunning'] .zoo-title", timeout=60_000
                )
                if not view:
                    print(f"Streamlit: {time.perf_counter() - began:.1f} s to the first page, as a browser shows it")
            print(f"  memory {memory(server):.0f} MB with every page opened once")
            await page.close()
            end = time.perf_counter() + SECONDS

            async def visit(number: int) -> None:
                page = await (await browser.new_context()).new_page()
                chance = np.random.default_rng(number)
                while time.perf_counter() < end:
                    seed, began = int(chance.integers(SEEDS)), time.perf_counter()
                    images = page.locator(f"img[alt^='digit {seed % 10} by {NAME}']")
                    try:
                        link = f"digit_sampler?seed={seed}&label={seed % 10}&model={NAME}&count=5"
                        await page.goto(f"http://127.0.0.1:{port}/{link}", timeout=120_000)
                        await images.nth(4).wait_for(timeout=120_000)
                        shown = [await images.nth(i).get_attribute("src") for i in range(5)]
                    except Exception as error:
                        errors.append(repr(error)[:300])
                        continue
                    waits.append(time.perf_counter() - began)
                    expected, _ = digit_sampler.sample(NAME, seed % 10, 5, seed, digit_sampler.fields()["wild"].default)
                    wrong.extend(
                        [seed] * (not all(np.array_equal(alpha(a), b) for a, b in zip(shown, expected, strict=True)))
                    )

            async def look() -> None:
                nonlocal before
                await asyncio.sleep(SECONDS / 3)
                before = memory(server)

            await asyncio.gather(look(), *(visit(i) for i in range(SESSIONS)))
            await browser.close()
            report(waits, len(wrong), errors, before, memory(server))


def alpha(address: str) -> np.ndarray:
    """Return the ink of a picture given as a data: address, (28, 28) uint8."""
    content = base64.b64decode(re.sub("^data:image/png;base64,", "", address))
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)[::4, ::4, 3]


def main() -> None:
    """Load one server after the other."""
    for name in ASK:
        gradio(name)
    asyncio.run(streamlit())


if __name__ == "__main__":
    main()
