"""CartPole as a Gradio app: `python -m playground.gradio_apps.cartpole`."""

from typing import Any

import gradio as gr

from playground.components.cartpole import gradio_cartpole
from playground.demos import cartpole
from playground.demos.cartpole import MODEL, TITLES, ages, title
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch
from playground.gradio_apps.tabs import tabs
from zoo.nn import MAX_SEED

FIELDS = cartpole.fields()
page = Page("cartpole", FIELDS, [MODEL])


def show(v: dict) -> tuple[dict, str, str]:
    """Return the carts, the agent's age in words, and the code."""
    scene = cartpole.scene(v["mode"], v["age"], v["seed"], v["score"])
    said = f"<p class='zoo-quiet'>The agent {title(v['age'])}: {ages()[v['age']]['greedy_return']:.0f} of 500 steps in the mean.</p>"
    return {"scene": scene, "score": None}, said, cartpole.code(v["age"], v["seed"])


def played(age: int | None = None, seed: int = 7) -> tuple[gr.FileData, dict[str, Any]]:
    """Play an episode: a picture of it, and its states (T + 1, 4), the probability of pushing right, value and action of each step.

    Age is the number of a moment of the training, 0 to 23, the trained agent unless given; seed is that of gymnasium's reset.
    """
    v = page.check(age=len(ages()) - 1 if age is None else age, seed=seed)
    found = cartpole.episode(v["age"], v["seed"])
    return page.file(cartpole.picture(v["age"], v["seed"]), v), {key: value.tolist() for key, value in found.items()}


with blocks("CartPole") as demo:
    head("CartPole", "Watch an agent learn to balance, push it, or try to beat it.", [MODEL])
    mode = gr.Radio([(name, key) for key, name in TITLES.items()], value=FIELDS["mode"].default, show_label=False)
    carts = gradio_cartpole(cartpole.scene(FIELDS["mode"].default, FIELDS["age"].default, FIELDS["seed"].default))
    with gr.Row():
        with gr.Column(min_width=320):
            age = gr.Slider(0, len(ages()) - 1, FIELDS["age"].default, step=1, precision=0, label="Age of the agent")
            said = gr.HTML()
        seed = gr.Number(FIELDS["seed"].default, label="Seed of the start", minimum=0, maximum=MAX_SEED, precision=0)
    score = gr.Number(0, visible=False, precision=0)
    actions = gr.Column()
    code = tabs([MODEL], how=cartpole.HOW, equation=cartpole.EQUATION, try_this=cartpole.TRY_THIS, sketch="ppo.svg")
    with actions:
        page.wire(
            demo, [mode, age, seed, score], seed, [carts, said, code],
            gather=lambda mode, age, seed, score: page.check(mode=mode, age=age, seed=seed, score=score),
            spread=lambda v: [v[name] for name in FIELDS], draw=show,
            render=lambda v: cartpole.picture(v["age"], v["seed"]), scale=1,
        )  # fmt: skip
    carts.input(
        lambda value: value["score"]["you"] if value["score"] else 0, carts, score, show_progress="hidden",
        api_visibility="private",
    )  # fmt: skip
    gr.api(played, api_name="play")

if __name__ == "__main__":
    launch(demo)
