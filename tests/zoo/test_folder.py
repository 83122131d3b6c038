"""Pictures of one's own: a folder that loads like a data set."""

import shutil

import numpy as np
import pytest
from PIL import Image

from zoo.data import DataNotFound
from zoo.data.folder import Folder


def test_a_folder_loads_like_a_data_set(leaves):
    folder = Folder(leaves)
    train, test = folder.specimens("train", 64), folder.specimens("test", 64)
    assert len(train.images) + len(test.images) == 60 and len(test.images) > 0
    assert set(train.kinds) == {"oak||", "elm||"}
    assert train.images.shape[1:] == (64, 64, 3) and train.masks.shape[1:] == (64, 64)
    for image, mask in zip(train.images, train.masks, strict=True):
        columns = np.flatnonzero(mask.max(0) > 127)
        assert columns[-1] - columns[0] + 1 == pytest.approx(0.92 * 64, abs=2)  # the longer side
        assert (image[mask == 0] == 255).all() and (image[mask == 255][:, 2] < 60).mean() > 0.9


def test_a_folder_is_known_by_its_pictures(leaves, tmp_path):
    shutil.copytree(leaves, tmp_path / "copy")
    assert Folder(leaves).SHA256 == Folder(tmp_path / "copy").SHA256
    (tmp_path / "copy" / "oak" / "001.png").unlink()
    assert Folder(leaves).SHA256 != Folder(tmp_path / "copy").SHA256


def test_too_few_pictures_are_refused(tmp_path):
    with pytest.raises(DataNotFound, match="holds 0 pictures"):
        Folder(tmp_path).specimens("train")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"no picture", ": The file cannot be read"), (None, ": Nothing can be told")],
    ids=["broken", "blank"],
)
def test_a_bad_picture_is_named(leaves, tmp_path, content, said):
    folder = shutil.copytree(leaves, tmp_path / "leaves")
    file = folder / "x.png"
    if content is None:
        Image.new("RGB", (40, 40), "white").save(file)
    else:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=f"x.png{said}"):
        Folder(folder).report(64)


def test_what_systems_put_beside_pictures_is_passed_over_and_other_files_are_named(leaves, tmp_path):
    folder = shutil.copytree(leaves, tmp_path / "leaves")
    before = [file.relative_to(folder) for file in Folder(folder).files()]
    for name in ("oak/._001.png", "__MACOSX/oak/001.png", ".ipynb_checkpoints/a.png", "oak/.DS_Store", "Thumbs.db"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"no picture")
    (folder / "album.png").mkdir()
    for name in ("a.heic", "b.HEIC", "c.gif", "README"):
        (folder / name).write_bytes(b"another")
    found = Folder(folder)
    assert [file.relative_to(folder) for file in found.files()] == before
    assert found.left_out() == "; left out: 1 with .gif, 2 with .heic, 1 with no ending"
    assert "60 pictures, cut out 20 by their ground and 40 by their transparency; left out" in found.report(64)


def test_the_least_that_is_promised_has_both_parts(leaves, tmp_path):
    for start in range(5):
        folder = tmp_path / str(start)
        folder.mkdir()
        for file in Folder(leaves).files()[start * 8 : start * 8 + 20]:
            shutil.copy(file, folder)
        train, test = Folder(folder).specimens("train", 64), Folder(folder).specimens("test", 64)
        assert (len(train.images), len(test.images)) == (18, 2)
