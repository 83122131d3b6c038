"""The drawing pad: `canvas.js`, `strokes.js`, `axes.js` and `canvas.css`, with thin adapters for Streamlit and Gradio.

A drawing is a list of strokes, each a flat list of integers `[x0, y0, x1, y1, ...]` in 0..255
(x to the right, y down); the pen's width is in the same units. A pad with tools can mirror: then
strokes hold what the person drew, and `mirrored` adds what the pad shows beside it. The adapters
import their framework when called, so neither needs the other.
"""

import re
from functools import lru_cache
from pathlib import Path

SIDE = 255
MAX_STROKES = 64
MAX_POINTS = 2000

_HERE = Path(__file__).parent
# One file for hosts that take only one: what a script imports comes before it.
_SCRIPTS = "".join((_HERE / name).read_text(encoding="utf-8") for name in ("strokes.js", "axes.js", "canvas.js"))
SCRIPT = re.sub(r"^import .*\n", "", _SCRIPTS, flags=re.MULTILINE)
STYLE = (_HERE / "canvas.css").read_text(encoding="utf-8")
_HTML = '<div class="zoo-pad-host"></div>'

# Streamlit calls the module's default export at the first mount and again on every rerun, theme
# change included, always with the same parent; the pad must outlive those calls.
_STREAMLIT = """
const pads = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const host = parentElement.querySelector(".zoo-pad-host");
  const entry = pads.get(host) ?? {};
  pads.set(host, entry);
  entry.call = (entry.call ?? 0) + 1;
  entry.send = (drawing) => setStateValue("drawing", drawing);
  entry.pad ??= mount(host, data, (drawing) => entry.send(drawing));

  // The answer comes when the script passes the pad. Streamlit runs a fragment to its end before the next run of it.
  entry.pad.update(data);

  // Streamlit may call the cleanup of an overtaken call late, when a newer one owns the pad.
  const { call } = entry;
  return () => {
    if (call !== entry.call) return;
    entry.pad.destroy();
    pads.delete(host);
  };
}
"""

# Gradio runs this as a function body. `watch` fires only when the server's value differs from the
# one set here (so gradio_canvas marks it as an answer), and before the event counts as finished:
# sent at once, the next one would be dropped under the default trigger_mode="once".
_GRADIO = """
const host = element.querySelector(".zoo-pad-host");
const settings = { label: props.hint, size: props.size, width: props.pen, tools: props.tools };
const pad = mount(host, { ...props.value, ...settings }, (drawing) => {
  props.value = drawing;
  trigger("input");
});
watch("value", () => setTimeout(() => pad.update({ ...props.value, ...settings })));
"""


def validate_strokes(strokes) -> list[list[int]]:
    """Checks a drawing that comes from outside and returns it unchanged, as fresh lists.

    Raises ValueError naming the first problem: not lists of integers in 0..255, a stroke that is
    empty or of odd length, more than 64 strokes, or more than 2,000 points.
    """
    if not isinstance(strokes, (list, tuple)):
        raise ValueError(f"strokes must be a list, not {type(strokes).__name__}")
    if len(strokes) > MAX_STROKES:
        raise ValueError(f"{len(strokes)} strokes; at most {MAX_STROKES} are allowed")
    points = 0
    for i, stroke in enumerate(strokes):
        if not isinstance(stroke, (list, tuple)):
            raise ValueError(f"stroke {i} must be a list, not {type(stroke).__name__}")
        if not stroke or len(stroke) % 2:
            raise ValueError(f"stroke {i} has {len(stroke)} numbers; x and y come in pairs")
        points += len(stroke) // 2
        if points > MAX_POINTS:
            raise ValueError(f"more than {MAX_POINTS} points")
        for value in stroke:
            if type(value) is not int:  # bool is an int to isinstance
                raise ValueError(f"stroke {i} holds {value!r:.40}; only integers are allowed")
            if not 0 <= value <= SIDE:
                raise ValueError(f"stroke {i} holds {value}; the pad goes from 0 to {SIDE}")
    return [list(stroke) for stroke in strokes]


def validate_mirror(mirror) -> bool:
    """Returns `mirror` if it is True or False; raises ValueError otherwise."""
    if type(mirror) is not bool:
        raise ValueError(f"mirror must be true or false, not {mirror!r:.40}")
    return mirror


def validate_axes(axes) -> list[list[int]]:
    """Checks axes that come from outside, lines [x0, y0, x1, y1] in 0..255, and returns them as fresh lists; raises ValueError."""
    checked = validate_strokes(axes)
    if any(len(line) != 4 for line in checked):
        raise ValueError("an axis is a line of two points")
    return checked


def mirrored(strokes) -> list[list[int]]:
    """Returns strokes and, after them, their reflections in the vertical middle line, x -> 255 - x."""
    reflections = [[value if i % 2 else SIDE - value for i, value in enumerate(stroke)] for stroke in strokes]
    return [list(stroke) for stroke in strokes] + reflections


def _validate_drawing(drawing, tools=False, axes=False) -> dict:
    """Checks `{"strokes", "seq"}`, with tools "mirror" besides and with axes these, as a browser sends it.

    A drawing that Python made has no seq.
    """
    if not isinstance(drawing, dict):
        raise ValueError(f"a drawing must be a dict, not {type(drawing).__name__}")
    seq = drawing.get("seq")
    if seq is not None and (type(seq) is not int or not 0 <= seq < 2**53):
        raise ValueError(f"seq must be a whole number below 2**53, not {seq!r:.40}")
    checked = {"strokes": validate_strokes(drawing.get("strokes")), "seq": seq}
    if tools:
        checked["mirror"] = validate_mirror(drawing.get("mirror"))
    if axes:
        checked["axes"] = validate_axes(drawing.get("axes"))
    return checked


def under(selector: str, address: str) -> str:
    """Returns a style that lays a picture under the strokes of the pads in what the selector finds; these are orange then."""
    return f'<style>{selector} {{ --pad-under: url("{address}"); --pad-stroke: rgb(232 115 26 / 60%); }}</style>'


@lru_cache(maxsize=1)
def _streamlit_component():
    # Once per process. The renderer registers itself again where it meets a new runtime (AppTest).
    import streamlit as st

    return st.components.v2.component("zoo_canvas", html=_HTML, css=STYLE, js=SCRIPT + _STREAMLIT)


def streamlit_canvas(
    key: str, *, strokes=(), width=18, label="draw here", size=320, tools=False, mirror=True, lines=None
) -> list[list[int]]:
    """Shows the pad and returns its drawing.

    The drawing lives in `st.session_state[f"{key}.strokes"]`, which survives a switch of pages; set
    it before this call to restore, share or reset a drawing, and in `AppTest` to draw one (`strokes`
    is only its first value). `f"{key}.seq"` counts the browser's drawings and `f"{key}.pad"` is the
    widget: leave these two alone.

    With `tools` the pad has an eraser, bending, moving, a mirror and redo, and smooths its strokes.
    Whether it mirrors is in `st.session_state[f"{key}.mirror"]`: read it after this call, set it before
    it like the strokes (`mirror` is only its first value). `mirrored(strokes)` is what a mirroring pad shows.

    With `lines` besides, [x0, y0, x1, y1, set] each, it shows these axes with grips while it does not mirror. Those that the person
    has set are in `st.session_state[f"{key}.axes"]`.

    Put the pad and what is computed from it in one `@st.fragment`, so that a stroke reruns only that, to its end: outside
    one the next stroke would stop the run.

    Raises ValueError if the page itself sets a drawing that `validate_strokes` refuses, or a mirror
    that is no bool.
    """
    import streamlit as st

    memory = st.session_state
    kept, mirrors, axes, count, widget = (f"{key}.{name}" for name in ("strokes", "mirror", "axes", "seq", "pad"))
    memory.setdefault(kept, validate_strokes(strokes))
    memory.setdefault(count, 0)
    if tools:
        memory.setdefault(mirrors, mirror)
    if lines is not None:
        memory.setdefault(axes, [])

    def receive():
        try:
            drawing = _validate_drawing(memory[widget].get("drawing"), tools, lines is not None)
        except ValueError:
            return  # our script sends no such thing; who forges one keeps the last good drawing
        memory[kept], memory[count] = drawing["strokes"], drawing["seq"] or 0
        if tools:
            memory[mirrors] = drawing["mirror"]
        if lines is not None:
            memory[axes] = drawing["axes"]

    drawing = validate_strokes(memory[kept])
    data = {"strokes": drawing, "seq": memory[count], "width": width, "label": label, "size": size}
    if tools:
        data |= {"tools": True, "mirror": validate_mirror(memory[mirrors])}
    if lines is not None:
        data |= {"axes": validate_axes(memory[axes]), "lines": lines}
    _streamlit_component()(key=widget, data=data, on_drawing_change=receive)
    return drawing


def gradio_canvas(label="draw here", size=320, width=18, tools=False, axes=False, css=""):
    """Makes the pad as a `gr.HTML` whose value is `{"strokes": [...], "seq": n}`.

    Listen to `input`, and give the drawing back as an output: that is the answer the pad waits for.

        def look(drawing):
            return classify(drawing["strokes"]), drawing

        pad.input(look, pad, [result, pad], show_progress="hidden")

    With `tools` the pad has an eraser, bending, moving, a mirror and redo, smooths its strokes, and its
    value is `{"strokes": [...], "mirror": bool, "seq": n}`. `mirrored(strokes)` is what a mirroring pad shows. With `axes` besides
    the value has those that the person has set, and shows the `lines` that it is given, [x0, y0, x1, y1, set] each.

    `css` is a class of its own.

    Return `{"strokes": []}` from another event to clear the pad; one with tools then mirrors, unless
    the value says `"mirror": False`. A drawing that `validate_strokes` refuses, or a mirror that is no
    bool, raises `gr.Error` before the function is called.
    """
    import gradio as gr

    empty = {"strokes": [], **({"mirror": True} if tools else {}), **({"axes": [], "lines": []} if axes else {})}
    pad = gr.HTML(
        value={**empty, "seq": 0},
        html_template=_HTML,
        css_template=STYLE,
        js_on_load=re.sub(r"^export ", "", SCRIPT, flags=re.MULTILINE) + _GRADIO,
        apply_default_css=False,
        hint=label,
        size=size,
        pen=width,
        tools=tools,
        elem_classes=css or None,
    )

    # On the instance: a subclass of a Gradio component makes Gradio write a .pyi beside this file.
    def preprocess(payload):
        try:
            return _validate_drawing(payload, tools, axes)
        except ValueError as error:
            raise gr.Error(f"This drawing cannot be read: {error}.") from error

    def postprocess(value):
        value = {**empty, **(value or {})}
        if tools:
            validate_mirror(value["mirror"])
        return {**value, "strokes": validate_strokes(value["strokes"]), "answer": True}

    pad.preprocess, pad.postprocess = preprocess, postprocess  # type: ignore[method-assign]  # as `Component.gradio`
    return pad
