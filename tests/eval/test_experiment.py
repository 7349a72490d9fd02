"""From a model and a split to figures: against loops and by hand."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from eval.measures.metrics import mae, rmse
from eval.reporting.summary import compare, single_run, summarise
from eval.running import experiment
from eval.running.experiment import EpochLog, Outcome, Settings, measure, run_experiment, user_chunks
from recsys.artifacts.fitting import fit_on
from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS
from recsys.models import MODELS, create
from recsys.models.simple.config import PopularityConfig
from recsys.models.simple.popularity import Popularity
from recsys.progress import silent
from recsys.ranking import top_k
from recsys.results.metrics import all_metrics
from recsys.split import Asks, Newcomers, Split
from recsys.training import Training
from tests.support.small_models import carved, ratings

SETTINGS = Settings(ks=(3, 5))


def small_split(seed: int = 0) -> Split:
    everything = ratings(seed, density=0.6)
    in_test = np.random.default_rng(seed).random(everything.nnz) < 0.3
    return Split("s", Interactions(everything).only(~in_test), keep_entries(everything, in_test))


def outcome_of(name: str, split: Split, settings: Settings = SETTINGS) -> Outcome:
    return run_experiment(name, split, WHOLE_STARS, settings)[1]


def test_rating_errors_are_those_of_held_out_ratings_clipped_to_the_scale():
    split = small_split()
    model, outcome = run_experiment("als", split, WHOLE_STARS, SETTINGS)
    rows, columns = split.test.nonzero()
    predicted = model.predict(Histories(split.train.stars))[rows, columns].clip(1, 5)
    metrics = single_run(outcome, SETTINGS.ks)
    assert metrics["rmse"] == pytest.approx(rmse(predicted, split.test.data))
    assert metrics["mae"] == pytest.approx(mae(predicted, split.test.data))
    assert metrics["mse"] == pytest.approx(metrics["rmse"] ** 2)


def test_probabilities_of_stars_are_judged_against_a_loop_over_held_out_ratings():
    split = small_split()
    model, outcome = run_experiment("bmf-ordinal", split, WHOLE_STARS, Settings(ks=(3,), epochs=6))
    rows, columns = split.test.nonzero()
    forecast = model.rating_distribution(Histories(split.train.stars))[rows, columns].astype(np.float64)  # (N, 5)
    given = split.test.data.astype(int)
    errors = []
    for stars in range(2, 6):
        probability, happened = forecast[:, stars - 1 :].sum(axis=1), given >= stars
        bins = [np.minimum(probability * 15, 14).astype(int) == place for place in range(15)]
        errors.append(sum(abs((probability - happened)[each].sum()) for each in bins) / len(given))
    metrics = single_run(outcome, (3,))
    assert metrics["ece"] == pytest.approx(np.mean(errors), abs=1e-6)
    assert metrics["nll"] == pytest.approx(-np.log(forecast[np.arange(len(given)), given - 1]).mean(), rel=1e-6)
    np.testing.assert_array_equal(outcome.reliability.count.sum(axis=1), [len(given)] * 4)


def test_the_paper_s_errors_are_over_every_cell_and_not_clipped():
    split = small_split()
    model, outcome = run_experiment("vae", split, WHOLE_STARS, Settings(ks=(5,), epochs=1))
    errors = model.predict(Histories(split.train.stars)) - split.test.toarray()
    metrics = single_run(outcome, (5,))
    assert metrics["paper_mse"] == pytest.approx((errors.astype(np.float64) ** 2).mean(), rel=1e-6)
    assert metrics["paper_rmse"] == pytest.approx(metrics["paper_mse"] ** 0.5)
    assert metrics["paper_mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-6)


def test_list_metrics_agree_with_a_loop_over_users():
    split = small_split(1)
    model, outcome = run_experiment("ease", split, WHOLE_STARS, SETTINGS)
    ranked, held_out = top_k(model.score(Histories(split.train.stars)), split.train.stars, 5), split.test.toarray()
    precision, ndcg = [], []
    for user in range(40):
        relevant = set(np.flatnonzero(held_out[user] >= 4))
        if relevant:
            hits = [item in relevant for item in ranked[user]]
            precision.append(sum(hits[:3]) / 3)
            gains = sum(hit / np.log2(place + 2) for place, hit in enumerate(hits))
            ndcg.append(gains / sum(1 / np.log2(place + 2) for place in range(min(5, len(relevant)))))
    metrics = single_run(outcome, SETTINGS.ks)
    assert metrics["precision@3"] == pytest.approx(np.mean(precision))
    assert metrics["ndcg@5"] == pytest.approx(np.mean(ndcg))
    assert len(precision) == (outcome.per_user["n_relevant"] > 0).sum() < 40


def test_a_rated_film_is_never_recommended_nor_counted():
    """A model that puts every rated film first gets its hits from the rest alone."""
    train = sp.csr_array(np.array([[5, 0, 0, 4]], dtype=np.float32))
    test = sp.csr_array(np.array([[0, 5, 0, 0]], dtype=np.float32))
    metrics = single_run(outcome_of("popularity", Split("s", Interactions(train), test), Settings(ks=(1,))), (1,))
    assert metrics["precision@1"] == 1


def test_the_size_of_a_chunk_of_users_does_not_matter(monkeypatch):
    """Not even for calibration, whose figure is not a mean over users."""
    name, settings = "bmf-ordinal", Settings(ks=(3, 5), epochs=6)
    whole = outcome_of(name, small_split(), settings)
    monkeypatch.setattr(experiment, "CHUNK_CELLS", 3 * 23)
    pieces = outcome_of(name, small_split(), settings)
    assert whole.per_user.keys() == pieces.per_user.keys()
    for name, values in whole.per_user.items():
        np.testing.assert_allclose(pieces.per_user[name], values, rtol=1e-5, atol=1e-6, err_msg=name)


def test_chunks_cover_every_user_once(monkeypatch):
    monkeypatch.setattr(experiment, "CHUNK_CELLS", 10)
    assert [user for rows in user_chunks(7, 4) for user in range(7)[rows]] == list(range(7))
    assert [rows.stop - rows.start for rows in user_chunks(3, 100)] == [1, 1, 1]


def test_a_model_without_stars_has_no_rating_metrics_and_a_constant_one_no_lists():
    split = small_split()
    popular, constant = (single_run(outcome_of(name, split), SETTINGS.ks) for name in ("popularity", "global-mean"))
    assert popular["rmse"] is popular["paper_mse"] is popular["ece"] is None
    assert popular["ndcg@5"] is not None
    assert constant["ndcg@5"] is constant["precision@3"] is None
    assert constant["rmse"] is not None
    assert list(popular) == list(constant) == [metric.key for metric in all_metrics(SETTINGS.ks)]


class Recorder:
    """Stands in for a model and keeps what fit was given."""

    config = PopularityConfig()

    def array_shapes(self):
        return {}

    def __init__(self, uses_validation: bool):
        self.uses_validation = uses_validation

    def fit(self, data, training):
        self.given = data.stars, training.validation, training.seed
        return self


def test_only_models_that_stop_early_give_up_ratings_for_validation():
    train = ratings()
    everything = fit_on(Interactions(train), Recorder(False), Training(seed=3))
    assert everything.given == (train, None, 3)
    early = fit_on(Interactions(train), Recorder(True), Training(seed=3))
    fitting, validation = carved(train, seed=3)
    np.testing.assert_array_equal(early.given[0].toarray(), fitting.toarray())
    np.testing.assert_array_equal(early.given[1].stars.toarray(), validation.toarray())


@pytest.mark.parametrize("name", MODELS)
def test_no_model_is_shown_the_test_part(name):
    """Held-out ratings in other places, with other stars: the model comes out the same, bit for bit."""
    split = small_split()
    elsewhere = sp.csr_array(np.where(split.train.stars.toarray() > 0, 0, 3).astype(np.float32))
    settings = Settings(ks=(3,), epochs=2)
    one, two = (
        run_experiment(name, Split("s", split.train, test), WHOLE_STARS, settings)[0]
        for test in (split.test, elsewhere)
    )
    np.testing.assert_array_equal(one.score(Histories(split.train.stars)), two.score(Histories(split.train.stars)))


def test_epochs_replace_the_number_of_every_model_that_has_one():
    seen = {name: outcome_of(name, small_split(), Settings(ks=(3,), epochs=2)).curve for name in ("svd", "als", "ease")}
    assert {name: [point["epoch"] for point in curve] for name, curve in seen.items()} == {
        "svd": [1, 2],
        "als": [1, 2],
        "ease": [],
    }
    assert all(point["rmse"] > 0 for point in seen["svd"] + seen["als"])


def test_the_epoch_log_passes_everything_on():
    heard = []
    log = EpochLog(lambda *step, **figures: heard.append((step, figures)))
    assert log.seconds_per_epoch is None
    log("epoch", 1, 2, loss=0.5)
    assert heard == [(("epoch", 1, 2), {"loss": 0.5})]
    assert log.curve == [{"epoch": 1, "loss": 0.5}]
    assert log.seconds_per_epoch > 0


def test_the_same_seed_gives_the_same_figures_bit_for_bit():
    for name in ("popularity", "svd", "bmf", "boltzmann", "vae"):  # all of them: tests of the contract
        settings = Settings(ks=(5,), epochs=2)
        one, two = (single_run(outcome_of(name, small_split(), settings), (5,)) for _ in range(2))
        assert one == two, name


def test_a_summary_is_the_mean_over_splits_with_an_error_over_users():
    outcomes = [outcome_of("als", small_split(seed)) for seed in (0, 1)]
    figures = {figure.metric: figure for figure in summarise(outcomes, SETTINGS.ks)}
    singles = [single_run(outcome, SETTINGS.ks) for outcome in outcomes]
    for name, figure in figures.items():
        assert figure.mean == pytest.approx(np.mean([single[name] for single in singles]))
        assert figure.n_splits == 2
        assert 0 < figure.stderr < 1


def test_only_models_that_ran_on_every_split_are_compared():
    outcomes = [outcome_of("als", small_split()), outcome_of("baseline", small_split())]
    later = Split("later", *(getattr(small_split(1), part) for part in ("train", "test")))
    comparison = compare([*outcomes, outcome_of("baseline", later)], SETTINGS.ks, seed=0)["rmse"]
    assert comparison.differences == {"baseline": None}
    assert compare(outcomes, SETTINGS.ks, seed=0)["rmse"].differences.keys() == {"als", "baseline"}


def test_create_replaces_settings():
    config = MODELS["svd"].config
    assert create("svd", WHOLE_STARS, epochs=3).config.epochs == 3
    assert create("svd", WHOLE_STARS).config == config
    assert create("ease", WHOLE_STARS, epochs=3).config == MODELS["ease"].config
    flagship = create("hybrid-vae", WHOLE_STARS, epochs=3).config
    assert (flagship.vae.epochs, flagship.normal.epochs, flagship.ordinal.epochs) == (3, 3, 3)


G = 4  # genres


def asking_split(seed: int = 0) -> Split:
    """Eight of 40 people ask for genres; the others' ratings are what models learn from."""
    whole, rng = small_split(seed), np.random.default_rng(seed)
    people = np.sort(rng.choice(40, size=8, replace=False))
    genre_matrix = rng.random((23, G)) < 0.4
    asks = Asks(
        people,
        rng.permuted(np.tile([True, False, True, False], (8, 1)), axis=1),
        whole.train.stars[people],
        genre_matrix,
    )
    held_out = np.zeros((40, 23), dtype=np.float32)
    held_out[people] = np.where(asks.candidates, whole.test[people].toarray(), 0)
    return Split("g", whole.train.of_people(np.delete(np.arange(40), people)), sp.csr_array(held_out), asks)


class Oracle(Popularity):
    """Understands genres, and knows what is held out."""

    def __init__(self, split: Split):
        super().__init__()
        self.split, self.asked = split, []

    def score(self, people):
        assert people.stars.nnz == 0
        self.asked.append(people.genres)
        return self.split.test[self.split.people].toarray()


def test_whoever_knows_what_is_held_out_finds_it_all_by_genre():
    split = asking_split()
    oracle = Oracle(split)
    per_user, reliability, _ = measure(oracle, split, SETTINGS, ranks_by="scores", on_progress=silent)
    ranked = per_user["n_relevant"] > 0
    assert 0 < ranked.sum() <= 8
    np.testing.assert_array_equal(per_user["ndcg@5"], ranked)
    np.testing.assert_array_equal(np.concatenate(oracle.asked), split.asks.genres)
    assert reliability is None


def test_popularity_within_the_genres_agrees_with_a_loop():
    split = asking_split(1)
    metrics = single_run(outcome_of("popularity", split), SETTINGS.ks)
    likes, genre_matrix = (split.train.stars.toarray() >= 4).sum(axis=0), split.asks.genre_matrix
    precision = []
    for row, person in enumerate(split.people):
        fitting = [
            item
            for item in range(23)
            if (genre_matrix[item] & split.asks.genres[row]).any() and split.asks.told.toarray()[row, item] == 0
        ]
        relevant = {item for item in fitting if split.test.toarray()[person, item] >= 4}
        if relevant:
            best = sorted(fitting, key=lambda item: (-likes[item], item))[:3]
            precision.append(len(relevant & set(best)) / 3)
    assert metrics["precision@3"] == pytest.approx(np.mean(precision))


def test_where_people_ask_for_genres_only_lists_are_measured_and_of_the_same_films():
    split = asking_split()
    outcomes = {name: outcome_of(name, split) for name in ("popularity", "baseline", "als", "user-knn", "global-mean")}
    for outcome in outcomes.values():
        assert single_run(outcome, SETTINGS.ks)["rmse"] is None
        for name in ("n_relevant", "n_test_ratings"):
            np.testing.assert_array_equal(outcome.per_user[name], outcomes["popularity"].per_user[name])
        np.testing.assert_array_equal(np.delete(outcome.per_user["n_relevant"], split.people), 0)
    assert single_run(outcomes.pop("global-mean"), SETTINGS.ks)["ndcg@5"] is None
    assert all(single_run(outcome, SETTINGS.ks)["ndcg@5"] > 0 for outcome in outcomes.values())


def test_the_size_of_a_chunk_of_people_who_ask_does_not_matter(monkeypatch):
    whole = outcome_of("popularity", asking_split())
    monkeypatch.setattr(experiment, "CHUNK_CELLS", 3 * 23)
    pieces = outcome_of("popularity", asking_split())
    for name, values in whole.per_user.items():
        np.testing.assert_array_equal(pieces.per_user[name], values, err_msg=name)


# ---- lists of some films


def test_where_some_films_are_listed_no_list_holds_another():
    whole = small_split()
    listed = np.arange(23) % 3 == 0
    history = whole.train.stars[:4]
    unfit = experiment.rated_or_unlisted(history, listed).toarray()
    np.testing.assert_array_equal(unfit, (history.toarray() > 0) | ~listed)
    some = replace(whole, listed=listed)
    metrics = single_run(outcome_of("popularity", some), SETTINGS.ks)
    likes, precision = (whole.train.stars.toarray() >= 4).sum(axis=0), []
    for person in range(whole.train.shape[0]):
        rated, found = (each.toarray()[person] for each in (whole.train.stars, whole.test))
        fitting = [item for item in range(23) if listed[item] and not rated[item]]
        if (found >= 4).any():
            best = sorted(fitting, key=lambda item: (-likes[item], item))[:3]
            precision.append(sum(found[item] >= 4 for item in best) / 3)
    assert metrics["precision@3"] == pytest.approx(np.mean(precision))


def test_what_new_people_keep_to_themselves_is_in_no_list():
    everything = ratings(3, density=0.6)
    told, untold, found = (keep_entries(everything, np.arange(everything.nnz) % 3 == part) for part in range(3))
    newcomers = Newcomers(np.arange(40), Histories(told), untold)
    split = Split("s", Interactions(ratings(4)), found, newcomers=newcomers)
    unfit = experiment.unlistable(split, slice(2, 5)).toarray()
    np.testing.assert_array_equal(unfit > 0, (told + untold).toarray()[2:5] > 0)
    likes, precision = (split.train.stars.toarray() >= 4).sum(axis=0), []
    for person in np.flatnonzero((found.toarray() >= 4).any(axis=1)):
        best = sorted(np.flatnonzero((told + untold).toarray()[person] == 0), key=lambda item: (-likes[item], item))[:3]
        precision.append(sum(found.toarray()[person, item] >= 4 for item in best) / 3)
    metrics = single_run(outcome_of("popularity", split), SETTINGS.ks)
    assert metrics["precision@3"] == pytest.approx(np.mean(precision))
