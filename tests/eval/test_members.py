"""Other models beside the flagship: what is pooled, how a weight is chosen, and what the command prints and keeps."""

import json
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from eval import members
from eval.ablating.member_report import as_table, member
from eval.ablating.pooling import LIST_WEIGHTS, STAR_WEIGHTS, Answers, Pair, Tried, standardised, stars_tried
from eval.measures.per_user import levels_of
from eval.members import main
from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models import create
from recsys.split import Split
from tests.support.data_folders import write_genres

N_PEOPLE, N_FILMS = 60, 40


@pytest.fixture(scope="module")
def split():
    rng = np.random.default_rng(0)
    kind = rng.random((N_PEOPLE, N_FILMS))  # below .25 told, below .5 kept aside
    stars = rng.integers(1, 6, kind.shape)
    told, aside = sp.csr_array(stars * (kind < 0.25)), sp.csr_array(stars * ((kind >= 0.25) & (kind < 0.5)))
    return Split("u1", Interactions(told.astype(np.float64)), aside.astype(np.float64))


def guesses(split, noise, seed):
    """Answers that miss the truth by normal noise."""
    rng = np.random.default_rng(seed)
    truth = split.test.toarray() + 3 * (split.test.toarray() == 0)
    scores = standardised(truth + noise * rng.normal(size=truth.shape), split.histories)
    stars = split.test.data + noise * rng.normal(size=split.test.nnz)
    near = -((WHOLE_STARS.levels - WHOLE_STARS.clip(stars)[:, None]) ** 2) / (0.5 + noise**2)
    chances = np.exp(near)
    return Answers(scores, stars, chances / chances.sum(axis=1, keepdims=True))


def pair_of(split, flagship, other):
    return Pair(split, WHOLE_STARS, flagship, other)


def test_scores_are_in_deviations_over_the_films_that_somebody_has_not_rated(split):
    raw = np.random.default_rng(1).normal(5.0, 3.0, split.test.shape)
    found = standardised(raw, split.histories)
    unrated = split.histories.stars.toarray() == 0
    for row in range(3):
        assert found[row, unrated[row]].mean() == pytest.approx(0, abs=1e-5)
        assert found[row, unrated[row]].std() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(standardised(7.0 * raw + 2.0, split.histories), found, atol=1e-5)
    assert np.isfinite(standardised(np.ones((1, 3)), Histories(sp.csr_array(np.zeros((1, 3)))))).all()


def test_without_weight_the_flagship_answers_alone(split):
    flagship = guesses(split, 1.0, 2)
    alone, beside = (pair_of(split, flagship, guesses(split, noise, 3)) for noise in (0.1, 5.0))
    for values in (Pair.ndcg, Pair.squared_error, Pair.log_loss):
        np.testing.assert_array_equal(values(alone, 0.0), values(beside, 0.0))
    given = flagship.forecast[np.arange(split.test.nnz), levels_of(split.test, WHOLE_STARS)]
    assert alone.log_loss(0.0).sum() == pytest.approx(-np.log(given).sum())
    errors = (WHOLE_STARS.clip(flagship.stars) - split.test.data) ** 2
    assert alone.squared_error(0.0).sum() == pytest.approx(errors.sum())


def test_chances_beside_a_model_without_any_have_the_mean_of_both(split):
    flagship, other = guesses(split, 1.0, 2), replace(guesses(split, 1.0, 3), forecast=None)
    pair = pair_of(split, flagship, other)
    assert pair.log_loss(0.3).sum() < pair.log_loss(0.0).sum()  # as two are better than one
    np.testing.assert_array_equal(pair.log_loss(0.0), pair_of(split, flagship, guesses(split, 1.0, 3)).log_loss(0.0))


def test_a_model_that_errs_differently_gains_and_noise_does_not(split):
    flagship = guesses(split, 1.0, 2)
    good = member("good", [pair_of(split, flagship, guesses(split, 1.0, 3))] * 2, 1.0, 0)
    assert min(good.weights["lists"] + good.weights["stars"]) > 0
    assert good.gains["nDCG@10"].low > 0
    assert good.gains["RMSE"].high < 0
    assert good.gains["NLL"].high < 0
    noise = member("noise", [pair_of(split, flagship, guesses(split, 9.0, 4))], 1.0, 0)
    assert noise.weights["stars"] == (0, 0)
    assert noise.gains["RMSE"].difference == 0


def test_a_model_without_stars_or_lists_is_tried_by_what_it_has(split):
    flagship, other = guesses(split, 1.0, 2), guesses(split, 1.0, 3)
    lists = member("lists", [pair_of(split, flagship, replace(other, stars=None, forecast=None))], 1.0, 0)
    assert lists.gains.keys() == {"nDCG@10"}
    assert lists.weights["stars"] is None
    stars = member("stars", [pair_of(split, flagship, replace(other, scores=None))], 1.0, 0)
    assert stars.gains.keys() == {"RMSE", "NLL"}
    rows = [[cell.text for cell in row] for row in as_table([lists, stars], ["u1"]).rows]
    assert rows[0][3:6] == ["–"] * 3
    assert rows[1][1:3] == ["–"] * 2


def test_each_half_has_the_weight_that_is_best_for_the_other():
    even = np.array([1.0, 0.0, 1.0, 0.0])
    values = np.stack([np.full(4, 0.5), even, 1 - even])[:, None, :]  # (W, S, U)
    tried = Tried((0.0, 0.1, 0.2), values, np.ones((1, 4)), root=False, sign=1)
    assert tried.chosen() == (2, 1)  # so that what was best for oneself counts for nothing
    assert tried.gain(tried.chosen(), 0).difference == pytest.approx(-0.5)
    assert tried.gain((1, 2), 0).difference == pytest.approx(0.5)
    less = replace(tried, sign=-1)
    assert less.chosen() == (1, 2)


def test_chances_go_by_the_weight_of_the_stars(split):
    pairs = [pair_of(split, guesses(split, 1.0, 2), guesses(split, 1.0, 3))]
    error, loss = stars_tried(pairs)
    found = member("other", pairs, 1.0, 0)
    assert found.gains["NLL"] == loss.gain(error.chosen(), 0)
    assert (error.weights, LIST_WEIGHTS[0], STAR_WEIGHTS[0]) == (STAR_WEIGHTS, 0, 0)


def test_a_fitted_model_is_asked_for_what_it_has(split):
    popularity = create("popularity", WHOLE_STARS).fit(split.train)
    found = Answers.of(popularity, split, "scores")
    assert found.scores.shape == split.test.shape
    assert (found.stars, found.forecast) == (None, None)
    baseline = create("baseline", WHOLE_STARS).fit(split.train)
    found = Answers.of(baseline, split, "stars")
    assert found.scores is None
    rows = np.repeat(np.arange(N_PEOPLE), np.diff(split.test.indptr))
    np.testing.assert_array_equal(found.stars, baseline.predict(split.histories)[rows, split.test.indices])


def test_the_command_prints_a_row_for_each_model_and_keeps_it(tmp_path, monkeypatch, capsys):
    asked = members.answers

    def answers(name, dataset, splits, seed, console):
        if name == "hybrid-vae":  # takes long to fit
            return [guesses(split, 1.0, seed) for split in splits], 1.0
        return asked(name, dataset, splits, seed, console)

    monkeypatch.setattr(members, "answers", answers)
    folder, out = write_genres(tmp_path / "films"), tmp_path / "out"
    arguments = ["--dataset", str(folder), "--min-ratings", "1", "--protocol", "random", "--out", str(out)]
    assert main([*arguments, "--models", "popularity", "baseline", "popularity"]) == 0
    printed = capsys.readouterr().out
    assert "popularity" in printed
    found = json.loads((out / "members.json").read_text())["members"]
    assert [each["model"] for each in found] == ["popularity", "baseline"]
    assert found[0]["gains"].keys() == {"nDCG@10"}
    assert "| baseline |" in (out / "members.md").read_text()
    assert main([*arguments, "--models", "popularity"]) == 2
    assert "name another --out" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--models", "hybrid-vae"], ["--protocol", "genres"], ["--models", "nobody"]])
def test_what_cannot_be_tried_is_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "known: " in capsys.readouterr().err
