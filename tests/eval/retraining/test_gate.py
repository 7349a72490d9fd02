"""What the gate lets pass, and the sentence for what it does not."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from eval.retraining.gate import GateConfig, Rival, compared, decided
from eval.retraining.order import Order
from eval.retraining.people import joined
from eval.retraining.smoke import problem_of
from eval.retraining.told import table
from eval.retraining.trial import measured, stand_in, trial_of
from recsys.artifacts.fitting import fit_all
from recsys.data.movielens import load_dataset
from recsys.models.finite import NotFiniteError
from recsys.testing.synthetic import low_rank
from recsys.training import Training
from recsys.versions.lineage import Lineage
from recsys.versions.registry import Registry
from tests.eval.retraining.conftest import NaNs, given, written

GATE = GateConfig(n_resamples=500)
NAME = "ease"


@pytest.fixture(scope="module")
def trial(town):
    people = given(town.stars)
    return trial_of(town.dataset, joined(town.dataset, people), people, Order(model=NAME).settings)


@pytest.fixture(scope="module")
def champion(trial):
    """What was measured of a model that knows everybody."""
    return measured(NAME, stand_in(NAME, trial.learned(), trial), trial)


def rows_of(champion, challenger, trial, gate=GATE):
    return [*compared(Rival(name="version 1", per_user=champion, trial=trial), challenger, gate)]


def judged(champion, challenger, trial):
    return decided(rows_of(champion, challenger, trial), None)


def test_who_is_asked_told_nobody_the_answers(trial):
    learned = trial.learned()
    n_held_out = int(trial.held_out.sum())
    assert learned.n_ratings == trial.whole.ratings.n_ratings - n_held_out
    people = trial.whole.ratings.user_idx[trial.held_out & (np.arange(len(trial.held_out)) >= trial.n_base)]
    assert len(np.unique(people)) == trial.whole.ratings.n_users - trial.n_base_users
    assert trial.learned(people=False).shape[0] == trial.n_base_users


def test_the_same_again_passes(trial, champion):
    decision = judged(champion, champion, trial)
    assert decision.passed
    assert decision.reason.startswith("Passed: it is not worse than version 1 in any of ")
    assert {row.verdict for row in decision.rows} == {"not worse"}


def test_a_model_of_shuffled_ratings_is_refused(trial, champion):
    learned = trial.learned()
    rng = np.random.default_rng(0)
    films = rng.permuted(np.tile(np.arange(learned.shape[1]), (learned.shape[0], 1)), axis=1)
    shuffled = learned.stars.copy()
    shuffled.indices = films[np.repeat(np.arange(learned.shape[0]), np.diff(shuffled.indptr)), shuffled.indices]
    shuffled.sort_indices()
    model = stand_in(NAME, replace(learned, stars=shuffled), trial)
    decision = judged(champion, measured(NAME, model, trial), trial)
    assert not decision.passed
    assert decision.reason.startswith("Refused: for people of the data set, nDCG@10 goes from ")
    lost = next(row for row in decision.rows if row.verdict == "worse")
    assert f"more than the {0.025 * lost.rival:.4f} that may be" in decision.reason
    assert "worse" in table(decision)


def test_a_version_is_not_charged_for_the_films_that_its_lists_have_shown(town, trial, champion):
    """Its best films were shown, and are not asked for; whoever ranks others by chance gains nothing from that."""
    people = given(town.stars)
    known = trial.split().histories
    scores = stand_in(NAME, trial.learned(), trial).score(known)[trial.n_base_users :]
    scores[known.stars[trial.n_base_users :].toarray() > 0] = -np.inf
    listed = np.argsort(-scores, axis=1)[:, :10]
    shown = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(shown, listed, True, axis=1)
    was_shown = shown[people.person_idx, people.item_idx]
    those = replace(people, shown=sp.csr_array(shown), was_shown=was_shown)
    asked = trial_of(town.dataset, joined(town.dataset, those), those, Order(model=NAME).settings)
    assert asked.held_out[asked.n_base :].any()
    assert asked.shown.nnz == shown.sum()
    learned = asked.learned()
    ours = measured(NAME, stand_in(NAME, learned, asked), asked)
    other = measured("popularity", stand_in("popularity", asked.learned(people=False), asked), asked)
    rows = {(row.group, row.metric): row for row in rows_of(ours, other, asked)}
    assert rows["people of the page", "nDCG@10"].gain < 0
    unmasked = replace(asked, shown=sp.csr_array(asked.shown.shape, dtype=np.float32))
    charged = measured(NAME, stand_in(NAME, learned, unmasked), unmasked)
    means = [values["ndcg@10"][trial.n_base_users :].mean() for values in (ours, charged)]
    assert means[0] > 1.5 * means[1]


def test_one_that_is_better_overall_and_worse_for_newcomers_is_refused(trial, champion):
    gate = replace(GATE, newcomer_ratings=13, least_people=10)
    newcomers = ~trial.is_base & (trial.n_told < gate.newcomer_ratings)
    other = champion | {"ndcg@10": np.where(newcomers, 0.3, 1.6) * champion["ndcg@10"]}
    decision = decided(rows_of(champion, other, trial, gate), None)
    verdicts = {row.group: row.verdict for row in decision.rows if row.metric == "nDCG@10"}
    assert verdicts["people of the data set"] == verdicts["people of the page"] == "better"
    assert not decision.passed
    assert decision.reason.startswith("Refused: for newcomers (fewer than 13 ratings), nDCG@10 goes from ")
    assert decision.reason.count("goes from") == 1


def test_losses_that_are_small_each_time_do_not_add_up(trial, champion):
    """One that is hardly worse than the version before is refused if those before it have lost as much already."""
    other = champion | {"ndcg@10": champion["ndcg@10"] * 0.99}
    before = rows_of(champion, other, trial)
    assert {row.verdict for row in before} == {"not worse"}
    everybody = Rival(name="nobody's ratings", per_user=champion | {"ndcg@10": champion["ndcg@10"] * 1.2}, trial=trial)
    decision = decided([*before, *compared(everybody, other, GATE)], None)
    assert not decision.passed
    assert decision.reason.startswith("Refused: for people of the data set, nDCG@10 goes from ")
    assert ", which nobody's ratings has, to " in decision.reason
    assert "version 1" not in decision.reason
    assert [line for line in table(decision).splitlines() if line.startswith("Against")] == [
        "Against version 1:",
        "Against nobody's ratings:",
    ]


def test_how_many_figures_were_judged_of_whom_is_said(trial, champion):
    one, two = rows_of(champion, champion, trial)[:1], rows_of(champion, champion, trial)[:2]
    assert "version 1 in the one figure that there is, loads" in decided(one, None).reason
    second = [replace(row, against="version 0") for row in two]
    said = "version 1 in the one figure that there is, nor than version 0 in any of 2 figures, loads, and makes lists."
    assert said in decided([*one, *second], None).reason


def test_few_people_can_refuse_nothing(trial, champion):
    gate = replace(GATE, least_people=10**6)
    worse = champion | {"ndcg@10": champion["ndcg@10"] * 0.0}
    assert {row.verdict for row in rows_of(champion, worse, trial, gate)} == {"too few to tell"}


def test_a_model_that_answers_no_numbers_is_refused(trial):
    with pytest.raises(NotFiniteError, match="NaN or infinite") as problem:
        measured(NAME, NaNs(stand_in(NAME, trial.learned(), trial)), trial)
    decision = decided([], str(problem.value))
    assert not decision.passed
    assert decision.reason.startswith("Refused: ease does not work on these ratings: ")


def test_a_version_with_nan_or_damage_or_no_lists_cannot_be_used(town, tmp_path, monkeypatch):
    registry = Registry(tmp_path / "versions")
    artifact = fit_all("ease", town.dataset, Training())
    whole = registry.add(artifact, Lineage())
    assert problem_of(whole, town.dataset) is None
    next(iter(artifact.model.arrays().values()))[0] = np.nan
    broken = registry.add(artifact, Lineage())
    assert "NaN" in problem_of(broken, town.dataset) or "finite" in problem_of(broken, town.dataset)
    other = replace(whole, record=broken.record)
    assert "is not the one that was fitted" in problem_of(other, town.dataset)
    monkeypatch.setattr(
        "recsys.recommend.recommender.Recommender.recommend", lambda self, *_, **__: self.table([], None)
    )
    assert problem_of(whole, town.dataset) == "the list for somebody new has 0 films; expected 10"


def test_a_film_that_stands_there_twice_is_no_fault_of_a_version(tmp_path):
    stars = low_rank(60, 40, 900, seed=1, min_ratings=8).toarray()
    stars[0, :2] = 4.0
    folder = written(tmp_path / "twice", sp.csr_array(stars))
    films = (folder / "movies.csv").read_text()
    (folder / "movies.csv").write_text(films.replace("Film 1 (1951)", "Film 0 (1950)"))
    dataset = load_dataset(folder, min_ratings=1)
    made = Registry(tmp_path / "versions").add(fit_all("ease", dataset, Training()), Lineage())
    assert problem_of(made, dataset) is None
