"""What the page is told of a file: what became of it, or what has to be asked; nothing is kept before that."""

import json
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from recsys.data.scale import HALF_STARS
from recsys.errors import DataError
from recsys.rating_files import ColumnChoice
from recsys.recommend.film_keys import keys_of
from recsys.serve.accounts import files, imported
from recsys.serve.accounts.forms import ImportQuery
from recsys.store import Rating
from tests.rating_files.test_rating_files import letterboxd, model_of, recommender_of

TABLE = b"Titel,Wertung,IMDb\nFargo,9,8.1\nHamlet (1990),8,6.7\nNobody Knows It,0,5\n"
CHOICE = {"title": "Titel", "rating": "Wertung", "highest": "10"}


class Kept:
    """A store that keeps what is brought, by the ids of the data."""

    def __init__(self):
        self.sets = []
        self.ratings = self
        self.before = {}

    def of(self, person, dataset):
        """What is kept already."""
        return self.before

    def set_many(self, person, dataset, stars, marks, *, when):
        """Keep it."""
        keys = keys_of(model_of())
        self.sets.append((dataset, {keys.item_id_of(key): value for key, value in stars.items()}))
        return len(stars), len(marks)


@pytest.fixture
def kept():
    return Kept()


def bring(kept, content, **said):
    engine = SimpleNamespace(ready=model_of)
    account = SimpleNamespace(person=lambda: None, engine=engine, store=kept)
    return json.loads(files.import_file(account, ImportQuery(**said), content).body)


def test_an_unknown_table_is_asked_about_and_nothing_is_kept(kept):
    question = bring(kept, TABLE)["question"]
    assert question["columns"] == ["Titel", "Wertung", "IMDb"]
    assert question["rows"][0] == ["Fargo", "9", "8.1"]
    assert question["guess"] == {"title": "Titel", "rating": "Wertung", "year": "", "date": "", "highest": 10.0}
    assert (question["n_zeros"], len(question["why"])) == (1, 3)
    assert "0" in bring(kept, TABLE, **CHOICE)["question"]["why"][0]
    assert kept.sets == []


def test_a_preview_says_what_would_be_kept_and_keeps_nothing(kept):
    preview = bring(kept, TABLE, **CHOICE, zeros="no", preview="1")["preview"]
    assert preview["examples"][0] == {
        "name": "Fargo",
        "title": "Fargo (1996)",
        "item_id": 11,
        "given": 9.0,
        "highest": 10.0,
        "stars": 4.5,
    }
    assert preview["left_out"] == [{"reason": "unknown", "n": 1, "some": ["Nobody Knows It, line 4"]}]
    assert (preview["read"], kept.sets) == (2, [])


def test_what_is_confirmed_is_kept_on_the_scale_that_was_chosen(kept):
    said = bring(kept, TABLE, **CHOICE, zeros="no")
    assert kept.sets == [(keys_of(model_of()).label, {11: 4.5, 6: 4.0})]
    assert (said["new"], said["marked"], said["source"]) == (2, 0, "a table of titles and stars")
    bring(kept, TABLE, **CHOICE | {"highest": "100"}, zeros="no")
    assert kept.sets[-1] == (keys_of(model_of()).label, {11: 0.5, 6: 0.5})


def test_a_known_export_is_kept_at_once(kept):
    said = bring(kept, letterboxd("Fargo,1996,4.5", "Hamlet,1990,0").encode(), file_name="ratings.csv")
    assert kept.sets == [(keys_of(model_of()).label, {11: 4.5})]
    assert said["left_out"] == [{"reason": "not rated", "n": 1, "some": ["Hamlet (1990), line 3 (0)"]}]


def test_films_that_are_left_out_are_all_named_and_counted_up_to_a_bound(kept, monkeypatch):
    content = letterboxd(*(f"Nobody Knows It {n},1950,4" for n in range(99))).encode()
    (group,) = bring(kept, content)["left_out"]
    assert (group["n"], len(group["some"])) == (99, 99)
    monkeypatch.setattr(imported, "MOST_NAMED", 20)
    (group,) = bring(kept, content)["left_out"]
    assert (group["n"], len(group["some"])) == (99, 20)


def test_stars_that_take_the_place_of_others_are_counted(kept):
    key = keys_of(model_of()).key_of(11)
    kept.before = {key: Rating(1.0, datetime(2020, 1, 1, tzinfo=UTC))}
    assert bring(kept, letterboxd("Fargo,1996,4.5", "Hamlet,1990,4").encode())["changed"] == 1
    kept.before = {key: Rating(4.5, datetime(2020, 1, 1, tzinfo=UTC))}
    assert bring(kept, letterboxd("Fargo,1996,4.5").encode())["changed"] == 0


@pytest.mark.parametrize(("name", "helps"), [("films", "ml-latest-small"), ("ml-latest-small", "")])
def test_films_that_came_out_after_the_last_year_of_the_catalogue_are_counted(kept, monkeypatch, name, helps):
    model, last = recommender_of({11: "Fargo (1996)", 12: "Heat (1995)"}, HALF_STARS), 1996
    monkeypatch.setitem(model.artifact.facts, "dataset", name)
    monkeypatch.setattr(sys.modules[__name__], "model_of", lambda: model)
    rows = ("Fargo,1996,4.5", f"New,{last + 1},4", f"Newer,{last + 30},4", f"Of That Year,{last},4", "Undated,,4")
    said = bring(kept, letterboxd(*rows, f"New,{last + 1},3").encode(), preview="1")["preview"]
    assert said["newer"] == {"n": 2, "of": 5, "until": last, "dataset": helps}


def test_marks_are_told_by_where_they_are_found(kept):
    table = "title,dataset,item_id,stars,rated_at,mark,marked_at\nFargo (1996),,,,,hidden,\nHamlet (1990),,,,,{},\n"
    for mark, found in (("later", (2, 1, 0)), ("seen", (2, 0, 1))):
        said = bring(kept, table.format(mark).encode())
        assert (said["marks"], said["later"], said["seen"]) == found


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"title": "a"}, "Got one column; expected two"),
        ({"rating": "a"}, "Got one column; expected two"),
        ({"title": "a", "rating": "b"}, "Got no number for the highest rating"),
        ({"title": "a", "rating": "b", "highest": "ten"}, "Got no number for the highest rating"),
        ({"title": "a", "rating": "b", "highest": "nan"}, "for the highest rating; expected a number above 0"),
        ({"title": "a", "rating": "b", "highest": "10", "zeros": "maybe"}, "Got 'maybe' for what 0 means"),
        ({"title": "a", "rating": "a", "highest": "10"}, "expected a different one for each"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(kept, query, message):
    with pytest.raises(DataError, match=message):
        bring(kept, TABLE, **query)
    assert kept.sets == []


def test_a_query_that_makes_no_choice_is_none():
    assert imported.column_choice(ImportQuery(file_name="x", token="y")) is None
    assert imported.column_choice(
        ImportQuery(title="a", rating="b", highest="8,5", year="c", zeros="yes")
    ) == ColumnChoice(title="a", rating="b", highest=8.5, year="c", zero_is_rating=True)


# ---- of a guest


def read(content, **said):
    account = SimpleNamespace(engine=SimpleNamespace(ready=model_of))  # nobody, and no store
    return json.loads(files.read_file(account, ImportQuery(**said), content).body)


def test_a_guests_file_comes_back_by_titles_the_newest_first():
    rows = ("2020-01-01,Fargo,1996,u,4.5", "2022-01-01,Hamlet,1990,u,3", "2021-01-01,Nobody Knows It,1990,u,3")
    said = read("\n".join(["Date,Name,Year,Letterboxd URI,Rating", *rows]).encode())
    assert [*said["ratings"].items()] == [("Hamlet (1990)", 3.0), ("Fargo (1996)", 4.5)]
    assert (said["read"], said["marked_films"], said["left_out"][0]["n"]) == (2, {}, 1)
    assert said["times"] == {"Hamlet (1990)": 1_640_995_200_000, "Fargo (1996)": 1_577_836_800_000}
    marked = read(b"Date,Name,Year,Letterboxd URI\n2024-03-01,Hamlet,1990,u\n", file_name="watchlist.csv")
    assert (marked["ratings"], marked["marked_films"]) == ({}, {"Hamlet (1990)": "later"})


def test_a_guest_is_asked_and_shown_a_preview_as_a_member_is():
    assert read(TABLE)["question"]["columns"] == ["Titel", "Wertung", "IMDb"]
    assert "ratings" not in read(TABLE, **CHOICE, zeros="no", preview="1")["preview"]


def test_a_guests_file_is_bounded(monkeypatch):
    monkeypatch.setattr(imported, "MOST_TAKEN", 1)
    said = read(letterboxd("Fargo,1996,4.5", "Hamlet,1990,3").encode())
    assert (said["read"], len(said["ratings"])) == (2, 1)


def test_one_file_of_guests_is_read_at_a_time_while_members_go_on(kept):
    with files.one_file_at_a_time(files._reading_for_guests):
        with pytest.raises(DataError, match="Another file is being read at this moment: try again"):
            read(letterboxd("Fargo,1996,4.5").encode())
        assert bring(kept, letterboxd("Fargo,1996,4.5").encode())["new"] == 1
