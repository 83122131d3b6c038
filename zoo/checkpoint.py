"""Checkpoint folders: weights as safetensors, facts as JSON, read strictly and written whole.

checkpoints/<family>.<variant>/
    model.safetensors    weights
    config.json          {"name", "dtype", "config": the fields of the family's Config}
    golden.safetensors   "<method>.in.<i>" and "<method>.out.<i>": what the loaded model must reproduce
    metrics.json         {"metrics": [...], "training": {...}}, and "tables" (see `zoo.tables`) and "numbers" if any
    study.json           {"tables": comparisons and ablations, "results": what they were made of}, if any
    extras.safetensors   derived numbers that the demos use, if any
"""

import importlib
import json
import math
import os
import re
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, load_model, save, save_model
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from zoo.files import hashed, replaced, whole
from zoo.places import NAME

MAX_HEADER = 2**20  # bytes
MAX_CONFIG = 2**16  # bytes
READABLE = 0o644  # safetensors writes for its owner alone
MADE = ("metrics.json", "golden.safetensors", "extras.safetensors", "history.json", "history.webp", "README.md")
PARTS = ("Model", "Config", "TASK", "TAKES", "MAKES", "PAPER", "USE", "PICTURES")  # of a family's module
DTYPES = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
WHOLE = {torch.uint8: "U8", torch.int32: "I32"}  # numbers that are not cast; all others are stored as I64


class CheckpointError(ValueError):
    """A checkpoint's files are broken or do not fit the model; the message names the file and the fault."""


def family(name: str) -> ModuleType:
    """Return the module of a checkpoint's family: `zoo.models.vae` for 'vae.mnist-cnn'.

    Raises:
        CheckpointError: there is no module of that name, or it lacks one of `PARTS`.
    """
    stem = name.split(".")[0]
    try:
        module = importlib.import_module(f"zoo.models.{stem}")
    except ModuleNotFoundError as error:
        raise CheckpointError(f"{name}: there is no model family '{stem}' in zoo/models of this version") from error
    if missing := set(PARTS) - set(vars(module)):
        raise CheckpointError(f"{name}: zoo.models.{stem} is not a model family: it lacks {', '.join(sorted(missing))}")
    return module


def read_config(folder: Path) -> dict[str, Any]:
    """Read config.json and check its keys and types against the family's `Config`.

    Returns:
        {"name", "dtype", "config"}: the checkpoint's name, whatever its folder is called; the last an instance of the family's Config.

    Raises:
        CheckpointError: the file is missing, too large, not JSON, or does not fit.
    """
    path = folder / "config.json"
    try:
        if path.stat().st_size > MAX_CONFIG:
            raise CheckpointError(f"{path} is over {MAX_CONFIG} bytes: not a config of ours")
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise CheckpointError(f"{path} is missing: restore it with the weights ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path} is not valid JSON: {error}") from error
    if not isinstance(content, dict) or set(content) != {"name", "dtype", "config"}:
        raise CheckpointError(f"{path} must hold exactly name, dtype and config")
    if not (isinstance(content["name"], str) and NAME.fullmatch(content["name"])):
        raise CheckpointError(f"{path}: {str(content['name'])[:60]!r} is no checkpoint's name, like 'vae.mnist-cnn'")
    if content["dtype"] not in [*DTYPES]:  # not hashed: it may be a list
        raise CheckpointError(f"{path}: dtype {content['dtype']!r} is none of {', '.join(DTYPES)}")
    config_class, given = family(content["name"]).Config, content["config"]
    wanted: dict[str, Any] = {field.name: field.type for field in fields(config_class)}
    if not isinstance(given, dict) or set(given) != set(wanted):
        given = set(given) if isinstance(given, dict) else set()
        unknown, missing = sorted(given - set(wanted)), sorted(set(wanted) - given)
        raise CheckpointError(f"{path}: unknown keys {unknown}, missing keys {missing}")
    for key, value in given.items():
        kinds = (int, float) if wanted[key] is float else (wanted[key],)
        if type(value) not in kinds:
            raise CheckpointError(f"{path}: {key} must be {wanted[key].__name__}, not {value!r}")
    try:
        return {**content, "config": config_class(**given)}
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path}: {error}") from error


def check_header(path: Path, expected: dict[str, tuple[str, list[int]]]) -> None:
    """Compare a safetensors file's header with the names, dtypes and shapes expected, without reading tensors.

    Raises:
        CheckpointError: the header is over 1 MB or broken, the file is cut short, or a tensor differs.
    """
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > MAX_HEADER:
                raise CheckpointError(f"{path}: its header claims {length} bytes, over the limit of {MAX_HEADER}")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        found = {key: (entry["dtype"], entry["shape"]) for key, entry in header.items()}
        end = 8 + length + max((entry["data_offsets"][1] for entry in header.values()), default=0)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} is missing: restore it, or train the model again") from error
    except CheckpointError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise CheckpointError(f"{path} is no whole safetensors file: restore it, or train the model again") from error
    if found != expected:
        unknown, missing = sorted(set(found) - set(expected)), sorted(set(expected) - set(found))
        other = [f"{k} is {found[k]}, not {expected[k]}" for k in found if k in expected and found[k] != expected[k]]
        raise CheckpointError(
            f"{path} does not fit the model: unknown tensors {unknown[:5]}, missing {missing[:5]}, different {other[:5]}"
        )
    if size != end:
        raise CheckpointError(f"{path} has {size} bytes instead of {end}: it is cut short or damaged; restore it")


class _Unfilled(TorchFunctionMode):
    """Leaves tensors without storage as they are: torch would fill them in Python, which brings its compiler with it, 190 MB."""

    def __torch_function__(self, call: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if getattr(call, "__name__", "") == "normal_":
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return call(*args, **kwargs)


def _expected(model: nn.Module, dtype: str) -> dict[str, tuple[str, list[int]]]:
    seen, expected = set(), {}
    for key, tensor in model.state_dict(keep_vars=True).items():
        if id(tensor) in seen:
            continue  # tied weights are stored once
        seen.add(id(tensor))
        kind = DTYPES[dtype] if tensor.is_floating_point() else WHOLE.get(tensor.dtype, "I64")
        expected[key] = (kind, list(tensor.shape))
    return expected


def read(folder: Path) -> nn.Module:
    """Load the model of a checkpoint folder, strictly: in eval mode, float32, gradients off.

    Raises:
        CheckpointError: a file is broken or does not fit, or a weight is not finite.
    """
    content = read_config(folder)
    path, build = folder / "model.safetensors", family(content["name"]).Model
    try:
        with (
            torch.device("meta"),
            _Unfilled(),
        ):  # shapes alone: a config cannot ask for memory that the file does not fill
            expected = _expected(build(content["config"]), content["dtype"])
        check_header(path, expected)
        model = build(content["config"])
    except CheckpointError:
        raise
    except (ValueError, TypeError, RuntimeError, ZeroDivisionError, OverflowError, MemoryError) as error:
        said = str(error).partition("\n")[0]  # torch adds its C++ stack
        raise CheckpointError(f"{folder / 'config.json'}: no such model can be built: {said}") from error
    try:
        load_model(model, path, strict=True)
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    for key, tensor in model.state_dict().items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise CheckpointError(f"{path}: {key} holds values that are not finite; train the model again")
    return model.eval().requires_grad_(False)


def write(
    folder: Path,
    model: nn.Module,
    *,
    dtype: str = "float16",
    golden: dict[str, Tensor] | None = None,
    extras: dict[str, Tensor] | None = None,
    facts: dict[str, Any] | None = None,
    complete: Callable[[Path], None] | None = None,
) -> Path:
    """Write a checkpoint into a folder of its name; it takes the place of one that is there whole, or not at all.

    What was made of other weights goes with them (`MADE`, and the family's pictures); what people wrote beside them stays.

    Args:
        folder: its name is the checkpoint's; made if missing.
        dtype: storage of the floating-point weights: 'float32', 'float16' or 'bfloat16'.
        golden: see the module's docstring.
        extras: derived numbers.
        facts: content of metrics.json.
        complete: is called with the folder that holds all this, before it takes its place, and writes what else belongs to it.

    Raises:
        ValueError: a weight is not finite in the storage dtype.
        DiskFull: there is no room; what was there is as it was.
    """
    shape: Any = model.config
    made = family(folder.name)
    stored = made.Model(shape).to(getattr(torch, dtype))
    stored.load_state_dict(model.state_dict())
    for key, tensor in stored.state_dict().items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise ValueError(f"{key} is not finite as {dtype}: nothing written")
    config = {"name": folder.name, "dtype": dtype, "config": asdict(shape)}
    with replaced(folder) as new:
        weights = new / "model.safetensors"
        before = sha256(new) if weights.exists() else None
        with whole(weights) as path:
            _save(stored.to(memory_format=torch.contiguous_format), path)
        if before != sha256(new):
            for file in (*MADE, *(f"{stem}.webp" for stem in made.PICTURES)):
                (new / file).unlink(missing_ok=True)
        with whole(new / "config.json") as path:
            path.write_text(json.dumps(config, indent=2) + "\n")
        for stem, tensors in (("golden", golden), ("extras", extras)):
            if tensors:
                write_tensors(new / f"{stem}.safetensors", tensors)
        if facts:
            write_facts(new, facts)
        if complete:
            complete(new)
    return folder


def _save(model: nn.Module, path: Path) -> None:
    try:
        save_model(model, str(path))
    except SafetensorError as error:
        if not (number := re.search(r"\(os error (\d+)\)", str(error))):
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error
    path.chmod(READABLE)


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    """Write a checkpoint's metrics.json."""
    with whole(folder / "metrics.json") as path:
        path.write_text(json.dumps(facts, indent=1) + "\n")


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write tensors, even some that share memory, as a safetensors file."""
    with whole(path) as temporary:
        temporary.write_bytes(save({key: tensor.contiguous().clone() for key, tensor in tensors.items()}))


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file that lies beside the weights; CheckpointError where it cannot be read."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} cannot be read ({error}): restore it") from error


def extras(folder: Path) -> dict[str, Tensor]:
    """Read a checkpoint's derived numbers; {} where it has none."""
    return read_tensors(path) if (path := folder / "extras.safetensors").exists() else {}


def check(folder: Path, tolerance: float = 1e-3) -> float:
    """Compare a checkpoint's model with its golden tensors; return the largest difference, absolute.

    Raises:
        CheckpointError: the difference is over the tolerance, or there is nothing to compare.
    """
    model, worst, golden = read(folder), 0.0, read_tensors(folder / "golden.safetensors")
    for method in sorted({key.split(".")[0] for key in golden}):
        inputs = [golden[key] for key in sorted(golden) if key.startswith(f"{method}.in.")]
        wanted = [golden[key] for key in sorted(golden) if key.startswith(f"{method}.out.")]
        outputs = getattr(model, method)(*inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        for got, want in zip(outputs, wanted, strict=True):
            worst = max(worst, float((got - want).abs().max()))
    if not golden or math.isnan(worst) or worst > tolerance:
        raise CheckpointError(
            f"{read_config(folder)['name']}: outputs differ from the golden ones by {worst:.2g}, over {tolerance:g}"
        )
    return worst


def sha256(folder: Path) -> str:
    """Return the sha256 of a checkpoint's weights file, in hexadecimal."""
    return hashed(folder / "model.safetensors")
