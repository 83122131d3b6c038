"""Links as mail and chat programs change them: what they mean is read, on every page; what may mean two things is as it is."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from playground import recipe, topics
from playground.hosts import static
from playground.links import mended
from tests.playground.values import defaults, others

WEIGHTS = "0123456789ab-cdef01234567"
PROSE = "To be, or not to be: 50 % of\nthe question (so far)."
ADDED = [
    "fbclid=IwAR0-x", "utm_source=chat&utm_medium=share", "gclid=1", "msclkid=1", "igsh=1", "mc_eid=1&mc_cid=2", "_ga=1", "ref=share",
    "from=singlemessage&isappinstalled=0", "__cft__[0]=1&__tn__=R", "si=1", "mibextid=1", "srsltid=1", "gad_source=1",
]  # fmt: skip
ENDS = [").", ")", ".", ",", ">", "]", "]]", '"', "”", "*", "!", "%29", "%29.", "%20", "%0A", "%E2%80%8B", ")%20"]
CHANGES = {
    "as it is": lambda query: query,
    **{f"added {added}": lambda query, added=added: f"{query}&{added}" for added in ADDED},
    "added before": lambda query: f"{ADDED[0]}&{query}",
    **{f"ends in {end}": lambda query, end=end: query + end for end in ENDS},
    "HTML": lambda query: query.replace("&", "&amp;"),
    "HTML twice": lambda query: query.replace("&", "&amp;amp;"),
    "HTML, added": lambda query: f"{query}&{ADDED[1]}".replace("&", "&amp;"),
    "values escaped twice": lambda query: quote(query, safe="&="),
    "escaped": lambda query: quote(query, safe=""),
    "escaped twice": lambda query: quote(quote(query, safe=""), safe=""),
    "escaped, ends": lambda query: quote(query, safe="") + ").",
    "escaped with its end": lambda query: quote(f"{query}).", safe=""),
    "HTML, escaped": lambda query: quote(query.replace("&", "&amp;"), safe=""),
    "escaped, added": lambda query: f"{quote(query, safe='')}&{ADDED[0]}",
}


def written(topic):
    """Return a link's query with every value another than the default, and what it means."""
    demo, values = topics.demo(topic), defaults(topics.demo(topic))
    for name, field in demo.fields().items():
        if field.linked:
            prose = field.kind == "text" and _takes(field)
            values[name] = PROSE if prose else next(others(field), field.default)
    return recipe.text(values, demo.fields()), values


def _takes(field):
    try:
        return field.read(PROSE) == PROSE
    except ValueError:
        return False


@pytest.mark.parametrize("topic", topics.find())
def test_a_changed_link_means_what_it_meant(topic):
    link, values = written(topic)
    fields = topics.demo(topic).fields()
    query = urlencode({**link, "weights": WEIGHTS})
    for name, change in CHANGES.items():
        arrived = dict(parse_qsl(change(query), keep_blank_values=True))
        found, problems = recipe.restore(mended(arrived, fields), fields, WEIGHTS)
        assert (found, problems) == (values, []), name


@pytest.mark.parametrize(
    "text", ["100%25", "a%20b&c=d e", "1 + 1", "x=%2B", "amp;", "To+be", "(so far).", "", "%", "%zz %20"]
)
def test_a_text_is_as_it_is_where_it_may_mean_itself(text):
    fields = topics.demo("writing_desk").fields()
    arrived = dict(parse_qsl(urlencode({"beginning": text, "weights": WEIGHTS}), keep_blank_values=True))
    assert mended(arrived, fields) == {"beginning": text, "weights": WEIGHTS}


@pytest.mark.parametrize(
    ("query", "said"),
    [("seed=3x", "'3x'"), ("seed=).", "').'"), ("drawing=!!!", "'!!!'"), ("sede=3", "'sede' is not a setting"), ("amp;sede=3", "'amp;sede' is not"),
     ("weights=ab", "other weights ('ab'"), ("sede%3D3", "is not a setting"), ("weights=" + WEIGHTS[:12], "other weights")],
)  # fmt: skip
def test_what_has_no_certain_meaning_is_named_as_it_is(query, said):
    fields = topics.demo("flow").fields()
    _, (problem,) = recipe.restore(mended(dict(parse_qsl(query, keep_blank_values=True)), fields), fields, WEIGHTS)
    assert said in problem


@pytest.fixture(scope="module")
def reader(browser, serve):
    """A page that reads queries as pages without a server do."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(serve("<!DOCTYPE html>", Path(static.__file__).parent))
    yield page
    context.close()


@pytest.mark.parametrize("topic", topics.find())
def test_a_changed_link_means_the_same_without_a_server(reader, topic):
    link, values = written(topic)
    fields = {name: field for name, field in topics.demo(topic).fields().items() if field.linked}
    query = urlencode({**link, "weights": WEIGHTS})
    found = reader.evaluate(
        """async ([queries, fields]) => {
          const { read } = await import(new URL("link.js", document.baseURI));
          return Promise.all(queries.map((query) => read(new URLSearchParams(query), fields)));
        }""",
        [[change(query) for change in CHANGES.values()], {name: field.record() for name, field in fields.items()}],
    )
    for name, said in zip(CHANGES, found, strict=True):
        assert said["problems"] == [] and said["weights"] == WEIGHTS, name
        wanted = {key: values[key] if key in link else fields[key].unsaid for key in fields}
        assert said["values"] == json.loads(json.dumps(wanted)), name


def test_lines_of_a_text_end_alike_wherever_it_is_typed(reader):
    field = topics.demo("writing_desk").fields()["beginning"]
    given = "\ufeffTo be,\r\nor\rnot\u2028to\x85be"
    said = reader.evaluate(
        """async ([given, field]) => {
          const { read } = await import(new URL("link.js", document.baseURI));
          return (await read(new URLSearchParams({ beginning: given }), { beginning: field })).values.beginning;
        }""",
        [given, field.record()],
    )
    assert said == field.read(given) == "To be,\nor\nnot\nto\nbe"
