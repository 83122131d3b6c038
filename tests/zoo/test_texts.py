"""Texts from outside are read as they are meant, or refused with what to do."""

import codecs

import pytest

from zoo.data.text import Text
from zoo.texts import TextError, read, tidy

TEXT = "Grüße aus Köln,\n\tМосква, 東京!\n\n" * 500
ENCODINGS = {
    "UTF-8": (b"", "utf-8"),
    "UTF-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "UTF-16 LE": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "UTF-16 BE": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "UTF-32 LE": (codecs.BOM_UTF32_LE, "utf-32-le"),
    "UTF-32 BE": (codecs.BOM_UTF32_BE, "utf-32-be"),
}
ENDS = {"LF": "\n", "CR LF": "\r\n", "CR": "\r", "NEL": "\x85", "LS": "\u2028", "PS": "\u2029"}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_text_is_the_same_however_it_is_saved(tmp_path, encoding, end):
    mark, codec = ENCODINGS[encoding]
    (tmp_path / "letters.txt").write_bytes(mark + TEXT.replace("\n", ENDS[end]).encode(codec))
    text = Text(tmp_path / "letters.txt")
    assert text.read() == TEXT and text.load("train") + text.load("test") == TEXT


def test_marks_and_ends_in_the_middle_are_none_of_the_text():
    joined = "a\n".encode("utf-8-sig") + "b\r\rc\r\n\nd\n\r".encode("utf-8-sig")
    assert read(joined) == tidy("a\n\ufeffb\r\rc\r\n\nd\n\r") == "a\nb\n\nc\n\nd\n\n"


REFUSED = {
    "UTF-16 LE, no mark": (TEXT.encode("utf-16-le"), "save it as UTF-8"),
    "UTF-16 BE, no mark": (TEXT.encode("utf-16-be"), "save it as UTF-8"),
    "UTF-16 LE, no mark, ASCII": (("Dear friend.\n" * 1500).encode("utf-16-le"), "UTF-16 without a byte-order mark"),
    "UTF-16 BE, no mark, ASCII": (("Dear friend.\n" * 1500).encode("utf-16-be"), "UTF-16 without a byte-order mark"),
    "UTF-16, no mark, no line": (("東京都水道局" * 3000).encode("utf-16-le"), "save it as UTF-8"),
    "UTF-32 LE, no mark": (TEXT.encode("utf-32-le"), "save it as UTF-8"),
    "Latin-1": (("Grüße\n" * 3000).encode("latin-1"), "save it as UTF-8"),
    "Windows": (("Привет\n" * 3000).encode("cp1251"), "save it as UTF-8"),
    "half a character": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")[:-1], "save it as UTF-8"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(20_000), "save it as UTF-8"),
    "blanks": (b" \t\r\n" * 9000, "nothing that can be seen"),
    "wide blanks": ("\u3000\u00a0\u2003\n".encode() * 9000, "nothing that can be seen"),
    "what takes no place": ("\u200b\u2060\n".encode() * 9000, "nothing that can be seen"),
    "marks": (codecs.BOM_UTF8 * 9000, "nothing that can be seen"),
    "nothing": (b"", "nothing that can be seen"),
    "short": (codecs.BOM_UTF8 + b"Dear friend.", "has 12 characters: a model needs 10,500 or more"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_text_is_named(tmp_path, case):
    content, said = REFUSED[case]
    path = tmp_path / "letters.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said) as refused:
        Text(path).load("train")
    assert str(path) in str(refused.value)
    if case != "short":
        with pytest.raises(TextError):
            read(content)


def test_a_text_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="--text FILE"):
        Text(str(tmp_path / "letters.txt")).load("train")


def test_a_text_is_split(tmp_path):
    (tmp_path / "letters.txt").write_bytes(b"0123456789\r\n" * 1000)
    train, test = (Text(tmp_path / "letters.txt").load(split) for split in ("train", "test"))
    assert len(train) == 9900 and len(test) == 1100


def test_a_text_that_ends_in_blanks_still_has_beginnings(tmp_path):
    (tmp_path / "letters.txt").write_text("Dear friend.\n" * 1000 + "\n" * 5000)
    assert Text(tmp_path / "letters.txt").BEGINNINGS == ("Dear fri",) * 4
