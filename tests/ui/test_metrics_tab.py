"""The tab with the figures: what is made of a file, and of files that somebody has damaged."""

import copy
import json
import random
import re
from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from eval.measures.calibration import reliability_of
from eval.reporting.plots import FEWEST_RATINGS as FEWEST_RATINGS_OF_EVAL
from eval.reporting.results import Report, as_json, split_facts
from eval.running.experiment import Settings, run_experiment
from recsys.artifacts.artifact import Artifact, Items
from recsys.data.interactions import Interactions, keep_entries
from recsys.data.movielens import load_dataset
from recsys.errors import DataError
from recsys.models import MODELS
from recsys.recommend.recommender import Recommender
from recsys.results.choosing import Served, preferred
from recsys.results.found import PUBLISHED, Shown, all_measurements, places
from recsys.results.metrics import PRECISION
from recsys.results.schema import ReliabilityTable
from recsys.split import Split
from recsys.ui.explore.plots import FEWEST_RATINGS, Dot, any_beyond, dot_plot, fitting_axis, pooled, reliability_plot
from recsys.ui.metrics import tab as metrics_tab
from recsys.ui.metrics.sections import all_sections, problems
from recsys.ui.metrics.view import View
from tests.support.data_folders import write_genres
from tests.support.made_up_measurements import (
    DIGEST,
    LISTS,
    OTHER_DIGEST,
    QUICK,
    STARS,
    curve,
    find_measurements,
    results_of,
    some_figures,
    split_of,
    spoil,
    write,
)
from tests.support.pages import page_server
from tests.support.small_models import fitted, ratings

ROOT = Path(__file__).parents[2]
MARKUP = "<img src=x onerror=alert(1)> \"'&amp; ${alert(2)} {{value}}"
HERE = Served("hybrid-vae", "films", DIGEST, {})


def shown_of(tmp_path, results, served=HERE):
    """The tab over one file."""
    return all_sections(View(find_measurements([write(tmp_path / "results.json", results)]), served))


class Reader(HTMLParser):
    """Text, tags, and cells of every table's rows, of a page; refuses one whose tags do not match."""

    VOID = ("br", "path")

    def __init__(self, page):
        super().__init__()
        self.text, self.tags, self.tables, self.open, self.attributes = "", [], [], [], []
        self.feed(str(page))  # not Markup, of which the parser would escape the pieces
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.open += [] if tag in self.VOID else [tag]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, text):
        self.text += text
        if {"th", "td"} & set(self.open):
            self.tables[-1][-1][-1] += text


# ---- files that cannot be used


def test_figures_that_cannot_be_read_are_named_with_those_that_are_shown_instead(tmp_path):
    for age, name in enumerate(["a", "b"]):
        write(tmp_path / name / "results.json", "{", 1_700_000_000 - age)
    found = find_measurements(places(tmp_path, None))
    [sentence] = problems(found)
    assert sentence.startswith(f"Newer figures could not be used. {tmp_path / 'a' / 'results.json'}: not JSON (")
    assert sentence.endswith(
        "1 more could not be used either. The figures that are shown instead come with the program."
    )
    assert Reader(all_sections(View(found, HERE))).text.count("Newer figures could not be used.") == 1


def test_any_damage_is_refused_in_a_sentence_or_shown(tmp_path):
    rng = random.Random(0)
    whole = results_of(some_figures(), comparisons={"rmse": {"best": "hybrid-vae", "differences": {"item-mean": None}}})
    whole["runs"][2]["reliability"] = curve()
    fallback = write(tmp_path / "published.json", whole)
    for at in range(200):
        results = copy.deepcopy(whole)
        for _ in range(rng.randint(1, 2)):
            spoil(results, rng)
        path = write(tmp_path / "results.json", results, at)
        Reader(all_sections(View(find_measurements([path], fallback), HERE)))


# ---- tables and words


def test_tables_list_the_best_first_with_four_decimals_and_the_best_in_bold(tmp_path):
    page = shown_of(tmp_path, results_of(some_figures()))
    stars, lists = Reader(page).tables
    assert stars == [
        ["model", "RMSE", "MSE", "MAE"],
        ["hybrid-vae (here)", "0.8000 ±0.0100", "0.8000", "0.8000"],
        ["item-mean", "1.0000 ±0.0100", "1.0000", "1.0000"],
    ]
    assert lists[0] == ["model", "nDCG@5", "P@5", "R@5", "F1@5", "MRR@5"]
    assert [row[:2] for row in lists[1:]] == [
        ["hybrid-vae (here)", "0.4000 ±0.0100"],
        ["popularity", "0.2000 ±0.0100"],
        ["item-mean", "0.1000 ±0.0100"],
    ]
    assert "<td><b>0.4000</b> <small>±0.0100</small></td>" in page
    assert "<b>0.2000</b>" not in page


def test_a_difference_that_may_be_chance_is_marked(tmp_path):
    differences = {"hybrid-vae": None, "item-mean": {"low": -0.1, "high": 0.3}}
    comparisons = {"mae": {"best": "hybrid-vae", "differences": differences}}
    stars, _ = Reader(shown_of(tmp_path, results_of(some_figures(), comparisons=comparisons))).tables
    assert stars[2] == ["item-mean", "1.0000 ±0.0100", "1.0000", "≈ 1.0000"]
    comparisons["mae"]["differences"]["item-mean"]["low"] = 0.1
    write(tmp_path / "results.json", "gone")
    page = shown_of(tmp_path / "other", results_of(some_figures(), comparisons=comparisons))
    assert Reader(page).tables[0][2][3] == "1.0000"


def test_what_a_model_lacks_is_a_dash_and_a_model_that_is_alone_is_not_the_best(tmp_path):
    figures = {"svd": {"rmse": 0.9}, "ease": {"mae": 0.7}}
    page = shown_of(tmp_path, results_of(figures))
    assert Reader(page).tables == [
        [["model", "RMSE", "MAE"], ["svd", "0.9000 ±0.0100", "–"], ["ease", "–", "0.7000"]],
    ]
    assert "<td><b>" not in page
    assert "Listing films" not in page


def test_a_figure_without_a_standard_error_stands_alone(tmp_path):
    results = results_of(some_figures())
    for figure in results["summary"]:
        figure["stderr"] = None
    page = shown_of(tmp_path, results)
    assert Reader(page).tables[0][1][1] == "0.8000"
    assert "±0" not in page


def test_what_came_out_is_told_in_a_sentence_beside_what_anybody_could_do(tmp_path):
    text = Reader(shown_of(tmp_path, results_of(some_figures()))).text
    assert (
        "a guess of hybrid-vae is 0.80 stars off on average. Answering each film’s average would be 1.00 off." in text
    )
    assert (
        "of 5 films that hybrid-vae lists, 2.0 are known to be liked on average, of the 5 most popular ones 1.0."
        in text
    )


def test_how_it_was_measured_is_told_with_the_command_and_nobodys_folders(tmp_path):
    page = shown_of(tmp_path, results_of(some_figures()))
    text = Reader(page).text
    for fact in (
        "films: 30 people, 20 films",
        "folds (u1, u2): every rating is in the test part of one of five folds",
        "1,200 ratings",
        "means 4 stars or more",
        "50 of 60 lists, one per person and split, have a liked film",
        "python -m eval.run --models all",
        f"measured on {date.fromtimestamp(1_700_000_000).day} November 2023",
    ):
        assert fact in text
    assert "/home/jo" not in page


def test_every_model_is_listed_with_its_source_and_its_figures_if_it_has_any(tmp_path):
    results = results_of(some_figures())
    text = Reader(shown_of(tmp_path, results)).text
    measured = {figure["model"] for figure in results["summary"]}
    assert {"hybrid-vae"} <= measured < MODELS.keys()
    for name, recipe in MODELS.items():
        star = " ★" if recipe.about.in_paper else ""
        figures = " " if name in measured else ""
        assert f"{name}{star}{recipe.about.sentence}" in text
        assert not recipe.about.origin or f"{recipe.about.sentence} {recipe.about.origin}.{figures}" in text


def test_people_who_name_genres_are_told_apart(tmp_path):
    splits = [split_of("g1", n_asked=40), split_of("g2", n_asked=40)]
    figures = {name: {"ndcg@5": 0.3} for name in ("ease", "hybrid-vae")}
    procedure = "All that it was told is which genres they like."
    changes = {"protocol": "genres", "protocol_procedure": procedure}
    page = shown_of(tmp_path, results_of(figures, ("g1", "g2"), **changes) | {"splits": splits})
    text = Reader(page).text
    assert "All that it was told is which genres they like." in text
    assert "50 of 80 people have a liked film among the hidden ones" in text
    assert "Guessing stars" not in text


def test_the_errors_of_the_paper_stand_apart_and_folded(tmp_path):
    figures = some_figures()
    figures["hybrid-vae"] |= {"paper_mse": 9.0, "paper_rmse": 3.0}
    page = shown_of(tmp_path, results_of(figures))
    assert Reader(page).tables[1] == [["model", "MSE", "RMSE"], ["hybrid-vae (here)", "9.0000", "3.0000"]]
    assert "<details><summary>Counted as in the paper</summary>" in page
    assert "Counted as in the paper" not in shown_of(tmp_path / "other", results_of(some_figures()))


@pytest.mark.parametrize(("n_models", "is_folded"), [(20, False), (21, True)])
def test_where_models_are_many_the_best_are_drawn_with_the_one_that_answers_and_all_are_folded(
    tmp_path, n_models, is_folded
):
    others = {f"model-{place:02}": {"rmse": 0.8 + place / 100} for place in range(n_models - 1)}
    page = shown_of(tmp_path, results_of({**others, "hybrid-vae": {"rmse": 1.5}}))
    drawn, *_ = page.partition("</figure>")
    assert ("of the best of" in drawn) == (n_models > 16)
    assert "model-14" in drawn
    assert "model-15" not in drawn
    assert "hybrid-vae" in drawn  # the worst
    assert (f"<summary>All figures of all {n_models} models</summary>" in page) == is_folded
    assert len(Reader(page).tables[0]) == n_models + 1  # with headings


def test_metrics_that_differ_by_the_length_of_the_list_are_explained_once(tmp_path):
    figures = {"ease": {f"{name}@{k}": 0.5 for k in (5, 10) for name in ("precision", "f1", "ndcg")}}
    page = shown_of(tmp_path, results_of(figures, k=[5, 10]))
    assert "<dt>P@5, P@10 (precision)</dt>" in page
    assert "<dt>F1@5, F1@10</dt>" in page
    assert page.count(PRECISION.meaning) == 1


# ---- the model that answers


def test_only_a_model_of_the_same_ratings_is_marked(tmp_path):
    for served, doubt in (
        (HERE, None),
        (Served("hybrid-vae", "others", OTHER_DIGEST, {}), "was fitted on other ratings, others, than those that"),
        (Served("ease", "films", DIGEST, {}), "answers on this page, ease, is not among those that were measured."),
    ):
        text = Reader(shown_of(tmp_path, results_of(some_figures()), served)).text
        assert ("hybrid-vae (here)" in text) == (doubt is None)
        assert doubt is None or doubt in text


def test_figures_that_came_with_a_model_are_shown_where_no_others_speak_of_it(tmp_path):
    own = {"rmse": 0.91234, "ndcg@5": 0.3}
    text = Reader(shown_of(tmp_path, results_of(some_figures()), Served("ease", "films", DIGEST, own))).text
    assert "With ease, fitted on films, came figures of its own:RMSE0.9123nDCG@50.3000" in text
    measured_too = Served("hybrid-vae", "films", DIGEST, own)
    assert "figures of its own" not in Reader(shown_of(tmp_path, results_of(some_figures()), measured_too)).text


# ---- plots


def test_dots_lie_where_their_figures_are():
    dots = [Dot("a", 1.0, 0.25), Dot("b", 2.0, None, marked=True)]
    page = dot_plot("label", dots, from_zero=True)
    axis = fitting_axis(dots, from_zero=True)
    assert (axis.low, axis.high, axis.ticks) == (0.0, 2.0, (0.0, 0.5, 1.0, 1.5, 2.0))
    assert '<i style="left:37.50%;width:25.00%"></i><b style="left:50.00%"></b>' in page
    assert '<li class="marked"><span class="name">b</span>' in page
    assert '<b style="left:100.00%"></b>' in page
    assert Reader(page).text.startswith("a1.000 ±0.250b2.000")


@pytest.mark.parametrize("seed", range(20))
def test_an_axis_holds_all_dots_and_their_bands_with_few_round_ticks(seed):
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.integers(-4, 6)
    dots = [Dot("m", float(size * value), float(size * value * 0.1)) for value in rng.uniform(1, 1.4, 6)]
    for from_zero in (True, False):
        axis = fitting_axis(dots, from_zero)
        assert axis.low <= min(dot.value - dot.stderr for dot in dots) * (1 + 1e-9)
        assert axis.high >= max(dot.value + dot.stderr for dot in dots) * (1 - 1e-9)
        assert 2 <= len(axis.ticks) <= 9
        np.testing.assert_allclose(np.diff(axis.ticks), axis.ticks[1] - axis.ticks[0], rtol=1e-6)


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0, 5.0], [1e9, 1e9], [1e-320, 1.0], [3.0]])
@pytest.mark.parametrize("from_zero", [True, False])
def test_extreme_figures_can_be_plotted(values, from_zero):
    dots = [Dot("m", value, 0.0) for value in values]
    page = dot_plot("label", dots, from_zero=from_zero)
    assert all(0 <= float(place) <= 100 for place in re.findall(r"left:([\d.]+)%", page))


def test_an_error_far_beyond_the_others_is_an_arrow():
    dots = [Dot("a", 0.9, 0.01), Dot("b", 1.0, 0.01), Dot("c", 2.7, 0.01)]
    assert any_beyond(dots)
    assert not any_beyond(dots[:2])
    page = dot_plot("label", dots, from_zero=False)
    assert page.count('<b class="beyond">→</b>') == 1
    assert "2.700" in page
    assert fitting_axis(dots, from_zero=False).high == pytest.approx(1.02)


def test_splits_are_pooled_by_how_many_ratings_they_have():
    curves = pooled([ReliabilityTable(**curve(100, 0.25)), ReliabilityTable(**curve(300, 0.65))])
    np.testing.assert_allclose(curves.count, [[400, 800], [1200, 0]])
    np.testing.assert_allclose(curves.observed, [[0.55, 0.5], [0.4, np.nan]])
    np.testing.assert_allclose(curves.predicted, [[0.25, 0.75], [0.3, np.nan]])


def test_points_of_few_ratings_are_not_drawn():
    enough, few = (reliability_plot(pooled([ReliabilityTable(**curve(n))]), "label") for n in (50, 20))
    legend = 2
    assert enough.count('class="point"') == 3 + legend
    assert few.count('class="point"') == 1 + legend
    assert "3 stars</li>" in enough
    assert "2 stars or more</li>" in enough
    assert FEWEST_RATINGS == FEWEST_RATINGS_OF_EVAL


def test_how_sure_a_model_is_is_told_in_words_too(tmp_path):
    results = results_of(some_figures(), relevant_from=2.0)
    for run in results["runs"]:
        run["reliability"] = curve() if run["model"] == "hybrid-vae" else None
    page = shown_of(tmp_path, results)
    example = "For example: where it called 2 stars or more 75% likely, 50% of the ratings were so high."
    assert example in Reader(page).text
    labels = [value for name, value in Reader(page).attributes if name == "aria-label"]
    assert any(example in label for label in labels)
    assert "Is it as sure" not in shown_of(tmp_path / "other", results_of(some_figures()))


def test_whoever_does_not_see_gets_a_label_for_every_plot_and_table(tmp_path):
    results = results_of(some_figures())
    results["runs"][2]["reliability"] = curve()
    page = shown_of(tmp_path, results)
    assert page.count("<ol") == page.count('<ol class="dots" aria-label="') == 2
    assert page.count("<table") == page.count('role="region" tabindex="0" aria-label="') == 2
    assert page.count("<svg") == page.count('role="img" aria-label="') + page.count("<svg viewBox") == 3
    assert page.count('<th scope="row">') == 5


# ---- text from elsewhere


def test_names_may_hold_markup(tmp_path):
    results = results_of({MARKUP: dict.fromkeys((*STARS, *LISTS), 0.5), **some_figures()}, (MARKUP, "u2"))
    results |= {"dataset": MARKUP, "protocol": MARKUP, "command": f"python -m eval.run --models {MARKUP}"}
    results["runs"][0]["reliability"] = curve()
    plain = json.loads(json.dumps(results).replace(json.dumps(MARKUP)[1:-1], "plain"))
    served = Served(MARKUP, MARKUP, OTHER_DIGEST, {"rmse": 1.0})
    page = Reader(shown_of(tmp_path, results, served))
    alike = Reader(shown_of(tmp_path / "plain", plain, Served("plain", "plain", OTHER_DIGEST, {"rmse": 1.0})))
    assert page.tags == alike.tags
    assert page.text.count(MARKUP) >= 9
    assert [name for name, _ in page.attributes] == [name for name, _ in alike.attributes]


def test_a_complaint_about_a_file_may_hold_markup():
    shown = Shown(find_measurements([]).measured, None, "come with the program", (f"{MARKUP} is wrong.",))
    page = Reader(all_sections(View(shown, HERE)))
    assert f"Newer figures could not be used. {MARKUP} is wrong." in page.text
    assert "img" not in page.tags


# ---- the figures that come with the program


def test_the_published_figures_fill_every_section():
    found = find_measurements([])
    digest = found.measured.results.dataset_sha256
    page = Reader(all_sections(View(found, Served("hybrid-vae", "ml-100k", digest, {}))))
    by_metric = [[model for model, metric in found.measured.figures if metric == key] for key in ("rmse", "ndcg@10")]
    with_stars, with_lists = (len(models) + 1 for models in by_metric)  # with headings
    assert [len(table) for table in page.tables] == [with_stars, with_stars, with_lists]
    for part in ("Is it as sure as it should be?", "3,717 of 3,831 lists", "hybrid-vae (here)", "of 48 models"):
        assert part in page.text


# ---- agreement with the harness, and the tab itself


def test_what_the_harness_writes_is_understood(tmp_path):
    dataset = load_dataset(write_genres(tmp_path / "films"), min_ratings=1)
    everything, scale = dataset.ratings.matrix(), dataset.ratings.scale
    in_test = np.random.default_rng(0).random(everything.nnz) < 0.3
    split = Split("u1", Interactions(everything).only(~in_test), keep_entries(everything, in_test))
    settings = Settings(ks=(3, 5), epochs=6)
    runs = [run_experiment(name, split, scale, settings) for name in ("popularity", "item-mean")]
    outcomes = tuple(outcome for _, outcome in runs)
    reliability = reliability_of(np.full((200, 5), 0.2), np.zeros(200, dtype=int))
    outcomes = (outcomes[0], replace(outcomes[1], reliability=reliability))
    report = Report(
        dataset,
        "folds",
        settings,
        (split_facts(split, settings, dataset.ratings.scale),),
        outcomes,
        "python -m eval.run",
        2,
    )
    for finished in (True, False):
        results = json.loads(json.dumps(as_json(report, finished=finished)))
        page = Reader(shown_of(tmp_path / str(finished), results))
        assert [table[0][1] for table in page.tables] == ["RMSE", "MSE", "nDCG@5"]
        assert {row[0] for table in page.tables for row in table} == {"model", "popularity", "item-mean"}
        assert "item-mean also says how likely every number of stars is." in page.text


def served_by(facts, name="ease"):
    """A recommender of which nothing but its facts matters."""
    train = ratings(0)
    model = Recommender.__new__(Recommender)
    model.artifact = Artifact(name, fitted(name, train), Items.of(np.arange(23), train), facts)
    return model


def test_the_tab_offers_its_figures_without_folders_of_the_server(tmp_path, monkeypatch):
    write(tmp_path / "new" / "results.json", "{", 1_700_000_009)
    write(tmp_path / "old" / "results.json", results_of(some_figures()))
    monkeypatch.setattr(metrics_tab, "RUNS", tmp_path)
    menu, page = metrics_tab.opened(served_by({"dataset": "films", "dataset_sha256": DIGEST}, "popularity"))
    assert "were measured here and read from results.json" in page
    assert "results.json: not JSON (" in page
    assert str(tmp_path) not in page
    assert str(tmp_path) not in json.dumps(menu.choices)


def test_without_any_usable_file_the_tab_says_so_in_one_sentence(tmp_path, monkeypatch):
    broken = write(tmp_path / "published.json", "{")
    monkeypatch.setattr(metrics_tab, "RUNS", tmp_path)
    monkeypatch.setattr(metrics_tab, "all_measurements", lambda paths: all_measurements(paths, broken))
    _, page = metrics_tab.opened(served_by({}))
    assert page.startswith('<p class="note">There are no figures to show: published.json: not JSON (')


# ---- which run is shown, and which can be chosen

PUBLIC_DIGEST = json.loads(PUBLISHED.read_text(encoding="utf-8"))["dataset_sha256"]
FLAGSHIP = Served("hybrid-vae", "ml-100k", PUBLIC_DIGEST, {})
RUNS = {  # what was measured here -> what is shown to whoever is served by the flagship on published ratings
    "quick models": ({"dataset": "ml-100k", "dataset_sha256": PUBLIC_DIGEST}, QUICK, "published"),
    "with the flagship": ({"dataset": "ml-100k", "dataset_sha256": PUBLIC_DIGEST}, some_figures(), "run"),
    "a folder of that name": ({"dataset": "ml-100k"}, some_figures(), "published"),
    "other data": ({}, some_figures(), "published"),
}


@pytest.mark.parametrize("what", RUNS)
def test_published_figures_stay_unless_newer_ones_speak_of_the_model_that_answers(tmp_path, what):
    changes, figures, expected = RUNS[what]
    write(tmp_path / "one" / "results.json", results_of(figures, **changes))
    every = all_measurements(places(tmp_path, None))
    assert len(every) == 2
    found = preferred(every, FLAGSHIP)
    assert (found.key == "published") == (expected == "published")
    assert "(here)" in all_sections(View(found, FLAGSHIP))


def test_the_headline_is_the_model_that_answers_or_else_the_best_and_that_is_said(tmp_path):
    of_flagship = Reader(shown_of(tmp_path, results_of(QUICK))).text
    assert "hybrid-vae, is not among those that were measured. In its place, the best of them is named." in of_flagship
    assert "a guess of svd, the best of these, is 0.72 stars off" in of_flagship
    assert "of 5 films that ease, the best of these, lists, 1.5 are known" in of_flagship
    of_ease = Reader(shown_of(tmp_path / "other", results_of(QUICK), Served("ease", "films", DIGEST, {}))).text
    assert "of 5 films that ease lists, 1.5 are known" in of_ease
    assert "stars off" not in of_ease  # it guesses none
    assert "the best of these" not in of_ease


@pytest.mark.parametrize("seed", range(20))
def test_no_headline_names_a_model_that_is_neither_here_nor_best(tmp_path, seed):
    rng = np.random.default_rng(seed)
    names = [str(name) for name in rng.permutation(["svd", "ease", "als", "item-mean", "popularity"])]
    figures = {name: dict(zip(("mae", "precision@5"), rng.random(2).round(4).tolist(), strict=True)) for name in names}
    served = Served(str(rng.choice([*names, "hybrid-vae"])), "films", str(rng.choice([DIGEST, OTHER_DIGEST])), {})
    text = Reader(shown_of(tmp_path, results_of(figures), served)).text
    is_in = served.name in names and served.dataset_sha256 == DIGEST
    least_off = served.name if is_in else min(names, key=lambda name: figures[name]["mae"])
    best = served.name if is_in else max(names, key=lambda name: figures[name]["precision@5"])
    assert f"a guess of {least_off}" in text
    assert f"films that {best}" in text


def test_every_run_can_be_chosen_by_its_moment_and_its_data(tmp_path, monkeypatch):
    at = datetime(2026, 11, 25, 14, 53).timestamp()
    write(tmp_path / "one" / "results.json", results_of(QUICK, dataset_sha256=PUBLIC_DIGEST, dataset="ml-100k"), at)
    write(tmp_path / "two" / "results.json", results_of({"svd": {"mae": 0.5}}, dataset="ml-100k"), at - 60)
    write(tmp_path / "three" / "results.json", results_of({"svd": {"mae": 0.4}}), at - 120)
    monkeypatch.setattr(metrics_tab, "RUNS", tmp_path)
    model = served_by({"dataset": "ml-100k", "dataset_sha256": PUBLIC_DIGEST}, "als")
    menu, page = metrics_tab.opened(model)
    assert [name for name, _ in menu.choices] == [
        "Measured here 25 Nov 2026, 14:53, on ml-100k (3 models)",
        "Measured here 25 Nov 2026, 14:52, on other ratings called ml-100k (1 model)",
        "Measured here 25 Nov 2026, 14:51, on films (1 model)",
        f"Published with the program, on ml-100k ({len(find_measurements([]).measured.runs)} models)",
    ]
    assert (menu.value, menu.visible) == ("published", True)
    assert "come with the program" in page
    figures = metrics_tab.Figures.of(model)
    pages = [figures.page(key) for _, key in menu.choices]
    assert "which only go by the same name: how good it is there, they do not say." in pages[1]
    assert "films: how good it is there, they do not say." in pages[2]
    assert pages[3] == page


@pytest.mark.parametrize("key", ["", "../one", 3, ["published"], {}, True])
def test_figures_that_are_not_offered_are_refused(tmp_path, monkeypatch, key):
    monkeypatch.setattr(metrics_tab, "RUNS", tmp_path)
    with pytest.raises(DataError, match="These figures are not here any more: reload the page"):
        metrics_tab.Figures.of(served_by({})).page(key)


def test_where_nothing_was_measured_on_its_ratings_the_model_brings_its_own_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(metrics_tab, "RUNS", tmp_path)
    facts = {"dataset": MARKUP, "dataset_sha256": OTHER_DIGEST, "metrics": {"rmse": 0.91234}}
    menu, page = metrics_tab.opened(served_by(facts))
    assert (menu.value, menu.visible) == (None, True)
    text = Reader(page).text
    assert "No model was measured on the ratings that this page's model, ease, learned from." in text
    assert f"With ease, fitted on {MARKUP}, came figures of its own:RMSE0.9123" in text
    assert "<table" not in page


@pytest.mark.browser
def test_a_visitor_on_a_phone_chooses_among_figures_and_is_told_when_some_are_gone(chromium, tmp_path):
    gone = write(tmp_path / "runs" / "one" / "results.json", results_of({"svd": {"mae": 0.5}}), 1_700_000_060)
    write(tmp_path / "runs" / "two" / "results.json", results_of(QUICK))
    with page_server.served(tmp_path / "log", *page_server.small_page(), forked=True) as url:
        page = chromium.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
        page.goto(url)
        page.get_by_role("tab", name="Metrics", exact=True).click(timeout=page_server.READY_SECONDS * 1000)
        menu, figures = page.locator("#metrics-run input"), page.locator("#metrics")
        figures.get_by_text("No model was measured on the ratings").wait_for()
        for number, told in enumerate(["0.500", "0.720", "come with the program"]):  # the newest first
            choose(page, number)
            figures.get_by_text(told).first.wait_for()
        choose(page, 0)
        assert re.fullmatch(r"Measured here \d+ \w+ \d{4}, \d\d:\d\d, on films \(1 model\)", menu.input_value())
        end_of_text, arrow = menu.evaluate(ENDS)
        assert end_of_text <= arrow
        gone.unlink()
        choose(page, 1)
        choose(page, 0)
        page.get_by_text(metrics_tab.GONE).first.wait_for()
        page.close()


ENDS = """input => [input.getBoundingClientRect().right - parseFloat(getComputedStyle(input).paddingRight),
                     input.parentElement.querySelector(".icon-wrap").getBoundingClientRect().left]"""


def choose(page, number):
    page.click("#metrics-run input")
    page.get_by_role("option").nth(number).click()
