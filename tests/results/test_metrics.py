"""Metrics are described once: what is said of them agrees, and whatever shows them takes them from there."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from eval.measures import ratios
from eval.measures.per_user import list_quality
from eval.measures.ratios import Ratio
from eval.reporting.report import write_report
from eval.reporting.results import write_results
from eval.reporting.tables import list_table, rating_table
from recsys.artifacts.artifact import Artifact, Items, save_artifact
from recsys.model_card import make_card
from recsys.results import metrics
from recsys.results.choosing import Served
from recsys.results.found import Shown, read_measurements
from recsys.results.metrics import GROUPS, MAE, METRICS, PRECISION, Subject, all_metrics, metrics_of, shown_metrics
from recsys.ui.metrics.sections import all_sections
from recsys.ui.metrics.view import View
from tests.support.small_models import fitted, ratings
from tests.support.small_reports import small_outcome, small_report

ROOT = Path(__file__).parents[2]
EVERY = [metric.at(5) if metric.subject is Subject.LISTS else metric for metric in METRICS]


@pytest.mark.parametrize("metric", EVERY, ids=lambda metric: metric.key)
def test_what_is_said_of_a_metric_is_whole(metric):
    assert f"{metric.direction.capitalize()} is better" in metric.meaning
    assert metric.words.endswith(".")
    assert not re.search(r"better|[{}]", metric.words + metric.definition)
    assert not metric.definition.endswith(".")
    assert (metric.k is not None) == (metric.subject is Subject.LISTS)


def test_no_two_metrics_are_called_alike():
    for names in ([metric.key for metric in EVERY], [metric.name for metric in EVERY]):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.task)
def test_the_title_of_a_table_says_which_figures_are_better_in_it(group):
    shown = shown_metrics(group, [2, 3])
    assert {metric.higher_is_better for metric in shown} == {group.higher_is_better}
    assert f"{shown[0].direction} is better" in group.heading()
    assert len([metric for metric in shown if metric.leads]) == 1


def test_what_is_shown_is_measured_and_places_are_weighed_in_the_longest_list_alone():
    keys = [metric.key for metric in all_metrics([2, 3])]
    shown = [metric.key for group in GROUPS for metric in shown_metrics(group, [2, 3])]
    left_out = [key for key in keys if key not in [*shown, *(metric.key for metric in metrics_of(Subject.CELLS))]]
    assert set(shown) <= set(keys)
    assert left_out == ["ndcg@2", "mrr@2"]


def test_every_metric_is_made_of_something():
    assert ratios.RATIOS.keys() == {metric.key for metric in METRICS if metric.subject is not Subject.LISTS}
    relevant = sp.csr_array(np.eye(4, 6, dtype=np.float32))
    measured = list_quality(np.tile(np.arange(5), (4, 1)), relevant, [5])
    assert measured.keys() == {metric.at(5).key for metric in metrics_of(Subject.LISTS)}


MADE_UP = (
    replace(MAE, base="off_by_one", called="OffByOne", defined_as="share of guesses off by a star", words="How often."),
    replace(PRECISION, base="novelty", called="Novelty", short="Nov", defined_as="new of {k}", words="What is new."),
)


def test_a_metric_that_is_added_in_one_place_is_in_every_table_report_card_and_page(tmp_path, monkeypatch):
    monkeypatch.setattr(metrics, "METRICS", (*METRICS, *MADE_UP))
    monkeypatch.setitem(ratios.RATIOS, "off_by_one", Ratio("n_off_by_one", "n_test_ratings"))
    values = {"n_off_by_one": np.array([0.0, 0.5, 0.5]), "novelty@2": np.array([0.125, 0.0, 0.125])}
    train = ratings(1)
    model = fitted("ease", train)
    outcome = replace(small_outcome("ease", **values), config=model.config)
    report = small_report(tmp_path, outcome, small_outcome("popularity", **values))
    data = (report.dataset.name, report.dataset.sha256)
    facts = dict(zip(("dataset", "dataset_sha256", "split"), (*data, "all"), strict=True))
    save_artifact(tmp_path / "ease", Artifact("ease", model, Items.of(np.arange(train.shape[1]), train), facts))
    write_results(tmp_path, report, finished=True)
    write_report(tmp_path, report)
    card = make_card(tmp_path / "ease", "someone/ease", tmp_path / "results.json")
    shown = Shown(read_measurements(tmp_path / "results.json"), None, "were made up")
    page = all_sections(View(shown, Served("ease", *data, {})))
    assert "OffByOne" in rating_table(report).headings
    assert "Nov@2" in list_table(report).headings
    for text in ((tmp_path / "report.md").read_text(encoding="utf-8"), card, page):
        for told in ("OffByOne", "Nov@2", "0.2500", "0.1250"):
            assert told in text
    assert "share of guesses off by a star; lower is better" in card
    assert "Novelty@2 | 0.1250 | 0.0000 | new of 2 |" in card
    assert "<dd>How often. Lower is better; 0 would be perfect.</dd>" in page
    assert "<dt>Nov@2</dt><dd>What is new. Higher is better.</dd>" in page.replace(" (novelty)", "")


def files_that_show() -> list[Path]:
    """Files in which no metric is described: all but where they are, and where they are computed."""
    described = {"recsys/results/metrics.py", "eval/measures", "recsys/models"}  # a model may have a loss called mse
    files = [*ROOT.glob("recsys/**/*.py"), *ROOT.glob("eval/**/*.py")]
    return [path for path in files if not path.relative_to(ROOT).as_posix().startswith(tuple(described))]


NAMES = "|".join(name for metric in METRICS for name in (metric.base, metric.called))
NAMED = re.compile(rf"({NAMES})(@.*)?")


def literals(path: Path) -> list[str]:
    """All text in a file but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
    }
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings]
    return [node.value for node in constants if isinstance(node.value, str)]


def test_nobody_else_names_a_metric():
    files = files_that_show()
    assert len(files) > 100
    named = {str(path): [text for text in literals(path) if NAMED.fullmatch(text)] for path in files}
    assert {name: found for name, found in named.items() if found} == {}
