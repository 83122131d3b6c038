"""What a demo says of itself, once: its words, fields, stage, code, endpoints. Hosts lay it out; nothing here knows one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from playground.components.adapters import Component
from playground.fields import Field, Values

GROUPS = ("Draw", "Digits", "Read and write", "Listen", "Drive", "Understand")


@dataclass(frozen=True)
class Pictures:
    """Pictures in a grid that folds on narrow screens."""

    pixels: Sequence[np.ndarray] | np.ndarray
    """grey (H, W), white where ink is, or colour (H, W, 3 or 4), uint8 each"""
    alts: Sequence[str]
    captions: Sequence[str] = ()
    columns: int = 10
    """at most so many in a row"""
    largest: int = 96
    """a picture's side at most, in CSS pixels"""
    scale: int = 4
    """how much larger the pixels of a grey picture become before the browser scales it; colour is enlarged by `crisp`"""
    crisp: int = 1
    own: np.ndarray | None = None
    """(H, W) bool: where the ink of every grey picture is the visitor's own, and orange"""
    clips: Sequence[str] = ()
    """for colour with alpha: where each picture is cut instead, sharp at any size, as SVG path data in its pixels, by the even-odd rule"""
    over: Sequence[np.ndarray] = ()
    """of pictures with clips: what is laid over each, uncut, colour (H, W, 4) uint8"""
    phone: int = 0
    """a picture's side at most on a phone, in CSS pixels, where it shares the screen with a pad; 0: as wide as there is room"""


@dataclass(frozen=True)
class Words:
    """A paragraph of Markdown; quiet ones are captions, warnings stand out."""

    text: str
    quiet: bool = False
    warns: bool = False


@dataclass(frozen=True)
class Prose:
    """A text as a page: the person's own part stands out."""

    own: str
    written: str = ""


@dataclass(frozen=True)
class Table:
    """Columns by name, the best of each in bold where there is one."""

    columns: Mapping[str, Sequence[tuple[str, bool]]]


@dataclass(frozen=True)
class Rows:
    """A long table, a slot by itself, that can be sorted where a host can; None where there is nothing to say."""

    columns: Mapping[str, Sequence[str | float | None]]
    """https addresses are shown as links, by their last part"""
    formats: Mapping[str, str]
    """how the numbers of a column are written: ',' or such as '.1f'"""


@dataclass(frozen=True)
class Moving:
    """Frames (N, 28, 28) uint8 that play to and fro beside themselves; who asked for reduced motion sees them still."""

    frames: np.ndarray
    alt: str


@dataclass(frozen=True)
class Html:
    """Markup of a demo's own. Whatever in it comes from outside is escaped."""

    html: str


@dataclass(frozen=True)
class Beside:
    """Groups of parts, side by side where there is room."""

    groups: Sequence[Sequence["Part"]]
    least: str = "18rem"
    """a group's width at least"""


@dataclass(frozen=True)
class Chart:
    """A Plotly figure, made in a palette of line colours; see `charts`."""

    figure: Callable[[Sequence[str]], go.Figure]
    title: str = ""
    height: int = 320
    picks: str = ""
    """field that a click on a point sets to its customdata, where a host can tell"""


Part = Pictures | Words | Prose | Table | Rows | Moving | Html | Beside
Shown = Part | Sequence[Part] | Chart | Sequence[Chart] | dict[str, Any] | None
Stage = dict[str, Shown | Callable[[], Shown]]
"""What fills the slots, by name. What takes long comes as a function, called when all else is shown and the pads are answered."""


@dataclass(frozen=True)
class Slot:
    """A place on the stage, filled by what the stage gives under its name."""

    name: str
    charts: int = 0
    """how many charts it may hold; 0: parts"""
    component: Component | None = None
    """what runs in the browser; the stage gives it its data"""
    sets: Callable[[Any, Values], Values] | None = None
    """what a component's answer changes; raises ValueError where it is no answer of ours"""
    presses: str = ""
    """button with an option for each of its `Pictures`, in order; it stands with them"""
    redraws: bool = False
    """whether the stage is made anew after a component's answer"""
    meanwhile: Callable[[Any], Part | None] | None = None
    """of a component in a stage that goes on: data that will change as a part, for hosts that show a component once a run"""


@dataclass(frozen=True)
class Section:
    """A part of the stage: slots, and the fields and buttons beside them, by name."""

    slots: tuple[Slot | str, ...] = ()
    fields: tuple[str | Slot, ...] = ()
    """beside the slots; what else shall be looked at there may stand among them"""
    more: tuple[str, ...] = ()
    """folded away, under the fields"""
    lead: tuple[str, ...] = ()
    """in a row above both: what a phone must show before the result"""
    under: tuple[str, ...] = ()
    """in a row under the slots"""
    title: str = ""
    side: str = "right"
    """'left' or 'right' of the slots; on a phone what stands to the left comes first"""
    widths: tuple[int, int] = (2, 1)
    """of the slots and of the fields"""
    stays: bool = False
    """whether the slots stay in sight while their fields scroll"""
    more_title: str = "More"

    def places(self) -> list[Slot]:
        """Return the slots in the middle."""
        return [Slot(slot) if isinstance(slot, str) else slot for slot in self.slots]

    def beside(self) -> list[Slot]:
        """Return the slots among the fields."""
        return [slot for slot in self.fields if isinstance(slot, Slot)]


@dataclass(frozen=True)
class Button:
    """Something to press that changes fields: one button, or one for each option."""

    label: str
    press: Callable[[Values, str], Values]
    """values, and the option or '' -> the values that change; may raise `Refused`"""
    options: Callable[[Values], Mapping[str, str]] | None = None
    """what may be pressed by the present values, and what it is called; nothing hides it"""
    icon: str = ""
    help: str = ""
    busy: str = ""
    """what is said while a long press works; it may change only fields without a widget"""
    when: Callable[[Values], bool] = lambda values: True


@dataclass(frozen=True)
class Drawn:
    """A picture that an endpoint gives back as a PNG with its recipe."""

    pixels: np.ndarray
    """grey (H, W) or colour (H, W, 3) uint8"""
    changes: Values | None = None
    """what its recipe says otherwise than the call"""


@dataclass(frozen=True)
class Export:
    """Another download beside the picture."""

    label: str
    kind: str
    """the ending of its name, such as 'svg'"""
    mime: str
    make: Callable[[Values], bytes]
    """may raise `Refused`"""


class Refused(ValueError):
    """A demo cannot answer these values; the message says what to do."""


@dataclass(frozen=True)
class Endpoint:
    """A computation that others may call by name. Its docstring is the API's."""

    call: Callable[[Values], Any]
    """values -> JSON, `Drawn`, or lists, tuples and dicts of them; or an iterator over such. May raise `Refused`."""
    takes: tuple[str, ...]
    """names of fields; 'drawing:strokes' is called strokes in the API"""
    name: str = ""
    """in the API; the function's own unless given"""
    fixed: Mapping[str, Any] | None = None
    """fields whose default differs here, whether it takes them or not; None stays None where nothing is given, and `...` must be given"""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A demo: all that its page, its app, its Space and its static page are made of."""

    title: str
    line: str
    term: str
    """the technical name: what a learner looks for"""
    group: str
    order: int
    icon: str
    """of Material Symbols"""
    how: str
    """explanation, at most 120 words of Markdown"""
    equation: str
    """LaTeX"""
    try_this: str
    checkpoints: Callable[[], list[str]]
    """what it needs"""
    models: Callable[[], list[str]] | None = None
    """what it shows of them; all, unless given"""
    weights: Callable[[], list[str]] | None = None
    """whose sha256 links carry; those shown, unless given"""
    fields: Callable[[], dict[str, Field]]
    repair: Callable[[Values], tuple[Values, list[str]]] | None = None
    """values from a link or a picture -> those that do not go together, put right, and a sentence for each"""
    layout: tuple[Section, ...]
    buttons: Mapping[str, Button] | None = None
    stage: Callable[[Values], Stage | Iterator[Stage]]
    """values -> what fills the slots, and what 'kept' fields shall hold; an iterator gives as it goes on only what has changed"""
    stops: bool = False
    """whether any click stops a stage that goes on: then what it kept so far stays, and it is asked again"""
    code: Callable[[Values], str]
    """the lines of Python that give the same"""
    render: Callable[[Values], np.ndarray]
    """the download, grey (H, W) or colour (H, W, 3 or 4) uint8"""
    scale: int = 8
    """how much larger the download's pixels become"""
    exports: tuple[Export, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    thumbnail: Callable[[], np.ndarray]
    history: bool = True
    """whether its tabs show how its models learned"""
    space: bool = True
    """whether it is a Gradio app and a Space by itself"""

    def shown(self) -> list[str]:
        """Return the models whose chips, figures and training it shows."""
        return self.models() if self.models else self.checkpoints()

    def weighed(self) -> list[str]:
        """Return the models whose weights its links name."""
        return self.weights() if self.weights else self.shown()

    def controls(self) -> list[str]:
        """Return the fields and buttons that the layout shows, in its order."""
        shown = [name for s in self.layout for name in (*s.lead, *s.fields, *s.more, *s.under) if isinstance(name, str)]
        return [*shown, *(slot.presses for slot in self.slots() if slot.presses)]

    def slots(self) -> list[Slot]:
        """Return all slots, in order."""
        return [slot for section in self.layout for slot in (*section.places(), *section.beside())]
