"""Name maker: what is typed is read or said not to be, Bayes' rule has its numbers right, and the static page computes the same."""

import html
import math
import re
from urllib.parse import urlencode

import numpy as np
import pytest
import torch

import zoo
from playground import markup
from playground.catalogue import load
from playground.components.names import validate_name
from playground.demo import Refused
from playground.demos.name_maker import DEMO, bayes, maker
from tests.playground.values import defaults
from zoo.models.char_rnn import CharRNN, Config

HOSTILE = {
    "José": "jose", "Søren Ł": "sorenl", "Straße": "strasse", "O'Neil-Smith": "oneilsmith", "<b>Ann</b>": "bannb", "a\nb": "ab", "İpek": "ipek",
    "李明": "", "Мария": "", "🙂": "", "  ": "", "\u200bEve\u0301": "eve", "*x*": "x",
}  # fmt: skip
CONTROLS = [
    {}, {"gender": "m", "origin": "blend", "india": 30, "seed": 7, "chosen": 5, "name": "Ørjan-Lee", "prior": 10},
    {"gender": "any", "origin": "any", "beginning": "Jo", "wild": 1.4, "top_p": 0.9, "min_p": 0.02, "name": "Noor"},
    {"origin": "India", "wild": 0.0, "seed": 4294967295, "name": "李明"},
]  # fmt: skip


def said(shown) -> str:
    """What a slot shows, without its markup."""
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", markup.shown(shown, (0, 0, 0)))).split())


def call(endpoint: str, /, **values):
    return next(one.call for one in DEMO.endpoints if one.name == endpoint)(defaults(DEMO, **values))


@pytest.fixture
def towns(tmp_path, monkeypatch):
    """A model of one's own lines: of nothing given, with capitals and blanks."""
    torch.manual_seed(0)
    model = CharRNN(Config(chars="\n -ABCabcdefghjklmno", cell="gru", layers=2, width=16, embedding=8))
    facts = {"metrics": [], "training": {"data": "lines", "settings": {}}}
    zoo.save(
        model, "char_rnn.towns", folder=tmp_path, facts=facts, extras={"known": torch.tensor([1], dtype=torch.int32)}
    )
    monkeypatch.setenv("ZOO_CHECKPOINTS", str(tmp_path))
    return "char_rnn.towns"


@pytest.mark.parametrize(("typed", "read"), HOSTILE.items())
def test_any_name_is_read_or_said_not_to_be(typed, read):
    text, note = maker.spelt(maker.MODEL, typed)
    assert text == read
    assert bool(note) == any(
        c not in "abcdefghijklmnopqrstuvwxyz" for c in typed.lower().strip("\n ").replace("\n", " ")
    )
    v = defaults(DEMO, name=typed, beginning=typed)
    filled = DEMO.stage(v)
    assert all(one["text"].lower().startswith(read) for one in filled["names"]["names"])
    shown = markup.shown([*filled["said"], *filled["verdict"]], (0, 0, 0))
    assert "<b>Ann" not in shown and ("type it in characters" in shown) == (not read and bool(note))
    assert (filled["belief"] is None) == (not read)
    assert "posterior" in DEMO.code(v) or not read
    if not read:
        with pytest.raises(Refused):
            call("weigh", name=typed)


@pytest.mark.parametrize("india", [1, 50, 90])
@pytest.mark.parametrize("name", ["maya", "a", "wilhelmina"])
def test_bayes_rule_has_its_numbers_right(name, india):
    model, found = load(maker.MODEL), bayes.belief(maker.MODEL, name, india)
    assert found.kinds == (("f", "US"), ("f", "India"), ("m", "US"), ("m", "India"))
    prior = [(1 - india / 100) / 2, india / 200] * 2
    assert found.prior == pytest.approx(prior)
    likely = [math.exp(float(model.likelihoods([name], model.given(gender=g, origin=o))[0])) for g, o in found.kinds]
    assert found.p.prod(0) == pytest.approx(likely, rel=1e-3)
    joint = np.array(prior) * likely
    assert found.posterior[-1] == pytest.approx(joint / joint.sum(), rel=1e-3)
    assert found.posterior[0] == pytest.approx(prior) and found.posterior.sum(1) == pytest.approx(1)
    begun = torch.stack([2 ** -model.bits(name[:1], model.given(gender=g, origin=o))[0] for g, o in found.kinds])
    after = np.array(prior) * begun.numpy()
    assert found.posterior[1] == pytest.approx(after / after.sum(), rel=1e-3)
    answers = {kind: told["answer"] for kind, told in call("weigh", name=name, prior=india)["kinds"].items()}
    assert answers == pytest.approx(dict(zip(map(bayes.called, found.kinds), found.posterior[-1], strict=True)))


@pytest.mark.parametrize("changes", CONTROLS)
def test_the_code_gives_what_is_shown(changes):
    v, names = defaults(DEMO, **changes), {}
    exec(DEMO.code(v), names)
    made = {one["name"].lower(): one["new"] for one in call("names", **changes)}
    assert made == dict(zip(names["names"], names["is_new"].tolist(), strict=True))
    found, _ = bayes.asked(v)
    if found is not None:
        assert names["posterior"].tolist() == pytest.approx(found.posterior[-1], abs=1e-4)


@pytest.mark.parametrize("changes", CONTROLS)
def test_the_letters_are_those_of_the_name(changes):
    v = defaults(DEMO, **changes)
    shown = DEMO.stage(v)["names"]
    assert 1 <= len(shown["names"]) <= maker.COUNT and sum(one["times"] for one in shown["names"]) <= maker.COUNT
    assert "".join(one["text"] for one in shown["letters"][:-1]) == shown["names"][shown["at"]]["text"]
    for one in shown["letters"]:
        total = sum(other["p"] for other in one["others"]) + (one["p"] or 0)
        assert (one["p"] is None and not one["others"]) or 0 < one["p"] <= total <= 1 + 1e-9


def test_a_name_is_chosen_and_another_letter_goes_on():
    press = next(slot.sets for slot in DEMO.slots() if slot.component)
    v = defaults(DEMO)
    assert press({"at": 4, "seq": 1}, v) == {"chosen": maker.made(maker.task(v))[4].index}
    shown = DEMO.stage(v)["names"]
    way = next(i for i, other in enumerate(shown["letters"][1]["others"]) if other["begins"])
    begun = press({"letter": 1, "other": way}, v)
    assert begun == {
        "beginning": shown["names"][0]["text"][:1] + shown["letters"][1]["others"][way]["text"],
        "chosen": 0,
    }
    assert all(one["text"].startswith(begun["beginning"]) for one in DEMO.stage(v | begun)["names"]["names"])
    ends = [
        (i, k) for i, one in enumerate(shown["letters"]) for k, other in enumerate(one["others"]) if not other["begins"]
    ]
    for letter, other in ends:
        with pytest.raises(ValueError, match="after its end"):
            press({"letter": letter, "other": other}, v)
    assert DEMO.buttons["weigh"].press(v, "") == {"name": shown["names"][0]["text"]}


@pytest.mark.parametrize(
    "given", [None, 3, "at", {}, {"at": -1}, {"at": 20}, {"at": True}, {"at": "1"}, {"letter": 0}, {"letter": 0, "other": 3}, {"letter": 9, "other": 0}]
)  # fmt: skip
def test_what_is_no_choice_is_refused(given):
    with pytest.raises(ValueError, match="a choice must be"):
        validate_name(given, 20, [3, 3])


def test_words_follow_the_figures(monkeypatch):
    figures = {one.name: one for one in zoo.card(maker.MODEL).metrics}
    plain = bayes.plainly(maker.MODEL)
    assert f"{figures['gender_US'].value:.1f}" in plain and f"{figures['gender_US_letters'].value:.1f}" in plain
    for us, india, wanted in (
        (90, 90, "It is the better at telling."),
        (90, 10, "names of US alone."),
        (10, 10, "It is not better."),
    ):
        values = {"gender_US": 50, "gender_India": 50, "gender_US_letters": us, "gender_India_letters": india}
        card = type("Card", (), {"metrics": [type("Metric", (), {"name": k, "value": x}) for k, x in values.items()]})
        monkeypatch.setattr(bayes, "card", lambda name, card=card: card)
        assert bayes.plainly(maker.MODEL).endswith(wanted)


def test_lines_of_ones_own_have_no_gender(towns):
    v = defaults(DEMO, model=towns, name="Bad Bo", wild=1.0)
    fields, filled = DEMO.fields(), DEMO.stage(v)
    assert towns in fields["model"].options and fields["model"].when(v)
    assert [name for name in ("gender", "origin", "india", "prior") if fields[name].when(v)] == []
    assert filled["names"]["names"] and filled["belief"] is None and filled["plainly"] is None
    p = math.exp(float(load(towns).likelihoods(["Bad Bo"])[0]))
    assert bayes.scientific(p).replace(bayes.BLANK, " ") in said(filled["verdict"]) and "prior" not in said(
        filled["numbers"]
    )
    assert call("weigh", model=towns, name="Bad Bo")["kinds"]["any"]["answer"] == 1
    names = {}
    exec(DEMO.code(v), names)
    assert {one["name"] for one in call("names", model=towns, wild=1.0)} == set(names["names"]) - {""}


def test_texts_are_not_offered():
    assert not maker.learnt_lines("emerson") and not maker.learnt_lines("text") and not maker.learnt_lines("mnist")
    assert all(maker.learnt_lines(source) for source in ("first_names", "makemore", "lines"))


# --- the page without a server ---


def text_of(page, slot: str) -> str:
    return " ".join(page.locator(f"[data-slot={slot}]").inner_text().split())


@pytest.mark.parametrize("changes", CONTROLS)
def test_the_static_page_computes_the_same(opened, changes):
    v, fields = defaults(DEMO, **changes), DEMO.fields()
    page = opened("name_maker", "?" + urlencode({name: fields[name].write(v[name]) for name in changes or {"seed": 1}}))
    filled = DEMO.stage(v)
    shown = filled["names"]
    chips = page.eval_on_selector_all(
        ".zoo-names-one",
        "all => all.map((one) => [one.firstChild.data, one.querySelector('.zoo-names-new') !== null, one.ariaSelected])",
    )
    assert chips == [[one["text"], one["new"], str(i == shown["at"]).lower()] for i, one in enumerate(shown["names"])]
    letters = page.eval_on_selector_all(".zoo-names-letters li", "all => all.map((one) => one.textContent)")
    sure = lambda p: ("<1" if p < 0.005 else ">99" if 0.995 < p < 1 else f"{p:.0%}"[:-1]) + "\N{NO-BREAK SPACE}%"  # noqa: E731
    wanted = [
        one["text"] + ("given" if one["p"] is None else sure(one["p"]))
        + "".join(f"{other['text']} {sure(other['p'])}" for other in one["others"])
        for one in shown["letters"]
    ]  # fmt: skip
    assert letters == wanted
    assert " ".join(page.locator(".zoo-names-said").inner_text().split()) == " ".join(shown["said"].split())
    for slot in ("said", "verdict", "plainly"):
        assert text_of(page, slot).replace(" :", ":") == said(filled[slot]).replace(" :", ":"), slot
    cells = page.locator("[data-slot=numbers] :is(th, td)").all_text_contents()
    table = said(filled["numbers"])
    assert " ".join(" ".join(cells).split()) == table.split(" A column")[0] and (
        text_of(page, "numbers")[-40:] == table[-40:]
    )
    assert page.locator("[data-slot=belief] rect[fill]").count() == (
        0 if filled["belief"] is None else 4 * (len(bayes.asked(v)[0].text) + 2)
    )


def test_the_static_page_reads_names_alike(opened):
    page = opened("name_maker")
    for typed, read in HOSTILE.items():
        page.locator("[data-field=name] input").fill(typed)
        page.wait_for_selector("#stage[aria-busy='false']")
        v = defaults(DEMO, name=typed.replace("\n", " "))  # as the box has it
        assert text_of(page, "verdict").replace(" :", ":") == said(DEMO.stage(v)["verdict"]).replace(" :", ":"), (
            typed,
            read,
        )


def test_a_letter_on_the_static_page_can_be_pressed(opened):
    page = opened("name_maker")
    way = page.locator("button.zoo-names-other").nth(4)
    name, place, letter = way.evaluate(
        "(one) => [document.querySelector('.zoo-names-one').firstChild.data, Number(one.dataset.letter), one.firstChild.textContent]"
    )
    way.click()
    page.wait_for_selector("#stage[aria-busy='false']")
    assert page.locator("[data-field=beginning] input").input_value() == name[:place] + letter
    page.locator(".zoo-names-one").nth(2).press("Enter")
    page.wait_for_selector(".zoo-names-one:nth-child(3)[aria-selected=true]")
    page.locator("[data-button=weigh]").click()
    page.wait_for_selector("#stage[aria-busy='false']")
    chosen = page.locator(".zoo-names-one").nth(2).evaluate("(one) => one.firstChild.data")
    assert page.locator("[data-field=name] input").input_value() == chosen


def test_the_static_page_knows_other_cells(opened, towns):
    """A GRU of two layers, whose facts are made here, in the page's own script."""
    model = load(towns)
    page = opened("name_maker", alone=True)
    stored = {key: {"data": x.flatten().tolist(), "dims": list(x.shape)} for key, x in model.state_dict().items()}
    found = page.evaluate(
        """async ([config, stored, chars, text]) => {
          const { network } = await import(new URL("recurrent.js", document.baseURI));
          const { probabilities } = await import(new URL("char_rnn.js", document.baseURI));
          for (const tensor of Object.values(stored)) tensor.data = Float32Array.from(tensor.data);
          return probabilities(network(config, stored), chars, text, null);
        }""",
        [vars(model.config), stored, list(model.config.chars), "Bad Bo"],
    )
    assert np.log(found).sum() == pytest.approx(float(model.likelihoods(["Bad Bo"])[0]), abs=1e-4)
