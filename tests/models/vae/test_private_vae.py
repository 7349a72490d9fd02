"""The private VAE and the private popularity: what they promise, what touches ratings, and what an attacker finds."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import beta

from recsys.artifacts.fitting import fit_all
from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.movielens import load_dataset
from recsys.data.scale import WHOLE_STARS
from recsys.models import create
from recsys.models.base import PrivateModel
from recsys.models.simple import dp_popularity
from recsys.models.simple.config import DPPopularityConfig
from recsys.models.simple.dp_popularity import DPPopularity
from recsys.models.vae import private_vae
from recsys.models.vae.config import DPVAEConfig
from recsys.models.vae.private_network import Likes, Network, profiles
from recsys.models.vae.private_vae import DPVAE, centred
from recsys.privacy.accountant import epsilon_of
from recsys.privacy.config import PrivacyConfig
from recsys.training import Training
from tests.support.data_folders import write_genres
from tests.support.small_models import made_small, ratings

CONFIG = made_small(DPVAEConfig())
QUICK = {"dp-vae": {"steps": 1}, "dp-popularity": {}}  # settings of fits that are many
TIGHT = PrivacyConfig(epsilon=1.0, delta=1e-3)
FACTS = FilmFacts(features=(np.random.default_rng(3).random((23, 5)) < 0.4).astype(float))
MODELS = {"dp-vae": (DPVAE, CONFIG), "dp-popularity": (DPPopularity, DPPopularityConfig())}
both = pytest.mark.parametrize("name", MODELS)


def told(stars: sp.csr_array) -> Interactions:
    return Interactions(stars, films=FACTS)


def learned(name: str, stars: sp.csr_array, seed: int = 0, **settings) -> dict[str, np.ndarray]:
    kind, config = MODELS[name]
    return kind(replace(config, **settings)).fit(told(stars), Training(seed=seed)).arrays()


# ---- what is told of ratings


@pytest.mark.parametrize("sampling", [1.0, 0.4])
def test_all_that_is_told_gives_away_what_is_promised_and_no_less(sampling):
    """The noise that sums are given is that of the plan which was accounted for."""
    model, seen = DPVAE(replace(CONFIG, sampling=sampling)), []
    sums = private_vae.noisy_sum

    def watched(parts, **how):
        seen.append((how["deviation"] / how["most"], how.get("sampling", 1.0)))
        return sums(parts, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dp_popularity, "noisy_sum", watched)
        patch.setattr(private_vae, "noisy_sum", watched)
        model.fit(told(ratings(1)))
    much = private_vae.calibrated(model.plan, 8.0, 1 / 400)
    planned = [(each.noise, each.sampling) for each in model.plan(much) for _ in range(each.times)]
    np.testing.assert_allclose(seen, planned)
    assert epsilon_of(model.plan(much), model.delta) == pytest.approx(8.0, rel=1e-6)


@both
def test_nothing_but_noisy_sums_touches_ratings(name, monkeypatch):
    """Where these tell nothing, two data sets of as many people make the same model, to the bit."""

    def blind(parts, **how):
        return [np.full_like(each, 0.1) for each in parts.summed(np.zeros(len(parts.squares())))]

    for module in (dp_popularity, private_vae):
        monkeypatch.setattr(module, "noisy_sum", blind)
    few = sp.csr_array(([5.0], ([3], [7])), shape=(40, 23))
    one, other = learned(name, ratings(1)), learned(name, few)
    assert one.keys() == other.keys()
    for key, array in one.items():
        np.testing.assert_array_equal(array, other[key], err_msg=key)


def test_no_loss_is_told_while_it_learns():
    heard = []
    DPVAE(CONFIG).fit(told(ratings(1)), Training(on_progress=lambda *what, **figures: heard.append(figures)))
    assert heard == [{}] * CONFIG.steps


def test_nobody_moves_a_sum_of_gradients_by_more_than_the_clip():
    network = first_network()
    draws = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    sums = []
    for stars in (ratings(1), of_nobody(ratings(1), 7)):
        pulls = told_likes(stars).pulls(network, draws, 0.1)
        found = private_vae.noisy_sum(pulls, most=0.05, deviation=0.0, noise=PrivacyConfig().source(0))
        sums.append(np.concatenate([each.ravel() for each in found]))
    assert 0.04 < np.linalg.norm(sums[0] - sums[1]) <= 0.05 * (1 + 1e-4)


def of_nobody(stars: sp.csr_array, person: int) -> sp.csr_array:
    dense = stars.toarray()
    dense[person] = 0
    return sp.csr_array(dense)


def first_network() -> Network:
    features = centred(FACTS, np.full(23, 1 / 23))
    return Network.first(features, np.full(23, 1 / 23), 4, 0.5)


def told_likes(stars: sp.csr_array) -> Likes:
    features, matrix = centred(FACTS, np.full(23, 1 / 23)), sp.csr_array(stars >= 4, dtype=np.float32)
    popularity = np.linspace(-1, 1, 23).astype(np.float32)
    return Likes(matrix, features, popularity, profiles(matrix, features, 1.0))


# ---- the network


def loss_of(likes: Likes, network: Network, person: int, draws: np.ndarray, weight: float) -> float:
    """One person's, by its definition."""
    mean = likes.profile[person] @ network.reads
    z = mean + np.exp(0.5 * network.log_variance[0]) * draws[person]
    logits = likes.log_popularity + likes.features @ (network.says @ z + network.kinds[:, 0])
    chosen = likes.matrix[[person]].toarray()[0] > 0
    log_chances = logits - np.logaddexp.reduce(logits)
    variance = np.exp(network.log_variance[0])
    divergence = 0.5 * np.sum(mean**2 + variance - 1 - network.log_variance[0])
    return float(-log_chances[chosen].mean() + weight * divergence)


@pytest.mark.parametrize("person", [0, 11])
def test_what_a_person_pulls_at_is_the_slope_of_their_loss(person):
    rng, weight = np.random.default_rng(1), 0.3
    likes = told_likes(ratings(1))
    network = Network(*(each + 0.3 * rng.normal(size=each.shape) for each in first_network().parameters))
    draws = rng.normal(size=(40, 4))
    alone = np.zeros(40)
    alone[person] = 1
    slopes = likes.pulls(network, draws, weight).summed(alone)
    for array, slope in zip(network.parameters, slopes, strict=True):
        place = np.unravel_index(np.argmax(np.abs(slope)), slope.shape)
        kept, step = array[place], 1e-4
        array[place] = kept + step
        above = loss_of(likes, network, person, draws, weight)
        array[place] = kept - step
        below = loss_of(likes, network, person, draws, weight)
        array[place] = kept
        assert slope[place] == pytest.approx((above - below) / (2 * step), rel=1e-3)


def test_who_likes_nothing_pulls_at_nothing():
    likes = told_likes(of_nobody(ratings(1), 5))
    assert likes.pulls(first_network(), np.ones((40, 4), dtype=np.float32), 0.1).squares()[5] == 0


def test_without_much_noise_people_are_told_apart_by_the_features_of_what_they_like():
    """Two kinds of people, each of whom likes the films of one kind; what noise there is is next to none."""
    kinds = np.arange(24) % 2
    stars = np.where((np.arange(60)[:, None] % 2 == kinds) & (np.random.default_rng(0).random((60, 24)) < 0.5), 5.0, 0)
    facts = FilmFacts(features=np.stack([kinds == 0, kinds == 1], axis=1).astype(float))
    config = DPVAEConfig(privacy=PrivacyConfig(epsilon=1e6), steps=40, clip=5.0, learning_rate=0.1)
    model = DPVAE(config).fit(Interactions(sp.csr_array(stars.astype(np.float32)), films=facts))
    scores = model.score(Histories.of({0: 5.0, 2: 5.0}, 24))[0]
    assert scores[kinds == 0].min() > scores[kinds == 1].max()
    bored = model.score(Histories.of({0: 1.0}, 24))[0]
    np.testing.assert_array_equal(bored, model.score(Histories.of({}, 24))[0])


# ---- the promise


def least_epsilon(inside: np.ndarray, outside: np.ndarray, delta: float) -> float:
    """What an attacker shows, with 95 % certainty, that a mechanism gives away (Jagielski et al. 2020).

    They say that the canary is there where a statistic is above a threshold, which is chosen on the first halves; rates
    of right and wrong guesses on the others are bounded by Clopper and Pearson.
    """
    n = len(inside) // 2
    ahead = np.concatenate([inside[:n], outside[:n]])
    rates = [(np.mean(inside[:n] > each) - delta, max(np.mean(outside[:n] > each), 2 / n)) for each in ahead]
    threshold = ahead[int(np.argmax([right / wrong for right, wrong in rates]))]
    right, wrong = (int(np.sum(each[n:] > threshold)) for each in (inside, outside))
    surely = beta.ppf(0.025, right, n - right + 1) if right else 0.0
    at_most = beta.ppf(0.975, wrong + 1, n - wrong)
    return float(np.log(max(surely - delta, 1e-9) / at_most))


def audited(name: str, n_fits: int, **settings) -> float:
    """The canary is the only one who likes film 7; films have features of their own, which a gradient would show."""
    stars = ratings(1).toarray()
    stars[:, 7] = stars[0] = 0
    stars[0, 7] = 5
    apart = FilmFacts(features=np.eye(23))
    kind, config = MODELS[name]
    found = []
    for world, matrix in enumerate((sp.csr_array(stars), of_nobody(sp.csr_array(stars), 0))):
        data = Interactions(matrix, films=apart)
        fits = (kind(replace(config, **settings)).fit(data, Training(seed=2 * n + world)) for n in range(n_fits))
        of_nobody_s = (fit.score(Histories.of({}, 23))[0] for fit in fits)
        found.append(np.array([scores[7] - scores.mean() for scores in of_nobody_s]))
    return least_epsilon(*found, delta=TIGHT.delta)


@both
def test_an_attacker_who_looks_for_a_canary_finds_no_more_than_is_promised(name):
    assert audited(name, 100, privacy=TIGHT, **QUICK[name]) <= TIGHT.epsilon


@both
def test_the_same_attacker_would_find_a_model_out_that_promised_too_much(name, monkeypatch):
    """Told of a person as if epsilon were a hundred."""
    module = private_vae if name == "dp-vae" else dp_popularity
    honest = module.calibrated
    monkeypatch.setattr(module, "calibrated", lambda plan, epsilon, delta: honest(plan, 100 * epsilon, delta))
    assert audited(name, 50, privacy=TIGHT, **QUICK[name]) > TIGHT.epsilon


# ---- what goes with the model


@both
def test_an_artifact_tells_no_rating_beside_what_is_promised(name, tmp_path):
    dataset = load_dataset(write_genres(tmp_path / "films", n_users=30))
    artifact = fit_all(name, dataset, Training(seed=0))
    assert isinstance(artifact.model, PrivateModel)
    assert artifact.facts["private"] == artifact.model.promise()
    assert artifact.facts["private"].startswith("(8, 0.01)-differentially private: all ratings of one person")
    assert "seed" not in artifact.facts["private"]  # what is fitted to be used has noise that no seed repeats
    assert artifact.facts.keys().isdisjoint({"n_ratings", "dataset_sha256"})
    assert artifact.items.level_counts is None
    assert not artifact.items.mean_stars.any()
    counts = np.maximum(np.rint(artifact.model.told_counts()), 0)
    np.testing.assert_array_equal(artifact.items.n_ratings, counts)


def test_secret_noise_makes_another_model_every_time():
    secret = PrivacyConfig(noise="secret")
    one, other = (learned("dp-vae", ratings(1), privacy=secret) for _ in range(2))
    assert not np.array_equal(one["bias"], other["bias"])


def test_the_yardstick_is_popularity_where_noise_is_next_to_none():
    config = DPPopularityConfig(privacy=PrivacyConfig(epsilon=1e6), most_likes=1000)
    train, someone = Interactions(ratings(1)), Histories(ratings(2)[:3])
    plain = create("popularity", WHOLE_STARS).fit(train).score(someone)
    np.testing.assert_allclose(DPPopularity(config).fit(train).score(someone), plain, atol=0.3)
