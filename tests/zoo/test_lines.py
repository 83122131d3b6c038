"""Lines, names and essays: how they are read, refused and split."""

import pytest
import torch

from tests.zoo.test_char_rnn import TEXT
from zoo.data import emerson, first_names, lines, makemore, named


@pytest.mark.parametrize(
    ("text", "said"), [("a\nb\nc\n", "3 different lines: 200 or more"), ("x" * 300 + "\n" + TEXT, "a line of 300 characters"), ("\0" * 9, "zero bytes")]
)  # fmt: skip
def test_lines_that_cannot_be_learnt_from_are_refused(tmp_path, text, said):
    path = tmp_path / "mine.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        named("lines", path).load("train")
    with pytest.raises(ValueError, match="split must be"):
        named("lines", path).load("all")


def test_lines_are_split_by_a_hash_whatever_else_the_file_holds(tmp_path):
    every = [f"line {i}" for i in range(1000)]
    (tmp_path / "a.txt").write_text("\n".join(every))
    (tmp_path / "b.txt").write_text("\n".join([*every[500:], "  line 3", "", "line 3"]))
    first, second = (named("lines", tmp_path / name) for name in ("a.txt", "b.txt"))
    test = set(first.load("test")[0])
    assert 70 < len(test) < 130 and not test & set(first.load("train")[0])
    assert set(second.load("test")[0]) <= test and isinstance(first, lines.Lines)


def test_names_are_split_by_the_name(need):
    need("first_names")
    (train, known), (test, _) = (first_names.load(split) for split in ("train", "test"))
    assert not set(train) & set(test) and len(train) + len(test) > 34_000
    assert known.shape == (len(train), 2) and len(first_names.births("test")) == len(test)
    assert set(train) | set(test) <= first_names.every()
    assert isinstance(first_names, lines.Lines) and isinstance(makemore, lines.Lines)


def test_makemores_names_are_split_as_makemore_does(need):
    need("makemore")
    train, test = makemore.load("train")[0], makemore.load("test")[0]
    torch.manual_seed(3407)  # as its script does, before it shuffles
    order = torch.randperm(len(train) + len(test)).tolist()
    every = train + test
    back = [""] * len(every)
    for place, name in zip(order, every, strict=True):
        back[place] = name
    assert len(test) == 1000 and back[:3] == ["emma", "olivia", "ava"]


def test_essays_are_split_whole(need):
    need("emerson")
    every = emerson.essays()
    assert len(every) == 21 and list(every)[0] == "HISTORY"
    for split in ("train", "test"):
        text = emerson.load(split)
        assert [title for title in every if f"{title}\n\n" in text] == [
            t for t in every if emerson.held(t) == (split == "test")
        ]
    assert sum(len(emerson.load(split)) for split in ("train", "test")) == pytest.approx(736_668, abs=40)
