"""aligned-vae: tastes in one domain of films, held near those in another."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.films.domains import NEITHER, SOURCE, TARGET
from recsys.models.networks.posterior import Posterior
from recsys.models.vae.aligned_vae import AlignedVAE, lesson, relative
from recsys.models.vae.choosing import ChoiceNetwork
from recsys.models.vae.config import AlignedVAEConfig
from recsys.training import Training
from tests.support.small_models import made_small, ratings

SMALL = made_small(AlignedVAEConfig())
RNG = np.random.default_rng(0)
TRAIN = ratings(1)
N_ITEMS = TRAIN.shape[1]
DOMAIN = np.arange(N_ITEMS) % 3  # NEITHER, SOURCE, TARGET, ...
GENRES = np.stack([DOMAIN == SOURCE, DOMAIN == TARGET], axis=1)
FACTS = FilmFacts(genres=GENRES, genre_names=("Drama", "Thriller"))


def fitted(config: AlignedVAEConfig = SMALL, stars: sp.csr_array = TRAIN) -> AlignedVAE:
    return AlignedVAE(config).fit(Interactions(stars, films=FACTS), Training(seed=1))


def inside(stars: sp.csr_array, *domains: int) -> sp.csr_array:
    return sp.csr_array(stars.toarray() * np.isin(DOMAIN, domains))


def posterior(n_rows: int = 3, n_latent: int = 2) -> Posterior:
    return Posterior(RNG.normal(size=(n_rows, n_latent)), RNG.normal(size=(n_rows, n_latent)))


def test_the_divergence_from_an_aim_is_its_integral():
    taste, aim = posterior(1, 1), posterior(1, 1)
    values = np.linspace(-40, 40, 400_001)

    def density(normal: Posterior) -> np.ndarray:
        mean, variance = normal.mean.item(), np.exp(normal.log_var.item())
        return np.exp(-((values - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)

    p, q = density(taste), density(aim)
    is_much = p > 1e-200
    expected = np.sum(p[is_much] * np.log(p[is_much] / q[is_much])) * (values[1] - values[0])
    assert relative(taste, aim).divergence().item() == pytest.approx(expected, rel=1e-6)
    assert relative(aim, aim).divergence() == pytest.approx(0)


def double(network: ChoiceNetwork) -> ChoiceNetwork:
    return ChoiceNetwork.of([each.astype(np.float64) for each in network.parameters])


def test_the_gradient_is_that_of_finite_differences():
    network, aim = double(ChoiceNetwork.drawn(7, 3, 2, RNG)), posterior()
    told, chosen = (sp.csr_array(RNG.random((3, 7)) * (RNG.random((3, 7)) < 0.6)) for _ in range(2))
    noise = RNG.normal(size=(3, 2))
    gradient, _ = lesson(network, told, chosen, noise, aim, 0.7)
    for values, slope in zip(network.parameters, gradient, strict=True):
        for place in np.ndindex(values.shape):
            before, losses = values[place], []
            for step in (1e-5, -1e-5):
                values[place] = before + step
                losses.append(lesson(network, told, chosen, noise, aim, 0.7)[1])
            values[place] = before
            assert slope[place] == pytest.approx((losses[0] - losses[1]) / 2e-5, rel=1e-4, abs=1e-6)


def test_with_the_prior_for_an_aim_it_is_the_lesson_of_any_vae():
    network, noise = ChoiceNetwork.drawn(7, 3, 2, RNG), RNG.normal(size=(3, 2)).astype(np.float32)
    told, chosen = (sp.csr_array(RNG.random((3, 7)).astype(np.float32)) for _ in range(2))
    prior = Posterior(np.zeros((3, 2)), np.zeros((3, 2)))
    found, loss = lesson(network, told, chosen, noise, prior, 0.5)
    expected, expected_loss = network.lesson(told, chosen, noise, 0.5, np.zeros(7, dtype=np.float32))
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_the_heavier_the_divergence_the_nearer_are_the_target_s_tastes_to_the_source_s():
    """Everybody rates each film of the target as one of the source, so tastes can be the same."""
    alike = TRAIN.toarray()
    alike[:, 22] = 0  # of the source, and has no like
    alike[:, TARGET::3] = alike[:, SOURCE:22:3]
    stars, apart = sp.csr_array(alike), []
    for weight in (0.0, 100.0):
        config = replace(SMALL, n_hidden=20, beta=0.1, beta_source=weight, epochs=60, anneal_epochs=1, forgets=0.0)
        model = fitted(replace(config, learning_rate=0.03), stars)
        apart.append(relative(model.taste(TARGET, stars), model.source_taste(stars)).divergence().mean())
    assert model.source_taste(stars).divergence().mean() > 2  # from the prior
    assert apart[0] > 10
    assert apart[1] < 0.1


@pytest.mark.parametrize("alignment", ["soft", "rigid"])
def test_the_source_s_network_is_what_it_is_without_a_target(alignment):
    alone, aligned = (
        fitted(replace(SMALL, alignment="none")).arrays(),
        fitted(replace(SMALL, alignment=alignment)).arrays(),
    )
    same = {name for name in alone if np.array_equal(alone[name], aligned[name])}
    assert same >= {name for name in alone if name.startswith(("source", "all"))}
    assert "target_out_kernel" not in same


def test_rigid_tastes_are_the_source_s_own():
    model = fitted(replace(SMALL, alignment="rigid"))
    np.testing.assert_array_equal(model.point(TARGET, TRAIN), model.source_taste(TRAIN).mean)
    np.testing.assert_array_equal(model.point(TARGET, TRAIN), model.point(TARGET, inside(TRAIN, NEITHER, SOURCE)))


def test_who_is_new_in_the_target_is_known_from_the_source():
    model = fitted()
    new = inside(TRAIN, NEITHER, SOURCE)
    known = model.knows(SOURCE, new)[:, 0]
    assert 30 < known.sum() < 40
    np.testing.assert_array_equal(model.point(TARGET, new)[known], model.taste(SOURCE, new).mean[known])
    np.testing.assert_array_equal(model.point(TARGET, new)[~known], 0)
    np.testing.assert_array_equal(model.point(TARGET, TRAIN), model.taste(TARGET, TRAIN).mean)
    strange = inside(TRAIN, NEITHER)  # nobody knows them in either
    np.testing.assert_array_equal(model.point(TARGET, strange), 0)


def test_a_network_is_told_films_of_its_domain_alone():
    model = fitted()
    for number, domains in ((SOURCE, (SOURCE,)), (TARGET, (TARGET,)), (NEITHER, (NEITHER, SOURCE, TARGET))):
        for whole, part in zip(model.taste(number, TRAIN), model.taste(number, inside(TRAIN, *domains)), strict=True):
            np.testing.assert_array_equal(whole, part)


def test_scores_are_chances_and_each_domain_has_its_share():
    model = fitted()
    chances = np.exp(model.score(Histories(TRAIN)))
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)
    grades = (np.where(TRAIN.toarray() > 0, TRAIN.toarray(), 1) - 1) / 4
    everybody = np.array([1 + grades[:, number == DOMAIN].sum() for number in range(3)])
    own = np.stack([grades[:, number == DOMAIN].sum(axis=1) for number in range(3)], axis=1)
    own += SMALL.prior * everybody / everybody.sum()
    found = np.stack([chances[:, number == DOMAIN].sum(axis=1) for number in range(3)], axis=1)
    np.testing.assert_allclose(found, own / own.sum(axis=1, keepdims=True), rtol=1e-4)


@pytest.mark.parametrize("films", [None, FilmFacts(), FilmFacts(genres=GENRES, genre_names=("War", "Western"))])
def test_where_no_genres_are_known_all_films_are_asked_of_one_network(films):
    model = AlignedVAE(SMALL).fit(Interactions(TRAIN, films=films))
    assert (model.domain == NEITHER).all()
    assert np.ptp(model.score(Histories(TRAIN[:3])), axis=1).min() > 0


def two_kinds() -> sp.csr_array:
    """People of two kinds, who like other films of each domain; half of each kind have rated none of the target."""
    stars = np.zeros((80, N_ITEMS), dtype=np.float32)
    for person in range(80):
        liked = RNG.random(N_ITEMS) < 0.7
        stars[person, liked & (np.arange(N_ITEMS) // 3 % 2 == person % 2)] = 5
    stars[40:, DOMAIN == TARGET] = 0
    return sp.csr_array(stars)


@pytest.mark.parametrize(("alignment", "knows"), [("soft", True), ("rigid", True), ("none", False)])
def test_what_is_known_of_the_source_helps_in_the_target(alignment, knows):
    stars = two_kinds()
    config = replace(SMALL, alignment=alignment, n_hidden=12, beta=0.1, beta_source=0.3, epochs=40, learning_rate=0.03)
    chances = np.exp(fitted(config, stars).score(Histories(stars[40:])))
    is_own = (np.arange(N_ITEMS) // 3 % 2 == np.arange(40)[:, None] % 2) & (DOMAIN == TARGET)
    share = (chances * is_own).sum(axis=1) / chances[:, DOMAIN == TARGET].sum(axis=1)
    assert (share.mean() > 0.85) == knows
    assert knows or share.mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"alignment": "loose"}, "alignment 'soft', 'rigid' or 'none'"),
        ({"source_genres": ""}, r"genres, divided by \|"),
        ({"target_genres": "War|"}, r"genres, divided by \|"),
        ({"n_hidden": 0}, "sizes and epochs >= 1"),
        ({"forgets": 1.0}, r"forgets in \[0, 1\)"),
        ({"prior": 0.0}, "weights >= 0 and prior > 0"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        AlignedVAEConfig(**wrong)
