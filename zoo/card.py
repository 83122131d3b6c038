"""Card: what is known of a checkpoint, and its page in Markdown."""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from zoo import checkpoint, hub, places
from zoo.files import whole
from zoo.tables import Progress, Table

# What the Hub calls a family's task, by what it does and what it reads (where it sorts that) or else makes.
HUB_TASKS = {
    ("generate", "picture"): "unconditional-image-generation",
    ("generate", "text"): "text-generation",
    ("generate", "sound"): "text-to-audio",
    ("translate", "picture"): "image-to-image",
    ("translate", "text"): "translation",
    ("translate", "sound"): "audio-to-audio",
    ("classify", "picture"): "image-classification",
    ("classify", "text"): "text-classification",
    ("classify", "sound"): "audio-classification",
    ("embed", "picture"): "image-feature-extraction",
    ("embed", "text"): "feature-extraction",
    ("forecast", "series"): "time-series-forecasting",
    ("detect", "axis"): "keypoint-detection",
    ("act", "action"): "reinforcement-learning",
}


def hub_task(family: ModuleType) -> str:
    """Return the Hub's name for what a family does.

    Raises:
        KeyError: it has none here yet.
    """
    sorts = family.TASK in ("classify", "embed")
    return HUB_TASKS[family.TASK, family.TAKES[0] if sorts else family.MAKES]


@dataclass(frozen=True)
class Metric:
    """One measured figure."""

    name: str
    value: float
    unit: str
    n: int
    split: str
    tolerance: float
    """what a repeated measurement may differ by"""
    definition: str
    full: bool = False
    """measured by `verify --full` alone, since it takes over two minutes"""

    def __str__(self) -> str:
        digits = 4 if abs(self.value) < 1 else 3 if abs(self.value) < 10 else 2
        return f"{self.value:.{digits}f} {self.unit}".rstrip()


@dataclass(frozen=True)
class Card:
    """What is known of a checkpoint: where it is, how it was trained, how good it was measured to be."""

    name: str
    folder: Path
    source: str
    """'repository', 'folder' or 'cache': the kind of place it was found in"""
    config: dict[str, Any]
    metrics: tuple[Metric, ...]
    training: dict[str, Any]
    tables: dict[str, Table]
    """what was measured of the model, by name"""
    studies: dict[str, Table]
    """comparisons and ablations, measured beside the training, by name"""
    numbers: dict[str, Any]
    """lists and figures for code, which no card shows, by name"""
    notes: str

    @classmethod
    def read(cls, folder: Path, source: str) -> "Card":
        """Read a checkpoint folder's facts.

        Raises:
            CheckpointError: a file is missing or broken.
        """
        content = checkpoint.read_config(folder)
        with _whole(folder / "metrics.json") as path:
            facts = json.loads(path.read_text("utf-8"))
            metrics = tuple(Metric(**metric) for metric in facts["metrics"])
            training, numbers, tables = facts["training"], facts.get("numbers", {}), _tables(facts)
        with _whole(folder / "study.json") as path:
            studies = _tables(json.loads(path.read_text("utf-8"))) if path.exists() else {}
        with _whole(folder / "notes.md") as path:
            said = path.read_text("utf-8") if path.exists() else ""
        config = asdict(content["config"])
        return cls(content["name"], folder, source, config, metrics, training, tables, studies, numbers, said)

    @property
    def family(self) -> str:
        """The model's module in `zoo/models/`."""
        return self.name.split(".")[0]

    @property
    def variant(self) -> str:
        """What follows the family in the name."""
        return self.name.split(".")[1]

    @property
    def declared(self) -> ModuleType:
        """The family's module, for its TASK, TAKES, MAKES, PAPER and the like."""
        return checkpoint.family(self.name)

    @property
    def summary(self) -> str:
        """The first line of the family's docstring."""
        return (self.declared.__doc__ or "").splitlines()[0]

    @property
    def paper(self) -> str:
        """The paper, like 'arXiv:1312.6114'; '' where there is none."""
        return self.declared.PAPER

    @property
    def parameters(self) -> int:
        """Number of trained numbers."""
        return self.training["parameters"]

    @property
    def trained_in(self) -> str:
        """How long the training took, in words; and on what, unless on a processor's cores."""
        return self._time + ("" if " cores" in self.training["hardware"] else " on a GPU")

    @property
    def _time(self) -> str:
        seconds = self.training["seconds"]
        return f"{seconds / 60:.1f} min" if seconds >= 120 else f"{seconds:.0f} s"

    @property
    def size(self) -> int:
        """Bytes of the weights file."""
        return (self.folder / "model.safetensors").stat().st_size

    @property
    def sha256(self) -> str:
        """The weights' sha256, hexadecimal."""
        return checkpoint.sha256(self.folder)

    @property
    def doubt(self) -> str:
        """A sentence where these are the facts of other weights than lie beside them; '' where they are not."""
        if (measured := self.training.get("weights_sha256", self.sha256)) == self.sha256:
            return ""
        return (
            f"These are the figures of other weights (sha256 {measured[:12]}) than those here ({self.sha256[:12]}): "
            "restore the files that belong together, or train the model again."
        )

    @cached_property
    def provenance(self) -> Any:
        """What is known of the training data (`zoo.data.Provenance`)."""
        return importlib.import_module(f"zoo.data.{self.training['data']}").PROVENANCE

    @property
    def license(self) -> str:
        """The weights' licence, by its name on the Hub."""
        return self.provenance.weights_license

    @property
    def pictures(self) -> dict[str, str]:
        """What the pictures beside the weights show, by the stem of the file."""
        titles = self.declared.PICTURES
        return {stem: title for stem, title in titles.items() if (self.folder / f"{stem}.webp").exists()}

    @property
    def history(self) -> dict[str, Any]:
        """{"moments": facts measured at each picture of history.webp, "curve": the log}, and what `progress` says of both; read anew."""
        with _whole(self.folder / "history.json") as path:
            return json.loads(path.read_text("utf-8"))

    @property
    def progress(self) -> Progress:
        """What the history measured, by its keys, and what the log's curve shows."""
        return Progress.read(self.history)

    @property
    def results(self) -> dict[str, Any]:
        """What `studies` were made of, raw, as the family's study keeps it; {} where nothing is kept."""
        with _whole(self.folder / "study.json") as path:
            return json.loads(path.read_text("utf-8")).get("results", {}) if path.exists() else {}

    @property
    def measured_on(self) -> str:
        """What the metrics were measured on, in words."""
        folds = any(metric.split == "folds" for metric in self.metrics)
        return "on the test split" + ", or on all folds in turn" * folds

    def metric(self, name: str) -> Metric:
        """Return the metric of that name.

        Raises:
            KeyError: the card has none.
        """
        return {metric.name: metric for metric in self.metrics}[name]

    def markdown(self) -> str:
        """Return the checkpoint's page for the Hugging Face Hub: metadata, then text."""
        from huggingface_hub import EvalResult, ModelCardData

        training, data, task = self.training, self.provenance, hub_task(self.declared)
        results = [
            EvalResult(
                task_type=task, dataset_type=data.hub_id, dataset_name=data.title, dataset_split=metric.split,
                metric_type=metric.name, metric_name=metric.name, metric_value=round(metric.value, 5),
            )
            for metric in self.metrics
        ]  # fmt: skip
        metadata = ModelCardData(
            license=self.license, library_name="pocket-zoo", pipeline_tag=task, datasets=[data.hub_id],
            tags=["pocket-zoo", self.family, "pytorch", "educational"], model_name=self.name, eval_results=results,
        )  # fmt: skip
        use = f'import zoo\n\nmodel = zoo.load("{self.name}")\n{self.declared.USE}'
        rows = [f"| {metric.name} | {metric} | {metric.n:,} | {metric.definition} |" for metric in self.metrics]
        settings = ", ".join(f"{k} {v}" for k, v in training["settings"].items() if not isinstance(v, dict))
        parts = [
            f"---\n{metadata.to_yaml()}\n---",
            f"# {self.name}\n\n{self.summary}",
            f"**{self.doubt}**" if self.doubt else "",
            f"{self.parameters:,} parameters, {self.size / 1e6:.2f} MB, trained from scratch on {data.title}.",
            self.notes.strip(),
            f"## Use\n\n```python\n{use}\n```",
            *(f"{title}\n\n![{title}]({stem}.webp)" for stem, title in self.pictures.items()),
            *self._written(),
            f"## Measured\n\n{self.measured_on.capitalize()}, n each, by "
            f"`python -m train verify {self.name}`, which computes every figure again.\n\n"
            "| metric | value | n | definition |\n| --- | --- | --- | --- |\n" + "\n".join(rows),
            *(table.markdown() for table in (*self.tables.values(), *self.studies.values())),
            f"## Training\n\n```\n{training['command']}\n```\n\n{training['steps']:,} steps in {self._time} on "
            f"{training['hardware']}; torch {training['torch']}; seed {training['seed']}. Settings: {settings}."
            + " It went on from a training with other settings or other data."
            * ("earlier" in training),
            f"## Data\n\n{data.source}. Licence: {data.license}. Nothing of it is in this repository.",
            f"## Citation\n\n{self.paper or 'None: a plain network'}. Data: {data.citation}.",
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    def _written(self) -> list[str]:
        texts = self.history["moments"][-1].get("texts", {}) if self.declared.MAKES == "text" else {}
        title = "## What it writes\n\nAt the end of its training, 200 characters after each beginning."
        return [title] * bool(texts) + [f"```\n{(start + text).strip()}\n```" for start, text in texts.items()]


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Turn what goes wrong as a file is read into an error that names it and the remedy."""
    try:
        yield path
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise checkpoint.CheckpointError(f"{path} cannot be read: {error!r}; restore it") from error


def _tables(facts: dict[str, Any]) -> dict[str, Table]:
    return {name: Table.read(record) for name, record in facts.get("tables", {}).items()}


def write_all() -> None:
    """Write every checkpoint's README.md, and the gallery between the markers of the repository's README."""
    rows = []
    for name in places.names():
        card = Card.read(*hub.find(name))
        with whole(card.folder / "README.md") as path:
            path.write_text(card.markdown())
        rows.append(
            f"| [{name}](checkpoints/{name}/README.md) | {card.summary.rstrip('.')} | {card.parameters:,} | "
            f"{card.size / 1e6:.2f} MB | {card.trained_in} | {card.metrics[0].name} {card.metrics[0]} |"
        )
    table = "| checkpoint | what | parameters | size | trained in | measured |\n| --- | --- | --- | --- | --- | --- |\n"
    insert("gallery", table + "\n".join(rows))


def insert(name: str, text: str) -> None:
    """Write a text between the markers of this name in the repository's README.

    Raises:
        ValueError: it has no such markers.
    """
    readme = Path(__file__).resolve().parent.parent / "README.md"
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, found, rest = readme.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{readme} has no {name} markers: put '{begin.strip()}' and '{end}' back")
    with whole(readme) as path:
        path.write_text(before + begin + text + "\n" + end + after)
