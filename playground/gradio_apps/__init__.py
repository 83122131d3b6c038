"""Each demo as a Gradio app by its name: `python -m playground.gradio_apps.digit_sampler`, or `digit_sampler.demo`."""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path

from playground import topics

_APP = Path(__file__).parent / "_app.py"


class _Finder(MetaPathFinder):
    """Finds `playground.gradio_apps.<topic>`: one file for all, which reads the topic off its name."""

    def find_spec(self, fullname, path=None, target=None) -> ModuleSpec | None:
        """Return the app's module, where there is a demo of this name."""
        package, _, topic = fullname.rpartition(".")
        if package != __name__ or topic not in topics.names():
            return None
        return spec_from_file_location(fullname, _APP)


sys.meta_path.append(_Finder())
