"""A demo's Gradio app: `demo`, of the topic that this module is imported or run as."""

from playground.hosts import gradio_host
from playground.hosts.gradio_look import launch

demo = gradio_host.build(__spec__.name.rpartition(".")[2])

if __name__ == "__main__":
    launch(demo)
