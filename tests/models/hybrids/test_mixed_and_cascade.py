"""Lists of several models, in turns and in classes: against loops over the definitions."""

import numpy as np
import pytest
import scipy.sparse as sp

from eval.running.part_cache import PartCache
from recsys.data.interactions import Histories, Interactions
from recsys.models import MODELS
from recsys.models.base import CompositeModel
from recsys.models.hybrids.cascade import Cascade
from recsys.models.hybrids.config import EASE_MEMBER, CascadeListsConfig, MixedConfig
from recsys.models.hybrids.members import Member, best_first, ranks, standardised
from recsys.models.hybrids.mixed import Mixed, in_turns
from recsys.models.linear.config import EASEConfig
from recsys.progress import silent
from recsys.settings import from_json
from recsys.split import Split
from tests.support.small_models import N_ITEMS, ratings

EASE, SLIM, BASELINE, CONTENT = (
    Member(name=name, config=MODELS[name].config) for name in ("ease", "slim", "baseline", "content")
)
TRAIN, PEOPLE = Interactions(ratings(1)), Histories(ratings(2)[:6])


def order_of(score: np.ndarray, rated: np.ndarray) -> list[int]:
    """Films that somebody has not rated, the best first."""
    return [int(item) for item in np.argsort(-score, kind="stable") if not rated[item]]


@pytest.mark.parametrize(
    "made",
    [
        Mixed(MixedConfig(lists=(SLIM,), turns=(3,), stars=(BASELINE,))),
        Cascade(CascadeListsConfig(lists=(SLIM,), stars=(BASELINE,))),
    ],
)
def test_with_one_member_the_order_is_that_of_the_member(made):
    model = made.fit(TRAIN)
    alone = model.fitted["slim"].score(PEOPLE)
    for found, expected, rated in zip(model.score(PEOPLE), alone, PEOPLE.stars.toarray(), strict=True):
        places = [found[item] for item in order_of(expected, rated)]
        assert places == sorted(places, reverse=True)
    np.testing.assert_allclose(model.predict(PEOPLE), model.fitted["baseline"].predict(PEOPLE), rtol=1e-6)


def test_members_take_turns_and_no_film_is_listed_twice():
    model = Mixed(MixedConfig(lists=(EASE, BASELINE), turns=(1, 1), stars=(BASELINE, CONTENT))).fit(TRAIN)
    orders = [model.fitted[name].score(PEOPLE) for name in ("ease", "baseline")]
    for person, rated in enumerate(PEOPLE.stars.toarray()):
        listed: list[int] = []
        own = [order_of(score[person], rated) for score in orders]
        while len(listed) < np.count_nonzero(rated == 0):
            listed.append(next(item for item in own[len(listed) % 2] if item not in listed))
        assert order_of(model.score(PEOPLE)[person], rated) == listed
    stars = [model.fitted[name].predict(PEOPLE) for name in ("baseline", "content")]
    np.testing.assert_allclose(model.predict(PEOPLE), np.mean(stars, axis=0), rtol=1e-6)


def test_turns_by_hand():
    first, second = np.array([[0, 1, 2, 3, 4]]), np.array([[0, 2, 1, 4, 3]])
    assert in_turns([first, second], (1, 1)).tolist() == [[0, 2, 1, 4, 3]]
    assert in_turns([first, second], (2, 1)).tolist() == [[0, 1, 2, 3, 4]]
    assert in_turns([first, second], (1, 2)).tolist() == [[0, 2, 1, 3, 4]]


def test_turns_are_those_of_people_one_by_one_whose_members_take_several():
    rng = np.random.default_rng(0)
    orders = [np.argsort(rng.random((7, 30)), axis=1) for _ in range(3)]
    for person, places in enumerate(in_turns(orders, (3, 1, 2))):
        listed: list[int] = []
        for member in [0, 0, 0, 1, 2, 2] * 5:
            listed.append(next(item for item in orders[member][person] if item not in listed))
        assert np.argsort(places).tolist() == listed


def test_a_cascade_never_takes_a_film_out_of_its_class():
    model = Cascade(CascadeListsConfig(lists=(EASE, CONTENT), stars=(CONTENT,), width=0.7)).fit(TRAIN)
    first, second = (standardised(model.fitted[name].score(PEOPLE), PEOPLE) for name in ("ease", "content"))
    classes = np.floor(first / 0.7)
    assert 3 < len(np.unique(classes)) < classes.size / 6
    for own, refined, score, rated in zip(classes, second, model.score(PEOPLE), PEOPLE.stars.toarray(), strict=True):
        listed = order_of(score, rated)
        keys = [(own[item], refined[item]) for item in listed]
        assert keys == sorted(keys, reverse=True)


def test_what_is_alike_comes_in_the_order_of_the_next_key_and_then_of_films():
    assert best_first(np.array([[1.0, 3, 3, 3]]), np.array([[9.0, 1, 2, 1]])).tolist() == [[2, 1, 3, 0]]


def test_ranks_are_shared_by_what_is_alike():
    assert ranks(np.array([[1.0, 3, 3, 3]]), np.array([[9.0, 1, 2, 1]])).tolist() == [[2, 1, 0, 1]]


def test_standardised_scores_are_of_what_is_not_rated():
    history = sp.csr_array(np.array([[0, 0, 5.0, 0], [0, 0, 0, 0]]))
    found = standardised(np.array([[1.0, 3, 99, 5], [2, 2, 2, 2]]), Histories(history))
    assert found[0, [0, 1, 3]].mean() == pytest.approx(0, abs=1e-5)
    assert found[0, [0, 1, 3]].std() == pytest.approx(1, abs=1e-5)
    assert not found[1].any()


def test_members_are_fitted_once_and_shared_between_trials():
    cache, split = PartCache(4), Split("s", TRAIN, ratings(3))
    narrow, wide = (Cascade(CascadeListsConfig(lists=(EASE,), stars=(BASELINE,), width=w)) for w in (0.5, 2.0))
    assert isinstance(narrow, CompositeModel)
    one, other = (cache.fitted(model, split, 0, silent) for model in (narrow, wide))
    assert one.fitted["ease"] is other.fitted["ease"]
    whole = Cascade(narrow.config).fit(TRAIN)
    np.testing.assert_array_equal(one.score(PEOPLE), whole.score(PEOPLE))
    assert one.score(PEOPLE).shape == (6, N_ITEMS)


def test_settings_of_members_are_read_as_those_of_their_names():
    written = {"lists": [{"name": "ease", "config": {**vars(EASEConfig(l2=7.0))}}], "turns": [2], "stars": []}
    written["stars"] = [{"name": "baseline", "config": {**vars(BASELINE.config)}}]
    read = from_json(MixedConfig(), written)
    assert read.lists == (Member(name="ease", config=EASEConfig(l2=7.0)),)
    with pytest.raises(ValueError, match="unknown model 'eaze'"):
        from_json(MixedConfig(), written | {"lists": [{"name": "eaze", "config": {}}]})
    with pytest.raises(ValueError, match="expected a name with one setting only"):
        MixedConfig(lists=(EASE_MEMBER, read.lists[0]))
    with pytest.raises(ValueError, match="expected turns of 1 or more, one for each member of lists"):
        MixedConfig(turns=(1, 0))


@pytest.mark.parametrize("name", ["user-knn", "mult-vae", "vae", "hybrid-vae", "mixed"])
def test_a_member_that_no_hybrid_can_hold_is_refused(name):
    member = Member(name=name, config=MODELS[name].config)
    with pytest.raises(ValueError, match=f"got '{name}' for a member; expected a model whose weights are arrays"):
        Mixed(MixedConfig(lists=(member,), turns=(1,), stars=(BASELINE,)))
