"""Recipes: what a page needs to show the same result again, in a link or in a downloaded picture."""

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

KEY = "pocket-zoo"  # the PNG text chunk that holds a recipe
MAX_UPLOAD = 5 * 2**20  # bytes
MAX_PIXELS = 4_000_000
MAX_VALUE = 12_000  # characters of one URL parameter: the longest drawing fits


class RecipeError(ValueError):
    """A recipe or picture from outside cannot be used; the message says why."""


@dataclass(frozen=True)
class Field:
    """One control of a page: its default, and how its text form is read and written."""

    default: Any
    read: Callable[[str], Any]
    """text -> value; raises ValueError with what is allowed"""
    write: Callable[[Any], str] = str


def integer(low: int, high: int, default: int) -> Field:
    """Return a field for a whole number from low to high."""

    def read(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,20}", text) or not low <= (value := int(text)) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return Field(default, read)


def number(low: float, high: float, default: float) -> Field:
    """Return a field for a number from low to high, kept to two decimals."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return round(value, 2)

    return Field(default, read, lambda value: f"{value:g}")


def choice(options: Mapping[str, Any] | list[str] | tuple[str, ...], default: str) -> Field:
    """Return a field for one of the options."""

    def read(text: str) -> str:
        if text not in options:
            raise ValueError(
                "one of " + ", ".join(options) if len(options) <= 20 else f"one of the {len(options)} names"
            )
        return text

    return Field(default, read)


def numbers(length: int, low: float, high: float) -> Field:
    """Return a field for a list of numbers with one decimal, such as slider positions; trailing zeros are left out."""

    def read(text: str) -> tuple[float, ...]:
        problem = f"at most {length} numbers from {low:g} to {high:g}, separated by '_'"
        parts = text.split("_") if text else []
        try:
            values = [round(float(part), 1) for part in parts]
        except ValueError:
            raise ValueError(problem) from None
        if len(values) > length or not all(low <= value <= high for value in values):
            raise ValueError(problem)
        return (*values, *[0.0] * (length - len(values)))

    def write(values: tuple[float, ...]) -> str:
        used = max((i + 1 for i, value in enumerate(values) if value), default=0)
        return "_".join(f"{value:g}" for value in values[:used])

    return Field((0.0,) * length, read, write)


def parse(given: Mapping[str, str], fields: Mapping[str, Field]) -> tuple[dict[str, Any], list[str]]:
    """Read a recipe's text values.

    Args:
        given: text by name, as in a URL's query; names that are not fields are named as problems.

    Returns:
        a value for every field (its default where the text is missing or bad), and one sentence for each problem.
    """
    values, problems = {}, []
    for name, field in fields.items():
        values[name] = field.default
        if name in given:
            text = str(given[name])
            try:
                if len(text) > MAX_VALUE:
                    raise ValueError(f"at most {MAX_VALUE} characters")
                values[name] = field.read(text)
            except (ValueError, OverflowError, RecursionError) as error:
                problems.append(f"{name} must be {error}; the link has {text[:40]!r}, so the default is shown.")
    problems += [
        f"{name[:40]!r} is not a setting of this page and was ignored." for name in given if name not in fields
    ]
    return values, problems


def restore(
    recipe: Mapping[str, str], fields: Mapping[str, Field], weights: str, *, ignore: tuple[str, ...] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Read a whole recipe: controls as `parse` does, and whether it was made with the weights at hand.

    Args:
        recipe: from a link or a picture.
        weights: first digits of the weights' sha256, those of several models joined by '-'.
        ignore: names that the host puts into links.
    """
    known = {"weights", "page", "embed", "embed_options", *ignore}
    values, problems = parse({name: value for name, value in recipe.items() if name not in known}, fields)
    theirs = str(recipe.get("weights", weights))
    if theirs != weights:
        problems.append(
            f"The link was made with other weights ({theirs[:40]!r}; here {weights!r}): the result may differ."
        )
    return values, problems


def text(values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, str]:
    """Return the text of each value that differs from its default."""
    return {name: field.write(values[name]) for name, field in fields.items() if values[name] != field.default}


def png(pixels: np.ndarray, recipe: Mapping[str, Any] | None = None, *, scale: int = 1) -> bytes:
    """Encode a picture as PNG, with a recipe in its text chunk.

    Args:
        pixels: (H, W) grey or (H, W, 3), uint8.
        scale: each pixel becomes scale x scale pixels.
    """
    info = PngImagePlugin.PngInfo()
    if recipe:
        info.add_itxt(KEY, json.dumps(recipe))
    image = Image.fromarray(pixels).resize((pixels.shape[1] * scale, pixels.shape[0] * scale), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=info, compress_level=3)  # a third of 6's time, 7 % larger
    return buffer.getvalue()


def printed(pixels: np.ndarray) -> np.ndarray:
    """Return a picture as it goes on white paper: grey (H, W) uint8 as black ink, colour as it is."""
    return 255 - pixels if pixels.ndim == 2 else pixels


def recipe_of(content: bytes) -> dict[str, str]:
    """Return the recipe in a downloaded PNG's metadata: text by name, with 'page' among them.

    Raises:
        RecipeError: not a PNG, too large, or without a recipe of ours.
    """
    if len(content) > MAX_UPLOAD:
        raise RecipeError(f"The file is over {MAX_UPLOAD // 2**20} MB. Drop in a PNG that was downloaded here.")
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise RecipeError("The picture has too many pixels. Drop in a PNG that was downloaded here.")
            image.load()
            found = image.info.get(KEY)
    except RecipeError:
        raise
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise RecipeError(
            f"The file cannot be read as a PNG ({error}). Drop in one that was downloaded here."
        ) from error
    if not found:
        raise RecipeError(
            "The picture holds no recipe. Drop in a PNG that was downloaded here, not a screenshot of it."
        )
    try:
        recipe = json.loads(found)
    except (ValueError, RecursionError) as error:
        raise RecipeError("The picture's recipe is damaged. Download it again.") from error
    if not isinstance(recipe, dict) or not all(isinstance(value, str) for value in recipe.values()):
        raise RecipeError("The picture's recipe is damaged. Download it again.")
    return recipe
