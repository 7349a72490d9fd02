"""cascade-autoencoder: content is said first, and never knows what is hidden."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models.autoencoders.cascade import CascadeAutoencoder
from recsys.models.autoencoders.config import CascadeConfig, ListConfig
from recsys.models.autoencoders.deep import DeepAutoencoder
from recsys.models.autoencoders.lists import ListLessons, list_network
from recsys.models.base import with_values
from recsys.models.content.content import Content
from recsys.training import Training
from tests.support.small_models import made_small, ratings

SMALL = made_small(CascadeConfig())
TRAIN = ratings(1)
N_ITEMS = TRAIN.shape[1]
FILMS = FilmFacts(features=np.eye(3)[np.arange(N_ITEMS) % 3])
DATA = Interactions(TRAIN, films=FILMS)
PEOPLE = ratings(2)[:4]


def fitted(**changes: object) -> CascadeAutoencoder:
    return CascadeAutoencoder(replace(SMALL, **changes)).fit(DATA, Training(seed=2))


MODEL = fitted()


def lessons(model: CascadeAutoencoder, train: sp.csr_array, forgets: float):
    """What the layers learn from; the model has been fitted on other ratings."""
    model.known, before = train, model.config
    model.config = replace(before, deep=replace(before.deep, forgets=forgets))
    found = model.lessons(model.told(train), np.random.default_rng(0))
    model.config = before
    return found


def test_without_what_content_says_it_is_the_deep_autoencoder_bit_for_bit():
    found = fitted(told_share=0.0, kept_share=0.0)
    plain = DeepAutoencoder(SMALL.deep).fit(DATA, Training(seed=2))
    np.testing.assert_array_equal(found.predict(Histories(PEOPLE)), plain.predict(Histories(PEOPLE)))
    assert np.abs(MODEL.predict(Histories(PEOPLE)) - plain.predict(Histories(PEOPLE))).max() > 0.01


def test_layers_are_told_ratings_and_of_other_films_a_share_of_what_content_says():
    told, content = (
        MODEL.told(PEOPLE),
        MODEL.content.predict(Histories(PEOPLE)) - MODEL.plain.predict(Histories(PEOPLE)),
    )
    found = MODEL.given(told, MODEL.beyond(PEOPLE))
    is_rated = PEOPLE.toarray() > 0
    np.testing.assert_allclose(found[is_rated], told.toarray()[is_rated], rtol=1e-6)
    np.testing.assert_allclose(found[~is_rated], SMALL.told_share * content[~is_rated], atol=1e-6)


def test_stars_are_offsets_content_and_what_the_layers_add():
    found, people = fitted(kept_share=0.6), Histories(PEOPLE)
    plain = found.plain.predict(people)
    said = found.stack(found.given(found.told(PEOPLE), found.beyond(PEOPLE)))
    np.testing.assert_allclose(
        found.predict(people), plain + said + 0.6 * (found.content.predict(people) - plain), atol=1e-5
    )


def test_hidden_ratings_reach_neither_content_nor_the_layers():
    """Whatever they are, the input is the same: those that are hidden here are 1 star there."""
    model, rows = fitted(), np.arange(9)
    ours = lessons(model, TRAIN, forgets=0.5)
    hidden = ours.partly_hidden(ours.told[rows]).data == 0
    assert 0.3 < hidden.mean() < 0.7
    batch = TRAIN[rows]
    changed = with_values(batch, np.where(hidden, 1, batch.data))
    assert np.abs(changed.data - batch.data).max() > 0
    found = []
    for people in (batch, changed):
        teacher = lessons(model, people, forgets=0.5)
        # offsets of a person are of all ratings, as deep-autoencoder's are; here only what is told of each cell counts
        told = with_values(teacher.told, np.where(hidden, teacher.told.data, 1.0).astype(np.float32))
        found.append(teacher.given(rows, told))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_lists_begin_with_content_and_learn_what_to_add():
    config = ListConfig(n_hidden=4, forgets=0.0, l2=0.0)
    content = Content().fit(DATA)
    stack = list_network(N_ITEMS, config, np.random.default_rng(0))
    teacher = ListLessons(stack, TRAIN, content, WHOLE_STARS, config, np.random.default_rng(0))
    assert not stack(TRAIN[:3].toarray()).any()

    def loss() -> float:
        return next(teacher.steps(np.arange(6)))[1]

    (gradient, _), *_ = teacher.steps(np.arange(6))
    for each, slope in zip(stack.parameters, gradient, strict=True):
        place = np.unravel_index(np.argmax(np.abs(slope)), slope.shape)
        before = each[place]
        each[place] = before + 1e-2
        above = loss()
        each[place] = before - 1e-2
        assert (above - loss()) / 2e-2 == pytest.approx(slope[place], rel=2e-2, abs=2e-3)
        each[place] = before


def test_scores_are_log_chances_of_content_and_network_together():
    scores = MODEL.score(Histories(PEOPLE))
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, rtol=1e-4)
    content = MODEL.content.score(Histories(PEOPLE))
    assert np.ptp(scores - content, axis=1).min() > 0.001


@pytest.mark.parametrize(
    ("kind", "wrong", "message"),
    [
        (CascadeConfig, {"told_share": -0.1}, "shares >= 0"),
        (ListConfig, {"forgets": 1.0}, r"forgets in \[0, 1\)"),
        (ListConfig, {"n_hidden": 0}, "sizes and epochs >= 1"),
        (ListConfig, {"l2": -1.0}, "l2 >= 0 and learning_rate > 0"),
    ],
)
def test_settings_out_of_range_are_refused(kind, wrong, message):
    with pytest.raises(ValueError, match=message):
        kind(**wrong)
