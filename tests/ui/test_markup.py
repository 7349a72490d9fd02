"""HTML is safe by type: only what stands in the code is HTML, and whatever comes from outside is text."""

import ast
import dataclasses
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from importlib import import_module

import gradio as gr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from pydantic import BaseModel

import recsys.store
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError
from recsys.recommend.answers import Suggestion
from recsys.results.choosing import Served
from recsys.results.found import Shown
from recsys.results.measurements import Measurements
from recsys.results.metrics import MAE, NLL, PRECISION, Metric
from recsys.results.schema import ReliabilityTable, Results
from recsys.ui import browser
from recsys.ui.acts import controls
from recsys.ui.explore import cards as explore_cards
from recsys.ui.explore.plots import Axis, Curves, Dot, pooled
from recsys.ui.markup import kept
from recsys.ui.metrics.view import View
from recsys.ui.shared import cards

FOLDER = browser.FOLDER
FILES = sorted(FOLDER.rglob("*.py"))
TAG = re.compile(r"<[a-zA-Z/!]")

# ---- how it is written


def trees():
    return [(path, ast.parse(path.read_text("utf-8"))) for path in FILES]


def is_markup(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Markup"


def test_nothing_is_markup_but_what_stands_in_the_code():
    calls = [(path.name, node) for path, tree in trees() for node in ast.walk(tree) if is_markup(node)]
    assert len(calls) > 40
    assert [
        f"{name}:{node.lineno}"
        for name, node in calls
        if node.keywords or [type(each) for each in node.args] != [ast.Constant]
    ] == []


def documentation(tree: ast.AST) -> set[int]:
    """Lines of docstrings."""
    strings = (node.body[0].value for node in ast.walk(tree) if getattr(node, "body", None) and is_string(node.body))
    return {string.lineno for string in strings}


def is_string(body: object) -> bool:
    return isinstance(body, list) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)


def test_no_text_that_looks_like_html_stands_outside_markup():
    outside = []
    for path, tree in trees():
        inside = {id(each) for node in ast.walk(tree) if is_markup(node) for each in ast.walk(node)}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and TAG.search(node.value)
            if is_text and id(node) not in inside and node.lineno not in documentation(tree):
                outside.append(f"{path.name}:{node.lineno}: {node.value[:40]!r}")
    assert outside == []


def test_a_text_that_looks_like_html_would_be_found():
    assert TAG.search('<li class="a">')
    assert TAG.search("</li>")
    assert not TAG.search("0 < 1, (film) => film")


# ---- what it is


SPLIT = '<button type="button" class="title" data-open="Heat (1995)">Heat <small class="year">1995</small></button>'
OPENER = '<button type="button" class="title" data-open="Heat (1995)">Heat (1995)</button>'


def test_the_html_of_ordinary_films_is_what_it_has_always_been():
    film = Suggestion(
        item_id=1, title="Heat (1995)", genres=["Crime"], mean_stars=4.0, n_ratings=2, predicted_stars=4.26
    )
    assert explore_cards.way([film]) == (
        f'<ol class="way"><li>{OPENER}<div class="about">Crime</div>'
        '<div class="about">★ 4.0 on average, 2 ratings</div></li></ol><div class="copying" data-text="1. Heat (1995)">'
        '<button type="button" class="act" data-copy="list">Copy list</button>'
        '<button type="button" class="act" data-copy="link">Copy link</button></div>'
    )
    assert controls.slider("Heat (1995)", HALF_STARS, 4.0) == (
        '<label class="give" style="--cells:5"><span class="seen">Stars for Heat (1995)</span>'
        '<input type="range" min="0" max="5" step="0.5" value="4" style="--at:80%" data-do="rate" '
        'data-none="not seen" aria-valuetext="4 stars">'
        "<output>4 stars</output></label>"
    )
    card = cards.film_card(film, HALF_STARS, hue=210)
    assert card.startswith(
        f'<li data-film="Heat (1995)" style="--hue:210"><div class="face">{SPLIT}'
        '<span class="stars predicted">★ 4.3 <small>for you</small></span></div><div class="about facts">'
        '<span>Crime</span> <span>★ 4.0 on average, 2 ratings</span> </div><div class="acts">'
        '<button type="button" class="act" data-do="seen" aria-label="Seen it: Heat (1995)">Seen it</button>'
        '<div class="giving"><span>Seen. Stars?</span><label'
    )
    assert card.endswith(
        '<button type="button" class="act small" data-do="hidden" aria-label="Not interested: Heat (1995)" '
        'title="Not interested">✕</button><button type="button" class="act undo" data-do="undo" '
        'aria-label="Undo: Heat (1995)">Undo</button></div></li>'
    )
    assert cards.waiting("Learning", 0.5) == (
        '<div class="waiting" role="status">Learning …<progress value="0.50" aria-label="Learning"></progress></div>'
    )


# ---- what comes of it: each function is called with hostile texts, and with the same without what HTML knows

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus='",
    "</li></ol><b>",
    "<!--",
    "--><i>",
    "&lt;b&gt;",
    "&amp;&#39;",
    "{0} {title} %s",
    "]]><![CDATA[",
    "L'Avventura & Co",
)
TAMED = str.maketrans("<>&\"'", "‹›＆”’")
texts = st.lists(st.sampled_from([*HOSTILE, *"<>&\"'/=a "]), min_size=1, max_size=3).map("".join)
moments = st.integers(0, 10**6).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
half_stars = st.sampled_from(HALF_STARS.levels.tolist())


names = st.lists(texts, max_size=2)


def view_of(models: list[str], said: list[str]) -> View:
    """Figures of two models, the first of which answers on the page; `said` is in all other texts."""
    dataset, protocol, rules, procedure, split, origin = said
    figures = [{"model": model, "metric": key, "mean": 0.5, "stderr": 0.1} for model in models for key in METRICS]
    facts = dict.fromkeys(("n_users", "n_items", "n_test_ratings", "n_test_users", "n_ranked_users"), 9)
    results = Results.model_validate(
        {
            "version": 1,
            "dataset": dataset,
            "dataset_sha256": "0a",
            "protocol": protocol,
            "protocol_rules": rules,
            "protocol_procedure": procedure,
            "seed": 7,
            "k": [5],
            "models": {},
            "relevant_from": 4.0,
            "command": f"python -m eval.run {'<b>&'}",
            "splits": [{"name": split, **facts}],
            "runs": [{"model": model, "split": split, "reliability": CURVES} for model in models],
            "summary": figures,
        }
    )
    shown = Shown(Measurements(results), None, origin, (origin, split))
    return View(shown, Served(models[0], dataset, "0a", {"rmse": 0.9}))


METRICS = ("rmse", "mae", "nll", "ndcg@5", "precision@5", "paper_rmse")
CURVES = {"stars": [2.0, 3.0], "predicted": [[0.2], [0.7]], "observed": [[0.3], [0.6]], "count": [[90], [80]]}
models = st.lists(texts.map("model {}".format), min_size=2, max_size=2, unique=True)
views = st.builds(view_of, models, st.lists(texts, min_size=6, max_size=6))
BY_NAME = {
    "metrics": st.lists(st.sampled_from([MAE, NLL, PRECISION.at(5)]), min_size=1, max_size=2),
    "dots": st.lists(st.builds(Dot, texts, half_stars, st.none() | half_stars, st.booleans()), min_size=1, max_size=3),
    "quarter": st.integers(0, 4),
    "ks": st.just((5, 10)),
    "stars": half_stars,
    "expected": st.none() | half_stars,
    "after": half_stars,
    "highest": st.just(5.0),
    "mark": st.sampled_from([None, "later", "hidden", "seen"]),
    "done": st.none() | st.floats(0, 1),
    "chances": st.just((0.2,) * 5),
    "levels": st.just(tuple(WHOLE_STARS.levels.tolist())),
    "level": st.integers(1, 5),
    "level_counts": st.just((3, 0, 5, 1, 2)),
    "ratings": st.dictionaries(texts, half_stars, max_size=3),
    "request": st.fixed_dictionaries({"genres": names, "loved": names, "period": texts, "adventure": st.just(0.3)}),
    "predicted_stars": st.none() | half_stars,
    "mean_stars": st.none() | half_stars,
}
BY_TYPE = {
    str: texts,
    int: st.integers(0, 1),
    bool: st.booleans(),
    float: half_stars,
    RatingScale: st.just(WHOLE_STARS),
    datetime: moments,
    Markup: st.sampled_from([Markup(""), Markup("<em>&amp;</em>")]),
    DataError: texts.map(DataError),
    gr.EventData: st.just(gr.EventData(None, {"seq": 3})),
    object: texts,
    Axis: st.just(Axis(0.0, 1.0, (0.0, 0.5, 1.0))),
    Curves: st.just(pooled([ReliabilityTable.model_validate(CURVES)])),
    Metric: st.sampled_from([MAE, NLL, PRECISION.at(5)]),
    Served: st.builds(Served, texts, texts, st.none(), st.just({"rmse": 0.9})),
    View: views,
}


def strategy_of(hint: object, name: str = "") -> st.SearchStrategy:
    """Values of a type, with hostile texts wherever there is a text.

    Raises:
        KeyError: nothing is known of the type.
    """
    if name in BY_NAME:
        return BY_NAME[name]
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in BY_TYPE:
        return BY_TYPE[hint]
    if hint is type(None):
        return st.none()
    if dataclasses.is_dataclass(hint):
        return st.builds(hint, **{name: strategy_of(each, name) for name, each in typing.get_type_hints(hint).items()})
    if origin is typing.Literal:
        return st.sampled_from(parts)
    if origin is tuple and Ellipsis not in parts:
        return st.tuples(*map(strategy_of, parts))
    if origin in (list, tuple, Sequence, Iterable):
        return st.lists(strategy_of(parts[0]), max_size=3)
    if origin is Mapping or origin is dict:
        return st.dictionaries(strategy_of(parts[0]), strategy_of(parts[1]), max_size=3)
    if origin is Callable:
        return strategy_of(parts[1]).map(Answers)
    if origin in (typing.Union, type(str | None)):
        return st.one_of([strategy_of(part) for part in parts])
    raise KeyError(hint)


@dataclasses.dataclass(frozen=True)
class Answers:
    """A function that always says the same."""

    said: object

    def __call__(self, *_):
        return self.said


def tamed(value: object) -> object:
    """The same value, in whose texts nothing has a meaning in HTML."""
    if isinstance(value, Markup | Metric):
        return value
    if isinstance(value, BaseModel):
        return type(value).model_validate(tamed(value.model_dump(exclude_unset=True)))
    if isinstance(value, str):
        return value.translate(TAMED)
    if isinstance(value, DataError):
        return DataError(tamed(str(value)))
    if dataclasses.is_dataclass(value):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value) if each.init}
        return dataclasses.replace(value, **{name: tamed(each) for name, each in fields.items()})
    if isinstance(value, Mapping):
        return {tamed(key): tamed(each) for key, each in value.items()}
    return type(value)(map(tamed, value)) if isinstance(value, list | tuple) else value


class Reader(HTMLParser):
    """What a browser makes of HTML: its elements with the names of their attributes, and all texts."""

    def __init__(self):
        super().__init__()
        self.elements: list[object] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.texts += [value or "" for _, value in attrs]

    def handle_endtag(self, tag):
        self.elements.append(tag)

    def handle_comment(self, data):
        self.elements.append(f"<!-- {data} -->")

    def handle_decl(self, decl):
        self.elements.append(f"<!{decl}>")

    def unknown_decl(self, data):
        self.elements.append(f"<![{data}]>")

    def handle_data(self, data):
        self.texts.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def writers() -> Iterator[Callable[..., Markup]]:
    """All functions of the page that write HTML."""
    for path in FILES:
        parts = path.relative_to(browser.FOLDER).with_suffix("").parts
        module = import_module(".".join(("recsys.ui", *parts)).removesuffix(".__init__"))
        for _, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and "Markup(" in inspect.getsource(function):
                yield function


def hints_of(function: Callable[..., Markup]) -> dict[str, object]:
    return typing.get_type_hints(function, localns=vars(recsys.store))


WRITERS = [each for each in writers() if hints_of(each)["return"] in (Markup, Iterator[Markup])]


def test_whoever_writes_html_returns_markup():
    assert len(WRITERS) > 30
    others = {f"{each.__module__}.{each.__name__}" for each in writers()} - {
        f"{each.__module__}.{each.__name__}" for each in WRITERS
    }
    assert others == {"recsys.ui.account.bar.account_bar"}  # the component with bar_for


@pytest.mark.parametrize("function", WRITERS, ids=lambda each: f"{each.__module__[10:]}.{each.__name__}")
def test_texts_from_outside_stay_texts(function):
    hints = {name: hint for name, hint in hints_of(function).items() if name != "return"}

    @settings(max_examples=15, deadline=None)
    @given(arguments=st.fixed_dictionaries({name: strategy_of(hint, name) for name, hint in hints.items()}))
    def check(arguments):
        shown, harmless = read(html_of(function, arguments)), read(html_of(function, tamed(arguments)))
        assert shown.elements == harmless.elements
        assert list(map(tamed, shown.texts)) == list(map(tamed, harmless.texts))

    check()


def html_of(function: Callable[..., Markup], arguments: object) -> str:
    made = function(**arguments)
    html = "".join(made) if inspect.isgenerator(made) else made
    return re.sub(r'data-drawn="\d+"', "data-drawn", html)  # another number each time


def test_pieces_that_are_kept_are_those_of_their_own_values():
    drawn = []

    @kept
    def bold(text, times=1):
        drawn.append(text)
        return Markup("<b>{}</b>").format(text) * times

    assert [bold("<i>"), bold(Markup("<i>")), bold("<i>")] == ["<b>&lt;i&gt;</b>", "<b><i></b>", "<b>&lt;i&gt;</b>"]
    assert (bold("<i>", times=2), drawn) == ("<b>&lt;i&gt;</b>" * 2, ["<i>", "<i>", "<i>"])
