"""A demo as a Gradio app: its controls, checked alike from widgets, API callers, links and pictures; its stage; its endpoints."""

import gradio as gr

from playground import topics
from playground.hosts.gradio_host.endpoints import offer
from playground.hosts.gradio_host.layout import lay_out
from playground.hosts.gradio_host.look import blocks, head, launch
from playground.hosts.gradio_host.page import Page

__all__ = ["build", "launch"]


def build(topic: str) -> gr.Blocks:
    """Return a demo's app."""
    demo = topics.demo(topic)
    page = Page(topic, demo.fields(), demo.weighed(), demo.buttons or {}, demo.repair)
    with blocks(demo.title) as app:
        head(demo)
        lay_out(app, demo, page)
        for endpoint in demo.endpoints:
            offer(page, endpoint)
    return app
