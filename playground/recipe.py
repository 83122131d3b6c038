"""Recipes: what a page needs to show the same result again, in a link or in a downloaded picture."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from playground.fields import Field
from zoo.photos import PhotoError, kind, opened

KEY = "pocket-zoo"  # the PNG text chunk that holds a recipe
MAX_VALUE = 12_000  # characters of one URL parameter: the longest drawing fits


class RecipeError(ValueError):
    """A recipe or picture from outside cannot be used; the message says why."""


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
        if name in given and field.linked:
            text = str(given[name])
            try:
                if len(text) > MAX_VALUE:
                    raise ValueError(f"at most {MAX_VALUE} characters")
                values[name] = field.read(text)
            except (ValueError, OverflowError, RecursionError) as error:
                problems.append(f"{name} must be {error}; the link has {text[:40]!r}, so the default is shown.")
    problems += [
        f"{name[:40]!r} is not a setting of this page and was ignored."
        for name in given
        if name not in fields or not fields[name].linked
    ]
    return values, problems


def restore(
    recipe: Mapping[str, str],
    fields: Mapping[str, Field],
    weights: str,
    *,
    repair: Callable[[dict[str, Any]], tuple[dict[str, Any], list[str]]] | None = None,
    ignore: tuple[str, ...] = (),
) -> tuple[dict[str, Any], list[str]]:
    """Read a whole recipe: controls as `parse` does, and whether it was made with the weights at hand.

    Args:
        recipe: from a link or a picture.
        weights: first digits of the weights' sha256, those of several models joined by '-'.
        repair: puts right what does not go together; as `Demo.repair`.
        ignore: names that the host puts into links.
    """
    known = {"weights", "page", "embed", "embed_options", *ignore}
    values, problems = parse({name: value for name, value in recipe.items() if name not in known}, fields)
    if any(name in fields or name in ("weights", "page") for name in recipe):
        values |= {name: field.unsaid for name, field in fields.items() if name not in recipe}
    if repair:
        changes, odd = repair(values)
        values, problems = values | changes, problems + odd
    theirs = str(recipe.get("weights", weights))
    if theirs != weights:
        problems.append(
            f"The link was made with other weights ({theirs[:40]!r}; here {weights!r}): the result may differ."
        )
    return values, problems


def text(values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, str]:
    """Return the text of each value that a link without it would not mean."""
    return {
        name: field.write(values[name])
        for name, field in fields.items()
        if field.linked and values[name] != field.unsaid
    }


def png(pixels: np.ndarray, recipe: Mapping[str, Any] | None = None, *, scale: int = 1) -> bytes:
    """Encode a picture as PNG, with a recipe in its text chunk.

    Args:
        pixels: (H, W) grey or (H, W, 3 or 4), uint8.
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
    try:
        with opened(content, ("PNG",)) as image:
            image.load()
            found = image.info.get(KEY)
    except PhotoError as error:
        said, is_a = str(error), kind(content)
        if content and is_a != "a PNG":  # saved as one now, it would still have none
            said = f"The file cannot be read as a PNG: it is {is_a}. Saved as another kind of file, a picture loses its recipe."
        raise RecipeError(f"{said} Drop in a PNG as it was downloaded here.") from error
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
