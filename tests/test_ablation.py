"""The flagship taken apart: what its variants are, and what a run prints and keeps."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from eval import ablation
from eval.ablation import ablation_table, main
from eval.parts import PartCache, Remembering
from eval.stats import paired_bootstrap
from eval.summary import all_metrics, user_sums
from eval.variants import GROUPS, WHOLE, WHOLE_NAME, Variant, built_up, taken_away
from recsys.config import HybridVAEConfig
from recsys.data.scale import WHOLE_STARS
from recsys.models.hybrid_vae import HybridVAE
from recsys.progress import silent
from recsys.split import Split
from tests.data_folders import write_genres
from tests.small_models import N_ITEMS, fitted, made_small, ratings

SMALL = replace(made_small(WHOLE), normal_share=0.0)
SMALL_GROUPS = {
    "Built up": lambda: [
        Variant("alone", "alone", replace(SMALL, linear_weight=0.0)),
        Variant("+ linear path", "alone", SMALL),
    ],
    "Taken away": lambda: [Variant("- level use", "+ linear path", replace(SMALL, level_prior=1e9))],
}


def test_names_are_unique_and_each_is_compared_with_another_that_is_measured():
    variants = [variant for make in GROUPS.values() for variant in make()]
    names = [variant.name for variant in variants]
    assert len({*names}) == len(names)
    assert {variant.against for variant in variants} <= {*names}


def test_building_up_ends_with_the_flagship_and_every_step_changes_something():
    steps = built_up()
    assert (steps[-1].name, steps[-1].config) == (WHOLE_NAME, HybridVAEConfig())
    assert [step.against for step in steps[1:]] == [step.name for step in steps[:-1]]
    assert all(one.config != other.config for one, other in pairwise(steps))
    assert list(HybridVAE(steps[0].config).parts()) == ["vae"]


@pytest.mark.parametrize("variant", taken_away(), ids=lambda variant: variant.name)
def test_taking_away_changes_the_whole(variant):
    assert variant.config != WHOLE
    assert variant.against == WHOLE_NAME


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a small ablation on made-up data; the exit status."""
    monkeypatch.setattr(ablation, "GROUPS", SMALL_GROUPS)
    folder = write_genres(tmp_path / "own")

    def call(*options: str) -> int:
        data = ["--dataset", str(folder), "--min-ratings", "5", "--out", str(tmp_path / "out")]
        return main([*data, *options])

    return call


def test_a_run_prints_tables_and_keeps_figures(run, tmp_path, capsys):
    assert run("--splits", "f1", "f2") == 0
    shown, kept = capsys.readouterr().out, json.loads((tmp_path / "out/ablation.json").read_text())
    for title, make in SMALL_GROUPS.items():
        assert title in shown
        assert all(variant.name in shown for variant in make())
    found = [(each["variant"], each["split"]) for each in kept["runs"]]
    assert sorted(found) == sorted((name, split) for name, _ in found[::2] for split in ("f1", "f2"))
    assert {each["metrics"]["ndcg@10"] is None for each in kept["runs"]} == {False}
    text = (tmp_path / "out/ablation.md").read_text()
    assert "splits f1, f2, seed 0" in text
    assert "python -m eval.ablation --dataset" in text


def test_ctrl_c_keeps_the_splits_that_are_finished(run, tmp_path, capsys, monkeypatch):
    original = ablation.Ablation.on_split

    def on_split(self, split):
        if split.name == "f2":
            raise KeyboardInterrupt
        return original(self, split)

    monkeypatch.setattr(ablation.Ablation, "on_split", on_split)
    assert run("--splits", "f1", "f2") == 130
    assert {each["split"] for each in json.loads((tmp_path / "out/ablation.json").read_text())["runs"]} == {"f1"}
    assert "+ linear path" in capsys.readouterr().out


def test_an_unknown_protocol_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--protocol", "genres"])
    assert "unknown protocol 'genres'; known: folds, random" in capsys.readouterr().err


def test_a_difference_is_that_of_the_paired_bootstrap(run, tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr(ablation.Ablation, "write", lambda self: seen.update(self.outcomes))
    assert run() == 0
    table = ablation_table("Built up", SMALL_GROUPS["Built up"](), seen, seed=0)
    metric = next(each for each in all_metrics((5, 10)) if each.name == "rmse")
    ours, theirs = (user_sums(seen[name], metric) for name in ("+ linear path", "alone"))
    expected = paired_bootstrap(ours, theirs, rng=np.random.default_rng(0))
    place = table.headings.index("Δ RMSE")
    assert table.rows[0][place].text == "–"
    assert table.rows[1][place].text.startswith(f"{expected.difference:+.4f}")


def test_a_remembering_part_answers_once_and_gives_copies_away():
    part = fitted("ease", ratings(1))
    remembering, history = Remembering(part), ratings(3)[:4]
    first = remembering.score(history)
    first[:] = 0
    np.testing.assert_array_equal(remembering.score(history), part.score(history))
    np.testing.assert_array_equal(remembering.score(ratings(4)[:4]), part.score(ratings(4)[:4]))
    assert len(remembering.answers) == 2
    assert remembering.config == part.config


def test_what_is_assembled_of_cached_parts_is_what_is_fitted():
    split = Split("s", ratings(1), ratings(2))
    made = PartCache(8).fitted(HybridVAE(SMALL, WHOLE_STARS), split, 0, silent)
    whole = HybridVAE(SMALL, WHOLE_STARS).fit(ratings(1), seed=0)
    for name in ("score", "predict"):
        np.testing.assert_allclose(getattr(made, name)(ratings(3)), getattr(whole, name)(ratings(3)), rtol=1e-6)
    assert made.score(ratings(3)).shape == (40, N_ITEMS)
