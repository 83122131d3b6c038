"""Texts from outside, read as they are meant, the one way for training, prompts and pages; and texts that terminals can show."""

import codecs
import io
import re
import sys

MARKS = {  # at the start of a file; UTF-32's begins as UTF-16's
    codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be",
}  # fmt: skip


class TextError(ValueError):
    """A text cannot be used; the message says why and what would do."""


def read(content: bytes) -> str:
    """Read a text file: UTF-8, or what its byte-order mark says; tidied as `tidy` does.

    Raises:
        TextError: it is of another encoding or no text, or nothing can be seen in it.
    """
    encoding = next((said for mark, said in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = tidy(content.decode(encoding))
    except UnicodeDecodeError as error:
        raise TextError(
            f"it is not {encoding.upper()} ({error.reason} at byte {error.start:,}): save it as UTF-8 text"
        ) from error
    if "\0" in text:
        raise TextError(
            "it holds zero bytes, as UTF-16 without a byte-order mark and files of programs do: save it as UTF-8 text"
        )
    if not any(c.isprintable() and not c.isspace() for c in text):
        raise TextError("it holds nothing that can be seen: give a text")
    return text


def tidy(text: str) -> str:
    r"""Return a text without byte-order marks, whose lines all end in \n."""
    return re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text.replace("\ufeff", ""))


def printable() -> None:
    """Let every text be printed: what the terminal's encoding has not is written as an escape, as in Python's own errors."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
