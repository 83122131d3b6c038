"""The row of actions of a Gradio app, and what connects it, the controls and the link with the stage."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr
import numpy as np
import plotly.graph_objects as go

from playground.demo import Export, Refused
from playground.fields import Values
from playground.hosts.gradio_host.look import QUIET
from playground.hosts.gradio_host.page import Page, refuse, saved
from playground.hosts.gradio_host.widgets import ends, follow, followers
from playground.links import mended
from zoo.nn import MAX_SEED

_LINK = """(query) => {
  const link = new URL(location.href);
  link.search = query;
  history.replaceState(null, "", link);
  return link.href;
}"""
_SAVE = (
    "(file) => { Object.assign(document.createElement('a'), { href: file.url, download: file.orig_name }).click(); }"
)
_DICE = f"() => Math.floor(Math.random() * {MAX_SEED})"


def wire(
    page: Page,
    app: gr.Blocks,
    outputs: list,
    *,
    draw: Callable[[Values], Sequence | Iterator[Sequence]],
    render: Callable[[Values], np.ndarray],
    scale: int = 8,
    exports: Sequence[Export] = (),
) -> Callable[[Any], None]:
    """Show the row of actions, and connect it, the controls and the link with the stage.

    Args:
        outputs: what `draw` fills.
        draw: values by name -> a value for each of the outputs, or an iterator over such, each shown as it comes.
        render: values by name -> grey (H, W) or colour (H, W, 3 or 4) uint8, the download.
        scale: how much larger the download's pixels become.
        exports: the other downloads.

    Returns:
        a function that draws after an event of one's own.
    """
    page.hide_the_rest()
    controls = page.inputs
    names = [name for name, made in page.widgets.items() for _ in made]
    pads = [made[0] for name, made in page.widgets.items() if page.fields[name].kind == "strokes"]
    seed = page.widgets.get("seed", [None])[0]
    with gr.Row(elem_classes="zoo-actions"):
        dice, reset, share, save = (gr.Button(name, size="md") for name in ("New seed", "Reset", "Share", "Download"))
        more = [gr.Button(export.label, size="md") for export in exports]
        opened = gr.UploadButton("Open", file_types=[".png"], type="binary", size="md")
    link = gr.Textbox(
        label="This link shows the same again. It is in the address bar too.", visible=False, buttons=["copy"]
    )
    kept = gr.File(visible=False)
    sent = gr.State(())
    streams = inspect.isgeneratorfunction(draw)
    turn = page.turn = gr.State([0])

    def answered(frames):
        return frames if streams else wraps(frames)(lambda *given, **named: next(frames(*given, **named)))

    def drawn(turn, values, before=(), has=()):
        turn[0] += 1
        mine, looks = turn[0], follow(page, values)
        try:
            for shown in draw(values) if streams else [draw(values)]:
                shown, has = unsent(shown, has)
                answer = (*before, *shown, *looks, gr.Textbox(visible=False), has)
                if turn[0] != mine:
                    yield [gr.skip()] * len(answer)  # Gradio sends the last answer again at the end
                    return
                yield answer
                before, looks = [gr.skip()] * len(before), [gr.skip()] * len(looks)
        except Refused as error:
            raise refuse(error) from error

    @answered
    def show(turn, *widgets_and_sent):
        *widgets, has = widgets_and_sent
        yield from drawn(turn, page.gather(*widgets), has=has)

    @answered
    def arrive(turn, request: gr.Request):
        values = page.restore(mended(dict(request.query_params), page.fields))
        yield from drawn(turn, values, page.spread(values))

    @answered
    def start_again(turn):
        yield from drawn(turn, page.defaults(), page.spread(page.defaults()))

    @answered
    def reopen(turn, content):
        values = page.open(content)
        yield from drawn(turn, values, page.spread(values))

    def end(turn):
        turn[0] += 1
        return turn

    filled = [*outputs, *followers(page), link, sent]
    shown = {"inputs": [turn, *controls, sent], "outputs": filled, **QUIET}
    # A text is ready when it is sent; a file has no input event.
    moved = [
        control.submit if isinstance(control, gr.Textbox) else getattr(control, "input", None) or control.change
        for control in controls
        if control not in pads and not isinstance(control, gr.State)
    ]
    if streams:  # what moves waits for its own last answer
        gr.on(moved, end, turn, turn, queue=False, **QUIET)
    gr.on(moved, show, trigger_mode="always_last", **shown)
    for held, recorder in page.recorders.items():
        heard = gr.on([recorder.stop_recording, recorder.upload], taken, recorder, [held, recorder], **QUIET)
        heard.then(show, **shown)
        recorder.clear(lambda: None, None, held, **QUIET).then(show, **shown)
    for pad in pads:  # it waits for its own drawing as the answer
        place = controls.index(pad)

        @answered
        def answer(turn, *widgets_and_sent, place=place):
            *widgets, has = widgets_and_sent
            values = page.gather(*widgets)
            told = {**widgets[place], **page.pad(names[place], values)}
            for frame in drawn(turn, values, has=has):
                yield (*frame, gr.skip() if streams else told)
            if streams:
                yield (*[gr.skip()] * len(filled), told)

        # Where it streams, the answer comes a moment before the event is over, and the next drawing must wait for that.
        mode = "always_last" if streams else "once"
        pad.input(answer, [turn, *controls, sent], [*filled, pad], trigger_mode=mode, **QUIET)
    choices = [made[0].change for name, made in page.widgets.items() if page.fields[name].kind == "choice"]
    for name, style in page.ends.items():

        def both_ends(*widgets, name=name):
            return ends(name, page.fields[name], page.gather(*widgets))

        gr.on(choices, both_ends, controls, style, **QUIET)
    everything = {"outputs": [*controls, *filled], **QUIET}
    app.load(arrive, turn, **everything)
    reset.click(start_again, turn, **everything)
    opened.upload(reopen, [turn, opened], **everything)
    if seed is None:
        dice.visible = False
    else:
        dice.click(None, None, seed, js=_DICE).then(show, **shown)
    share.click(
        lambda *widgets: gr.Textbox(urlencode(page.recipe(page.gather(*widgets))), visible=True), controls, link, **QUIET
    ).then(None, link, link, js=_LINK)  # fmt: skip

    def pictured(values):
        return page.file(render(values), values, scale=scale)["path"]

    downloads = [(save, pictured)]
    for made, export in zip(more, exports, strict=True):
        name = f"{page.name}.{export.kind}"
        downloads.append((made, lambda values, export=export, name=name: saved(export.make(values), name)))
    for made, file in downloads:

        def download(*widgets, file=file):
            try:
                return file(page.gather(*widgets))
            except Refused as error:
                raise refuse(error) from error

        made.click(download, controls, kept, **QUIET).success(None, kept, None, js=_SAVE)

    def redraw(event) -> None:
        event.then(show, **shown)

    return redraw


def taken(path: str | None) -> tuple[bytes | None, Any]:
    """Return a recording, and an empty recorder: the file that Gradio has written of it is deleted."""
    if path is None:
        return None, gr.skip()
    content = Path(path).read_bytes()
    Path(path).unlink(missing_ok=True)
    return content, None


def unsent(shown: Sequence, has: Sequence[str]) -> tuple[list, list[str]]:
    """Leave charts out that the browser has: they are large, and drawn anew would flicker. Return the rest, and what it has then."""
    told, now = [], []
    for value, key in zip_longest(shown, has[: len(shown)], fillvalue=""):
        figure = value.get("value") if isinstance(value, dict) else None
        if isinstance(figure, go.Figure):
            before, key = key, sha256(figure.to_json().encode()).hexdigest()[:16]
            value = gr.skip() if key == before else value
        elif value != gr.skip():
            key = ""
        told.append(value)
        now.append(key)
    return told, now
