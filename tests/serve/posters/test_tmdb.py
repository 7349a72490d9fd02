"""What TMDB is asked, whose poster is taken for a film's, and what is said where TMDB fails."""

import json
import time
from types import SimpleNamespace

import pytest

from recsys.errors import DataError
from recsys.serve.posters.asking import Host, body_of
from recsys.serve.posters.films import FilmSought
from recsys.serve.posters.key import Key, key_in
from recsys.serve.posters.pictures import MOST_BYTES, kind_of
from recsys.serve.posters.tmdb import MOST_JSON, Tmdb
from recsys.serve.posters.trouble import TroubleError
from tests.support.loopback_tmdb import JPEG, PICTURES, V3, V4, Answer, film

PNG, WEBP = b"\x89PNG\r\n\x1a\n" + bytes(30), b"RIFF\x20\0\0\0WEBPVP8 " + bytes(20)
HEAT = FilmSought(("Heat",), 1995, None, None)


def client(tmdb, key=V3, seconds=5.0):
    return Tmdb(Key.of(key), tmdb.url, tmdb.url, seconds)


def sought(name="Heat", year=1995, imdb=None, number=None, others=()):
    return FilmSought((name, *others), year, imdb, number)


# ---- the key


def test_a_key_is_told_the_way_its_kind_is(tmdb):
    tmdb.films = {949: film(949, "Heat", 1995)}
    for key, told in ((V3, (V3, None)), (V4, (None, f"Bearer {V4}"))):
        assert client(tmdb, key).poster(sought(number=949)) == JPEG
        assert tmdb.credentials[-1] == told


@pytest.mark.parametrize(
    "text", ["secret", V3[:-1], f"{V3}0", f"{V3[:-1]}g", f"{V4}.more", "a.b", "é" * 32, f"{V3}\n{V3}"]
)
def test_what_is_no_key_is_refused_in_a_sentence_that_does_not_repeat_it(text):
    with pytest.raises(DataError, match="TMDB_API_KEY has .* expected its API key") as refusal:
        key_in({"TMDB_API_KEY": text})
    assert text not in str(refusal.value)


def test_without_the_variable_there_is_no_key_and_blanks_around_one_do_not_matter():
    assert key_in({}) is key_in({"TMDB_API_KEY": ""}) is key_in({"TMDB_API_KEY": "  "}) is None
    assert key_in({"TMDB_API_KEY": f" {V3}\n"}) == Key.of(V3)


def test_no_text_of_a_key_shows_it():
    for key in (V3, V4):
        assert key not in f"{Key.of(key)} {Key.of(key)!r}"


# ---- which film it is


def test_a_number_at_tmdb_goes_before_one_at_imdb_and_that_before_words(tmdb):
    tmdb.films = {1: film(1, "Other", 1960), 2: film(2, "Another", 1970), 3: film(3, "Heat", 1995)}
    tmdb.imdb = {"tt0113277": 2}
    for wanted, asked in (
        (sought(imdb="tt0113277", number=1), ["/3/movie/1", f"{PICTURES}/poster1.jpg"]),
        (sought(imdb="tt0113277"), ["/3/find/tt0113277", f"{PICTURES}/poster2.jpg"]),
        (sought(), ["/3/search/movie", f"{PICTURES}/poster3.jpg"]),
        (sought(imdb="nm12/../x"), ["/3/search/movie", f"{PICTURES}/poster3.jpg"]),
    ):
        tmdb.asked.clear()
        assert client(tmdb).poster(wanted) == JPEG
        assert tmdb.asked == asked


def test_a_number_that_tmdb_does_not_know_leads_on_to_the_next_way(tmdb):
    tmdb.films = {3: film(3, "Heat", 1995)}
    assert client(tmdb).poster(sought(imdb="tt0000001", number=77)) == JPEG
    assert tmdb.asked[:3] == ["/3/movie/77", "/3/find/tt0000001", "/3/search/movie"]


@pytest.mark.parametrize(
    ("wanted", "there", "poster"),
    [
        (sought(), [("Heat", 1995)], 0),
        (sought(), [("Heat", 1996)], 0),
        (sought(), [("Heat", 1993)], None),  # of another year
        (sought(), [("Heat", 1986), ("Heat", 1995), ("Heat", 1996)], 1),  # remakes
        (sought(), [("Heat", 1994), ("Heat", 1996)], None),  # either
        (sought(), [("Heat", 1995), ("Heat", 1995)], None),
        (sought(), [("Heat and Dust", 1995), ("White Heat", 1995)], None),
        (sought(), [("HEAT!", 1995)], 0),
        (sought(), [], None),
        (sought(year=None), [("Heat", 1995)], None),
        (sought("Ran", others=("Chaos",)), [("Chaos, called Ran", 1995)], None),
    ],
)
def test_words_find_the_one_film_of_that_title_and_of_a_year_beside(tmdb, wanted, there, poster):
    tmdb.films = {number: film(number, title, year) for number, (title, year) in enumerate(there)}
    assert client(tmdb).poster(wanted) == (None if poster is None else JPEG)
    assert tmdb.n_asked(PICTURES) == (poster is not None)
    assert poster is None or tmdb.asked[-1] == f"{PICTURES}/poster{poster}.jpg"


def test_of_films_within_a_year_the_one_of_the_very_year_is_meant():
    of_year, beside = film(1, "Heat", 1995), film(2, "Heat", 1996)
    assert HEAT.same_in([beside, of_year]) is HEAT.same_in([of_year, beside]) is of_year


def test_a_film_is_known_by_another_of_its_titles(tmdb):
    tmdb.films = {1: film(1, "Amelie of Montmartre", 2001, original_title="Le Fabuleux Destin d'Amélie Poulain")}
    wanted = sought(
        "Amelie", 2001, others=("Fabuleux destin d'Amélie Poulain, Le", "Le Fabuleux destin d'Amelie Poulain")
    )
    assert client(tmdb).poster(wanted) == JPEG


def test_films_without_a_poster_have_none(tmdb):
    tmdb.films = {1: film(1, "Heat", 1995, poster=None), 2: {"title": "Heat", "release_date": None}}
    assert client(tmdb).poster(sought(number=1)) is client(tmdb).poster(sought(number=2)) is None
    tmdb.films, tmdb.trouble = {1: film(1, "Heat", 1995)}, {PICTURES: Answer(404)}
    assert client(tmdb).poster(sought(number=1)) is None


# ---- pictures


@pytest.mark.parametrize(("content", "kind"), [(JPEG, "image/jpeg"), (PNG, "image/png"), (WEBP, "image/webp")])
def test_pictures_are_known_by_their_first_bytes(tmdb, content, kind):
    assert kind_of(content) == kind
    tmdb.films, tmdb.pictures = {1: film(1, "Heat", 1995)}, {"/poster1.jpg": ("image/jpeg", content)}
    assert client(tmdb).poster(sought(number=1)) == content


@pytest.mark.parametrize(
    ("declared", "content"),
    [
        ("text/html", JPEG),
        ("image/jpeg", b"<html><script>alert(1)</script>"),
        ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("image/gif", b"GIF89a" + bytes(50)),
        ("image/jpeg", b""),
        ("image/jpeg", JPEG + bytes(MOST_BYTES)),
    ],
)
def test_what_is_no_picture_is_trouble_with_this_film_alone(tmdb, declared, content):
    tmdb.films, tmdb.pictures = {1: film(1, "Heat", 1995)}, {"/poster1.jpg": (declared, content)}
    with pytest.raises(TroubleError) as trouble:
        client(tmdb).poster(sought(number=1))
    assert trouble.value.is_of_film


@pytest.mark.parametrize(
    "path", ["//evil.example/a.jpg", "/../3/account.jpg", "/a.svg", "/a b.jpg", "/é.jpg", 7, "", "/a.jpg?x"]
)
def test_a_poster_lies_nowhere_but_among_the_posters(tmdb, path):
    tmdb.films = {1: {**film(1, "Heat", 1995), "poster_path": path}}
    with pytest.raises(TroubleError, match="no sense"):
        client(tmdb).poster(sought(number=1))
    assert tmdb.n_asked(PICTURES) == 0


# ---- what goes wrong


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(500), "status 500"),
        (Answer(429, headers={"Retry-After": "90"}), "status 429"),
        (Answer(401), "key"),
        (Answer(403), "key"),
        (Answer(301, headers={"Location": "/3/movie/2"}), "status 301"),
        (Answer(307, headers={"Location": "http://127.0.0.1:1/"}), "status 307"),
        (Answer(200, b"<html>"), "senseless"),
        (Answer(200, b"[]"), "senseless"),
        (Answer(200, b"\xff\xfe"), "senseless"),
        (Answer(200, b"[" * 100_000), "senseless"),
        (Answer(200, b"{}" + b" " * MOST_JSON), "large"),
        (Answer(200, b'{"poster_path":', declared=50), "cut"),
    ],
)
def test_every_failure_has_a_word_and_a_sentence_without_key_and_address(tmdb, answer, kind):
    tmdb.films = {2: film(2, "Heat", 1995)}
    tmdb.trouble = {"/3/movie/1": answer}
    for key in (V3, V4):
        with pytest.raises(TroubleError) as trouble:
            client(tmdb, key).poster(sought(number=1))
        assert (trouble.value.kind, trouble.value.is_of_film) == (kind, False)
        assert not [
            word for word in (key, "api_key", tmdb.url, "/3/") if word in f"{trouble.value!r} {trouble.value.sentence}"
        ]
        assert trouble.value.__suppress_context__ or trouble.value.__context__ is None
    assert tmdb.asked == ["/3/movie/1"] * 2


def test_who_asks_too_often_is_told_how_long_to_wait(tmdb):
    tmdb.trouble = {"/3/": Answer(429, headers={"Retry-After": "90"})}
    with pytest.raises(TroubleError) as trouble:
        client(tmdb).poster(sought())
    assert trouble.value.wait == 90


@pytest.mark.parametrize("wrong", [{"results": None}, {"results": [7]}, {}])
def test_a_list_of_another_shape_makes_no_sense(tmdb, wrong):
    tmdb.trouble = {"/3/": Answer(body=json.dumps(wrong).encode())}
    with pytest.raises(TroubleError, match="no sense"):
        client(tmdb).poster(sought())


def test_odd_values_within_a_list_are_no_film(tmdb):
    odd = [{"title": 7, "release_date": "1995"}, {"title": "Heat"}, {"title": "Heat", "release_date": "٣٣٣٣-01-01"}, {}]
    assert HEAT.same_in(odd) is None


def test_a_host_that_hangs_is_left_in_time(tmdb):
    tmdb.hold.clear()
    with pytest.raises(TroubleError, match="in time"):
        client(tmdb, seconds=0.1).poster(sought())


def test_an_answer_that_drips_is_left_in_time():
    drops = SimpleNamespace(read1=lambda size: b".", length=None)
    with pytest.raises(TroubleError, match="in time"):
        body_of(drops, MOST_JSON, time.monotonic())


def test_a_host_that_nobody_reaches_is_said_to_be_so():
    with pytest.raises(TroubleError, match=r"cannot be reached \(ConnectionRefusedError\)"):
        Tmdb(Key.of(V3), "http://127.0.0.1:1", "http://127.0.0.1:1").poster(sought())


@pytest.mark.parametrize("address", ["http://api.themoviedb.org", "ftp://127.0.0.1", "http://127.0.0.1.evil.example"])
def test_other_hosts_are_asked_by_https_alone(address):
    with pytest.raises(AssertionError, match="https"):
        Host(address, 1.0)
