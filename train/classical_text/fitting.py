"""Classical models of texts: features of a whole data set, scikit-learn's classifiers on them, and what is fitted kept as arrays."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from torch import Tensor

from train.core.reading import turns
from zoo.data import glove
from zoo.data.labelled import Messages
from zoo.models.classical_text import WORD, ClassicalText, Config

LEAST = 2  # texts that a term is in, to be one
BAGS = {
    "counts of words": Config(words="1 1", pieces="", sublinear=False, inverse=False),
    "TF-IDF of words": Config(pieces=""),
    "TF-IDF of pieces": Config(words=""),
    "TF-IDF of both": Config(),
}
VECTORS = ("mean word vector", "mean weighted by TF-IDF")
CLASSIFIERS = {
    "logistic regression": LogisticRegression(C=10, max_iter=1000),
    "naive Bayes": MultinomialNB(alpha=0.1),
    "linear SVC": LinearSVC(random_state=0),
    "linear SVC, C = 0.3": LinearSVC(C=0.3, random_state=0),
    "linear SVC, C = 3": LinearSVC(C=3, random_state=0),
    "SGD": SGDClassifier(loss="modified_huber", alpha=1e-4, random_state=0),
    "random forest": RandomForestClassifier(100, max_depth=50, random_state=0),
    "feed-forward net": MLPClassifier((64,), early_stopping=True, max_iter=30, random_state=0),
}


class Corpus:
    """All texts of a data set as counts of terms, and parts of them as classifiers want them."""

    def __init__(self, data: Messages):
        self.counts = lru_cache(maxsize=4)(self._counts)
        self.rows = data.messages()
        self.labels, self.folds, self.classes = self.rows.labels, self.rows.folds, len(data.CLASSES)

    def _counts(self, rule: str, analyzer: str) -> tuple[sparse.csr_matrix, np.ndarray]:
        """Return how often each term is in each text (N, T), and the terms (T,).

        Raises:
            ValueError: there are none.
        """
        least, most = map(int, rule.split())
        vectorizer = CountVectorizer(analyzer=analyzer, ngram_range=(least, most), dtype=np.float64)
        try:
            found = vectorizer.fit_transform(self.rows.texts)
        except ValueError as error:  # an empty vocabulary
            raise ValueError("the texts have no words of two letters or more: nothing can be counted") from error
        return found.tocsr(), vectorizer.get_feature_names_out()

    def bags(self, config: Config, fit: np.ndarray) -> tuple[sparse.csr_matrix, list[np.ndarray], list[np.ndarray]]:
        """Return features of all texts (N, T) by what is known of those fitted to; and terms and weights of each block."""
        blocks, terms, weights = [], [], []
        for rule, analyzer in ((config.words, "word"), (config.pieces, "char_wb")):
            if not rule:
                continue
            counts, names = self.counts(rule, analyzer)
            kept = np.flatnonzero(np.bincount(counts[fit].indices, minlength=counts.shape[1]) >= LEAST)
            if not len(kept):
                raise ValueError(
                    f"no word, or piece of one, is in {LEAST} of {len(fit):,} texts: more texts are needed"
                )
            transformer = TfidfTransformer().fit(counts[fit][:, kept])
            x = counts[:, kept]
            if config.sublinear:
                x = x.copy()
                x.data = 1 + np.log(x.data)
            if config.inverse:
                x = transformer.transform(x)
            blocks.append(x)
            terms.append(names[kept])
            weights.append(transformer.idf_)
        return sparse.hstack(blocks, format="csr"), terms, weights

    @cached_property
    def _vectors(self) -> tuple[sparse.csr_matrix, np.ndarray]:
        words, vectors = glove.load()
        vectorizer = CountVectorizer(vocabulary=list(words), token_pattern=WORD.pattern, dtype=np.float64)
        return vectorizer.transform(self.rows.texts).tocsr(), vectors.astype(np.float64)

    def features(self, kind: str, fit: np.ndarray) -> Any:
        """Return features of all texts, of a kind, by what is known of the texts fitted to: (N, D)."""
        if kind in BAGS:
            return self.bags(BAGS[kind], fit)[0]
        counts, vectors = self._vectors
        if kind == VECTORS[1]:
            counts = TfidfTransformer(norm=None).fit(counts[fit]).transform(counts)
        total = np.asarray(counts.sum(1))
        return counts @ vectors / np.maximum(total, 1e-9)


corpus_of = lru_cache(maxsize=1)(Corpus)


def chosen(kind: str, name: str) -> Any:
    """Return an unfitted classifier for features of a kind."""
    if kind in BAGS:
        return clone(CLASSIFIERS[name])
    return make_pipeline(StandardScaler(), GaussianNB() if name == "naive Bayes" else clone(CLASSIFIERS[name]))


def decisions(classifier: Any, x: Any) -> np.ndarray:
    """Return what a linear classifier decides on features (N, D): (N, 1) for two classes, else (N, classes)."""
    if isinstance(classifier, MultinomialNB):
        weight, bias = linear(classifier)
        return x @ weight + bias
    found = classifier.decision_function(x)
    return found[:, None] if found.ndim == 1 else found


def linear(classifier: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return a linear classifier's weight (D, rows) and bias (rows,): a row for two classes, else one for each."""
    if isinstance(classifier, MultinomialNB):
        weight, bias = classifier.feature_log_prob_, classifier.class_log_prior_
        return ((weight[1:] - weight[:1]).T, bias[1:] - bias[:1]) if len(bias) == 2 else (weight.T, bias)
    return classifier.coef_.T, classifier.intercept_


def calibrated(decided: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
    """Return scale and shift (rows,) each that make decisions (N, rows) log-odds: the likeliest for these labels."""
    d, y = torch.from_numpy(decided), torch.from_numpy(labels)
    scale, shift = torch.ones(d.shape[1], dtype=d.dtype), torch.zeros(d.shape[1], dtype=d.dtype)
    parts = [scale.requires_grad_(), shift.requires_grad_()]
    optimizer = torch.optim.LBFGS(parts, max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        logits = d * scale + shift
        logits = torch.cat([-logits / 2, logits / 2], 1) if logits.shape[1] == 1 else logits
        value = F.cross_entropy(logits, y) + 1e-6 * (scale**2).sum()
        value.backward()
        return value

    optimizer.step(loss)
    return scale.detach(), shift.detach()


def fitted(corpus: Corpus, kind: str, name: str, fit: np.ndarray) -> ClassicalText:
    """Fit a linear classifier over bags to some rows, and keep it as arrays; what they decide on texts they have not seen calibrates it."""
    x, terms, weights = corpus.bags(BAGS[kind], fit)
    classifier = chosen(kind, name).fit(x[fit], corpus.labels[fit])
    letters = "\n".join(term for block in terms for term in block).encode()
    config = replace(
        BAGS[kind], classifier=name, classes=corpus.classes, letters=len(letters),
        word_terms=len(terms[0]) if BAGS[kind].words else 0, piece_terms=len(terms[-1]) if BAGS[kind].pieces else 0,
    )  # fmt: skip
    held = list(_unseen(corpus, kind, name, fit))
    decided, labels = (np.concatenate(part) for part in zip(*held, strict=True))
    model = ClassicalText(config)
    weight, bias = linear(classifier)
    scale, shift = calibrated(decided, labels)
    with torch.no_grad():
        model.terms.copy_(torch.frombuffer(bytearray(letters), dtype=torch.uint8))
        for part, values in (
            (model.idf, np.concatenate(weights)), (model.weight, weight), (model.bias, bias), (model.scale, scale), (model.shift, shift),
        ):  # fmt: skip
            part.copy_(torch.as_tensor(values))
    return model.eval().requires_grad_(False)


def _unseen(corpus: Corpus, kind: str, name: str, fit: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give, for each fold among the rows, what is decided on its texts without them, and their labels."""
    for part, held in turns(corpus.folds, fit):
        x = corpus.features(kind, part)
        decided = decisions(chosen(kind, name).fit(x[part], corpus.labels[part]), x[held])
        yield decided, corpus.labels[held]
