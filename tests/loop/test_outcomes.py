"""What became of what was shown, on SQLite and PostgreSQL alike: against a reference that asks rows one by one."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import event

from recsys.errors import DataError
from recsys.loop.outcomes import OUTCOMES, Period, impressions, returned
from recsys.store import HistoryConfig, Recommendations, StoreConfig, open_store
from recsys.store.evidence.pasts import KeptList, Past, Said, Version
from tests.support.store_places import CHEAP, FIXTURES, PASSWORD, Clock, all_rows

postgresql, place, opened, clock, store, ann, ben = FIXTURES
ML, OTHER = "ml-100k", "ml-1m"
ONE = Version("vae", "one")
DAYS = timedelta(days=1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def registered(store, name, answer="yes"):
    return store.accounts.person_of(store.accounts.register(name, PASSWORD, f"address of {name}", answer))


def show(store, person, items, version="one", *, kind="for you", dataset=ML, expected=4.0):
    films = [(item, expected) for item in items]
    shown = Recommendations(dataset=dataset, model="vae", version=version, kind=kind, request={}, films=films)
    return store.history.record_list(person, shown)


def found(store, period):
    """Each impression of everybody who counts, without the order in which they came."""
    with store.evidence.snapshot(period.reads_from, period.ends) as snapshot:
        return Counter(
            (*each.version, each.kind, each.rank, *each.film, each.expected, each.outcome, each.stars)
            for past in snapshot.people()
            for each in impressions(past, period)
        )


def expected_of(store, period):
    """The same by the words of the definition, from the rows of the tables."""
    rows = {name: [row._mapping for row in _rows(store, name)] for name in ("consents", "lists", "list_films")}
    all_changes = sorted((row._mapping for row in _rows(store, "changes")), key=lambda change: change["id"])
    window = timedelta(days=period.window)
    impressions_of = Counter()
    for consent in rows["consents"]:
        if not consent["agrees"]:
            continue
        who = consent["person_id"]
        theirs = [change for change in all_changes if change["person_id"] == who]
        began = []
        for shown in sorted((each for each in rows["lists"] if each["person_id"] == who), key=lambda e: e["number"]):
            if shown["shown_at"] >= period.ends:
                continue
            for film in (each for each in rows["list_films"] if each["list_number"] == shown["number"]):
                at, key = shown["shown_at"], (shown["version"], shown["dataset"], film["item_id"])
                about = [c for c in theirs if (c["dataset"], c["item_id"]) == key[1:] and c["at"] < period.ends]
                if any(c["at"] < at for c in about):
                    continue
                if about and (about[0]["stars_before"] is not None or about[0]["mark_before"] is not None):
                    continue
                if any(same == key and at - then < window for same, then in began):
                    continue
                began.append((key, at))
                if at < period.ends - timedelta(days=period.since):
                    continue
                after = [c for c in about if at <= c["at"] < at + window]
                at_once = Counter(c["step"] for c in theirs)
                if after and at_once[after[0]["step"]] > 1:
                    continue
                outcome = stars = None
                if at + window <= period.ends:
                    outcome, stars = _outcome([c for c in after if at_once[c["step"]] == 1])
                labels = (shown["model"], shown["version"], shown["kind"], film["rank"])
                impressions_of[*labels, *key[1:], film["stars"], outcome, stars] += 1
    return impressions_of


def _outcome(after):
    stars = [change["stars"] for change in after if change["kind"] == "stars"]
    marked = [change["mark"] for change in after if change["kind"] == "mark"]
    if stars and stars[-1] is not None:
        return "rated", stars[-1]
    mark = marked[-1] if marked else None
    return {None: "ignored", "seen": "seen", "later": "saved", "hidden": "hidden"}[mark], None


def _rows(store, name):
    from recsys.store.database.schema import metadata

    with store._database.reading() as connection:
        return connection.execute(metadata.tables[name].select()).all()


def live(store, clock, rng, n_steps=200):
    """People who are shown lists, rate, mark, change their minds, undo, and bring files; days pass."""
    tokens = [
        store.accounts.register(f"Person {number}", PASSWORD, f"address {number}", answer)
        for number, answer in enumerate(["yes", "yes", "no", None, "yes"])
    ]
    for _ in range(n_steps):
        clock.advance(hours=float(rng.exponential(12)))
        people = [store.accounts.person_of(token) for token in tokens]  # whose sessions go on
        person, film = people[rng.integers(len(people))], int(rng.integers(25))
        dataset = ML if rng.random() < 0.8 else OTHER
        does = rng.random()
        if does < 0.45:
            items = rng.permutation(25)[: rng.integers(1, 14)].tolist()
            expected = None if rng.random() < 0.2 else 3.5
            kind = ("for you", "genres")[rng.integers(2)]
            show(store, person, items, f"{rng.integers(2)}", kind=kind, dataset=dataset, expected=expected)
        elif does < 0.6:
            store.ratings.set_rating(person, dataset, film, float(rng.integers(1, 6)))
        elif does < 0.8:
            store.ratings.set_mark(person, dataset, film, ("seen", "later", "hidden")[rng.integers(3)])
        elif does < 0.86:
            store.ratings.remove_rating(person, dataset, film)
        elif does < 0.9:
            store.ratings.clear_mark(person, dataset, film)
        elif does < 0.95:
            store.ratings.undo_last(person)
        else:
            brought = {int(item): 3.0 for item in rng.permutation(25)[:3]}
            when = {item: clock() - float(rng.exponential(20)) * DAYS for item in brought}
            store.ratings.set_ratings(person, dataset, brought, when=when if rng.random() < 0.7 else None)


def test_impressions_and_outcomes_are_those_of_the_definition(store, clock):
    rng = np.random.default_rng(1)
    live(store, clock, rng)
    seen = Counter()
    for since, window in ((90, 30), (60, 7), (9, 2), (400, 1)):
        period = Period.until_today(clock(), since=since, window=window)
        assert found(store, period) == expected_of(store, period)
        seen += Counter(each[-2] for each in found(store, period))
    assert seen.keys() == {*OUTCOMES, None}  # each of them came about


# --- one thing at a time


def after(store, clock, days=40):
    """What became of what was shown, so many days later."""
    clock.advance(days=days)
    return [outcome for *_, outcome, _ in found(store, Period.until_today(clock())).elements()]


def test_what_was_said_before_or_brought_along_is_no_outcome(store, clock, ann):
    store.consents.answer(ann, "yes")
    store.ratings.set_rating(ann, ML, 1, 5.0)
    store.ratings.set_mark(ann, ML, 2, "hidden")
    store.ratings.clear_mark(ann, ML, 2)
    clock.advance(minutes=1)
    show(store, ann, [1, 2, 3, 4, 5, 6])
    clock.advance(days=1)
    store.ratings.set_ratings(ann, ML, {3: 5.0, 4: 5.0})  # a file
    store.ratings.set_rating(ann, ML, 5, 5.0)
    store.ratings.set_ratings(ann, ML, {5: 1.0, 7: 1.0})  # a file changes nothing of what came of it
    assert sorted(after(store, clock)) == ["ignored", "rated"]
    (stars,) = (each[-1] for each in found(store, Period.until_today(clock())) if each[-2] == "rated")
    assert stars == 5.0


def test_what_comes_after_the_window_is_too_late_and_what_is_taken_back_is_nothing(store, clock, ann):
    store.consents.answer(ann, "yes")
    show(store, ann, [1, 2, 3, 4])
    clock.advance(days=1)
    store.ratings.set_mark(ann, ML, 1, "later")
    store.ratings.set_rating(ann, ML, 2, 5.0)
    store.ratings.undo_last(ann)
    store.ratings.set_mark(ann, ML, 3, "seen")
    clock.advance(days=29, minutes=-1)
    ann = store.accounts.person_of(store.accounts.sign_in("Ann", PASSWORD, "here"))
    clock.advance(minutes=1)  # to the very moment when it is over
    store.ratings.set_rating(ann, ML, 3, 5.0)
    store.ratings.set_rating(ann, ML, 4, 5.0)
    assert sorted(after(store, clock)) == ["ignored", "ignored", "saved", "seen"]


def test_of_somebody_whose_oldest_changes_are_gone_what_holds_was_said_before(tmp_path):
    clock = Clock()
    config = StoreConfig(passwords=CHEAP.passwords, history=HistoryConfig(changes=3))
    with open_store(tmp_path / "few.sqlite", config=config, now=clock) as store:
        cleo = registered(store, "Cleo")
        for item in range(6):
            store.ratings.set_rating(cleo, ML, item, 4.0)
        clock.advance(minutes=1)
        show(store, cleo, [0, 1, 5, 9])
        assert store.history.gone(cleo).changes > 1
        assert after(store, clock) == ["ignored"]  # 9; of 0 and 1 no change is kept


def test_of_somebody_whose_oldest_changes_are_gone_nothing_is_lost_that_counts(tmp_path):
    """Neither what was said since, nor what was said by hand and is older than what a file has brought."""
    clock = Clock()
    config = StoreConfig(passwords=CHEAP.passwords, history=HistoryConfig(changes=4))
    with open_store(tmp_path / "few.sqlite", config=config, now=clock) as store:
        cleo = registered(store, "Cleo")
        for item in range(6):
            store.ratings.set_rating(cleo, ML, item, 4.0)
        store.ratings.set_mark(cleo, ML, 6, "later")
        clock.advance(days=1)
        show(store, cleo, [*range(7), 10, 11, 12, 20])
        for item in range(10, 13):  # of 10, 11 and 12 the changes go with the file
            clock.advance(minutes=1)
            store.ratings.set_rating(cleo, ML, item, float(item - 8))
        clock.advance(minutes=1)
        store.ratings.set_ratings(cleo, ML, dict.fromkeys((20, 21, 22, 23, 24), 5.0))
        kept = {row[4] for row in all_rows(store)["changes"]}
        assert kept == {20, 21, 22, 23, 24}
        clock.advance(minutes=1)
        show(store, cleo, [30, 31, 1, 6], "two")
        for item in (30, 1, 6):  # 1 had stars, and 6 a mark
            clock.advance(minutes=1)
            store.ratings.set_rating(cleo, ML, item, 5.0)
        clock.advance(days=40)
        told = found(store, Period.until_today(clock()))
    assert sorted((each[1], each[5], *each[-2:]) for each in told.elements()) == [
        ("one", 10, "rated", 2.0),
        ("one", 11, "rated", 3.0),
        ("one", 12, "rated", 4.0),
        ("two", 30, "rated", 5.0),
        ("two", 31, "ignored", None),
    ]


def test_in_however_many_parts_people_are_read_they_are_the_same(store, clock, monkeypatch):
    live(store, clock, np.random.default_rng(2), n_steps=80)
    period = Period.until_today(clock())

    def told():
        with store.evidence.snapshot(period.reads_from, period.ends) as snapshot:
            return [*snapshot.people()], snapshot.versions()

    whole = told()
    assert (len(whole[0]), len(whole[1])) == (3, 2)
    for most_people, most_lists, batch in ((1, 1, 1), (2, 3, 5), (50, 2, 7)):
        monkeypatch.setattr("recsys.store.evidence.batches.MOST_PEOPLE", most_people)
        monkeypatch.setattr("recsys.store.evidence.batches.MOST_LISTS", most_lists)
        monkeypatch.setattr("recsys.store.evidence.reading.BATCH", batch)
        monkeypatch.setattr("recsys.store.evidence.reading.MOST_NUMBERS", batch)
        assert told() == whole


def test_only_who_agrees_counts_and_no_longer_once_they_withdraw(store, clock, ann, ben):
    for person in (ann, ben):
        show(store, person, [1])
    cleo = registered(store, "Cleo")
    show(store, cleo, [1])
    store.consents.answer(ben, "no")
    assert after(store, clock) == ["ignored"]
    store.consents.answer(registered(store, "Dora"), "no")
    assert after(store, clock, days=0) == ["ignored"]
    store.consents.answer(store.accounts.person_of(store.accounts.sign_in("Cleo", PASSWORD, "here")), "no")
    assert after(store, clock, days=0) == []


def test_what_changes_while_it_is_read_is_not_half_in(store, clock, monkeypatch):
    """Everything is as it was when reading began, however many batches that takes."""
    monkeypatch.setattr("recsys.store.evidence.reading.BATCH", 5)
    cleo, dora = registered(store, "Cleo"), registered(store, "Dora")
    for person in (cleo, dora):
        show(store, person, range(40))
    clock.advance(days=5)
    period, during = Period.until_today(clock(), window=2), []
    before = found(store, period)

    def act():
        show(store, cleo, range(40, 60))
        store.consents.answer(dora, "no")

    def change(_, __, statement, *___):
        if "JOIN consents" in statement and "list_films" in statement and not during:
            during.append(threads.submit(act).result(timeout=30))

    with ThreadPoolExecutor(1) as threads:
        event.listen(store._database.engine, "after_cursor_execute", change)
        try:
            read = found(store, period)
        finally:
            event.remove(store._database.engine, "after_cursor_execute", change)
    assert during == [None]
    assert read == before != found(store, period)


def test_no_name_number_or_pseudonym_comes_out_of_it(store, clock):
    cleo = registered(store, "Cleo Quillfeather")
    show(store, cleo, [1])
    clock.advance(days=40)
    period = Period.until_today(clock())
    with store.evidence.snapshot(period.reads_from, period.ends) as snapshot:
        told = repr([*snapshot.people()])
    pseudonym = all_rows(store)["consents"][0][-1]
    assert "Quillfeather" not in told
    assert pseudonym not in told


# --- periods


def test_a_period_ends_with_the_last_day_that_is_over_wherever_the_clock_is():
    east = datetime(2026, 3, 2, 1, 30, tzinfo=UTC).astimezone(tz=None)
    assert Period.until_today(east).ends == datetime(2026, 3, 2, tzinfo=UTC)
    assert Period.until_today(NOON).ends == Period.until_today(NOON + timedelta(hours=11)).ends


@pytest.mark.parametrize(("since", "window"), [(30, 30), (0, 30), (90, 0), (-5, -6), (3_651, 30)])
def test_a_period_that_cannot_be_is_refused(since, window):
    with pytest.raises(DataError, match=rf"got a window of {window} days in a period of {since}; expected a window"):
        Period.until_today(NOON, since=since, window=window)


# --- newcomers


def past_of(registered_at, *shown, said=()):
    lists = [KeptList(ONE, ML, "for you", at, [(1, None)]) for at in shown]
    return Past(registered_at, lists, {(ML, 1): [*said]}, set())


@pytest.mark.parametrize(
    ("shown", "said", "came"),
    [
        ([], [], False),
        ([NOON], [], False),  # on the same day
        ([NOON + timedelta(hours=12)], [], True),
        ([NOON + 7 * DAYS], [], True),
        ([NOON + timedelta(hours=12) + 7 * DAYS], [], False),
        ([], [Said("mark", NOON + DAYS, "seen", None, True)], True),
        ([], [Said("stars", NOON + DAYS, 4.0, None, False)], False),  # brought along
    ],
)
def test_who_comes_back_on_another_day_within_a_week_has_returned(shown, said, came):
    past = past_of(NOON, *shown, said=said)
    assert returned(past, Period.until_today(NOON + 20 * DAYS, since=30, window=7)) is came


def test_whose_week_is_not_over_and_who_is_no_newcomer_are_not_counted():
    assert returned(past_of(NOON), Period.until_today(NOON + 7 * DAYS)) is None
    assert returned(past_of(NOON), Period.until_today(NOON + 8 * DAYS)) is False
    assert returned(past_of(NOON), Period.until_today(NOON + 200 * DAYS)) is None
