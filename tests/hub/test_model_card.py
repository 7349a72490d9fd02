import ast
import json
import random
import re
import shlex
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from importlib.util import find_spec

import numpy as np
import pytest
from huggingface_hub import ModelCard
from markdown_it import MarkdownIt

from recsys.artifacts.artifact import FORMAT, KERAS_FILES, Artifact, Items, save_artifact
from recsys.data.sources.names import NAMES
from recsys.data.sources.published import ML_100K_SHA256
from recsys.errors import DataError
from recsys.model_card import make_card
from recsys.model_card.model import HOLDS
from recsys.model_card.sections import LAYERS_IN
from recsys.models import MODELS
from tests.support.made_up_measurements import spoil
from tests.support.small_models import fitted, ratings

DIGEST, OTHER_DIGEST = ML_100K_SHA256, "0b" * 32
CONFIG = {"vae": {"epochs": 22, "beta": 0.5}, "linear_weight": 10.0, "kind": "a ``` in a text"}
FACTS = {
    "dataset": "ml-100k",
    "dataset_sha256": DIGEST,
    "protocol": "folds",
    "split": "all",
    "seed": 0,
    "n_ratings": 100000,
    "n_users": 943,
    "command": "python -m eval.train --models hybrid-vae --out /home/jo/weights",
}
STARS = ("mse", "rmse", "mae", "nll", "ece")
LISTS = tuple(f"{name}@{k}" for k in (2, 3) for name in ("precision", "recall", "f1", "ndcg", "mrr"))
SHOWN_LISTS = tuple(name for name in LISTS if name not in ("ndcg@2", "mrr@2"))  # of the shorter list, no weighted ones
WEIRD = [
    "my *bold* _set_",
    "a|b | c",
    "# heading",
    "--- ",
    "<script>alert(1)</script> &amp; &#42;",
    "`code` ``` and ~~more~~",
    "[link](http://x) ![image](y)",
    "$$x$$ \\(y\\) C:\\films\\",
    "yes: {a: [1, 'two\", # three",
    "Café 映画 🎬",
    "two\nlines\n---\nrest\r\n\x85\u2028end",
    "lone \ud800 half, \x00 and \u202e turned",
]


# ---- a made-up model and made-up measurements


def write_model(folder, *, model="hybrid-vae", facts=None, config=None, files=KERAS_FILES):
    """A folder with what a card is made of."""
    description = {
        "format": FORMAT,
        "model": model,
        "config": CONFIG if config is None else config,
        "scale": {"lowest": 1.0, "highest": 5.0, "step": 1.0},
        "n_items": 1682,
        "genres": ["Action"],
        "versions": {"python": "3.11.7", "keras": "3.15.1"},
        "facts": FACTS | (facts or {}),
    }
    folder.mkdir(exist_ok=True)
    (folder / "model.json").write_text(json.dumps(description))
    listed = ["model.json", "arrays.safetensors", *files]
    (folder / "manifest.json").write_text(json.dumps(dict.fromkeys(listed, "00")))
    return folder


def figure_of(model, metric, split=None):
    """A number with many digits that differs from all others."""
    place = (*STARS, *LISTS).index(metric) + 1
    return place / 7 + len(model) / 1000 + (0 if split is None else int(split[-1]) / 100)


def run(model, split, metrics):
    return {"model": model, "split": split, "metrics": {metric: figure_of(model, metric, split) for metric in metrics}}


def split_facts(name, n_asked=None):
    counted = {"n_users": 943, "n_items": 1682, "n_test_ratings": 20000, "n_test_users": 600, "n_ranked_users": 555}
    return {"name": name, **counted, "n_asked": n_asked}


def results_of(models, splits=("u1", "u2"), *, n_asked=None, **changes):
    """results.json of a run: `models` says which metrics each has."""
    return {
        "version": 1,
        "dataset": "ml-100k",
        "dataset_sha256": DIGEST,
        "protocol": "folds",
        "seed": 0,
        "k": [2, 3],
        "relevant_from": 4.0,
        "command": "python -m eval.run --models all --splits all --out '/home/jo/a run' --cache=/home/jo/cache",
        "splits": [split_facts(name, n_asked) for name in splits],
        "models": dict.fromkeys(models, CONFIG),
        "runs": [run(model, split, metrics) for split in splits for model, metrics in models.items()],
        "summary": [
            {
                "model": model,
                "metric": metric,
                "mean": figure_of(model, metric),
                "stderr": figure_of(model, metric) / 99,
            }
            for model, metrics in models.items()
            for metric in metrics
        ],
        **changes,
    }


EVERYTHING = {"popularity": LISTS, "svd": ("mse", "rmse", "mae", *LISTS), "hybrid-vae": (*STARS, *LISTS)}


def write_results(folder, results):
    path = folder / "results.json"
    path.write_text(json.dumps(results))
    return path


def card_of(tmp_path, results=None, **model):
    path = None if results is None else write_results(tmp_path, results)
    return make_card(write_model(tmp_path / "model", **model), "someone/movie-vae", path)


def flowing(card):
    """The text of a card with every run of white space as one blank."""
    return " ".join(card.split())


class Reader(HTMLParser):
    """The text of headings and of every row of tables, and all tags, of a page."""

    def __init__(self, page):
        super().__init__()
        self.headings, self.rows, self.tags, self.current = [], [], set(), None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("h1", "th", "td"):
            self.current = self.headings if tag == "h1" else self.rows[-1]
            self.current.append("")

    def handle_endtag(self, tag):
        if tag in ("h1", "th", "td"):
            self.current = None

    def handle_data(self, text):
        if self.current is not None:
            self.current[-1] += text


def read(card):
    """A card as a browser shows it."""
    return Reader(MarkdownIt("commonmark").enable("table").render(ModelCard(card).text))


def row_of(card, name, among):
    """Cells of the row that begins with a name, in the table whose heading begins with `among`."""
    rows = read(card).rows
    start = next(at for at, row in enumerate(rows) if row[: len(among)] == list(among))
    return next(row for row in rows[start:] if row[0] == name)


def model_index(card):
    """(task, metric's type) -> value, as the Hub reads it."""
    return {(result.task_type, result.metric_type): result.metric_value for result in ModelCard(card).data.eval_results}


# ---- for the Hub


def test_the_front_matter_is_what_the_hub_expects(tmp_path):
    data = ModelCard(card_of(tmp_path, results_of(EVERYTHING))).data
    assert data.library_name == "keras"
    assert data.license == "apache-2.0"
    assert data.datasets == ["ml-100k"]
    assert data.tags == ["recommender-system", "collaborative-filtering", "variational-autoencoder", "jax", "movielens"]
    assert data.model_name == "hybrid-vae"
    assert data.pipeline_tag is None


def test_the_model_index_of_weights_of_all_ratings_has_the_means_to_the_last_digit(tmp_path):
    card = card_of(tmp_path, results_of(EVERYTHING))
    assert model_index(card) == {
        **{("tabular-regression", metric): figure_of("hybrid-vae", metric) for metric in STARS},
        **{("recommendation", metric): figure_of("hybrid-vae", metric) for metric in SHOWN_LISTS},
    }
    result = ModelCard(card).data.eval_results[0]
    assert result.dataset_name == "ml-100k, mean over the test parts of u1, u2"
    assert (result.dataset_type, result.dataset_config, result.dataset_split) == ("ml-100k", "folds", "u1, u2")


def test_the_model_index_of_weights_of_one_split_has_their_own_figures(tmp_path):
    card = card_of(tmp_path, results_of(EVERYTHING), facts={"split": "u2"})
    assert model_index(card) == {
        **{("tabular-regression", metric): figure_of("hybrid-vae", metric, "u2") for metric in STARS},
        **{("recommendation", metric): figure_of("hybrid-vae", metric, "u2") for metric in SHOWN_LISTS},
    }
    result = ModelCard(card).data.eval_results[0]
    assert (result.dataset_name, result.dataset_split) == ("ml-100k, test part of u2", "u2")


def test_a_model_that_only_ranks_has_no_figures_of_stars_and_no_keras(tmp_path):
    card = card_of(tmp_path, results_of(EVERYTHING), model="popularity", files=())
    assert {task for task, _ in model_index(card)} == {"recommendation"}
    assert "Rating accuracy" not in card
    assert "held-out ones" not in card
    assert "keras.models.load_model" not in card
    data = ModelCard(card).data
    assert data.library_name is None
    assert data.tags == ["recommender-system", "collaborative-filtering", "movielens"]


# ---- figures


def test_the_models_own_table_has_every_figure_with_its_standard_error(tmp_path):
    card = card_of(tmp_path, results_of(EVERYTHING))
    for metric, name in (("rmse", "RMSE"), ("ece", "ECE"), ("precision@2", "Precision@2"), ("ndcg@3", "nDCG@3")):
        mean = figure_of("hybrid-vae", metric)
        assert row_of(card, name, ["metric", "mean over 2 splits"])[:3] == [name, f"{mean:.4f}", f"{mean / 99:.4f}"]
    assert ["metric", "mean over 2 splits", "its standard error", "what it says"] in read(card).rows
    assert "nDCG@2" not in card


def test_the_tables_hold_all_models_of_the_run_and_this_one_in_bold(tmp_path):
    card = card_of(tmp_path, results_of(EVERYTHING))
    stars, lists = ["model", "MSE", "RMSE", "MAE", "NLL", "ECE"], ["model", "P@2", "R@2", "F1@2", "P@3"]
    rmse = figure_of("svd", "rmse")
    expected = [f"{figure_of('svd', 'mse'):.4f}", f"{rmse:.4f} ±{rmse / 99:.4f}", f"{figure_of('svd', 'mae'):.4f}"]
    assert row_of(card, "svd", stars) == ["svd", *expected, "–", "–"]
    assert row_of(card, "popularity", lists)[4] == f"{figure_of('popularity', 'precision@3'):.4f}"
    ndcg = figure_of("hybrid-vae", "ndcg@3")
    assert row_of(card, "hybrid-vae", lists)[-2] == f"{ndcg:.4f} ±{ndcg / 99:.4f}"
    bold = [line for line in card.splitlines() if line.startswith("| **")]
    assert [line.split(" | ")[0] for line in bold] == ["| **hybrid-vae**"] * 2
    assert all(cell.startswith("**") and cell.endswith("**") for line in bold for cell in line[2:-2].split(" | "))


def test_a_table_of_stars_leaves_out_models_that_predict_none(tmp_path):
    card = card_of(tmp_path, results_of(EVERYTHING))
    accuracy = card[card.index("### Rating accuracy") : card.index("### Top-N lists")]
    assert "| svd |" in accuracy
    assert "popularity" not in accuracy


def test_a_figure_without_a_standard_error_stands_alone(tmp_path):
    results = results_of({"hybrid-vae": STARS, "svd": STARS})
    for figure in results["summary"]:
        figure["stderr"] = None
    card = card_of(tmp_path, results)
    mean = f"{figure_of('hybrid-vae', 'rmse'):.4f}"
    assert row_of(card, "RMSE", ["metric"])[1:3] == [mean, "–"]
    assert row_of(card, "hybrid-vae", ["model"])[2] == mean


def test_the_number_of_ratings_people_and_lists_is_told(tmp_path):
    text = flowing(card_of(tmp_path, results_of(EVERYTHING)))
    assert "Ratings: 40,000 held-out ones" in text
    assert "gave 4 stars or more in the test part" in text
    assert "1,110 of 1,200 lists, one per person and split, have a relevant film; the rest is left out." in text


def test_people_who_name_genres_are_told_apart(tmp_path):
    results = results_of({"hybrid-vae": LISTS, "ease": LISTS}, ("g1", "g2"), protocol="genres", n_asked=700)
    results["protocol_rules"] = "no model has seen a rating of the people it is measured on"
    text = flowing(card_of(tmp_path, results))
    assert "Protocol: genres (g1, g2): no model has seen a rating of the people it is measured on" in text
    assert "Every film of the named genres is ranked. 1,110 of 1,400 people have a relevant film" in text
    assert "Rating accuracy" not in text


def test_models_of_other_splits_are_not_compared_but_named(tmp_path):
    results = results_of(EVERYTHING)
    results["runs"] = [one for one in results["runs"] if (one["model"], one["split"]) != ("svd", "u2")]
    card = card_of(tmp_path, results)
    assert "| svd |" not in card
    assert "Left out, since not measured on the same splits: svd." in card


def test_splits_that_an_interrupted_run_did_not_reach_are_not_counted(tmp_path):
    results = results_of(EVERYTHING)
    results["runs"] = [one for one in results["runs"] if (one["model"], one["split"]) != ("hybrid-vae", "u2")]
    card = card_of(tmp_path, results)
    assert ["metric", "on u1", "its standard error", "what it says"] in read(card).rows
    assert "Ratings: 20,000 held-out ones" in card
    assert "Left out, since not measured on the same splits: popularity, svd." in card


def test_a_model_that_ran_alone_is_compared_with_nothing(tmp_path):
    card = card_of(tmp_path, results_of({"hybrid-vae": STARS}))
    assert "Beside the other models" not in card
    assert "| RMSE |" in card


# ---- whose figures they are


def test_figures_of_weights_of_all_ratings_are_told_from_a_test_of_them(tmp_path):
    text = flowing(card_of(tmp_path, results_of(EVERYTHING)))
    assert "fitted on **all** ratings, so none is left to test them on" in text
    assert "come from models with the same settings, each fitted on the training part of a split (u1, u2)" in text
    assert "are no test of them. To measure these weights on those test parts would be wrong" in text
    assert "these weights on" not in text.replace("measure these weights on", "")


def test_figures_of_a_split_are_of_the_very_weights_and_means_are_not(tmp_path):
    card = card_of(tmp_path, results_of(EVERYTHING), facts={"split": "u2"})
    own, mean = figure_of("hybrid-vae", "rmse", "u2"), figure_of("hybrid-vae", "rmse")
    assert row_of(card, "RMSE", ["metric", "these weights on u2", "mean over 2 splits"])[1:3] == [
        f"{own:.4f}",
        f"{mean:.4f}",
    ]
    text = flowing(card)
    assert "fitted on the training part of u2 (protocol folds). The figures on u2 are theirs" in text
    assert "the means are of models with the same settings" in text
    assert "Do not measure these weights on the test part of another split" in text
    assert "**all**" not in text


def test_one_split_is_enough(tmp_path):
    card = card_of(tmp_path, results_of(EVERYTHING, ("u1",)), facts={"split": "u1"})
    assert ["metric", "these weights on u1", "its standard error", "what it says"] in read(card).rows
    assert "The figures are theirs, on the test part of u1." in card
    assert "Measured on u1." in card
    assert "another split" not in card


@pytest.mark.parametrize("facts", [{"split": "u5"}, {"split": "u1", "seed": 7}, {"split": "u1", "protocol": "random"}])
def test_figures_of_other_splits_are_no_test_of_the_weights(tmp_path, facts):
    card = card_of(tmp_path, results_of(EVERYTHING), facts=facts)
    assert f"fitted on the training part of {facts['split']} (protocol {facts.get('protocol', 'folds')})" in card
    assert "They are no test of these very weights" in card
    assert model_index(card)["tabular-regression", "rmse"] == figure_of("hybrid-vae", "rmse")


@pytest.mark.parametrize(
    "results", [None, results_of({"svd": STARS, "ease": LISTS})], ids=["no run", "a run of others"]
)
def test_without_measurements_the_card_says_so(tmp_path, results):
    card = card_of(tmp_path, results)
    assert "There are no measurements beside these weights." in card
    assert "python -m eval.run --models hybrid-vae" in card
    assert "model-index" not in card
    assert "±" not in card
    assert ModelCard(card).data.eval_results is None


# ---- what else a reader needs


@pytest.mark.parametrize("dataset", ["ml-100k", "films of mine"])
def test_the_lines_to_copy_are_python_and_name_the_repository(tmp_path, dataset):
    card = card_of(tmp_path, facts={"dataset": dataset})
    code = re.search(r"```python\n(.*?)```", card, re.DOTALL)[1]
    ast.parse(code)
    assert 'Recommender.from_pretrained("someone/movie-vae")' in code


def test_the_card_says_what_the_model_is_in_the_words_of_the_code(tmp_path):
    assert MODELS["hybrid-vae"].summary in card_of(tmp_path)
    card = card_of(tmp_path, results_of(EVERYTHING))
    assert f"- svd: {MODELS['svd'].summary}" in card


def test_settings_seed_versions_and_digest_are_there(tmp_path):
    card = card_of(tmp_path)
    folded = card[card.index("<details><summary>Settings</summary>") : card.index("</details>")]
    assert json.loads(folded[folded.index("```json\n") + 8 : folded.rindex("\n```")]) == CONFIG
    assert "- Fitted on all ratings: 100,000 ratings of 1,682 films by 943 people; seed 0." in card
    assert "Versions: python 3.11.7, keras 3.15.1." in card
    assert "Weights of its parts" not in card
    (tmp_path / "chosen").mkdir()
    chosen = {"chosen": "chosen on 9,000 ratings kept aside: weight of liking 1 instead of 0.5"}
    assert f"- Weights of its parts: {chosen['chosen']}." in card_of(tmp_path / "chosen", facts=chosen)
    assert DIGEST in card


def test_a_model_that_hides_people_says_what_it_promises(tmp_path):
    promise = {"private": "(8, 0.000106)-differentially private: all ratings of one person against none of theirs"}
    card = flowing(card_of(tmp_path, model="dp-vae", facts=promise, files=()))
    assert f"- Privacy: {promise['private']}." in card
    assert "What the weights give away about a person they were fitted on is bounded" in card
    assert "Nobody has examined" not in card
    (tmp_path / "other").mkdir()
    other = flowing(card_of(tmp_path / "other"))
    assert "Nobody has examined what the weights give away" in other
    assert "Privacy:" not in other


def test_commands_are_shown_without_anybodys_folders(tmp_path):
    facts = {"command": "python -m eval.train --dataset /home/jo/films --cache /home/jo/c --seed 3"}
    card = card_of(tmp_path, results_of(EVERYTHING), facts=facts)
    assert "      python -m eval.train --dataset films --seed 3\n" in card
    assert "      python -m eval.run --models all --splits all\n" in card
    assert "/home/jo" not in card


def test_what_no_shell_takes_is_not_shown_as_a_command(tmp_path):
    card = card_of(tmp_path, facts={"command": "python 'half --out /home/jo"})
    assert "- Command:\n\n      –\n" in card
    assert "/home/jo" not in card


def test_every_file_is_explained_and_unknown_ones_are_listed(tmp_path):
    rows = read(card_of(tmp_path, files=(*KERAS_FILES, "more|of it.bin"))).rows
    assert [row for row in rows if row[0] in HOLDS] == [[name, meaning] for name, meaning in HOLDS.items()]
    assert ["more|of it.bin", "part of the model"] in rows


@pytest.mark.parametrize(("model", "layers"), [("hybrid-vae", "mult_vae.network"), ("vae-bce", "vae.paper_vae")])
def test_the_module_with_the_layers_of_keras_exists(tmp_path, model, layers):
    assert f"`import recsys.models.{layers}`" in card_of(tmp_path, model=model)
    assert find_spec(f"recsys.models.{layers}")
    assert all(class_path in {recipe.class_path for recipe in MODELS.values()} for class_path in LAYERS_IN)


def test_limits_are_those_of_the_data(tmp_path):
    assert "It knows 1,682 films, none newer than 1998, and can list no other. It learned from 943 people" in card_of(
        tmp_path
    )
    card = card_of(tmp_path, facts={"dataset": "ml-1m", "n_users": 6040})
    assert "It knows 1,682 films, and can list no other. It learned from 6,040 people" in card


def test_movielens_comes_with_its_terms_and_citation_and_other_data_without(tmp_path):
    card = flowing(card_of(tmp_path))
    assert "not for commercial purposes without permission, and may not be redistributed without it" in card
    assert "Please cite F. Maxwell Harper and Joseph A. Konstan. 2015." in card
    other = card_of(tmp_path, facts={"dataset": "films of mine"})
    assert "The terms of the data, films of mine, may" in other
    assert "MovieLens" not in other
    assert "Harper" not in other
    assert ModelCard(other).data.datasets is None
    assert "movielens" not in ModelCard(other).data.tags


@pytest.mark.parametrize("facts", [{"dataset_sha256": OTHER_DIGEST}, {"dataset": "ml-1m", "published": False}])
def test_a_folder_that_is_called_like_a_published_set_is_not_taken_for_it(tmp_path, facts):
    card = card_of(tmp_path, facts=facts)
    assert "MovieLens" not in card
    assert "none newer than" not in card
    assert ModelCard(card).data.datasets is None


def test_a_folder_that_tells_little_still_gets_a_card(tmp_path):
    folder = write_model(tmp_path / "model")
    description = json.loads((folder / "model.json").read_text()) | {"facts": {}, "versions": {}}
    (folder / "model.json").write_text(json.dumps(description))
    card = make_card(folder, "someone/movie-vae", None)
    assert "fitted on a data set without a name" in card
    assert "None" not in card


# ---- names that hold anything


def in_one_line(name):
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())


@pytest.mark.parametrize("name", WEIRD)
def test_a_name_breaks_neither_yaml_nor_markdown(tmp_path, name):
    splits, protocol = (f"{name}1", f"{name}2"), {"protocol": name, "protocol_rules": name}
    results = results_of({**EVERYTHING, name: STARS}, splits=splits, **protocol)
    plain = card_of(tmp_path, results_of({**EVERYTHING, "another": STARS}), facts={"dataset": "films"})
    card = card_of(tmp_path, results, facts={"dataset": name})
    shown = in_one_line(name)
    card.encode("utf-8")
    assert read(card).headings == [f"hybrid-vae: a movie recommender fitted on {shown}"]
    assert [len(row) for row in read(card).rows] == [len(row) for row in read(plain).rows]
    assert read(card).tags == read(plain).tags
    assert row_of(card, shown, ["model", "MSE"])[1] == f"{figure_of(name, 'mse'):.4f}"
    result = ModelCard(card).data.eval_results[0]
    assert (result.dataset_type, result.dataset_config) == (shown, shown)
    assert unescape(shown) == shown or "&#" in card


@pytest.mark.parametrize("name", WEIRD)
def test_a_command_with_any_name_stays_one_line_of_code(tmp_path, name):
    command = shlex.join(["python", "-m", "eval.train", "--dataset", name])
    card = card_of(tmp_path, facts={"command": command})
    plain = card_of(tmp_path)
    card.encode("utf-8")
    assert len(card.splitlines()) == len(plain.splitlines())
    assert read(card).tags == read(plain).tags


# ---- what is refused


def refused(tmp_path, results, message, **model):
    with pytest.raises(DataError, match=message) as error:
        card_of(tmp_path, results, **model)
    assert str(tmp_path / "results.json") in str(error.value)
    assert "\n" not in str(error.value)


def test_results_of_another_version_are_refused(tmp_path):
    refused(
        tmp_path,
        results_of(EVERYTHING, version=2),
        r"got results of version 2, expected 1; measure again with the eval",
    )
    refused(tmp_path, {}, "got results of version None, expected 1")
    refused(tmp_path, [1], "got results of version None, expected 1")


def test_results_of_other_data_are_refused(tmp_path):
    message = f"measured on a ratings file with sha256 {OTHER_DIGEST}, but the model was fitted on one with {DIGEST}"
    refused(tmp_path, results_of(EVERYTHING, dataset_sha256=OTHER_DIGEST), message)


def test_results_of_other_settings_are_refused_by_their_names(tmp_path):
    config = {**CONFIG, "vae": {"epochs": 30, "beta": 0.5}, "more": 1}
    message = (
        r"hybrid-vae with other settings than this model has \(vae.epochs 22 instead of 30, more None instead of 1\)"
    )
    refused(tmp_path, results_of(EVERYTHING), message, config=config)
    refused(tmp_path, results_of(EVERYTHING), message, config=config, facts={"split": "u1"})


def test_results_that_lack_something_are_refused(tmp_path):
    results = results_of(EVERYTHING)
    del results["splits"], results["command"]
    refused(tmp_path, results, "command, splits is missing; the file was altered, measure again")


@pytest.mark.parametrize("content", ["{", "", '{"version": 1', "[" * 100000])
def test_results_that_are_not_json_are_refused(tmp_path, content):
    (tmp_path / "results.json").write_text(content)
    folder = write_model(tmp_path / "model")
    with pytest.raises(DataError, match=r"results.json: not JSON \(.*; expected the results.json of a run"):
        make_card(folder, "someone/movie-vae", tmp_path / "results.json")


def test_results_that_are_not_there_are_refused(tmp_path):
    folder = write_model(tmp_path / "model")
    for path, reason in ((tmp_path / "none.json", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(DataError, match=rf"{path.name}: cannot be read \({reason}\); expected the results.json of"):
            make_card(folder, "someone/movie-vae", path)


def test_results_that_lack_a_figure_of_these_very_weights_are_refused(tmp_path):
    results = results_of(EVERYTHING)
    del results["runs"][2]["metrics"]["rmse"]
    message = "the run of hybrid-vae on u1 lacks rmse; the file was altered, measure again"
    refused(tmp_path, results, message, facts={"split": "u1"})
    assert "| RMSE |" in card_of(tmp_path, results, facts={"split": "u2"})


ALTERED = {
    "summary.0.mean: input should be a valid number": lambda results: results["summary"][0].update(mean="0.5"),
    "summary.0.mean: input should be a finite number": lambda results: results["summary"][0].update(mean=float("nan")),
    "runs: input should be a valid list": lambda results: results.update(runs={}),
    "models.hybrid-vae: input should be a valid dictionary": lambda results: results["models"].update(
        {"hybrid-vae": 1}
    ),
    "splits.0.n_ranked_users: input should be greater": lambda results: results["splits"][0].update(n_ranked_users=-1),
    "a run is on 'u9', which is none of the splits": lambda results: results["runs"][0].update(split="u9"),
}


@pytest.mark.parametrize("message", ALTERED)
def test_results_with_something_altered_are_refused_by_its_place(tmp_path, message):
    results = results_of(EVERYTHING)
    ALTERED[message](results)
    refused(tmp_path, results, f"{message}.*; the file was altered, measure again")


@pytest.mark.parametrize("split", ["all", "u1"])
def test_any_damage_to_results_is_refused_in_a_sentence_or_makes_a_card(tmp_path, split):
    rng, refusals = random.Random(0), []
    for _ in range(100):
        results = results_of(EVERYTHING, protocol_rules="divided")
        for _ in range(rng.randint(1, 2)):
            spoil(results, rng)
        try:
            card = card_of(tmp_path, results, facts={"split": split})
            assert card.startswith("---\n")
        except DataError as reason:
            refusals.append(str(reason))
    assert 20 < len(refusals) < 100
    assert not any("\n" in refusal for refusal in refusals)


@pytest.mark.parametrize("depth", [300, 700, 5000])
def test_settings_that_lie_deep_within_each_other_are_refused(tmp_path, depth):
    results = results_of(EVERYTHING)
    results["models"]["hybrid-vae"] = {"DEEP": 0}
    text = json.dumps(results).replace('{"DEEP": 0}', '{"a":' * depth + "1" + "}" * depth)
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(DataError, match=r"not JSON \(|with other settings|lie too deep within each other"):
        make_card(write_model(tmp_path / "model"), "someone/movie-vae", tmp_path / "results.json")


@pytest.mark.parametrize(
    "repo", ["movie-vae", "a/b/c", "some one/movie-vae", "someone/", "/movie-vae", "", 'a/b"); evil("', "a/" + "b" * 99]
)
def test_what_names_no_repository_is_refused(tmp_path, repo):
    folder = write_model(tmp_path / "model")
    with pytest.raises(DataError, match="for the name of a repository; expected USER/REPO, of letters, digits"):
        make_card(folder, repo, None)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(DataError, match="model.json: the file is missing"):
        make_card(tmp_path, "someone/movie-vae", None)
    folder = write_model(tmp_path / "model")
    (folder / "manifest.json").unlink()
    with pytest.raises(DataError, match="manifest.json: the file is missing"):
        make_card(folder, "someone/movie-vae", None)
    with pytest.raises(DataError, match="model.json: unknown model 'eaze'"):
        card_of(tmp_path, model="eaze")


def test_a_scale_that_is_none_is_refused(tmp_path):
    folder = write_model(tmp_path / "model")
    description = json.loads((folder / "model.json").read_text()) | {"scale": {"lowest": 1.0}}
    (folder / "model.json").write_text(json.dumps(description))
    with pytest.raises(
        DataError, match="model.json: got the settings lowest for RatingScale; expected lowest, highest"
    ):
        make_card(folder, "someone/movie-vae", None)


# ---- agreement with the rest of the code


def test_a_saved_model_gets_a_card(tmp_path):
    train = ratings(1)
    facts = {key: value for key, value in FACTS.items() if key != "command"}
    artifact = Artifact("ease", fitted("ease", train), Items.of(np.arange(train.shape[1]), train), facts)
    save_artifact(tmp_path / "ease", artifact)
    card = make_card(tmp_path / "ease", "someone/ease", None)
    listed = [row[0] for row in read(card).rows if row[0] in HOLDS]
    assert listed == [name for name in HOLDS if (tmp_path / "ease" / name).exists()]
    assert "It knows 23 films" in card
    assert set(NAMES) >= set(ModelCard(card).data.datasets)


def test_importing_the_module_loads_neither_the_hub_nor_keras():
    code = "import sys, recsys.model_card; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"huggingface_hub", "keras", "jax", "pandas", "gradio", "eval"} & set(loaded)
