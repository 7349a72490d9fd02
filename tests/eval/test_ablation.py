"""The flagship taken apart: what its variants are, and what a run prints and keeps."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from eval import ablation
from eval.ablating.ablation_report import Findings, ablation_table
from eval.ablating.variants import GROUPS, WHOLE, WHOLE_NAME, Variant, added, built_up, changes, taken_away
from eval.ablation import main
from eval.measures.stats import UserSums, paired_bootstrap
from eval.run import main as eval_run
from eval.running.experiment import Outcome
from eval.running.part_cache import PartCache, Remembering
from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models import MODELS
from recsys.models.bayes.bmf import BMF
from recsys.models.bayes.rehearsal import Foretold
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.hybrids.hybrid_vae import HybridVAE
from recsys.models.linear.ease import EASE
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.progress import silent
from recsys.split import Split
from tests.support.data_folders import write_genres
from tests.support.small_models import N_ITEMS, fitted, made_small, ratings

SMALL = replace(made_small(WHOLE), normal_share=0.0)
SMALL_GROUPS = {
    "Built up": lambda: [
        Variant("alone", "alone", replace(SMALL, linear_weight=0.0)),
        Variant("+ linear path", "alone", SMALL),
    ],
    "Taken away": lambda: [Variant("- level use", "+ linear path", replace(SMALL, level_prior=1e9))],
}
NAMES = [variant.name for make in SMALL_GROUPS.values() for variant in make()]


def test_names_are_unique_and_each_is_compared_with_another_that_is_measured():
    variants = [variant for make in GROUPS.values() for variant in make()]
    names = [variant.name for variant in variants]
    assert len({*names}) == len(names)
    assert {variant.against for variant in variants} <= {*names}


def test_building_up_ends_with_the_flagship_and_every_step_changes_something():
    steps = built_up()
    assert (steps[-1].name, steps[-1].config) == (WHOLE_NAME, replace(HybridVAEConfig(), chooses_weights=False))
    assert [step.against for step in steps[1:]] == [step.name for step in steps[:-1]]
    assert all(one.config != other.config for one, other in pairwise(steps))
    assert list(HybridVAE(steps[0].config).parts()) == ["vae"]


OTHERS = {  # by name, what a variant must differ in from the whole model, and in nothing else
    "- linear path": {"linear_weight": 0},
    "- genres and periods in it": {"linear.feature_weight": 0},
    "- graded feedback in it": {"linear.feedback": "binary", "linear.l2": 500},
    "- liking in the score": {"vae.liked_weight": 0},
    "- the second network": {"vae.n_networks": 1},
    "- denoising": {"vae.forgets": 0},
    "- annealing": {"vae.anneal_epochs": 1},
    "- the VAE's stars": {
        "normal_share": pytest.approx(5 / 9),
        "ordinal_share": pytest.approx(4 / 9),
        "few_ratings": 0,
    },
    "- the VAE where ratings are few": {"few_ratings": 0},
    "- bmf": {"normal_share": 0, "ordinal_share": pytest.approx(0.9)},
    "- bmf-ordinal": {"normal_share": pytest.approx(0.9), "ordinal_share": 0},
    "- genres and periods in both": {"normal.uses_item_features": False, "ordinal.uses_item_features": False},
    "- who rated what in both": {"normal.n_link_features": 0, "ordinal.n_link_features": 0},
    "- people's use of the levels": {"level_prior": 1e9, "shape_prior": 1e9},
    "- films' use of the levels": {"film_prior": 0},
    "- shape apart from mean": {"level_prior": 100, "shape_prior": 0, "film_prior": 0},
    "- the stars that bmf expects": {"has_parts_stars": False},
    "+ a third network": {"vae.n_networks": 3},
    "- half of the hidden units": {"vae.n_hidden": 400},
    "+ a linear path twice as heavy": {"linear_weight": 20},
    "+ weights chosen by fit (as shipped)": {"chooses_weights": True},
}


@pytest.mark.parametrize("variant", [*taken_away(), *added()], ids=lambda variant: variant.name)
def test_a_variant_differs_from_the_whole_in_what_it_says_and_in_nothing_else(variant):
    assert changes(variant.config) == OTHERS[variant.name]
    assert variant.against == WHOLE_NAME


def test_all_parts_of_a_split_find_room_so_that_each_is_fitted_once(monkeypatch):
    fits = []
    for kind, fit in ((MultVAE, "fit"), (EASE, "fit"), (BMF, "fit_and_foretell")):
        monkeypatch.setattr(kind, fit, lambda part, *_, **__: fits.append(part) or part)
    for step in ("try_lists", "try_stars"):
        monkeypatch.setattr(HybridVAE, step, lambda *_: None)
    monkeypatch.setattr(MultVAE, "weights", [], raising=False)
    monkeypatch.setattr(MultVAE, "distribution_of_entries", lambda *_: np.zeros((2, 0, 5)))
    nothing = Foretold(*np.zeros((4, 0, 5)))
    monkeypatch.setattr(Foretold, "of", lambda *_: nothing)
    cache, split = PartCache(ablation.N_KEPT_PARTS), Split("s", Interactions(ratings(1)), ratings(2))
    for variant in (each for make in GROUPS.values() for each in make()):
        cache.fitted(HybridVAE(variant.config), split, 0, silent)
    assert len(fits) == len(cache.kept)
    assert len({part.config for part in fits}) > 10


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a small ablation on made-up data; the exit status."""
    monkeypatch.setattr(ablation, "GROUPS", SMALL_GROUPS)
    folder = write_genres(tmp_path / "own")

    def call(*options: str) -> int:
        data = ["--dataset", str(folder), "--min-ratings", "5", "--out", str(tmp_path / "out")]
        return main([*data, *options])

    return call


def kept(tmp_path) -> dict:
    """What ablation.json holds."""
    return json.loads((tmp_path / "out/ablation.json").read_text())


def test_a_run_prints_tables_and_keeps_figures(run, tmp_path, capsys):
    assert run("--splits", "f1", "f2") == 0
    out, err = capsys.readouterr()
    for title, make in SMALL_GROUPS.items():
        assert title in out
        for variant in make():
            assert variant.name in out
            assert all(f"{split}  {variant.name}" in err for split in ("f1", "f2"))
    found = kept(tmp_path)
    assert [(each["variant"], each["split"]) for each in found["runs"]] == [
        (name, split) for split in ("f1", "f2") for name in NAMES
    ]
    assert [each["name"] for each in found["variants"]] == NAMES
    assert found["variants"][2]["config"]["level_prior"] == 1e9
    of_splits = [each["metrics"]["ece"] for each in found["runs"] if each["variant"] == "alone"]
    assert found["summary"]["alone"]["ece"] == pytest.approx(np.mean(of_splits))
    assert found["environment"].keys() >= {"python", "jax", "cpu"}
    text = (tmp_path / "out/ablation.md").read_text()
    assert "folds: f1, f2" in text
    assert "python -m eval.ablation --dataset" in text
    assert "6 of 6 variants times splits are finished" in text
    assert "- `- level use`: " in text


def test_the_figures_are_those_that_eval_run_would_find(run, tmp_path, monkeypatch):
    monkeypatch.setattr(ablation, "GROUPS", {"Whole": lambda: [Variant(WHOLE_NAME, WHOLE_NAME, SMALL)]})
    monkeypatch.setitem(MODELS, "hybrid-vae", replace(MODELS["hybrid-vae"], config=SMALL))
    assert run("--seed", "3") == 0
    data = ["--dataset", str(tmp_path / "own"), "--min-ratings", "5", "--out", str(tmp_path / "run")]
    assert eval_run(["--models", "hybrid-vae", "--seed", "3", *data]) == 0
    [there] = json.loads((tmp_path / "run/results.json").read_text())["runs"]
    [here] = kept(tmp_path)["runs"]
    assert here["metrics"] == pytest.approx(there["metrics"])


def test_variants_can_be_chosen_and_one_without_its_counterpart_is_compared_with_nothing(run, tmp_path, capsys):
    assert run("--variants", "- level use", "alone") == 0
    assert [each["variant"] for each in kept(tmp_path)["runs"]] == ["alone", "- level use"]
    assert kept(tmp_path)["differences"] == {}
    assert "+ linear path" not in capsys.readouterr().out


@pytest.mark.parametrize("n_finished", [0, 2, 4])
def test_ctrl_c_keeps_what_is_finished(n_finished, run, tmp_path, capsys, monkeypatch):
    original, calls = ablation.Ablation.one, []

    def one(self, variant, split, cache):
        if len(calls) == n_finished:
            raise KeyboardInterrupt
        calls.append((variant.name, split.name))
        return original(self, variant, split, cache)

    monkeypatch.setattr(ablation.Ablation, "one", one)
    assert run("--splits", "f1", "f2") == 130
    out, err = capsys.readouterr()
    assert f"{n_finished} of 6 variants times splits are finished" in err
    assert (tmp_path / "out/ablation.json").exists() == (tmp_path / "out/ablation.md").exists() == bool(calls)
    if calls:
        assert [(each["variant"], each["split"]) for each in kept(tmp_path)["runs"]] == calls
        assert kept(tmp_path)["summary_splits"] == ["f1"]  # the same for all variants, or as far as the first goes
        assert list(kept(tmp_path)["summary"]) == NAMES[:n_finished]
        assert "+ linear path" in out
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


def test_an_error_keeps_what_is_finished(run, tmp_path, monkeypatch):
    original = ablation.Ablation.one

    def one(self, variant, split, cache):
        if variant.name == "+ linear path":
            raise MemoryError("no room")
        return original(self, variant, split, cache)

    monkeypatch.setattr(ablation.Ablation, "one", one)
    with pytest.raises(MemoryError, match="no room"):
        run()
    assert [each["variant"] for each in kept(tmp_path)["runs"]] == ["alone"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--protocol", "genres"], "unknown protocol 'genres'; known: folds, random"),
        (["--variants", "- linear part"], "unknown variant '- linear part'; known: the VAE alone, + linear path"),
        (["--seed", "-1"], "'-1' is not a whole number from 0"),
    ],
)
def test_a_mistake_in_an_option_is_refused_before_anything_is_loaded(options, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert message in capsys.readouterr().err


def test_an_unknown_split_and_a_folder_in_use_are_one_sentence(run, tmp_path, capsys):
    assert run("--splits", "f9") == 2
    assert "unknown split 'f9'; folds on own has f1, f2" in capsys.readouterr().err
    (tmp_path / "out/ablation.json").write_text("{}")
    assert run() == 2
    assert "holds the results of an earlier ablation; name another --out, or delete it" in capsys.readouterr().err
    assert main(["--out", str(tmp_path / "own/ratings.csv")]) == 2
    assert "cannot hold the results" in capsys.readouterr().err


def outcome(name: str, squared_error: list[float]) -> Outcome:
    """What a variant did for three people with two held-out ratings each, the last with nothing relevant."""
    per_user = {
        "squared_error": np.array(squared_error),
        "negative_log_likelihood": np.array(squared_error) / 2,
        "ndcg@10": np.array([0.5, 0.25, 0.0]),
        "n_test_ratings": np.array([2, 2, 2]),
        "n_relevant": np.array([1, 2, 0]),
    }
    return Outcome(
        model=name,
        split="s",
        config=WHOLE,
        per_user=per_user,
        reliability=None,
        curve=[],
        seconds_per_epoch=None,
        fit_seconds=1.0,
        score_seconds=1.0,
        peak_rss_bytes=None,
    )


def test_a_difference_is_that_of_the_paired_bootstrap_and_marked_where_its_interval_leaves_out_0():
    group = [Variant("worse", WHOLE_NAME, WHOLE), Variant("mixed", WHOLE_NAME, WHOLE)]
    values = {WHOLE_NAME: [2.0, 2.0, 4.0], "worse": [3.0, 4.0, 5.0], "mixed": [3.0, 1.0, 4.0]}
    outcomes = tuple(outcome(name, value) for name, value in values.items())
    groups = {"Taken away": group, "Built up": [Variant(WHOLE_NAME, WHOLE_NAME, WHOLE)]}
    findings = Findings(dataset=None, protocol="folds", seed=5, command="", groups=groups, planned=3, outcomes=outcomes)
    sums = {name: UserSums(np.array([value]), np.full((1, 3), 2.0), root=True) for name, value in values.items()}
    for name in ("worse", "mixed"):
        expected = paired_bootstrap(sums[name], sums[WHOLE_NAME], rng=np.random.default_rng(5))
        assert findings.differences[name]["rmse"] == expected
    assert findings.differences["worse"]["rmse"].difference == pytest.approx(2**0.5 - (4 / 3) ** 0.5)
    table = ablation_table("Taken away", group, findings)
    shown = {row[0].text: dict(zip(table.headings, (cell.text for cell in row), strict=True)) for row in table.rows}
    assert list(shown) == [WHOLE_NAME, "worse", "mixed"]
    assert shown[WHOLE_NAME]["Δ RMSE"] == "–"
    assert shown["worse"]["Δ RMSE"].startswith("+0.2595* ±")
    assert "*" not in shown["mixed"]["Δ RMSE"]
    assert shown["mixed"]["Δ nDCG@10"] == "0"
    assert shown["worse"]["nDCG@10"] == "0.3750"  # of the two people with something relevant
    assert "this line minus the whole model" in table.notes[0]


def test_a_remembering_part_answers_once_and_gives_copies_away():
    part = fitted("ease", ratings(1))
    remembering, history = Remembering(part), ratings(3)[:4]
    first, second = remembering.score(Histories(history)), remembering.score(Histories(history))
    assert not np.shares_memory(first, second)
    first[:] = 0
    np.testing.assert_array_equal(remembering.score(Histories(history)), part.score(Histories(history)))
    np.testing.assert_array_equal(remembering.score(Histories(ratings(4)[:4])), part.score(Histories(ratings(4)[:4])))
    assert len(remembering.answers) == 2
    assert remembering.config == part.config


def test_what_is_assembled_of_cached_parts_is_what_is_fitted():
    split, config = Split("s", Interactions(ratings(1)), ratings(2)), made_small(WHOLE)
    made = PartCache(8).fitted(HybridVAE(config, WHOLE_STARS), split, 0, silent)
    whole = HybridVAE(config, WHOLE_STARS).fit(Interactions(ratings(1)))
    asked = Histories(ratings(3))
    for name in ("score", "predict"):
        np.testing.assert_allclose(getattr(made, name)(asked), getattr(whole, name)(asked), rtol=1e-6)
        np.testing.assert_array_equal(getattr(made, name)(asked), getattr(made, name)(asked))
    assert made.score(Histories(ratings(3))).shape == (40, N_ITEMS)
