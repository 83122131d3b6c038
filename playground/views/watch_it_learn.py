"""Watch it learn: Drag through a model's training, from noise to digits.

group: Understand
icon: :material/timeline:
order: 1
"""

import numpy as np
import streamlit as st

from playground import charts, panels, shell
from playground.demos import watch_it_learn as learning

names = learning.watchable()
shell.head("Watch it learn", "Drag through a model's training, from noise to digits.")
controls = shell.Controls("watch_it_learn", learning.fields(), names)
stage = st.container()
code = panels.tabs(
    "watch_it_learn",
    names,
    how=learning.HOW,
    equation=learning.EQUATION,
    try_this=learning.TRY_THIS,
    drawing="learning.svg",
    history=False,
)


@st.fragment
def play() -> None:
    show, choose = st.columns([3, 2], gap="large")
    with choose:
        name = st.selectbox("Model", names, key=controls.key("model"))
        st.slider(
            "Moment",
            0,
            100,
            step=1,
            format="%d %%",
            key=controls.key("moment"),
            help="Log-spaced: early moments are close together",
        )
        st.selectbox("Against", [learning.NOTHING, *learning.rivals(name)], key=controls.key("against"))
    shown = [name] + ([controls.get("against")] if controls.get("against") in learning.rivals(name) else [])
    frames = {}
    with show:
        for each in shown:
            i = learning.at(each, controls.get("moment"))
            frames[each], moment = learning.frames(each)[i], learning.moments(each)[i]
            shell.moment(each, i)
            facts = [
                f"{learning.AXES[key][0]} {moment[key]:.2f} {learning.AXES[key][1]}" for key in learning.axes(each)
            ]
            st.caption(f"**{each}** · step {moment['step']:,} · {moment['seconds']:.0f} s · " + " · ".join(facts))
    controls.actions(lambda: np.concatenate(list(frames.values())))
    for metric in learning.axes(*shown):
        title, unit = learning.AXES[metric]
        series = {each: (learning.seen(each)[1:], [m[metric] for m in learning.moments(each)][1:]) for each in shown}
        mark = learning.seen(name)[max(1, learning.at(name, controls.get("moment")))]
        st.markdown(f"**{title}**")
        charts.show(
            charts.lines(series, "thousand training examples seen", f"{title}, {unit}", log=True, mark=mark),
            key=f"axis {metric}",
            height=280,
        )
    for each in shown:
        if (accuracy := learning.discriminator(each)) is not None:
            st.markdown(
                f"**Who is winning, {each}**: how often the discriminator ranks real above made. 50 % is a draw"
            )
            height = 320 if len(accuracy) > 1 else 160
            charts.show(charts.balance(accuracy, learning.seen(each)), key=f"balance {each}", height=height)
    code.code(learning.code(shown))


with stage:
    play()
if learning.studied():
    st.subheader("The same network, trained otherwise")
    st.table([row for name in learning.studied() for row in learning.recipes(name)])
    for column, name in zip(st.columns(len(learning.studied())), learning.studied(), strict=True):
        rows = learning.ablations(name)
        column.markdown(f"**{name}**: one change to the plain recipe, 3 epochs, test loss in nats")
        with column:
            charts.show(
                charts.dots(list(rows), list(rows.values()), "test loss, nats per picture"),
                key=f"ablations {name}",
                height=420,
            )
