"""Whose ratings the next model may learn from, on SQLite and PostgreSQL alike."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import event

from recsys.store import Consent, Recommendations, StoreError, open_store
from recsys.store.consenting import UNANSWERED
from tests.support.store_places import CHEAP, FIXTURES, PASSWORD, Clock, all_rows

postgresql, place, opened, clock, store, ann, ben = FIXTURES
ML = "ml-100k"
NO_ANSWER = ["maybe", "", "YES", True, False, 1, 0, [], ["yes"], {"yes": "yes"}, b"yes", "\ud800", "x" * 10_000_000]


def agreed(store, name, stars):
    """A new person who consents and has rated films, by their numbers."""
    person = store.accounts.person_of(store.accounts.register(name, PASSWORD, f"address of {name}", "yes"))
    store.ratings.set_ratings(person, ML, stars)
    return person


def rows(store, dataset=ML):
    """Number of the person, film and stars, as a model would learn them."""
    kept = store.consents.ratings(dataset)
    return [*zip(kept.person_idx.tolist(), kept.item_ids.tolist(), kept.stars.tolist(), strict=True)]


def values(store):
    """All that a model could learn from."""
    kept = asdict(store.consents.ratings(ML))
    return {name: value.tobytes() for name, value in kept.items() if isinstance(value, np.ndarray)}


# --- answers


def test_nobody_agrees_until_they_say_so_and_anybody_may_change_it(store, clock, ann):
    assert store.consents.of(ann) == UNANSWERED == Consent(None, None)
    for said, agrees in (("no", False), ("yes", True), ("yes", True), ("no", False)):
        clock.advance(days=1)
        assert store.consents.answer(ann, said) == store.consents.of(ann) == Consent(agrees, clock())
        assert len(all_rows(store)["consents"]) == 1


@pytest.mark.parametrize("said", NO_ANSWER, ids=lambda said: repr(said)[:20])
def test_what_is_no_answer_is_refused_and_the_last_one_holds(store, ann, said):
    store.consents.answer(ann, "no")
    before = all_rows(store)
    with pytest.raises(StoreError, match='^consent: got .{1,80}; expected "yes" or "no"$'):
        store.consents.answer(ann, said)
    with pytest.raises(StoreError, match='expected "yes" or "no"'):
        store.accounts.register("Cleo", PASSWORD, "here", said)
    assert all_rows(store) == before


def test_no_answer_at_all_is_no_answer(store, ann):
    before = all_rows(store)
    with pytest.raises(StoreError, match=r"consent: got 'NoneType'"):
        store.consents.answer(ann, None)
    assert all_rows(store) == before


@pytest.mark.parametrize(("said", "agrees"), [("yes", True), ("no", False)])
def test_who_registers_may_answer_then(store, clock, said, agrees):
    person = store.accounts.person_of(store.accounts.register("Cleo", PASSWORD, "here", said))
    assert store.consents.of(person) == Consent(agrees, clock())


def test_a_name_that_is_taken_leaves_no_answer(store, ann):
    with pytest.raises(StoreError, match="taken"):
        store.accounts.register("Ann", PASSWORD, "here", "yes")
    assert store.consents.of(ann) == UNANSWERED


def test_who_signs_in_by_another_site_has_not_answered(store):
    person = store.accounts.person_of(store.accounts.sign_in_from("huggingface", "1", "Zoe"))
    assert store.consents.of(person) == UNANSWERED
    assert store.consents.answer(person, "yes").agrees


def test_the_answer_of_one_is_nobody_elses(store, ann, ben):
    store.consents.answer(ann, "yes")
    assert store.consents.of(ben) == UNANSWERED
    store.consents.answer(ben, "no")
    assert store.consents.of(ann).agrees


def test_many_answers_of_one_person_at_once_are_one(store, ann):
    with ThreadPoolExecutor(8) as threads:
        said = [*threads.map(lambda number: store.consents.answer(ann, ("yes", "no")[number % 2]), range(16))]
    assert len(all_rows(store)["consents"]) == 1
    assert store.consents.of(ann) in said


def test_the_last_answer_is_in_the_export(store, clock, ann):
    assert store.exports.everything(ann)["consents"] == []
    store.consents.answer(ann, "yes")
    (kept,) = store.exports.everything(ann)["consents"]
    assert (kept["agrees"], kept["at"]) == (True, clock().isoformat())


# --- what a model may learn from


def test_a_model_learns_from_those_who_agree_and_from_nobody_else(store, ann, ben):
    store.ratings.set_rating(ann, ML, 1, 1.0)  # has not answered
    store.ratings.set_rating(ben, ML, 1, 2.0)
    store.consents.answer(ben, "no")
    agreed(store, "Cleo", {7: 4.5, 3: 1.0})
    agreed(store, "Dora", {})
    agreed(store, "Emil", {3: 5.0})
    assert rows(store) == [(0, 3, 1.0), (0, 7, 4.5), (1, 3, 5.0)]
    assert len(store.consents.ratings(ML).people) == 2
    assert rows(store, "ml-1m") == []


def test_what_there_is_has_plain_types(store, clock):
    clock.advance(microseconds=700_000)
    cleo = agreed(store, "Cleo", {7: 4.5})
    store.ratings.set_ratings(cleo, ML, {3: 2.0}, when={3: clock() - timedelta(days=400)})
    store.ratings.set_mark(cleo, ML, 9, "later")
    kept = store.consents.ratings(ML)
    now = int(clock().timestamp())
    assert kept.dataset == ML
    assert kept.times.tolist() == [now - 400 * 86400, now]
    assert [kept.person_idx.dtype, kept.item_ids.dtype, kept.times.dtype] == [np.int64] * 3
    assert kept.stars.dtype == np.float64
    nothing = store.consents.ratings("ml-1m")
    assert (nothing.people, nothing.item_ids.shape, nothing.item_ids.dtype) == ((), (0,), np.int64)
    assert nothing.shown.shape == (0, 2)


def test_what_is_said_of_when_it_was_given_does_not_tell_when_it_came_to_hold(store, clock):
    cleo = agreed(store, "Cleo", {7: 4.5})
    first = clock().timestamp()
    clock.advance(days=3)
    store.ratings.set_ratings(cleo, ML, {3: 2.0, 5: 1.0}, when={3: clock() - timedelta(days=400)})
    kept = store.consents.ratings(ML)
    assert kept.entered.tolist() == kept.known_from.tolist() == [first + 3 * 86400, first + 3 * 86400, first]
    assert kept.read_at == clock()
    exported = {row["item_id"]: row for row in store.exports.everything(cleo)["ratings"]}
    assert exported[3]["entered_at"] == clock().isoformat()
    assert "entered_at" not in exported[7]


def test_what_a_list_had_shown_before_is_told(store, clock):
    cleo, dan = agreed(store, "Cleo", {7: 4.5}), agreed(store, "Dan", {8: 4.5})
    clock.advance(days=1)
    for dataset, films in ((ML, (7, 8, 9)), ("ml-1m", (6,))):
        shown = Recommendations(
            dataset=dataset, model="ease", version="v", kind="rate", request={}, films=[(film, None) for film in films]
        )
        store.history.record_list(cleo, shown)
    clock.advance(days=1)
    for person in (cleo, dan):
        store.ratings.set_ratings(person, ML, {6: 1.0, 9: 2.0})
    kept = store.consents.ratings(ML)
    told = zip(kept.person_idx.tolist(), kept.item_ids.tolist(), kept.was_shown.tolist(), strict=True)
    assert [(whose, film) for whose, film, was_shown in told if was_shown] == [(0, 9)]
    assert kept.shown.tolist() == [[0, 7], [0, 8], [0, 9]]
    store.ratings.set_rating(cleo, ML, 7, 1.0)  # by now she has seen it there
    assert store.consents.ratings(ML).was_shown.tolist() == [False, True, True, False, False, False]


def test_what_is_put_back_holds_from_then_on(store, clock):
    cleo = agreed(store, "Cleo", {7: 4.5})
    given = clock().timestamp()
    clock.advance(days=1)
    store.ratings.set_rating(cleo, ML, 7, 1.0)
    clock.advance(days=1)
    store.ratings.undo_last(cleo)
    kept = store.consents.ratings(ML)
    assert (kept.times.tolist(), kept.entered.tolist()) == ([given], [given + 2 * 86400])


def test_nothing_is_known_before_the_last_yes(store, clock):
    cleo = agreed(store, "Cleo", {7: 4.5})
    for said in ("no", "yes"):
        clock.advance(days=1)
        store.consents.answer(cleo, said)
    store.ratings.set_rating(cleo, ML, 8, 1.0)
    kept = store.consents.ratings(ML)
    assert kept.entered.tolist() == [kept.times[0], kept.times[0] + 2 * 86400]
    assert kept.known_from.tolist() == [clock().timestamp()] * 2


def test_a_withdrawal_holds_at_once_and_so_does_another_consent(store):
    cleo = agreed(store, "Cleo", {7: 4.5})
    (before,) = store.consents.ratings(ML).people
    store.consents.answer(cleo, "no")
    assert rows(store) == []
    store.ratings.set_rating(cleo, ML, 8, 1.0)
    store.consents.answer(cleo, "yes")
    assert rows(store) == [(0, 7, 4.5), (0, 8, 1.0)]
    assert store.consents.ratings(ML).people == (before,)


def test_a_pseudonym_tells_neither_name_nor_number_and_is_no_others(store):
    people = [agreed(store, f"Person {number}", {7: 4.5}) for number in range(5)]
    pseudonyms = store.consents.ratings(ML).people
    assert store.consents.ratings(ML).people == pseudonyms
    assert len({*pseudonyms}) == 5
    assert all(len(pseudonym) == 32 for pseudonym in pseudonyms)
    store.accounts.delete_account(people[0], PASSWORD)
    again = agreed(store, "Person 0", {7: 4.5})
    assert again.name == "Person 0"
    assert store.consents.ratings(ML).people[:4] == pseudonyms[1:]
    assert store.consents.ratings(ML).people[4] not in pseudonyms


def test_in_however_many_parts_it_is_read_it_is_the_same(store, clock, monkeypatch):
    """Who has many lists, who has none, and those who do not agree between them."""
    said = {"Cleo": "yes", "Dan": "no", "Eve": "yes", "Fay": "yes", "Gus": "no", "Hal": "yes", "Ivy": "yes"}
    for number, (name, answer) in enumerate(said.items()):
        person = store.accounts.person_of(store.accounts.register(name, PASSWORD, f"address of {name}", answer))
        for first in range(number % 4):
            films = [(film, None) for film in range(first, first + 6)]
            shown = {"dataset": ML, "model": "ease", "version": str(first), "kind": "rate", "request": {}}
            store.history.record_list(person, Recommendations(**shown, films=films))
            clock.advance(hours=1)
        if name != "Eve":
            store.ratings.set_ratings(person, ML, dict.fromkeys(range(number, number + 4), float(number % 5)))
    whole = values(store), store.consents.ratings(ML)
    assert (len(whole[1].people), len(whole[1].shown), int(whole[1].was_shown.sum())) == (4, 21, 6)
    for most_people, most_lists, batch in ((1, 1, 1), (2, 3, 2), (3, 1, 10), (50, 2, 10)):
        monkeypatch.setattr("recsys.store.evidence.batches.MOST_PEOPLE", most_people)
        monkeypatch.setattr("recsys.store.evidence.batches.MOST_LISTS", most_lists)
        monkeypatch.setattr("recsys.store.evidence.given.BATCH", batch)
        assert (values(store), store.consents.ratings(ML).people) == (whole[0], whole[1].people)


def test_no_statement_is_about_more_people_than_a_part_has(store, monkeypatch):
    """Or a database that groups what is kept of everybody says nothing for minutes, and is given up."""
    for number in range(5):
        agreed(store, f"Person {number}", {7: 4.5})
    monkeypatch.setattr("recsys.store.evidence.batches.MOST_PEOPLE", 2)
    asked = []
    event.listen(store._database.engine, "before_cursor_execute", note := lambda *said: asked.append(said[2:4]))
    try:
        assert len(rows(store)) == 5
    finally:
        event.remove(store._database.engine, "before_cursor_execute", note)
    of_everybody = [words for words, _ in asked if "FROM consents" in words and not re.search("BETWEEN|LIMIT", words)]
    assert of_everybody == []
    n_ratings = sum("JOIN ratings" in words for words, _ in asked)
    assert n_ratings == 3


@pytest.mark.parametrize("leaves", ["deletes", "withdraws"])
def test_without_a_person_all_is_as_if_there_had_never_been_one(store, tmp_path, leaves):
    ratings = {"Cleo": {7: 4.5, 3: 1.0}, "Margarete": {3: 2.0, 4: 5.0}, "Emil": {4: 3.0}}
    people = {name: agreed(store, name, stars) for name, stars in ratings.items()}
    with_all = values(store)
    if leaves == "deletes":
        store.accounts.delete_account(people["Margarete"], PASSWORD)
    else:
        store.consents.answer(people["Margarete"], "no")
    with open_store(tmp_path / "without.sqlite", config=CHEAP, now=Clock()) as without:
        for name in ("Cleo", "Emil"):
            agreed(without, name, ratings[name])
        assert values(store) == values(without) != with_all


def test_the_order_in_which_films_were_rated_is_no_matter(store, tmp_path):
    agreed(store, "Cleo", {7: 4.5, 3: 1.0})
    cleo = agreed(store, "Dora", {3: 1.0})
    store.ratings.set_rating(cleo, ML, 2, 1.0)
    store.ratings.set_rating(cleo, ML, 3, 5.0)
    store.ratings.set_rating(cleo, ML, 3, 1.0)
    with open_store(tmp_path / "other.sqlite", config=CHEAP, now=Clock()) as other:
        agreed(other, "Cleo", {3: 1.0, 7: 4.5})
        agreed(other, "Dora", {2: 1.0, 3: 1.0})
        assert values(store) == values(other)


# --- one moment


def told(store, ann, ben):
    """What changes while somebody reads: each of it would be seen by who read later."""
    store.ratings.set_ratings(ann, ML, dict.fromkeys(range(50, 150), 1.0))
    store.ratings.set_rating(ben, ML, 60, 1.0)
    store.consents.answer(ben, "no")
    agreed(store, "Zoe", {1: 5.0})


def test_what_is_changed_while_it_is_read_is_not_half_in(store, monkeypatch):
    """Everything is as it was when reading began, however many batches that takes."""
    monkeypatch.setattr("recsys.store.evidence.given.BATCH", 10)
    ann, ben = (agreed(store, name, dict.fromkeys(range(100), 4.0)) for name in ("Ann", "Ben"))
    before, during = rows(store), []

    def change(_, __, statement, *___):
        if "pseudonym" in statement and "JOIN" in statement and not during:
            during.append(threads.submit(told, store, ann, ben).result(timeout=30))

    with ThreadPoolExecutor(1) as threads:
        event.listen(store._database.engine, "after_cursor_execute", change)
        try:
            read = rows(store)
        finally:
            event.remove(store._database.engine, "after_cursor_execute", change)
    assert during == [None]
    assert read == before
    after = rows(store)
    assert len([item for number, item, _ in after if number == 0]) == 150
    assert [item for number, item, _ in after if number == 1] == [1]  # Zoe's
