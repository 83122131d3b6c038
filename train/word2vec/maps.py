"""Maps of words, and what pages show of GloVe without its vectors: computed once, and kept beside the weights."""

import numpy as np
import torch
from torch import Tensor

from train.word2vec.corpus import Corpus
from train.word2vec.tables import Glove
from zoo.models.word2vec import Word2Vec

MAPPED = 2000  # words of a map, the most frequent ones
NEAR = 10  # GloVe's neighbours of a word


def maps(table: Tensor) -> dict[str, Tensor]:
    """Lay out vectors of length 1 (N, dims) in the plane and in space.

    Returns:
        pca (N, 3), the plane being its first two; tsne_2 and umap_2 (N, 2), tsne_3 and umap_3 (N, 3); float16, the middle at 0, and the
        root of the mean square of all coordinates 1.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from umap import UMAP

    x = table.numpy()
    found = {"pca": PCA(3, svd_solver="full").fit_transform(x)}
    for dims in (2, 3):
        found[f"tsne_{dims}"] = TSNE(dims, metric="cosine", init="pca", random_state=0, n_jobs=1).fit_transform(x)
        found[f"umap_{dims}"] = UMAP(n_components=dims, metric="cosine", random_state=0, n_jobs=1).fit_transform(x)
    return {key: torch.from_numpy(_even(points)).half() for key, points in found.items()}


def _even(points: np.ndarray) -> np.ndarray:
    points = points - points.mean(0)
    return points / np.sqrt((points**2).mean())


def extras(model: Word2Vec, learnt: Corpus) -> dict[str, Tensor]:
    """Return what pages need beside the vectors.

    Returns:
        ours.* as `maps` of the first words; said (periods, moving) float32, how often each word that moves was said in each period. Where
        GloVe is at hand: glove.* as `maps`, 0 for words that it has not; glove.near (words, 10) int16, the nearest of all words that both know,
        -1 for words that GloVe has not; glove.cosine (words, 10) float16.
    """
    c = model.config
    mapped = min(c.words, MAPPED)
    found = {f"ours.{key}": points for key, points in maps(model.table()[:mapped]).items()}
    found["said"] = learnt.by_period(c.words, max(1, len(model.starts)))[:, : c.moving].float()
    if known := Glove.beside(model):
        own = torch.tensor([model.number(word) for word in known.words])
        near, cosines = known.nearest(NEAR)
        found["glove.near"] = torch.full((c.words, NEAR), -1, dtype=torch.int16)
        found["glove.near"][own] = own[near].short()
        found["glove.cosine"] = torch.zeros(c.words, NEAR).half()
        found["glove.cosine"][own] = cosines.half()
        shown = own < mapped
        for key, points in maps(known.table[shown]).items():
            found[f"glove.{key}"] = torch.zeros(mapped, points.shape[1]).half()
            found[f"glove.{key}"][own[shown]] = points
    return found
