"""One digit, many ways as a Gradio app: `python -m playground.gradio_apps.one_digit`."""

import html
from typing import Any

import gradio as gr

from playground.demos import labelled, one_digit, real_digits
from playground.demos import which_is_real as quiz
from playground.gradio_apps.controls import Page
from playground.gradio_apps.look import blocks, head, launch, picture
from playground.gradio_apps.tabs import tabs
from playground.markup import gallery
from playground.side_by_side import side_by_side, table
from zoo.nn import MAX_SEED

MODELS, FIELDS = labelled(), one_digit.fields()
LINE = "Every model draws the same digit. Which one would you take for real?"
page = Page("one_digit", FIELDS, one_digit.checkpoints())


def compare(label: int, seed: int, problem: str) -> str:
    """Return the models side by side, and what the distances are to be compared with."""
    found = None if problem else one_digit.neighbours(label, seed)
    shown = side_by_side(one_digit.entries(label, seed), found, label, picture)
    said = problem or one_digit.compared(label)
    return f"{shown}<p class='zoo-quiet'>{html.escape(said)}</p>"


def ask(v: dict, problem: str) -> tuple[str, gr.Radio, gr.Button]:
    """Return a round of the quiz: its pictures and what is said, the choice of answers, and the way to the next round."""
    label = int(v["label"])
    title = f"<h4>Which of these is a real {label}?</h4>"
    right, odd = quiz.score(v["right"], v["rounds"])
    if problem:
        return f"{title}<p class='zoo-read'>{html.escape(odd)}</p>", gr.Radio(visible=False), gr.Button(visible=False)
    asked = quiz.question(label, v["seed"], v["round"])
    place = quiz.picked(v["pick"], label, v["seed"], v["round"])
    images = [picture(x, f"picture {i + 1} of {len(asked.pictures)}") for i, x in enumerate(asked.pictures)]
    said = f"{odd} {quiz.verdict(asked, place, right, v['rounds'])}"
    shown = f"{title}{gallery(images, quiz.captions(asked, place), columns=3, largest=144)}<p class='zoo-read'>{html.escape(said)}</p>"
    return shown, gr.Radio(value=None, visible=not place), gr.Button(visible=bool(place))


def draw(v: dict) -> tuple:
    """Return the stage, the button for the data, the quiz, the scoreboard and the code."""
    label, seed, problem = int(v["label"]), v["seed"], real_digits.problem()
    fetch = gr.Button(visible=bool(problem))
    return (
        compare(label, seed, problem), fetch, *ask(v, problem), table(one_digit.scoreboard(label, seed)), one_digit.code(label, seed),
    )  # fmt: skip


def together(label: int = 3, seed: int = 1) -> tuple[gr.FileData, dict[str, dict[str, Any]]]:
    """Draw a digit by every model with the same seed: a PNG, a row of four for each model; and what was found out about each first picture.

    Those are ms (milliseconds a picture on this server), verdict (the label that the judge reads), probability (the judge's), and nearest
    (Euclidean distance to the nearest training digit over 784 pixels from 0 to 1; null where the data is not at hand).
    """
    v = {**page.defaults(), **page.check(label=label, seed=seed)}
    label = int(v["label"])
    far = [None] * len(MODELS) if real_digits.problem() else one_digit.neighbours(label, v["seed"])[1].tolist()
    facts = {
        one.name: {"ms": one.ms, "verdict": one.read, "probability": one.sure, "nearest": distance}
        for one, distance in zip(one_digit.entries(label, v["seed"]), far, strict=True)
    }
    return page.file(one_digit.render(label, v["seed"]), v), facts


def count(number: str, *widgets: Any) -> tuple[str, int, int]:
    """Return an answer as a link carries it, and the score with it; a round counts once."""
    v = page.check(**dict(zip(FIELDS, widgets, strict=True)))
    label, seed, turn, place = int(v["label"]), v["seed"], v["round"], int(number)
    right = quiz.score(v["right"], v["rounds"])[0]
    if quiz.picked(v["pick"], label, seed, turn):
        return v["pick"], right, v["rounds"]
    return quiz.answer(label, seed, turn, place), *quiz.scored(
        quiz.question(label, seed, turn), place, right, v["rounds"]
    )


def fetched() -> None:
    """Load the real digits.

    Raises:
        gr.Error: they cannot be had.
    """
    if problem := real_digits.fetch():
        raise gr.Error(html.escape(problem), print_exception=False)


with blocks("One digit, many ways") as demo:
    head("One digit, many ways", LINE, MODELS)
    with gr.Row():
        with gr.Column(min_width=320):
            label = gr.Radio(
                [str(i) for i in range(10)], value=FIELDS["label"].default, label="Digit", elem_classes="zoo-digits"
            )
        with gr.Column(min_width=320):
            seed = gr.Number(FIELDS["seed"].default, label="Seed", minimum=0, maximum=MAX_SEED, precision=0)
    stage = gr.HTML()
    actions = gr.Column()
    fetch = gr.Button(real_digits.FETCH, visible=False, size="md")
    asked = gr.HTML()
    answer = gr.Radio([str(i + 1) for i in range(len(MODELS) + 1)], label="Which is real?")
    further = gr.Button("Next round", visible=False, size="md")
    gr.HTML("<h4>Scoreboard</h4>")
    board = gr.HTML()
    gr.HTML(f"<p class='zoo-quiet'>{html.escape(one_digit.legend())}</p>")
    turn, right, rounds = (gr.Number(0, visible=False, precision=0) for _ in range(3))
    pick = gr.Textbox("", visible=False)
    controls = {"label": label, "seed": seed, "round": turn, "pick": pick, "right": right, "rounds": rounds}
    code = tabs(
        MODELS, how=one_digit.HOW, equation=one_digit.EQUATION, try_this=one_digit.TRY_THIS, sketch="one_digit.svg"
    )
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    with actions:
        redraw, _ = page.wire(
            demo, list(controls.values()), seed, [stage, fetch, asked, answer, further, board, code],
            gather=lambda *w: page.check(**dict(zip(controls, w, strict=True))), spread=lambda v: [v[name] for name in controls],
            draw=draw, render=lambda v: one_digit.render(int(v["label"]), v["seed"]),
        )  # fmt: skip
    redraw(answer.input(count, [answer, *controls.values()], [pick, right, rounds], **quiet))
    redraw(further.click(lambda turn: (quiz.following(int(turn)), ""), turn, [turn, pick], **quiet))
    redraw(fetch.click(fetched, api_visibility="private"))
    gr.api(together, api_name="draw")

if __name__ == "__main__":
    launch(demo)
