"""The web page: its lists against naive loops, its wiring over HTTP, its looks in a browser."""

import asyncio
import csv
import json
import logging
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import uvicorn

from recsys.artifacts.artifact import save_artifact
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError
from recsys.recommend.answers import (
    Suggestion,
    about_adventure,
    films_to_rate,
    in_genres,
    known_ratings,
    near,
    predict,
    recommend,
    with_loved,
)
from recsys.recommend.lists.filters import Filters, about_few, periods
from recsys.serve.concurrency import ConcurrencyLimit
from recsys.serve.endpoints import check_number
from recsys.serve.engine import Engine
from recsys.serve.find_model import ServedModel
from recsys.testing.synthetic import checkerboard, low_rank
from recsys.ui.mounting import Server
from recsys.ui.shared import cards
from recsys.ui.shared.adventure_slider import share_of
from tests.support.pages.page_server import (
    BOLD,
    ROOT,
    TWIN,
    called,
    fetched,
    made,
    served,
    wait_until_ready,
    write_board,
    write_data,
)


@pytest.fixture(scope="session")
def board_folder(tmp_path_factory):
    return write_board(tmp_path_factory.mktemp("page") / "board")


@pytest.fixture(scope="session")
def board(board_folder):
    return made("ease", board_folder)


@pytest.fixture(scope="session")
def tastes(tmp_path_factory):
    ratings = low_rank(80, 60, 1800, seed=0, scale=HALF_STARS)
    titles = [f"Film {item} (1990)" for item in range(60)]
    genres = [
        "|".join(name for bit, name in enumerate(("Crime", "Drama", "War")) if item >> bit & 1) for item in range(60)
    ]
    return made("bmf-ordinal", write_data(tmp_path_factory.mktemp("page") / "tastes", ratings, titles, genres))


def test_a_film_with_two_ids_is_offered_once_and_one_without_year_and_genre_never(board):
    assert len(board.titles.item_of) == 24
    assert TWIN in board.titles.item_of
    assert "unknown" not in board.titles.item_of
    assert BOLD in board.titles.item_of


def test_the_numbers_of_a_film_count_all_its_ids(board_folder, board):
    with (board_folder / "ratings.csv").open() as stream:
        stars = [float(row["rating"]) for row in csv.DictReader(stream) if row["movieId"] in ("2", "4")]
    twin = board.titles.item_of[TWIN]
    assert board.crowd.n_ratings(twin) == len(stars)
    assert board.crowd.mean_stars(twin) == pytest.approx(np.mean(stars), abs=0.006)


def test_whoever_loves_an_even_film_gets_even_films_because_of_it(board):
    films = recommend(board, {BOLD: 5, "Film 8 (1968)": 5})
    assert len(films) == 10
    assert len({film.title for film in films}) == 10
    assert all("Comedy" in film.genres for film in films)
    assert {film.reason for film in films} <= {f"you gave {BOLD} 5 stars", "you gave Film 8 (1968) 5 stars"}
    assert not {film.title for film in films} & {BOLD, "Film 8 (1968)"}


def test_a_film_rated_under_one_id_is_not_suggested_under_the_other(board):
    titles = [film.title for film in recommend(board, {TWIN: 5})]
    assert TWIN not in titles
    assert len(set(titles)) == 10


def test_a_suggestion_says_what_the_model_expects_and_how_sure_it_is(tastes):
    ratings = dict.fromkeys(list(tastes.titles.item_of)[:4], 4.5)
    films = recommend(tastes, ratings)
    assert [film.title for film in films] == tastes.recommend(ratings).title.tolist()
    expected = tastes.predict(ratings, [film.item_id for film in films])
    assert [film.predicted_stars for film in films] == pytest.approx(expected.stars.tolist(), abs=0.011)
    for film in films:
        assert sum(film.chances) == pytest.approx(1, abs=0.01)
        assert sum(np.multiply(film.chances, tastes.scale.levels)) == pytest.approx(film.predicted_stars, abs=0.05)


def test_films_of_genres_are_what_the_model_says_of_them(tastes):
    films = in_genres(tastes, Filters(genres=["Drama", "War"]))
    assert [film.title for film in films] == tastes.for_genres(["Drama", "War"]).title.tolist()
    assert all({"Drama", "War"} & set(film.genres) for film in films)
    assert {film.reason for film in films} <= {"you asked for " + named for named in ("Drama", "War", "Drama, War")}


def test_films_of_genres_for_somebody_with_ratings_are_explained_by_these(board):
    films = in_genres(board, Filters(genres=["Comedy"]), {BOLD: 5, "Film 8 (1968)": 4})
    reasons = {film.reason for film in films}
    assert reasons <= {f"you gave {BOLD} 5 stars", "you gave Film 8 (1968) 4 stars", "many people like it"}
    assert f"you gave {BOLD} 5 stars" in reasons


def test_periods_are_decades_and_what_came_before(board, monkeypatch):
    assert list(periods(board)) == ["1990s", "1980s", "1970s", "1960s"]
    monkeypatch.setattr("recsys.recommend.lists.filters.FEWEST_OF_A_DECADE", 8)
    assert periods(board) == {
        "1990s": (1990, 1999),
        "1980s": (1980, 1989),
        "1970s": (1970, 1979),
        "before 1970": (1960, 1969),
    }
    films = in_genres(board, Filters(genres=["Comedy", "Horror"], decades=["before 1970"]))
    assert {film.title[-5:-2] for film in films} == {"196"}
    with pytest.raises(DataError, match="got '1950s' for a period; expected one of these: 1990s, 1980s"):
        in_genres(board, Filters(genres=["Comedy"], decades=["1950s"]))


def test_films_that_somebody_loves_count_as_rated_highest(board):
    assert with_loved(board, {"Film 8 (1968)": 3}, [BOLD]) == {"Film 8 (1968)": 3.0, BOLD: 5.0}
    assert with_loved(board, {}, None) == {}
    for nonsense in ("Fargo", [BOLD] * 6, {BOLD: 5}):
        with pytest.raises(DataError, match="Choose up to 5 films that you love"):
            with_loved(board, {}, nonsense)


@pytest.mark.parametrize("steps", [-1, 11, float("nan"), "5", None, True, [3]])
def test_what_the_slider_cannot_say_is_refused(steps):
    with pytest.raises(DataError, match=r"The slider goes from 0 \(familiar\) to 10"):
        share_of(steps)


def test_an_adventurous_list_says_what_it_is(board):
    assert about_adventure(board, 0) == ""
    assert about_adventure(board, 0.5).startswith("Less famous films")


def test_few_films_are_no_choice_and_that_is_said(board, tastes):
    little = "so there is little to choose from."
    assert about_few(board, Filters(genres=["Comedy"])) == f"Only 12 films here fit, {little}"
    of_time = Filters(genres=["Comedy"], decades=["1990s"])
    assert about_few(board, of_time) == f"Only 1 film here fits, {little} Without “1990s”, 12 fit."
    assert about_few(tastes, Filters(genres=["Drama", "War"])) == ""


def test_near_films_come_without_stars(board):
    films = near(board, BOLD)
    assert all("Comedy" in film.genres for film in films)
    assert {film.predicted_stars for film in films} == {None}
    out = films[0].title
    assert [film.title for film in near(board, BOLD, [out])][:9] == [film.title for film in films[1:]]
    shown = cards.film_list(films[:2], WHOLE_STARS, given={out: 4.0})
    assert shown.count("★ 4 <small>from you</small>") == 1


def test_predictions_are_in_the_order_that_was_asked(tastes):
    films = predict(tastes, {"Film 3": 4}, ["Film 9", "Film 2"])
    assert [film.title for film in films] == ["Film 9 (1990)", "Film 2 (1990)"]


def test_films_to_rate_are_known_to_many_and_of_different_genres(tastes):
    most_rated = list(tastes.titles.item_of)[:30]
    first = films_to_rate(tastes, {}, [], 3)
    assert set(first) <= set(most_rated)
    assert len({tuple(tastes.catalog.genres[tastes.titles.find(title)]) for title in first}) == 3
    more = films_to_rate(tastes, {first[0]: 4.0}, first[1:], 3)
    assert not set(more) & set(first)
    assert films_to_rate(tastes, {}, list(tastes.titles.item_of), 3) == []


def test_of_what_a_browser_kept_only_ratings_of_known_films_count(board):
    kept = {BOLD: 5, "film 8": 4, "No such film": 3, "Film 10 (1970)": 9, "Film 12 (1972)": "x", "": 1}
    assert known_ratings(board, kept) == {BOLD: 5.0, "Film 8 (1968)": 4.0}
    for nonsense in (None, [], "text", 5):
        assert known_ratings(board, nonsense) == {}


def test_a_rare_genre_gives_a_shorter_list(tmp_path):
    genres = ["Western"] * 3 + ["Drama"] * 23
    folder = write_data(tmp_path / "few", checkerboard(30, 26), [f"Film {item} (1990)" for item in range(26)], genres)
    assert len(in_genres(made("ease", folder), Filters(genres=["Western"]))) == 3


NO_RATINGS = [
    ("Fargo", "got 'Fargo' for ratings; expected a dict of film -> stars"),
    ([["Film 8 (1968)", 4]], "for ratings; expected a dict"),
    ({"Film 8 (1971)": 4}, r"no film of 1971 is called 'Film 8'; there is 'Film 8 \(1968\)'"),
    ({"Qqq": 4}, "no film is called 'Qqq'; expected its title, such as"),
    ({888: 4}, "no film has the item id 888"),
    ({BOLD: 5.5}, "got 5.5 stars; expected 1 to 5 in steps of 1"),
    ({BOLD: 4.2}, "got 4.2 stars"),
    ({BOLD: float("nan")}, "got nan stars"),
    ({BOLD: 10**400}, r"got 1000+\.\.\.0+ stars"),
    ({BOLD: "4"}, "got '4' stars"),
    ({BOLD: True}, "got True stars"),
    ({BOLD: None}, "got None stars"),
]
NO_GENRES = [
    ([], r"got \[\] for genres; expected a list of some of these: Comedy, Horror\."),
    ("Comedy", "got 'Comedy' for genres"),
    ([["Comedy"]], r"no film has the genre \['Comedy'\]"),
    (None, "got None for genres"),
    (["Comedy", "Opera"], "no film has the genre 'Opera'; the genres are Comedy, Horror"),
]


@pytest.mark.parametrize("films", [{}, {f"Film {number}": 4 for number in range(10**5)}, [], ["Film 8"] * 1001])
def test_too_many_films_are_refused_and_none_too(board, films):
    with pytest.raises(DataError, match=f"got {len(films)} films; expected 1 to 1000, an object such as"):
        check_number(board, films)


@pytest.mark.parametrize(("ratings", "sentence"), NO_RATINGS, ids=[sentence for _, sentence in NO_RATINGS])
def test_what_is_no_rating_is_refused_in_one_sentence(board, ratings, sentence):
    with pytest.raises(DataError, match=sentence):
        recommend(board, ratings)


@pytest.mark.parametrize(("genres", "sentence"), NO_GENRES, ids=[sentence for _, sentence in NO_GENRES])
def test_what_is_no_genre_is_refused_in_one_sentence(board, genres, sentence):
    with pytest.raises(DataError, match=sentence):
        in_genres(board, Filters(genres=genres))


def test_everything_from_outside_is_escaped():
    film = Suggestion(item_id=1, title="<b>x</b>", genres=["<i>"], mean_stars=4.0, n_ratings=1, reason="you gave <u> 4")
    shown = cards.film_list([film], WHOLE_STARS) + cards.note("<s>") + cards.waiting("<p>", 0.5) + cards.problem("<a>")
    assert not {"<b>x", "<i>", "<u>", "<s>", "<p>", "<a>"} & set(shown.replace(">", ">\n").split("\n"))
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert "Because you gave &lt;u&gt; 4" in shown
    assert "4.0 on average, 1 rating<" in shown


def test_a_card_tells_the_chance_of_every_star_in_words_too():
    film = Suggestion(item_id=1, title="x", genres=[], predicted_stars=1.8, chances=(0.2, 0.8))
    shown = cards.film_list([film], RatingScale(lowest=1, highest=2, step=1))
    assert 'aria-label="Chances: 1 star 20%, 2 stars 80%"' in shown
    assert "height:25%" in shown
    assert "height:100%" in shown
    assert "0 ratings" in shown
    assert cards.film_list([], WHOLE_STARS) == cards.note("No film is left that fits.")


def test_the_engine_fails_with_a_sentence_and_succeeds_when_tried_again(board):
    outcomes = [DataError("No network."), RuntimeError("a bug"), ServedModel(board, "It is here.")]

    def find(on_progress, on_usable):
        on_progress("download", 1, 4)
        if isinstance(outcomes[0], Exception):
            raise outcomes.pop(0)
        return outcomes.pop(0)

    engine = Engine(find)
    with pytest.raises(DataError, match=r"Not ready yet \(Starting\): try again in a few seconds"):
        engine.ready()
    for problem in ("No network.", "could not be made ready (RuntimeError)", None):
        engine.start()
        engine._thread.join()
        assert engine.problem is None if problem is None else problem in engine.problem
        assert (engine.stage, engine.done) == ("Downloading", 0.25)
    assert engine.ready() is board
    assert engine.sentence == "It is here."
    engine.start()  # nothing to do: outcomes is empty


def test_the_engine_serves_a_quick_model_until_the_better_one_is_there_and_logs_both(board, tastes, caplog):
    caplog.set_level(logging.INFO)
    between = []

    def find(on_progress, on_usable):
        on_progress("read", 3, 4)
        on_usable(ServedModel(board, "A quick one."))
        between.append((engine.ready(), engine.sentence, engine.improving))
        assert (engine.stage, engine.done) == ("Learning", None)
        return ServedModel(tastes, "The better one.")

    engine = Engine(find)
    engine.start()
    engine._thread.join()
    assert between == [(board, "A quick one.", True)]
    assert (engine.ready(), engine.sentence, engine.improving) == (tastes, "The better one.", False)
    names = [model.artifact.name for model in (board, tastes)]
    assert caplog.messages == [f"{names[0]} answers. A quick one.", f"{names[1]} answers. The better one."]


def test_a_quick_model_goes_on_when_the_better_one_fails(board, caplog):
    def find(on_progress, on_usable):
        on_usable(ServedModel(board, "A quick one."))
        raise DataError("No better one.")

    engine = Engine(find)
    engine.start()
    engine._thread.join()
    assert (engine.ready(), engine.problem, engine.improving) == (board, "No better one.", False)
    assert caplog.messages == ["No better model: No better one."]


def test_calls_take_turns_and_one_too_many_is_refused():
    inside, most, held = [0], [0], threading.Event()

    def work(number):
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        held.wait(10)
        inside[0] -= 1
        return number

    async def visit():
        turns = ConcurrencyLimit(at_once=2, most_waiting=3)
        calls = [asyncio.create_task(turns.take(work, number)) for number in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(DataError, match="Too many people do something at this moment: try again"):
            await turns.take(work, 5)
        held.set()
        answers = await asyncio.gather(*calls)
        return answers, await turns.take(work, 6)

    assert asyncio.run(visit()) == ([0, 1, 2, 3, 4], 6)
    assert most[0] <= 2


def test_help_answers_without_starting_anything():
    shown = subprocess.run([sys.executable, "app.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--dataset" in shown.stdout


def test_a_mistyped_name_is_refused_at_once():
    command = [sys.executable, "app.py", "--dataset", "ml-100"]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "no data set or folder is called 'ml-100'; known: ml-100k, " in refused.stderr


def test_the_endpoints_answer_and_refuse_without_a_traceback(board_folder, tmp_path):
    save_artifact(tmp_path / "model", made("bmf-ordinal", board_folder).artifact)
    with served(
        tmp_path / "log", "--model", str(tmp_path / "model"), "--dataset", str(board_folder), forked=True
    ) as url:
        wait_until_ready(url)
        _, [films] = called(url, "recommend", {BOLD: 5}, None, 0, None)
        assert len(films) == 10
        assert films[0].keys() == Suggestion.__dataclass_fields__.keys()
        assert len(called(url, "similar", BOLD)[1][0]) == 10
        assert [film["title"] for film in called(url, "predict", {BOLD: 5}, ["film 8"])[1][0]] == ["Film 8 (1968)"]
        kind, answer = called(url, "recommend", {"<i>": 5}, None, 0, {"genres": ["Comedy"]})
        assert kind == "error"
        assert "no film is called '&lt;i&gt;'" in answer["error"]
        assert called(url, "genres", [1], {}, None, 0)[1]["error"].startswith("no film has the genre 1")
        _, described = fetched(f"{url}/gradio_api/info")
        assert sorted(json.loads(described)["named_endpoints"]) == [
            "/genres",
            "/group",
            "/predict",
            "/recommend",
            "/similar",
        ]
        _, config = fetched(f"{url}/config")
        assert not json.loads(config)["analytics_enabled"]
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_what_a_page_has_imported_is_looked_through_no_more_once_it_answers(monkeypatch):
    settled, none = [], SimpleNamespace(start=lambda: None)

    async def answers(*_):
        return None

    monkeypatch.setattr("uvicorn.Server.startup", answers)
    monkeypatch.setattr("recsys.ui.mounting.settle", lambda: settled.append(True))
    server = Server(uvicorn.Config(app=none), none, none)
    asyncio.run(server.startup())
    assert settled == [True]
