"""Build your own network as a Gradio app: `python -m playground.gradio_apps.own_network`."""

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

from playground.demos import load, real_digits
from playground.demos import own_network as own
from playground.demos.own_network import MODEL
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery
from zoo.data import DataNotFound, at_hand
from zoo.nn import MAX_SEED
from zoo.pictures import sheet
from zoo.scratch import ACTIVATIONS, LOSSES, Network

FIELDS = own.fields()
page = Page("own_network", FIELDS, [MODEL])


def curve(losses: list[float]) -> str:
    """Return the losses so far as a drawing."""
    y = np.nan_to_num(losses, nan=10.0, posinf=10.0)
    width = max(1, len(y) // 80)
    smooth = y[: len(y) // width * width].reshape(-1, width).mean(1)
    top = max(float(smooth.max()), 1e-6)
    points = " ".join(
        f"{600 * i / max(1, len(smooth) - 1) + 20:.1f},{140 - 120 * value / top:.1f}" for i, value in enumerate(smooth)
    )
    return (
        "<svg class='zoo-drawing' viewBox='0 0 640 150' role='img' aria-label='training loss by step' fill='none' stroke='currentColor'>"
        f"<path d='M20 140H620' opacity='.4'/><polyline points='{points}' stroke='#E8731A' stroke-width='2'/>"
        f"<text x='24' y='16' fill='currentColor' stroke='none' font-size='14'>training loss, {top:.2f} at the top; {len(losses)} steps</text></svg>"
    )


def units(network: Network) -> str:
    """Return what a network's first units look for."""
    return gallery(
        [
            picture(np.kron(w, np.ones((4, 4, 1), np.uint8)), f"weights of unit {i + 1}")
            for i, w in enumerate(own.weights(network))
        ]
    )


def draw(v: dict) -> Iterator[tuple[str, gr.Button, str]]:
    """Train, and show how it goes and what was learned; without digits, what the shipped network learned. With the code."""
    fetch, code = gr.Button(visible=not at_hand("mnist")), own.code(v)
    if not at_hand("mnist"):
        said = f"The digits (MNIST) are not at hand. What the first units of the shipped network, {MODEL}, look for:"
        yield f"<p class='zoo-quiet'>{said}</p>{units(load(MODEL).numpy())}", fetch, code
        return
    for progress in own.learn(**v):
        said = f"{progress.accuracy:.1f} % of 2,000 test digits right after {progress.seconds:.1f} s, {100 * progress.done:.0f} % done"
        shown = f"{curve(progress.losses)}<p class='zoo-read'>{said}</p>"
        yield shown, fetch, code
    if progress.diverged:
        shown += f"<p class='zoo-quiet'>{own.DIVERGED}</p>"
    wrong, read = own.mistakes(progress.network)
    shown += f"<p><b>What the first units look for</b></p>{units(progress.network)}<p><b>What it is surest of, and wrong</b></p>"
    yield shown + gallery([picture(x, s) for x, s in zip(wrong, read, strict=True)], read), fetch, code


def train(
    hidden: str = "64 32", activation: str = "relu", loss: str = "cross-entropy", lr: float = -2.5, digits: int = 10_000,
    epochs: int = 2, seed: int = 1,
) -> dict[str, Any]:  # fmt: skip
    """Train a network of numpy on digits; return its accuracy on 2,000 test digits (%), its losses and the seconds. lr is a power of ten."""
    v = page.check(hidden=hidden, activation=activation, loss=loss, lr=lr, digits=digits, epochs=epochs, seed=seed)
    progress = trained(v)
    return {"accuracy": progress.accuracy, "losses": [float(x) for x in progress.losses], "seconds": progress.seconds}


def trained(v: dict) -> own.Progress:
    """Train to the end."""
    try:
        return own.learned(**v)
    except DataNotFound as error:
        raise gr.Error(html.escape(str(error)), print_exception=False) from error


def rendered(v: dict) -> np.ndarray:
    """Return what the first units look for."""
    return sheet(own.weights(trained(v).network if at_hand("mnist") else load(MODEL).numpy()), 10)


def fetched() -> None:
    """Load the digits.

    Raises:
        gr.Error: they cannot be had.
    """
    if problem := real_digits.fetch():
        raise gr.Error(html.escape(problem), print_exception=False)


with blocks("Build your own network") as demo:
    head("Build your own network", "Choose its layers, and watch it learn in seconds, without a library.", [MODEL])
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            stage = gr.HTML()
            fetch = gr.Button(real_digits.FETCH, visible=False, size="md")
        with gr.Column(scale=1, min_width=320):
            hidden = gr.Textbox(
                FIELDS["hidden"].default, label="Units of the layers between", info="Up to four numbers, such as 64 32"
            )
            activation = gr.Radio(list(ACTIVATIONS), value="relu", label="Activation")
            loss = gr.Radio(list(LOSSES), value="cross-entropy", label="Loss")
            lr = gr.Slider(-4, -1, FIELDS["lr"].default, step=0.25, label="Learning rate, as a power of ten")
            with gr.Accordion("More", open=False):
                digits = gr.Slider(
                    1000, 20_000, FIELDS["digits"].default, step=1000, precision=0, label="Training digits"
                )
                epochs = gr.Slider(1, 5, FIELDS["epochs"].default, step=1, precision=0, label="Epochs")
            seed = gr.Number(FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0)
    controls = {
        "hidden": hidden,
        "activation": activation,
        "loss": loss,
        "lr": lr,
        "digits": digits,
        "epochs": epochs,
        "seed": seed,
    }
    actions = gr.Column()
    code = tabs([MODEL], how=own.HOW, equation=own.EQUATION, try_this=own.TRY_THIS, sketch="layers.svg")
    with actions:
        redraw, _ = page.wire(
            demo, list(controls.values()), seed, [stage, fetch, code],
            gather=lambda *w: page.check(**dict(zip(controls, w, strict=True))), spread=lambda v: [v[name] for name in controls],
            draw=draw, render=rendered,
        )  # fmt: skip
    redraw(fetch.click(fetched, api_visibility="private"))
    gr.api(train, api_name="train")

if __name__ == "__main__":
    launch(demo)
