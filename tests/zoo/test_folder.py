"""Pictures of one's own: a folder that loads like a data set."""

import shutil

import numpy as np
import pytest
from PIL import Image

from zoo.data import DataNotFound
from zoo.data.folder import Folder, place


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
    ("content", "said"), [(b"no picture", "cannot be read"), (None, "shows nothing")], ids=["broken", "blank"]
)
def test_a_bad_picture_is_named(tmp_path, content, said):
    file = tmp_path / "x.png"
    if content is None:
        Image.new("RGB", (40, 40), "white").save(file)
    else:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=f"x.png {said}"):
        place(file, 64)
