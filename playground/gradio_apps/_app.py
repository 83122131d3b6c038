"""A demo's Gradio app: `demo`, of the topic that this module is imported or run as."""

from playground.hosts.gradio_host import build, launch

demo = build(__spec__.name.rpartition(".")[2])

if __name__ == "__main__":
    launch(demo)
