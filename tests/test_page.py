"""The web page: its lists against naive loops, its wiring over HTTP, its looks in a browser."""

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import unavailable

from recsys.data.errors import DataError
from recsys.data.movielens import load_dataset
from recsys.data.scale import HALF_STARS
from recsys.data.synthetic import checkerboard, low_rank
from recsys.ui import cards
from recsys.ui.advice import Suggestion, history_of, in_genres, recommend
from recsys.ui.library import Library
from recsys.ui.preparation import Preparation

ROOT = Path(__file__).parent.parent
BOLD, TWIN = "The <b>Bold</b> (1980)", "Twin (1991)"
START_SECONDS, READY_SECONDS = 60, 120


def write_data(folder, ratings, titles, genres):
    folder.mkdir(parents=True, exist_ok=True)
    users, items = ratings.nonzero()
    with (folder / "ratings.csv").open("w", newline="") as stream:
        rows = ((user, item, stars, 0) for user, item, stars in zip(users, items, ratings.data, strict=True))
        csv.writer(stream).writerows([("userId", "movieId", "rating", "timestamp"), *rows])
    with (folder / "movies.csv").open("w", newline="") as stream:
        rows = ((item, titles[item], genres[item]) for item in range(len(titles)))
        csv.writer(stream).writerows([("movieId", "title", "genres"), *rows])
    return folder


def write_board(folder):
    """Even users love even films, odd ones odd films; two ids are one film, and one has neither year nor genre."""
    n_items = 26
    titles = [f"Film {item} (19{60 + item})" for item in range(n_items)]
    titles[0], titles[2], titles[4], titles[25] = "<b>Bold</b>, The (1980)", "Twin (1991)", "Twin (1991)", "unknown"
    genres = ["Horror" if item % 2 else "Comedy" for item in range(n_items)]
    genres[6], genres[25] = "Comedy|Horror", "(no genres listed)"
    return write_data(folder, checkerboard(40, n_items), titles, genres)


@pytest.fixture(scope="session")
def board_folder(tmp_path_factory):
    return write_board(tmp_path_factory.mktemp("page") / "board")


@pytest.fixture(scope="session")
def board(board_folder):
    return Library.train(load_dataset(board_folder))


@pytest.fixture(scope="session")
def tastes(tmp_path_factory):
    ratings = low_rank(80, 60, 1800, seed=0, scale=HALF_STARS)
    titles = [f"Film {item} (1990)" for item in range(60)]
    genres = [
        "|".join(name for bit, name in enumerate(("Crime", "Drama", "War")) if item >> bit & 1) for item in range(60)
    ]
    return Library.train(load_dataset(write_data(tmp_path_factory.mktemp("page") / "tastes", ratings, titles, genres)))


def test_a_film_with_two_ids_is_offered_once_and_one_without_year_and_genre_never(board):
    assert len(board.item_of) == 24
    assert TWIN in board.item_of
    assert "unknown" not in board.item_of
    assert BOLD in board.item_of


def test_the_numbers_of_a_film_count_all_its_ids(board_folder, board):
    with (board_folder / "ratings.csv").open() as stream:
        stars = [float(row["rating"]) for row in csv.DictReader(stream) if row["movieId"] in ("2", "4")]
    twin = board.item_of[TWIN]
    assert board.n_ratings[twin] == len(stars)
    assert board.n_likes[twin] == sum(each >= 4 for each in stars)
    assert board.mean_stars[twin] == pytest.approx(np.mean(stars))


def test_the_most_rated_films_come_first(tastes):
    counts = [tastes.n_ratings[item] for item in tastes.item_of.values()]
    assert counts == sorted(counts, reverse=True)


def test_whoever_loves_an_even_film_gets_even_films_because_of_it(board):
    films = recommend(board, {BOLD: 5, "Film 8 (1968)": 5})
    assert len(films) == 10
    assert len({film.title for film in films}) == 10
    assert all("Comedy" in film.genres for film in films)
    assert {film.because for film in films} <= {BOLD, "Film 8 (1968)"}
    assert not {film.title for film in films} & {BOLD, "Film 8 (1968)"}


def test_a_film_rated_under_one_id_is_not_suggested_under_the_other(board):
    titles = [film.title for film in recommend(board, {TWIN: 5})]
    assert TWIN not in titles
    assert len(set(titles)) == 10


@pytest.mark.parametrize("seed", range(5))
def test_reasons_and_stars_equal_a_naive_loop(tastes, seed):
    rng = np.random.default_rng(seed)
    ratings = {
        str(title): float(rng.integers(1, 11) / 2) for title in rng.choice(list(tastes.item_of), 6, replace=False)
    }
    weights, history = tastes.ranker.weights, history_of(tastes, ratings)
    predicted = np.clip(tastes.rater.predict(history)[0], 0.5, 5)
    for film in recommend(tastes, ratings):
        item = tastes.item_of[film.title]
        added = {title: (stars - 0.5) / 4.5 * weights[tastes.item_of[title], item] for title, stars in ratings.items()}
        assert film.because == (max(added, key=added.get) if max(added.values()) > 0 else None)
        assert film.predicted_stars == pytest.approx(predicted[item], abs=0.006)


def test_who_likes_nothing_gets_what_most_people_like_without_a_reason(tastes):
    rated = next(iter(tastes.item_of))
    films = recommend(tastes, {rated: 0.5})
    likes = [tastes.n_likes[tastes.item_of[film.title]] for film in films]
    others = [tastes.n_likes[item] for title, item in tastes.item_of.items() if title != rated]
    assert likes == sorted(others, reverse=True)[:10]
    assert {film.because for film in films} == {None}


@pytest.mark.parametrize("genres", [["Crime"], ["Drama", "War"], ["Crime", "Drama", "War"], ["War", "War"]])
def test_genre_lists_equal_a_naive_loop(tastes, genres):
    films = in_genres(tastes, genres)
    matched = {title: len(set(genres) & set(tastes.catalog.genres[item])) for title, item in tastes.item_of.items()}
    scores = {title: tastes.n_likes[item] * matched[title] ** 2 for title, item in tastes.item_of.items()}
    expected = sorted(
        (title for title in scores if matched[title]), key=lambda title: (-scores[title], tastes.item_of[title])
    )
    assert [film.title for film in films] == expected[:10]
    assert all(film.predicted_stars is None and film.because is None for film in films)


def test_a_rare_genre_gives_a_shorter_list(tmp_path):
    genres = ["Western"] * 3 + ["Drama"] * 23
    folder = write_data(tmp_path / "few", checkerboard(30, 26), [f"Film {item} (1990)" for item in range(26)], genres)
    assert len(in_genres(Library.train(load_dataset(folder)), ["Western"])) == 3


NO_RATINGS = [
    ("Fargo", r"got 'Fargo' for ratings; expected an object such as \{\"Film"),
    ([["Film 8 (1968)", 4]], "for ratings; expected an object"),
    ({}, "got 0 ratings; expected 1 to 24"),
    ({f"Film {number}": 4 for number in range(10**5)}, "got 100000 ratings; expected 1 to 24"),
    ({"Film 8": 4}, r"has the title 'Film 8'; did you mean 'Film 8 \(1968\)'\?"),
    ({"Qqq": 4}, "has the title 'Qqq'; expected one like 'Film"),
    ({8: 4}, "has the title 8;"),
    ({BOLD: 5.5}, "got 5.5 stars; expected 1 to 5 in steps of 1"),
    ({BOLD: 4.2}, "got 4.2 stars"),
    ({BOLD: float("nan")}, "got nan stars"),
    ({BOLD: 10**400}, r"got 1000+\.\.\.0+ stars"),
    ({BOLD: "4"}, "got '4' stars"),
    ({BOLD: True}, "got True stars"),
    ({BOLD: None}, "got None stars"),
]
NO_GENRES = [
    ([], r"got \[\] for genres; expected a list of some of Comedy, Horror\."),
    ("Comedy", "got 'Comedy' for genres"),
    ([["Comedy"]], "for genres; expected a list"),
    (None, "got None for genres"),
    (["Comedy", "Opera"], "no film has the genre 'Opera'; the genres are Comedy, Horror"),
]


@pytest.mark.parametrize(("ratings", "sentence"), NO_RATINGS, ids=[sentence for _, sentence in NO_RATINGS])
def test_what_is_no_rating_is_refused_in_one_sentence(board, ratings, sentence):
    with pytest.raises(DataError, match=sentence):
        recommend(board, ratings)


@pytest.mark.parametrize(("genres", "sentence"), NO_GENRES, ids=[sentence for _, sentence in NO_GENRES])
def test_what_is_no_genre_is_refused_in_one_sentence(board, genres, sentence):
    with pytest.raises(DataError, match=sentence):
        in_genres(board, genres)


def test_everything_from_outside_is_escaped():
    film = Suggestion(title="<b>x</b>", genres=["<i>"], mean_stars=4.0, n_ratings=1, because="<u>")
    shown = cards.film_list([film], {"<u>": 4.5}) + cards.note("<s>") + cards.waiting("<p>", 0.5) + cards.problem("<a>")
    assert not {"<b>x", "<i>", "<u>", "<s>", "<p>", "<a>"} & set(shown.replace(">", ">\n").split("\n"))
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert "Because you gave &lt;u&gt; 4.5 stars" in shown
    assert "4.0 on average, 1 rating<" in shown


def test_preparation_fails_with_a_sentence_and_succeeds_when_tried_again(board):
    outcomes = [DataError("No network."), RuntimeError("a bug"), board]

    def make(on_progress):
        on_progress("download", 1, 4)
        if isinstance(outcomes[0], Exception):
            raise outcomes.pop(0)
        return outcomes.pop(0)

    preparation = Preparation(make)
    for problem in ("No network.", "could not be trained (RuntimeError)", None):
        preparation.start()
        preparation._thread.join()
        assert preparation.problem is None if problem is None else problem in preparation.problem
        assert (preparation.stage, preparation.done) == ("Downloading the ratings", 0.25)
    assert preparation.library is board
    preparation.start()  # nothing to do: outcomes is empty


def test_training_tells_what_it_does(board_folder):
    stages = []
    Library.train(load_dataset(board_folder), lambda stage, done, total, /, **figures: stages.append(stage))
    assert list(dict.fromkeys(stages)) == ["rank", "epoch"]


def test_help_answers_without_starting_anything():
    shown = subprocess.run([sys.executable, "app.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--dataset" in shown.stdout


def test_a_mistyped_name_is_refused_at_once():
    command = [sys.executable, "app.py", "--dataset", "ml-100"]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "no data set or folder is called 'ml-100'; known: ml-100k, " in refused.stderr


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy


def fetched(url, body=None):
    """Status and text of an answer, or None while nobody answers."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with OPENER.open(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return None


def called(url, endpoint, argument):
    """What an API endpoint answers: ("complete" or "error", its JSON)."""
    _, event = fetched(f"{url}/gradio_api/call/{endpoint}", json.dumps({"data": [argument]}).encode())
    _, stream = fetched(f"{url}/gradio_api/call/{endpoint}/{json.loads(event)['event_id']}")
    lines = stream.strip().split("\n")[-2:]
    return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


def wait_for(happened, seconds, what):
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < deadline, f"{what} took more than {seconds} s"
        time.sleep(0.1)
    return found


@contextmanager
def served(log, *options):
    """The page, started as a person starts it; yields its address."""
    port = free_port()
    environment = {**os.environ, "GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port)}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "app.py", *options], cwd=ROOT, env=environment, stdout=stream, stderr=stream
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(lambda: process.poll() is not None or fetched(f"{url}/config"), START_SECONDS, "the first answer")
            assert process.poll() is None, log.read_text()
            yield url
        finally:
            process.terminate()
            process.wait(30)


def test_the_endpoints_answer_and_refuse_without_a_traceback(board_folder, tmp_path):
    with served(tmp_path / "log", "--dataset", str(board_folder)) as url:
        wait_for(lambda: called(url, "genres", ["Comedy"])[0] == "complete", READY_SECONDS, "training")
        _, [films] = called(url, "recommend", {BOLD: 5})
        assert [len(films), sorted(films[0])] == [
            10,
            ["because", "genres", "mean_stars", "n_ratings", "predicted_stars", "title"],
        ]
        kind, answer = called(url, "recommend", {"<i>": 5})
        assert kind == "error"
        assert "no film of board has the title '&lt;i&gt;'" in answer["error"]
        assert called(url, "genres", [1])[1]["error"].startswith("got [1] for genres")
        _, described = fetched(f"{url}/gradio_api/info")
        assert sorted(json.loads(described)["named_endpoints"]) == ["/genres", "/recommend"]
        _, config = fetched(f"{url}/config")
        assert not json.loads(config)["analytics_enabled"]
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.fixture(scope="session")
def chromium():
    executable = shutil.which("chromium")
    if executable is None:
        unavailable("no program called chromium is installed, so the page cannot be looked at in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(ml_100k, tmp_path_factory):
    """The page on MovieLens 100K, which ml_100k has put into the cache."""
    with served(tmp_path_factory.mktemp("page") / "log") as url:
        yield url


def rate(page, words, stars):
    page.click("#film input")
    page.locator("#film input").press_sequentially(words)
    page.get_by_role("option").first.click()
    page.fill("#stars input[type=number]", str(stars))
    page.keyboard.press("Tab")
    page.click("#add")


@pytest.mark.browser
@pytest.mark.data
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_visitor_rates_films_and_picks_a_genre(chromium, address, width, scheme):
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector("#film input", timeout=READY_SECONDS * 1000)
    rate(page, "star wars", 5)
    page.wait_for_selector(".rating >> nth=0")
    rate(page, "fargo", 2)
    page.wait_for_selector(".rating >> nth=1")
    assert page.locator("#for-you li").count() == 10
    given = page.locator(".rating input[type=number]")
    assert [given.nth(at).input_value() for at in range(2)] == ["2", "5"]  # the newest first
    assert "Star Wars (1977)" not in page.locator("#for-you .title").all_inner_texts()
    page.get_by_text("Because you gave Star Wars (1977) 5 stars").first.wait_for()
    given.nth(1).fill("4")
    page.get_by_text("Because you gave Star Wars (1977) 4 stars").first.wait_for()
    page.locator(".rating button").first.click()
    page.wait_for_function("document.querySelectorAll('.rating').length == 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_role("tab", name="Pick genres").click()
    page.locator("#genres").get_by_label("Film-Noir").check()
    page.wait_for_selector("#of-genres li")
    assert page.locator("#of-genres li").count() == 10
    assert all("Film-Noir" in text for text in page.locator("#of-genres li").all_inner_texts())
    page.get_by_text("by genre only").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {address.removeprefix("http://")}
    page.close()


@pytest.mark.browser
@pytest.mark.data
def test_a_page_without_data_says_why_and_tries_again(chromium, tmp_path):
    folder = tmp_path / "later"
    with served(tmp_path / "log", "--dataset", str(folder)) as url:
        page = chromium.new_page()
        page.goto(url)
        page.get_by_text("no data set or folder is called").wait_for(timeout=READY_SECONDS * 1000)
        write_board(folder)
        page.click("#again")
        page.wait_for_selector("#film input", timeout=READY_SECONDS * 1000)
        page.click("#film input")
        page.locator("#film input").press_sequentially("bold")
        page.get_by_role("option", name=BOLD, exact=True).click()
        page.click("#add")
        page.get_by_text(f"Because you gave {BOLD} 4 stars").first.wait_for()
        assert page.locator(".rating b, .films b").count() == 0
        page.close()
