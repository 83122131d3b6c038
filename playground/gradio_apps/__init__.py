"""The demos as Gradio apps: each a module with `demo` at module level, run by `python -m playground.gradio_apps.<topic>`."""
