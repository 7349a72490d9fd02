"""Who wins a comparison: by hand, by made-up people of whom it is known, and by people of a page's handlers."""

import json
import re
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest

from recsys.loop.comparing import GIVEN, HITS, PREFERENCE, RETURNED, Comparisons, Sides, more_of
from recsys.loop.intervals import Figure
from recsys.loop.making import NOT_KNOWN, report_of
from recsys.loop.outcomes import Period
from recsys.loop.words import GOES_ON, TOO_FEW, as_text, compared, compared_name, comparisons, verdict
from recsys.serve.accounts.members import Members
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.background import Background
from recsys.serve.comparing import Trial
from recsys.serve.security.cookies import SESSION, SessionCookie
from recsys.store import open_store
from recsys.store.evidence.pasts import KeptList, Past, Said, Version
from recsys.ui.shared.visits import Visits
from recsys.versions.comparison import Days, first_day, new_comparison
from tests.loop.worlds import DAY, ML, NOW, PERIOD
from tests.support.pages.page_server import made, write_board
from tests.support.store_places import CHEAP, PASSWORD, Clock
from tests.ui.handlers.account.test_compared_versions import act, films_of
from tests.ui.handlers.conftest import engine_with, said
from tests.ui.handlers.test_rate import handlers_of

OLD, NEW = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
BY_LIST, BY_PERSON = f"list:0123:{OLD}:{NEW}", f"person:4567:{OLD}:{NEW}"
N_FILMS = 10


def stars(value, at):
    return [Said("stars", at, value, None, True)]


def drafted(liked, *, label=BY_LIST, days_ago=50.0):
    """Somebody with a list for each pair: how many films of the new version, and of the old one, they liked there."""
    lists, after = [], {}
    for number, of in enumerate(liked):
        at = NOW - days_ago * DAY + number * timedelta(hours=1)
        items, picks = range(100 * number, 100 * number + N_FILMS), (NEW, OLD) * (N_FILMS // 2)
        lists.append(
            KeptList(Version("vae", f"{OLD}+{NEW}"), ML, "for you", at, [(i, 4.0) for i in items], label, picks)
        )
        for version, count in zip((NEW, OLD), of, strict=True):
            own = [item for item, pick in zip(items, picks, strict=True) if pick == version]
            after |= {(ML, item): stars(5.0, at + timedelta(hours=1)) for item in own[:count]}
            after |= {(ML, item): stars(2.0, at + timedelta(hours=1)) for item in own[count:]}
    return Past(NOW - (days_ago + 1) * DAY, lists, after, set())


def alone(version, n_liked, *, n_lists=4, label=BY_PERSON, days_ago=50.0):
    """Somebody who sees one version, and likes a film of some lists."""
    lists, after = [], {}
    for number in range(n_lists):
        at = NOW - days_ago * DAY + number * timedelta(hours=1)
        lists.append(KeptList(Version("vae", version), ML, "for you", at, [(100 * number, 4.0)], label, (None,)))
        after[ML, 100 * number] = stars(5.0 if number < n_liked else 1.0, at + timedelta(hours=1))
    return Past(NOW - (days_ago + 1) * DAY, lists, after, set())


def found(people, period=PERIOD, days=NOT_KNOWN):
    counted = Comparisons({ML: (400, 5.0)})
    assert [*counted.watching(people, period)] == [*people]
    return counted.found(days)


def test_a_persons_lists_are_won_by_who_has_more_films_that_were_liked():
    """Two of four for the new version, one for the old one, one for neither; what nothing of was liked is not told."""
    people = [drafted([(2, 1), (3, 0), (0, 1), (2, 2), (0, 0)]) for _ in range(20)]
    (one,) = found(people)
    assert one.sides == Sides("list", "0123", OLD, NEW)
    assert one.people == 20
    assert one.figures == {PREFERENCE: Figure(0.25, 0.25, 0.25)}
    assert one.preferred == NEW
    assert verdict(one).startswith(f"Version {NEW} is preferred: ")
    assert "by 25 percentage points (95 % interval 25 to 25)." in verdict(one)


def test_the_version_that_answered_may_win():
    people = [drafted([(0, 1), (0, 2), (1, 1)] if number % 5 else [(1, 0)]) for number in range(40)]
    (one,) = found(people)
    assert one.preferred == OLD
    assert one.main.high < 0
    assert f"Version {OLD} is preferred: " in verdict(one)
    assert "interval −" not in verdict(one)


def test_who_is_shown_many_lists_counts_no_more_than_others():
    people = [drafted([(1, 0)] * 30) for _ in range(10)] + [drafted([(0, 1)]) for _ in range(30)]
    assert found(people)[0].main.value == -0.5


def test_a_saved_film_counts_as_a_liked_one():
    at = NOW - 50 * DAY + timedelta(hours=1)
    saved = drafted([(0, 0)])._replace(said={(ML, 0): [Said("mark", at, "later", None, True)]})
    assert found([saved] * 12)[0].main == Figure(1.0, 1.0, 1.0)


def test_people_who_like_by_chance_prefer_neither_and_the_report_says_how_many_more_are_needed():
    rng = np.random.default_rng(0)
    sure = 0
    for _ in range(10):
        people = [drafted(rng.integers(0, 3, size=(3, 2)).tolist()) for _ in range(60)]
        (one,) = found(people)
        sure += one.preferred is not None
        if one.preferred is None and one.main.value:
            assert one.more_people >= 60
            assert f"about {one.more_people:,} more people would be needed" in verdict(one)
    assert sure <= 2  # half a time is expected


def test_a_difference_is_sure_with_more_people_than_were_said_to_be_needed():
    rng = np.random.default_rng(1)
    people = [drafted((rng.random((2, 2)) < [0.55, 0.5]).astype(int).tolist()) for _ in range(100)]
    one = found(people)[0]
    assert one.preferred is None
    many = [drafted((rng.random((2, 2)) < [0.55, 0.5]).astype(int).tolist()) for _ in range(100 + 4 * one.more_people)]
    assert found(many)[0].preferred == NEW


def test_by_person_it_is_the_difference_between_those_of_one_and_those_of_the_other():
    people = [alone(NEW, 3 + number % 2) for number in range(40)] + [alone(OLD, 1 + number % 2) for number in range(40)]
    people += [alone(NEW, 0), alone(OLD, 4)]
    (one,) = found(people)
    new, old = 4 * 41, 4 * 41
    hits = (3.5 * 40) / new - (1.5 * 40 + 4) / old
    assert abs(one.figures[HITS].value - hits) <= 0.005 + 1e-6
    given = (5 * 140 + 1 * (new - 140)) / new - (5 * 64 + 1 * (old - 64)) / old
    assert abs(one.figures[GIVEN].value - given) <= 0.025 + 1e-6
    assert one.people == 80
    assert one.preferred == NEW
    assert "more lists with a film that counts" in verdict(one)


def test_whoever_the_challenger_has_no_list_for_counts_on_its_side():
    """Else a version that has lists for those alone who like much would win against one that is as good."""
    lively, others = 3, 1
    old = [alone(OLD, lively if number % 2 else others) for number in range(80)]
    new = [
        alone(NEW, lively) if number % 2 else alone(OLD, others, label=BY_PERSON + ":stood-in") for number in range(80)
    ]
    (one,) = found([*old, *new])
    assert (one.people, one.preferred) == (160, None)
    assert abs(one.figures[HITS].value) < 1e-6


@pytest.mark.parametrize(
    "people",
    [
        [drafted([(1, 0)])] * 9,
        [drafted([(1, 0)])] * 9 + [drafted([(0, 0)])] * 50,
        [alone(NEW, 2)] * 50 + [alone(OLD, 2)] * 9,
        [alone(NEW, 4)] * 50 + [alone(OLD, 2)] * 50,  # all of one version have liked something in each list
    ],
)
def test_of_fewer_than_ten_people_nothing_is_told(people):
    (one,) = found(people)
    assert one.main is None
    assert one.preferred is None
    assert verdict(one) == TOO_FEW


def test_an_impression_whose_time_is_not_over_tells_nothing():
    assert found([drafted([(1, 0)], days_ago=5.0)] * 20)[0].people is None


def test_lists_before_the_comparison_and_of_other_ones_are_left_aside():
    label = f"list:89ab:{NEW}:{OLD}"
    one, other = drafted([(1, 0)]), drafted([(1, 0)], label=label, days_ago=45.0)
    before = [each._replace(comparison=None, picks=(), at=each.at - DAY) for each in one.lists]
    both = [one._replace(lists=[*before, *one.lists])] * 12 + [other] * 15
    assert {each.sides.id: each.preferred for each in found(both)} == {"0123": NEW, "89ab": NEW}
    assert {each.sides.id: each.people for each in found(both)} == {"0123": 10, "89ab": 10}


def coming_again(version, days_later, *, hour=15, by_hand=True):
    """Somebody who sees a list of a version, and rates a film so many days later; None: never."""
    at = (NOW - 50 * DAY).replace(hour=hour)
    shown = KeptList(Version("vae", version), ML, "for you", at, [(1, 4.0)], BY_PERSON, (None,))
    said = {} if days_later is None else {(ML, 5): [Said("stars", at + days_later * DAY, 3.0, None, by_hand)]}
    return Past(NOW - 300 * DAY, [shown], said, set())


def test_by_person_it_is_told_who_came_again_within_a_week():
    """Of 40 who see the new version 30 come again, of 40 who see the old one 20."""
    people = [coming_again(NEW, 1.0 + number % 6 if number < 30 else None) for number in range(40)]
    people += [coming_again(OLD, 7.0 if number < 20 else None) for number in range(40)]
    (one,) = found(people)
    figure = one.figures[RETURNED]
    assert figure.value == 0.25
    assert figure.low > 0
    assert ("Its people who came again within a week, less the other’s", "25 % (3 to 43)") in compared(one).rows
    assert RETURNED not in found([drafted([(1, 0)])] * 20)[0].figures


@pytest.mark.parametrize(
    ("again", "counts"),
    [
        ({"days_later": 0.2}, False),  # the same day
        ({"days_later": 0.2, "hour": 23}, True),  # the next one
        ({"days_later": 7.3}, True),
        ({"days_later": 7.3, "hour": 23}, False),  # the eighth
        ({"days_later": 2.0, "by_hand": False}, False),  # a file that is brought along
    ],
)
def test_another_day_is_one_of_the_seven_that_follow(again, counts):
    people = [coming_again(version, None if number % 2 else 3.0) for number in range(40) for version in (NEW, OLD)]
    before = found(people)[0].figures[RETURNED].value
    assert before == 0.0
    more = found(people + [coming_again(NEW, **again)] * 40)[0].figures[RETURNED].value
    assert more == (0.25 if counts else -0.25)


@pytest.mark.parametrize("n_back", [9, 31])
def test_nothing_is_told_of_fewer_than_ten_who_came_again_or_did_not(n_back):
    people = [coming_again(NEW, 2.0 if number < 20 else None) for number in range(40)]
    people += [coming_again(OLD, 2.0 if number < n_back else None) for number in range(40)]
    assert found(people)[0].figures[RETURNED] is None


def test_who_was_shown_the_first_list_before_the_period_or_within_a_week_tells_no_return():
    late = [coming_again(version, None) for version in (NEW, OLD)]
    late = [each._replace(lists=[each.lists[0]._replace(at=PERIOD.ends - 5 * DAY)]) for each in late] * 20
    people = [coming_again(version, 2.0 if number < 20 else None) for number in range(40) for version in (NEW, OLD)]
    assert found([*people, *late[::2]])[0].figures[RETURNED].value == 0.0


def test_two_comparisons_of_one_pair_are_told_apart_by_their_days_the_newest_first():
    labels = {name: f"list:{name}:{OLD}:{NEW}" for name in ("0123", "4567", "89ab")}
    begun = {name: NOW - days * DAY for name, days in (("0123", 60), ("4567", 40), ("89ab", 45))}
    people = [drafted([(1, 0)], label=label, days_ago=50.0) for label in labels.values()] * 12
    days = {
        "0123": Days(begun["0123"], NOW - 45 * DAY, False),
        "4567": Days(begun["4567"], None, True),
        "89ab": Days(begun["89ab"], None, False),
    }
    first, second, third = found(people, days=days)
    pair = f"Version {NEW} compared with {OLD}, by list"
    assert compared_name(first) == f"{pair}, since 22 Apr 2026"
    assert compared_name(second) == f"{pair}, begun on 17 Apr 2026"
    assert compared_name(third) == f"{pair}, 2 Apr 2026 to 17 Apr 2026"
    assert [GOES_ON in compared(each).about for each in (first, second, third)] == [True, False, False]
    assert third.as_json()["days"] == {
        "began": begun["0123"].isoformat(),
        "ended": (NOW - 45 * DAY).isoformat(),
        "goes_on": False,
    }
    json.dumps([each.as_json() for each in (first, second, third)])


@pytest.mark.parametrize("began", ["2026-03-01T00:00", "2026-03-01T00:01", "2026-03-01T23:59"])
def test_the_day_that_is_told_is_the_first_on_which_a_list_counts(began):
    moment = datetime.fromisoformat(f"{began}+00:00")
    first = datetime.combine(first_day(moment), time(), UTC)
    assert Period.until_today(first, window=7).is_over(moment)
    assert not Period.until_today(first - timedelta(microseconds=1), window=7).is_over(moment)


def test_where_nobody_knows_when_comparisons_were_the_newest_comes_first_all_the_same():
    old, new = f"list:0123:{OLD}:{NEW}", f"list:4567:{OLD}:{NEW}"
    people = [drafted([(1, 0)], label=old, days_ago=60.0), drafted([(1, 0)], label=new, days_ago=40.0)] * 12
    for order in (people, people[::-1]):
        assert [each.sides.id for each in found(order)] == ["4567", "0123"]
    assert compared_name(found(people)[0]) == f"Version {NEW} compared with {OLD}, by list"
    assert GOES_ON not in compared(found(people)[0]).about


@pytest.mark.parametrize("label", [None, "", "list", "team:1:a:b", "list:1:a:b:c"])
def test_what_is_no_label_is_no_comparison(label):
    assert Sides.of(label) is None
    assert found([drafted([(1, 0)], label=label)] * 20) == []


def test_nobody_can_say_how_many_more_where_nothing_is_seen():
    assert more_of(Figure(0.0, -0.1, 0.1), 100) is None
    assert more_of(None, 100) is None


# --- by a page's handlers


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """What lists the same for everybody, and what has learned that who loves even films loves no odd ones."""
    board = write_board(tmp_path_factory.mktemp("winner") / "board")
    return made("baseline", board), made("item-knn", board)


@pytest.fixture
def page(models, tmp_path):
    """A page's handlers, its store and clock, and what lets somebody come who has agreed."""
    clock = Clock()
    with open_store(tmp_path / "people.sqlite3", config=CHEAP, now=clock) as store:
        members = Members(lambda: store)
        members.start()
        members._thread.join()
        shelves = Shelves(members, SessionCookie(lambda: b"key"))
        handlers = handlers_of(Visits(engine_with(models[0]), shelves, Background({}), gr.BrowserState({})))

        def come(number):
            token = store.accounts.register(f"Person {number}", PASSWORD, f"place {number}", "yes")
            header = shelves.cookie.header(token, 10**6, False)
            return SimpleNamespace(cookies={SESSION: header.split("=", 1)[1].split(";")[0]})

        yield SimpleNamespace(handlers=handlers, shelves=shelves, store=store, clock=clock, come=come)


def number_of(title):
    found = re.match(r"Film (\d+)", title)
    return None if found is None else int(found[1])


def lives(page, number, rng, n_rated):
    """Somebody who loves even films, or odd ones, but for every third, and rates the first films of a list."""
    person, loves = page.come(number), number % 2
    _, shelf = page.handlers.visits.of({}, person)
    for film, given in ((8 + loves, 5.0), (9 - loves, 1.0)):
        shelf.rate(f"Film {film} (19{60 + film})", given)
    page.clock.advance(hours=1)
    listed = films_of(page.handlers.suggest(person, {}, *said()), page.handlers)
    for title in [title for title in listed if number_of(title) is not None][:n_rated]:
        page.clock.advance(minutes=1)
        is_loved = number_of(title) % 2 == loves and rng.random() < 0.66
        act(page.handlers, person, do="rate", film=title, stars=5 if is_loved else 1, still=True)


@pytest.mark.parametrize(("by", "n_people", "n_rated"), [("list", 30, 4), ("person", 100, 1)])
def test_the_report_names_the_version_whose_films_people_of_a_page_like(page, models, by, n_people, n_rated):
    comparison = new_comparison(by, 1, 2, page.clock()).model_copy(update={"id": "0123456789ab"})
    trial, rng = Trial(comparison, *models), np.random.default_rng(0)
    page.shelves.trial = lambda: trial
    page.shelves.__dict__["_key"] = b"the same in each run"
    for number in range(n_people):
        lives(page, number, rng, n_rated)
    page.clock.advance(days=40)
    report = report_of(page.store.evidence, Period.until_today(page.clock()), page.clock())
    (one,) = report.comparisons
    assert one.sides == Sides(by, trial.comparison.id, *(model.version for model in models))
    assert one.preferred == models[1].version
    text = as_text(report)
    assert f"Version {models[1].version} compared with {models[0].version}, by {by}\n" in text
    assert f"Version {models[1].version} is preferred: " in text
    ((told,),) = [report.as_json()["comparisons"]]
    assert json.loads(json.dumps(told))["preferred"] == models[1].version
    assert [name for name, _ in comparisons(report)] == [
        f"Version {models[1].version} compared with {models[0].version}, by {by}"
    ]
