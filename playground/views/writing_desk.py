"""Writing desk: Begin a text, and a small model goes on with it, character by character.

group: Write
icon: :material/edit_note:
order: 1
"""

import time

import streamlit as st

from playground import charts, markup, panels, shell
from playground.components.page import streamlit_page
from playground.demos import writing_desk as desk
from zoo.data import DataNotFound
from zoo.nn import MAX_SEED

EVERY = 0.05  # seconds between two looks at the stream
MODELS = desk.models()
shell.head("Writing desk", "Begin a text, and a small model goes on with it, character by character.", MODELS)
controls = shell.Controls("writing_desk", desk.fields(), MODELS)
stage = st.container()
code = panels.tabs(
    "writing_desk",
    MODELS,
    how=desk.HOW,
    equation=desk.EQUATION,
    try_this=desk.TRY_THIS,
    drawing="gpt.svg",
)
paper = st.session_state.setdefault(
    "writing_desk paper", {"spec": None, "beginning": "", "text": "", "writing": False, "at": None, "held": None}
)


def whole() -> str:
    """Return what stands on the paper."""
    return paper["beginning"] + paper["text"]


def begin(text: str, *, seed: int | None = None, hold: bool = False) -> None:
    """Put a new beginning on the desk; where it is held, nothing is written until asked for."""
    controls.set("beginning", text[-desk.MOST :])
    if seed is not None:
        controls.set("seed", seed % MAX_SEED)
    paper.update(spec=None, text="", at=None, held=text[-desk.MOST :] if hold else None)


def stop() -> None:
    """Stop writing; what is written stays."""
    paper["writing"] = False


def settings() -> None:
    """Show how the model writes."""
    if len(MODELS) > 1:
        st.segmented_control("Write like", MODELS, format_func=desk.style, key=controls.key("model"), required=True)
    st.slider("Wilder", 0.0, 2.0, step=0.05, key=controls.key("wild"), help="Temperature of the distribution")
    st.slider("Length", 50, 2000, step=50, key=controls.key("length"), help="Characters to write")
    with st.expander("More"):
        st.number_input("Seed", 0, MAX_SEED, step=1, key=controls.key("seed"))
        st.segmented_control(
            "Ink",
            desk.INKS,
            format_func=desk.INKS.get,
            key=controls.key("ink"),
            required=True,
            help="Colour by bits per character",
        )
        st.slider("At least this share of the likeliest", 0.0, 0.5, step=0.01, key=controls.key("min_p"), help="min p")
        st.slider(
            "The likeliest with this much together", 0.05, 1.0, step=0.05, key=controls.key("top_p"), help="top p"
        )
        st.slider("Only so many of the likeliest (0: all)", 0, 100, key=controls.key("top_k"), help="top k")
        st.slider(
            "Avoid repetition",
            1.0,
            2.0,
            step=0.05,
            key=controls.key("repetition"),
            help="Penalty of the last 64 characters",
        )


def write(place, bars) -> None:
    """Write until the length is reached, showing text and probabilities as it goes; any click ends it and keeps what is there."""
    name, beginning, length, seed, how = paper["spec"]
    paper["text"], shown = "", 0.0
    for c, p in desk.trace(name, beginning, length, seed, how):
        paper["text"] += c
        if time.monotonic() - shown > EVERY:
            place.html(markup.prose(beginning, paper["text"]))
            bars.html(markup.bars(desk.likeliest(name, p), c))
            shown = time.monotonic()
    paper["writing"] = False


def next_characters(place, more) -> None:
    """Show what the model expects at the chosen place, and offer to go another way."""
    name, text, at = controls.get("model"), whole(), paper["at"]
    before = text if at is None else text[:at]
    options = desk.expected(name, before, desk.sampling(controls.values()))
    place.html(markup.bars(options, "" if at is None else text[at]))
    with more:
        names = {" ": "space", "\n": "new line"}
        key = f"writing_desk other {len(before)} {hash(text)}"
        st.pills(
            "Go on with another", [c for c, _ in options[:8]], format_func=lambda c: names.get(c, c), key=key, wrap=True,
            on_change=lambda: begin(before + (st.session_state[key] or "")),
        )  # fmt: skip
        if at is not None:
            st.button(
                "Write again from here",
                icon=":material/edit:",
                on_click=begin,
                args=(before,),
                kwargs={"seed": controls.get("seed") + 1},
            )


def play() -> None:  # not a fragment: Streamlit does not interrupt those, and every click should stop the stream
    left, right = st.columns([3, 2], gap="large")
    with right:
        settings()
        st.markdown("**What comes next**" if paper["at"] is None else "**What could stand there**")
        bars, more = st.empty(), st.container()
    values = controls.values()
    name, how = values["model"], desk.sampling(values)
    with left:
        st.text_area("Beginning", key=controls.key("beginning"), max_chars=desk.MOST, height=100)
        beginning, note = desk.known(name, values["beginning"])
        if note:
            st.caption(note)
        with st.container(horizontal=True):
            st.button("Stop", icon=":material/stop_circle:", on_click=stop)
            st.button(
                "Go on", icon=":material/play_arrow:", on_click=lambda: begin(whole(), seed=controls.get("seed") + 1)
            )
            st.button(
                "Take over", icon=":material/edit:", on_click=lambda: begin(whole(), hold=True),
                help="Move all of it into the box, to change it",
            )  # fmt: skip
        place = st.empty()
    controls.actions(lambda: desk.picture(whole()), scale=1)
    spec = (name, beginning, values["length"], values["seed"], how)
    code.code(desk.code(*spec))
    if spec != paper["spec"]:
        paper.update(spec=spec, beginning=beginning, text="", at=None, writing=beginning != paper["held"])
    if paper["writing"]:
        write(place, bars)
    text = whole()
    with place.container():
        bits = desk.bits(name, text).tolist() if values["ink"] == "surprise" and text else None
        streamlit_page(
            "writing_desk", {"text": text, "from": len(beginning), "selected": paper["at"], "bits": bits},
            lambda at: paper.update(at=at),
        )  # fmt: skip
        st.caption(
            f"{sum(bits) / len(bits):.2f} bits a character"
            if bits
            else "Choose a character to see what else could stand there."
        )
    next_characters(bars, more)
    part = st.segmented_control(
        "Look closer", desk.PARTS, format_func=desk.PARTS.get, key=controls.key("part"), required=True, wrap=True,
        label_visibility="collapsed",
    )  # fmt: skip
    {"ways": ways, "both": both, "quiz": quiz, "measure": measure, "looks": looks}[part](values, how)


def ways(values, how) -> None:
    """Show three ways on, side by side."""
    texts = desk.branches(values["model"], whole(), 160, values["seed"], how)
    for i, (column, text) in enumerate(zip(st.columns(3), texts, strict=True)):
        with column:
            st.html(markup.prose("", text))
            st.button("Take this", key=f"writing_desk way {i}", on_click=begin, args=(whole() + text,))


def both(values, how) -> None:
    """Show all models on one beginning."""
    for column, name in zip(st.columns(len(MODELS)), MODELS, strict=True):
        with column:
            st.markdown(f"**{desk.style(name)}**")
            beginning, note = desk.known(name, values["beginning"])
            st.html(markup.prose(beginning, desk.write(name, beginning, 240, values["seed"], how)))
            if note:
                st.caption(note)


def quiz(values, how) -> None:
    """Ask which of two passages is the real one."""
    score = st.session_state.setdefault("writing_desk score", {"pair": 0, "asked": 0, "right": 0, "guess": None})
    name, seed = values["model"], (values["seed"] + score["pair"]) % (MAX_SEED + 1)
    if score.get("of") != (name, seed, how):  # other passages than those that were guessed at
        score.update(of=(name, seed, how), guess=None)
    try:
        passages, real = desk.quiz(name, seed, how)
    except DataNotFound as error:
        st.info(f"There is nothing to compare with: {error}", icon=":material/info:")
        return

    def guess(i: int) -> None:
        score.update(guess=i, asked=score["asked"] + 1, right=score["right"] + (i == real))

    def another() -> None:
        score.update(pair=score["pair"] + 1, guess=None)

    for i, (column, text) in enumerate(zip(st.columns(2), passages, strict=True)):
        with column:
            if score["guess"] is None:
                st.html(markup.prose("", text))
                st.button("This one is real", key=f"writing_desk guess {i}", on_click=guess, args=(i,))
            else:
                bits = desk.bits(name, text)
                st.html(desk.coloured(text, bits))
                st.caption(
                    f"**{'Real' if i == real else 'Written by the model'}**, {bits.mean():.2f} bits a character to the model"
                )
    if score["guess"] is not None:
        said = "Right" if score["guess"] == real else "Wrong"
        st.markdown(f"**{said}.** {score['right']} of {score['asked']} so far.")
        st.button("Another pair", on_click=another)


def measure(values, how) -> None:
    """Measure how surprising any text is."""
    given = st.text_area("A text of yours", whole()[:300], max_chars=desk.MOST, height=120, key="writing_desk measured")
    text, note = desk.known(values["model"], given)
    if text:
        bits = desk.bits(values["model"], text)
        st.html(desk.coloured(text, bits))
        st.caption(f"{bits.mean():.2f} bits a character. {note}")


def looks(values, how) -> None:
    """Show where a head looks, in the last 64 characters."""
    config = desk.load(values["model"]).config
    left, right = st.columns(2)
    layer = left.slider("Layer", 1, config.layers, key="writing_desk layer") - 1
    head = right.slider("Head", 1, config.heads, key="writing_desk head") - 1
    text = desk.known(values["model"], whole())[0][-64:]
    if text:
        charts.show(
            charts.attention(list(text), desk.attention(values["model"], text, layer, head)),
            key="attention",
            height=560,
        )


with stage:
    play()
