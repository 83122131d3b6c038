"""What stands on the page: the map, lists of words, what sums of words come to, how a word moved, and roles along a direction."""

import numpy as np

from playground import charts
from playground.catalogue import load
from playground.demo import Chart, Part, Table, Words
from playground.demos.map_of_words import drawn
from playground.demos.map_of_words.spaces import (
    FEW,
    MODEL,
    Space,
    Unclear,
    along,
    between,
    company,
    extras,
    lacking,
    mapped,
    neighbours,
    ours,
    parsed,
    periods,
    theirs,
)
from playground.fields import Values
from zoo.models.word2vec import UnknownWord

LAYOUTS = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
SOURCES = {"ours": "Presidents", "glove": "GloVe"}
NEAR, THEN, LINES, HEIGHT = 10, 6, 3, 520  # neighbours in the list, in a period, and as lines; CSS pixels of the map
ROLES = (
    "president", "secretary", "general", "soldier", "veteran", "farmer", "worker", "laborer", "teacher", "doctor", "nurse", "judge", "engineer",
    "clerk", "merchant", "minister", "student", "servant", "slave", "leader", "citizen", "parent",
)  # fmt: skip
UNITS = {
    "pca": "PCA shows the directions in which the words differ most, and most of what they differ in lies in others.",
    "tsne": "t-SNE keeps neighbours together; how far groups are apart, and how large they are, means little.",
    "umap": "UMAP keeps neighbours together; how far groups are apart, and how dense they are, means little.",
}


def chosen(v: Values) -> int | None:
    """Return the word's number; None where it is not known."""
    try:
        return load(MODEL).number(v["word"])
    except UnknownWord:
        return None


def listed(source: str, v: Values, n: int = NEAR) -> list[tuple[str, float]]:
    """Return the word's neighbours; [] where it is not known."""
    return [] if chosen(v) is None else neighbours(source, v["word"], n)


def space(source: str) -> Space | None:
    """Return the vectors of a source; None where they are not at hand."""
    return ours() if source == "ours" else theirs()


def toned(v: Values) -> tuple[np.ndarray | None, str]:
    """Return the values of the words of the map along the direction, None where there is none, and what is to be said of that."""
    if not v["direction"].strip():
        return None, ""
    found = space(v["source"])
    if found is None:
        return None, lacking()
    try:
        values = along(found, v["direction"])
    except (Unclear, UnknownWord) as error:
        return None, str(error.args[0])
    if v["source"] == "ours":
        return values[: mapped()], ""
    spread = np.zeros(len(ours().words), np.float32)
    spread[[ours().words.index(word) for word in found.words]] = values
    return spread[: mapped()], ""


def table(columns: dict[str, list[tuple[str, float]]]) -> Table:
    """Return words with their cosines, each list beside the next."""
    rows = max(map(len, columns.values()))
    cells = {
        title: [f"{word} {value:.2f}" for word, value in found] + [""] * (rows - len(found))
        for title, found in columns.items()
    }
    return Table({title: [(cell, False) for cell in column] for title, column in cells.items()})


def near(v: Values) -> list[Part]:
    """Return the word's neighbours, ours beside GloVe's, or why there are none."""
    try:
        found = {title: neighbours(source, v["word"], NEAR) for source, title in SOURCES.items()}
    except UnknownWord as error:
        return [Words(f"{error.args[0]}.", warns=True)]
    said = [] if found["GloVe"] else [Words("GloVe's 20,000 most frequent words do not have it.", quiet=True)]
    return [
        Words(
            f"**Nearest to {ours().words[ours().number(v['word'])]}**, each with its cosine in all {load(MODEL).config.dims} dimensions"
        ),
        table(found),
        *said,
    ]


def under_map(v: Values) -> list[Words]:
    """Return what is to be said of the map: what its axes are not, its colours, and which words are not on it."""
    values, problem = toned(v)
    said = UNITS[v["layout"]] + f" The axes have no unit. The {mapped():,} most frequent words."
    if values is not None:
        plus, minus = between(v["direction"])
        said += f" Orange: nearer to {' and '.join(plus)}; blue: nearer to {' and '.join(minus)}; grey: neither."
    number = chosen(v)
    if number is not None and not (number < mapped() and drawn.on_map(v["source"])[number]):
        said += f" {v['word'].strip()} is not on this map."
    return [*([Words(problem, warns=True)] if problem else []), Words(said, quiet=True)]


def shown(v: Values) -> tuple[int | None, list[int]]:
    """Return the numbers of the word, None where it is not on the map, and of those of its neighbours that are."""
    number = chosen(v)
    near_ = [ours().number(word) for word, _ in listed(v["source"], v)]
    return number if number is not None and number < mapped() else None, [i for i in near_ if i < mapped()]


def map_chart(v: Values) -> Chart:
    """Return the map, with the word and its neighbours."""
    values, (word, near_) = toned(v)[0], shown(v)
    return Chart(
        lambda colors: drawn.map_of(colors, v["source"], v["layout"], int(v["dims"]), word, near_, values),
        height=HEIGHT,
        picks="word",
    )


def answers(v: Values) -> list[Part]:
    """Return what a sum of words comes nearest to, ours beside GloVe's."""
    try:
        plus, minus = parsed(v["analogy"])
        found = {"Presidents": load(MODEL).analogy(plus, minus, 5)}
    except (Unclear, UnknownWord) as error:
        return [Words(f"{str(error.args[0]).rstrip('.')}.", warns=True)]
    said = "The words typed are left out of the answers: the nearest of all is mostly one of them."
    other = theirs()
    if other is None:
        return [table(found), Words(f"{said} {lacking()}", quiet=True)]
    try:
        given = tuple(other.number(word) for word in (*plus, *minus))
        found["GloVe"] = other.nearest(other.total(plus, minus), 5, given)
    except UnknownWord as error:
        said += f" GloVe has no answer: {error.args[0]}."
    return [table(found), Words(said, quiet=True)]


def by_period(v: Values) -> list[tuple[str, int, list[tuple[str, float]]]]:
    """Return, for each period, its name, how often the word is said there, and its neighbours, none where it is not; [] for a word without
    such vectors."""
    number = chosen(v)
    if number is None or number >= load(MODEL).config.moving:
        return []
    said = extras()["said"][:, number].astype(int).tolist()
    return list(zip(periods(), said, company(number, THEN)[0], strict=True))


def through_time(v: Values) -> list[Part]:
    """Return the word's neighbours by period, or why there are none."""
    if chosen(v) is None:
        return [Words("The word is not known.", quiet=True)]
    found = by_period(v)
    if not found:
        moving = load(MODEL).config.moving
        return [
            Words(
                f"Only the {moving:,} most frequent words have a vector for each period; this one is rarer.", quiet=True
            )
        ]
    rows = [(name, f"{said:,}", ", ".join(word for word, _ in near_) or "-") for name, said, near_ in found]
    columns = {title: [(row[i], False) for row in rows] for i, title in enumerate(("period", "said", "nearest then"))}
    rare = f"Where it is said less than {FEW} times, these are hardly more than its neighbours of all time."
    return [
        Table(columns),
        Words(f"How often it is said, and the nearest words by its vector of that period. {rare}", quiet=True),
    ]


def moved(v: Values) -> Chart | None:
    """Return how near the word was, by period, to those of its neighbours that changed most; None where it is said in one period alone."""
    spoken = [p for p, (_, said, _) in enumerate(by_period(v)) if said]
    if len(spoken) < 2:
        return None
    cosines = {word: [values[p] for p in spoken] for word, values in company(chosen(v), THEN)[1].items()}
    drawn_ = sorted(cosines, key=lambda word: min(cosines[word]) - max(cosines[word]))[:LINES]
    starts = [load(MODEL).starts[p] for p in spoken]
    series = {word: (starts, cosines[word]) for word in drawn_}
    return Chart(
        lambda colors: charts.lines(
            [colors[1], colors[0], charts.GREY], series, "first year of the period", "cosine with the word"
        ),
        "**The neighbours that came and went most**",
    )


def leaning(source: str, v: Values) -> dict[str, float] | None:
    """Return each role's cosine with the direction; None where there is no direction, or the vectors are not at hand."""
    found = space(source)
    if found is None:
        return None
    try:
        values, ends = along(found, v["direction"]), between(v["direction"])
    except (Unclear, UnknownWord):
        return None
    return {
        role: float(values[found.number(role)])
        for role in ROLES
        if role in found.words and role not in (*ends[0], *ends[1])
    }


def bias(v: Values) -> Chart | None:
    """Return the roles along the direction, as bars, with a mark where GloVe has each."""
    values, others = leaning("ours", v), leaning("glove", v)
    if values is None:
        return None
    plus, minus = (" + ".join(words) for words in between(v["direction"]))
    return Chart(lambda colors: drawn.bars(colors, values, others or {}, minus, plus), height=600)


def plainly(v: Values) -> list[Words]:
    """Return in plain words what the bars show, or why there are none."""
    values = leaning("ours", v)
    if values is None:
        return [Words("Type a direction above, such as she - he: people's roles are then shown along it.", quiet=True)]
    plus, minus = (" and ".join(words) for words in between(v["direction"]))
    order = sorted(values, key=lambda role: values[role])
    marks = "The diamonds are GloVe's." if leaning("glove", v) else f"GloVe's are not shown. {lacking()}"
    return [
        Words(
            f"Of these roles, {', '.join(order[:-4:-1])} lean most to *{plus}*, and {', '.join(order[:3])} to *{minus}*. That is how the "
            "presidents speak of people, prejudice included; it says nothing of what people are or can do."
        ),
        Words(marks, quiet=True),
    ]
