"""The models: What each one is, how it was trained, and how good it was measured to be.

group: Understand
icon: :material/inventory_2:
order: 4
"""

import streamlit as st

from playground import panels, shell
from playground.demos import models

shell.head("The models", "What each one is, how it was trained, and how good it was measured to be.")
controls = shell.Controls("models", models.fields(), models.zoo.names())
st.dataframe(
    models.rows(),
    hide_index=True,
    column_config={
        "paper": st.column_config.LinkColumn(display_text=r"abs/(.*)"),
        "parameters": st.column_config.NumberColumn(format="localized"),
        "size, MB": st.column_config.NumberColumn(format="%.2f"),
        "trained in, min": st.column_config.NumberColumn(format="%.1f"),
    },
)
name = st.selectbox("Card of", models.zoo.names(), key=controls.key("model"))
shell.framed(models.picture(name), f"{name}: typical samples, or the end of its history")
controls.actions(lambda: models.picture(name), scale=4)
st.markdown(models.page(name))
panels.picture_of(name, "failures")
