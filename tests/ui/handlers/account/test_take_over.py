"""The offer to take ratings over, called as Gradio calls it."""

import gradio as gr
import pytest

from recsys.recommend.film_keys import keys_of
from recsys.serve.accounts.film_names import named
from recsys.serve.accounts.taking_over import Offer
from recsys.ui.account.take_over import TakeOverHandlers, in_words, offered
from recsys.ui.markup import NOTHING
from tests.ui.handlers.hostile import EVENTS, FILM, MARKUP, OTHER

LABEL = f"another {MARKUP}"


@pytest.fixture
def handlers(visits):
    return TakeOverHandlers(visits, gr.HTML())


@pytest.fixture
def elsewhere(store, shelves, member, recommender):
    """Two of the films, rated in another data set whose name is hostile."""
    keys, names = keys_of(recommender), named(recommender)
    films = {
        number: names[keys.key_of(int(recommender.catalog.item_ids[recommender.titles.find(title)]))]
        for number, title in enumerate((FILM, OTHER))
    }
    store.films.note(LABEL, films)
    store.ratings.set_ratings(shelves.person(member), LABEL, {0: 4.0, 1: 2.0})


def event(said):
    return gr.EventData(None, said)


def test_a_guest_and_who_rated_nothing_elsewhere_have_no_offer(handlers, guest, member):
    assert handlers.show({}, guest) == handlers.show({}, member) == {handlers.offer: NOTHING}


def test_an_offer_is_shown_and_taken(handlers, visits, member, elsewhere):
    shown = handlers.show({}, member)[handlers.offer]
    assert "Take over 2 of 2 ratings" in shown
    assert MARKUP not in shown
    updates = handlers.answer({}, event({"other": LABEL, "takes": True}), member)
    assert "2 ratings came over" in updates[handlers.offer]
    assert MARKUP not in updates[handlers.offer]
    assert " data-taken>" in updates[handlers.offer]  # all that shows ratings is drawn anew
    assert visits.of({}, member)[1].ratings == {FILM: 4.0, OTHER: 2.0}
    assert handlers.show({}, member) == {handlers.offer: NOTHING}


def test_an_offer_that_is_declined_is_gone_for_good(handlers, member, elsewhere):
    assert handlers.answer({}, event({"other": LABEL, "takes": False}), member) == {handlers.offer: NOTHING}
    assert handlers.show({}, member) == {handlers.offer: NOTHING}


@pytest.mark.parametrize("said", [*EVENTS, {"other": LABEL}, {"other": LABEL, "takes": 1}, {"other": 7, "takes": True}])
def test_an_event_that_says_something_else_takes_nothing(handlers, member, guest, elsewhere, said):
    for who in (member, guest):
        with pytest.raises(gr.Error, match="no such ratings to take over"):
            handlers.answer({}, event(said), who)
    assert "Take over" in handlers.show({}, member)[handlers.offer]


def test_a_guest_takes_nothing_over(handlers, guest):
    for takes in (True, False):
        with pytest.raises(gr.Error, match="no such ratings to take over"):
            handlers.answer({}, event({"other": LABEL, "takes": takes}), guest)


@pytest.mark.parametrize(
    ("offer", "sentence"),
    [
        (Offer("a", 9, 8, 8), "You rated 9 films in a. 8 of them are here too."),
        (Offer("a", 1, 1, 1), "You rated 1 film in a. It is here too."),
        (Offer("a", 2, 1, 1), "You rated 2 films in a. 1 of them is here too."),
        (Offer("a", 3, 3, 2), "You rated 3 films in a. 3 of them are here too; 1 is rated here, and stays as it is."),
        (
            Offer("a", 1234, 9, 7),
            "You rated 1,234 films in a. 9 of them are here too; 2 are rated here, and stay as they",
        ),
    ],
)
def test_an_offer_in_words(offer, sentence):
    assert in_words(offer).startswith(sentence)
    assert f"{offer.n_new:,} of {offer.n_rated:,} rating" in offered(offer)
