"""Classical models of texts answer as scikit-learn's do, and whatever they are given."""

import math
import time
from collections import Counter

import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from train import classical_text as training
from train.classical_text import fitting
from train.core import reading
from zoo import checkpoint
from zoo.card import Card
from zoo.data.labelled import PROVENANCE, Labelled, Messages, Rows, rows
from zoo.models.classical_text import ClassicalText, Config, piece_terms, word_terms

ODD = [
    "", " ", "a", "I am", "\ufeffBOM", "é\u0301", "日本語のテキスト", "😀", "😀 😀😀", "\u200b\u200b", "مرحبا بالعالم", "a\x85b\u2028c", "x" * 5000,
    "It's O'Neill's; isn't_it 12 3", "İstanbul ẞ", "\t\n\r mixed\r\nlines ",
]  # fmt: skip
WORDS = [
    "call",
    "free",
    "prize",
    "win",
    "now",
    "home",
    "later",
    "love",
    "ok",
    "meeting",
    "text",
    "txt",
    "urgent",
    "claim",
    "cash",
    "dinner",
    "see",
    "you",
    "tonight",
    "reply",
]


def made(classes: int = 2, n: int = 240) -> Rows:
    """Texts of random words, more of some in each class."""
    generator = np.random.default_rng(0)
    pairs = []
    for i in range(n):
        weight = np.ones(len(WORDS))
        weight[(i % classes) * 5 : (i % classes) * 5 + 5] = 4
        pairs.append((" ".join(generator.choice(WORDS, 8, p=weight / weight.sum())) + f" n{i}", i % classes))
    return rows(pairs, 5)


class Made:
    """A data set of them."""

    PROVENANCE = PROVENANCE

    def __init__(self, classes: int = 2):
        self.CLASSES, self.found = tuple("abcd"[:classes]), made(classes)

    def messages(self) -> Rows:
        return self.found

    def load(self, split):
        return self.found.part((self.found.folds == 0) == (split == "test"))


@pytest.mark.parametrize("text", ODD + [*made().texts[:5]])
def test_terms_are_scikit_learns(text):
    for least, most in ((1, 1), (1, 2), (2, 3)):
        theirs = CountVectorizer(ngram_range=(least, most)).build_analyzer()
        assert Counter(word_terms(text, least, most)) == Counter(theirs(text))
    for least, most in ((1, 1), (2, 5), (3, 4)):
        theirs = CountVectorizer(analyzer="char_wb", ngram_range=(least, most)).build_analyzer()
        assert Counter(piece_terms(text, least, most)) == Counter(theirs(text))


PAIRS = {
    "counts of words": lambda: CountVectorizer(min_df=2),
    "TF-IDF of words": lambda: TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
    "TF-IDF of pieces": lambda: TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True),
    "TF-IDF of both": lambda: make_union(PAIRS["TF-IDF of words"](), PAIRS["TF-IDF of pieces"]()),
}


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize(
    ("name", "classifier"),
    [("linear SVC", lambda: LinearSVC(random_state=0)), ("logistic regression", lambda: LogisticRegression(C=10, max_iter=1000)), ("naive Bayes", lambda: MultinomialNB(alpha=0.1))],
)  # fmt: skip
def test_arrays_decide_as_scikit_learn(kind, name, classifier, classes):
    corpus = fitting.Corpus(Made(classes))
    fit = np.flatnonzero(corpus.folds > 0)
    model = fitting.fitted(corpus, kind, name, fit)
    theirs = make_pipeline(PAIRS[kind](), classifier()).fit([corpus.rows.texts[i] for i in fit], corpus.labels[fit])
    texts = [*corpus.rows.texts, *ODD]
    if name == "naive Bayes":  # its log-probabilities are decisions less their common part
        wanted = theirs.predict_log_proba(texts)
        wanted = wanted[:, 1:] - wanted[:, :1] if classes == 2 else wanted - wanted[:, :1]
        found = model.decision(texts)
        found = found if classes == 2 else found - found[:, :1]
    else:
        wanted, found = theirs.decision_function(texts).reshape(len(texts), -1), model.decision(texts)
    np.testing.assert_allclose(found, wanted, atol=1e-6 * max(1, np.abs(wanted).max()))


def test_probabilities_are_as_sure_as_they_are_right():
    data = Made(4)
    model = fitting.fitted(fitting.Corpus(data), "TF-IDF of both", "linear SVC", np.flatnonzero(data.found.folds > 0))
    texts, y = data.load("test")
    p = model.classify(texts)
    torch.testing.assert_close(p.sum(1), torch.ones(len(y)))
    assert (p.argmax(1).numpy() == y).mean() > 0.8
    assert float(p.amax(1).mean()) == pytest.approx((p.argmax(1).numpy() == y).mean(), abs=0.1)


def test_calibration_finds_the_odds_that_were():
    generator = np.random.default_rng(0)
    d = generator.normal(0, 1, (20_000, 1))
    y = (generator.random(20_000) < 1 / (1 + np.exp(-(3 * d[:, 0] - 1)))).astype(np.int64)
    scale, shift = fitting.calibrated(d, y)
    assert float(scale) == pytest.approx(3, abs=0.15) and float(shift) == pytest.approx(-1, abs=0.1)


@pytest.mark.parametrize("text", [*ODD, "word " * 20_000, "😀" * 50_000])
def test_any_text_is_answered_soon(text):
    data = Made()
    model = fitting.fitted(fitting.Corpus(data), "TF-IDF of both", "linear SVC", np.flatnonzero(data.found.folds > 0))
    began = time.process_time()
    p = model.classify([text])
    assert time.process_time() - began < 2  # what the page promises
    assert p.isfinite().all() and float(p.sum()) == pytest.approx(1)


def test_a_learning_curve_begins_where_every_class_is_there_whichever_fold_is_held_back():
    corpus = fitting.Corpus(Made())
    rare = np.flatnonzero(corpus.labels == 1)
    common, one = np.flatnonzero(corpus.labels == 0), rare[corpus.folds[rare] == 2]
    assert not training.enough(corpus, common) and not training.enough(corpus, np.append(common, one))
    assert training.enough(corpus, np.concatenate([common, one, rare[corpus.folds[rare] == 3]]))


def test_what_is_tried_is_laid_out_and_the_best_linear_one_over_bags_is_kept():
    results = training.Tried()
    results.results = [[50.0 + i, 1.0, 0.5, 0.1] for i in range(len(training.TRIED))]
    kind, name = results.best()
    assert kind in fitting.BAGS and name not in training.CURVED
    linear = [i for i, (k, n) in enumerate(training.TRIED) if k in fitting.BAGS and n not in training.CURVED]
    assert (kind, name) == training.TRIED[max(linear)]
    accuracy = training.compared(results).column("accuracy")
    assert accuracy == sorted(accuracy, reverse=True) and len(accuracy) == len(training.TRIED)


def test_false_alarms_and_what_is_found_fall_as_more_is_asked():
    data = Made()
    corpus = fitting.Corpus(data)
    model = fitting.fitted(corpus, "TF-IDF of words", "linear SVC", np.flatnonzero(corpus.folds > 0))
    told = reading.curves(training.unseen(model, data))
    assert told["found"][0] == told["false_alarms"][0] == 1
    for key in ("found", "false_alarms"):
        assert np.diff(told[key]).max() <= 0
    metrics = {metric.name: metric for metric in training.evaluate(model, data)}
    assert metrics["accuracy_folds"].value > 80 > metrics["majority"].value == 50
    assert all(math.isfinite(metric.value) for metric in metrics.values())


@pytest.mark.parametrize("form", ["--csv", "--text-folder"])
def test_texts_of_ones_own_become_a_checkpoint(tmp_path, monkeypatch, form):
    kept = {("TF-IDF of words", "linear SVC"), ("TF-IDF of words", "naive Bayes")}
    monkeypatch.setattr(training, "TRIED", [pair for pair in training.TRIED if pair in kept])
    found = made()
    path = tmp_path / "My letters.csv" if form == "--csv" else tmp_path / "My letters"
    if form == "--csv":
        lines = [f'"{text}",{("no", "yes")[label]}' for text, label in zip(found.texts, found.labels, strict=True)]
        path.write_text("text,label\n" + "\n".join(lines), "utf-8")
    else:
        for i, (text, label) in enumerate(zip(found.texts, found.labels, strict=True)):
            (path / ("no", "yes")[label]).mkdir(parents=True, exist_ok=True)
            (path / ("no", "yes")[label] / f"{i}.txt").write_text(text, "utf-8")
    own = {"csv": path} if form == "--csv" else {"text_folder": path}
    settings = training.ClassicalSettings(runs=tmp_path / "runs", checkpoints=tmp_path / "out", **own)
    folder = training.train("spam", settings)
    card = Card.read(folder, "folder")
    assert card.name == "classical_text.my-letters" and card.metric("accuracy").value > 80
    assert checkpoint.check(folder) < 1e-6 and card.config == card.training["settings"]["model"]
    assert [moment["examples"] for moment in card.history["moments"]][-1] == 192
    history = card.history["moments"]
    assert training.train("spam", settings) == folder  # what is done is not done again
    assert [m["accuracy"] for m in Card.read(folder, "folder").history["moments"]] == [m["accuracy"] for m in history]
    with pytest.raises(ValueError, match="other data"):
        path.write_text("text,label\n" + "\n".join(lines[:-1]), "utf-8") if form == "--csv" else next(
            path.glob("*/*")
        ).unlink()
        training.train("spam", settings)


# Texts with labels


def test_repeats_and_doubtful_texts_are_out_and_folds_hold_each_class_alike():
    pairs = [("same", 0), ("same", 0), ("doubt", 0), ("doubt", 1), *((f"text {i}", i % 3) for i in range(90))]
    found = rows(pairs, 5)
    assert len(found.texts) == 91 and "doubt" not in found.texts and len(set(found.texts)) == 91
    counts = [np.bincount(found.labels[found.folds == fold], minlength=3) for fold in range(5)]
    assert np.ptp(counts, 0).max() <= 1
    again = rows(pairs[::-1], 5)
    assert found.texts == again.texts and (found.folds == again.folds).all()


def test_ones_own_table_and_folder_are_read_alike(tmp_path):
    texts = [(f"text {i}, with a comma and\na line", ("no", "yes")[i % 2]) for i in range(60)]
    table = tmp_path / "mine.csv"
    table.write_text("label,text\n" + "".join(f'{label},"{text}"\n' for text, label in texts), "utf-8")
    for i, (text, label) in enumerate(texts):
        (tmp_path / "mine" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "mine" / label / f"{i}.txt").write_text(text, "utf-8")
    a, b = Labelled(table), Labelled(tmp_path / "mine")
    assert a.CLASSES == b.CLASSES == ("no", "yes") and isinstance(a, Messages)
    assert a.messages().texts == b.messages().texts and (a.messages().labels == b.messages().labels).all()
    assert [len(a.load(split)[0]) for split in ("train", "test")] == [48, 12]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as a table"), (b"label,words\na,b\n", "no columns 'text' and 'label'"), (b"text,label\nonly\n", "no text or no label"),
        (b"text,label\n" + b"".join(b"t%d,a\n" % i for i in range(40)), "two labels or more"),
        (b"text,label\n" + b"".join(b"t%d,%s\n" % (i, b"ab"[i % 2 : i % 2 + 1]) for i in range(20)), "10 of 'a', 10 of 'b'"),
        ("text,label\n".encode("utf-16-le"), "zero bytes"),
    ],
)  # fmt: skip
def test_a_bad_table_is_refused_with_what_is_wrong(tmp_path, content, said):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        Labelled(path).messages()


@pytest.mark.parametrize("name", ["sms", "sentiment", "agnews"])
def test_the_sets_hold_what_they_say(name, need):
    data = need(name)
    assert isinstance(data, Messages)
    found = data.messages()
    assert len(found.texts) == len(set(found.texts)) == {"sms": 5171, "sentiment": 10662, "agnews": 7600}[name]
    assert set(found.folds.tolist()) == set(range(data.FOLDS)) and set(found.labels.tolist()) == set(
        range(len(data.CLASSES))
    )
    train, test = (set(data.load(split)[0]) for split in ("train", "test"))
    assert not train & test and len(train) + len(test) == len(found.texts)


def test_an_empty_model_is_undecided():
    assert torch.equal(ClassicalText(Config()).classify(["any"]), torch.full((1, 2), 0.5))
