import hashlib
import shutil
import zipfile
from functools import partial

import numpy as np
import pytest

from recsys.data import movielens
from recsys.data.movielens import load_catalog
from recsys.data.reading.formats import read_films
from recsys.data.sources import published as published_module
from recsys.data.sources.cache import SUMS, write_sums
from recsys.data.sources.published import PUBLISHED, Published, Sources, fetch, fetch_films
from recsys.data.sources.wheel import write_official_files
from recsys.errors import DataError
from tests.data.test_sources import Server, archive_of, left_in, md5, sources, status, whole
from tests.data.test_wheel import make_wheel
from tests.support.data_folders import lines, write_csv, write_double_colon, write_tabbed

WRITERS = {"u.item": write_tabbed, "movies.dat": write_double_colon, "movies.csv": write_csv}
every_format = pytest.mark.parametrize("file", WRITERS)
IDS = np.array([30, 10, 20])


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = Server()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def original(tmp_path):
    return write_csv(tmp_path / "original")


@pytest.fixture
def body(original):
    return archive_of(original)


@pytest.fixture
def tiny(server, body):
    """Where the small data set is published."""
    server.answers = [whole(body)]
    return sources(server, md5=md5(body))


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


# ---- a folder


@every_format
def test_the_films_of_a_model_are_read_from_a_folder_without_ratings(tmp_path, file):
    folder = WRITERS[file](tmp_path / "my-films")
    for path in folder.iterdir():
        if path.name != file:
            path.unlink()
    catalog, source = load_catalog(folder, IDS)
    assert source == f"my-films was read from the folder {folder}."
    assert catalog.item_ids.tolist() == [30, 10, 20]
    assert catalog.display_title(1) == "Le Café (1995)"
    assert catalog.genres[1] == (("Comedy",) if file == "u.item" else ("Comedy", "Drama"))


def test_films_that_the_model_does_not_know_are_left_out(tmp_path):
    catalog, _ = load_catalog(write_csv(tmp_path), np.array([20]))
    assert catalog.titles == ("Up",)
    assert catalog.genre_names == ()


def test_genre_names_are_those_of_the_folder(tmp_path):
    (write_tabbed(tmp_path) / "u.genre").write_bytes(lines("Noir|1", "Western|0", ""))
    (tmp_path / "u.item").write_bytes(lines("10|A (1990)|||x|1|1"))
    assert load_catalog(tmp_path, np.array([10])).catalog.genres == (("Western", "Noir"),)


def test_the_films_are_the_same_as_those_of_the_whole_data_set(tmp_path):
    folder = write_double_colon(tmp_path)
    whole_set = movielens.load_dataset(folder, min_ratings=1)
    alone, _ = load_catalog(folder, whole_set.ratings.item_ids)
    assert (alone.titles, alone.year, alone.genres) == (
        whole_set.catalog.titles,
        whole_set.catalog.year,
        whole_set.catalog.genres,
    )


def test_refuses_a_film_that_the_films_file_does_not_know(tmp_path):
    with pytest.raises(
        DataError,
        match="movies.csv has no line for film 41; so it is with 2 of 4 films of the model. Name the data set that the "
        "model was trained on",
    ):
        load_catalog(write_csv(tmp_path), np.array([10, 99, 20, 41]))


def test_refuses_a_folder_without_films(tmp_path):
    (write_csv(tmp_path) / "movies.csv").unlink()
    with pytest.raises(
        DataError, match="holds no films file; expected one of u.item, movies.dat, movies.csv. Name the"
    ):
        load_catalog(tmp_path, IDS)


def test_refuses_a_films_file_with_a_bad_line_and_names_it(tmp_path):
    (write_csv(tmp_path) / "movies.csv").write_bytes(lines("movieId,title,genres", "x,Up (1990),War"))
    with pytest.raises(DataError, match="movies.csv line 2: the film's id is 'x'; expected a whole number"):
        read_films(tmp_path)


def test_refuses_an_id_too_large_for_a_column_and_says_how_large_it_may_be(tmp_path):
    (write_csv(tmp_path) / "movies.csv").write_bytes(lines("movieId,title,genres", "10,B,War", f"{10**30},A,War"))
    with pytest.raises(
        DataError, match=r"movies.csv line 3: the film's id is '1000.*'; expected a whole number of at most"
    ):
        load_catalog(tmp_path, np.array([10]))


def test_refuses_an_unknown_name_and_suggests_one_alike():
    with pytest.raises(DataError, match=r"is called 'ml100k'; expected one of ml-100k, .*Did you mean ml-100k\?"):
        load_catalog("ml100k", IDS)


# ---- the archive


def test_only_the_films_of_an_archive_are_kept(tiny, cache, server, original):
    folder, source = fetch_films("tiny", cache=cache, sources=tiny)
    assert folder == cache / "tiny-films"
    assert source == (
        f"The film list of tiny came from GroupLens ({server.url}/tiny.zip) and is now in the cache, {folder}."
    )
    assert files_in(folder) == [SUMS, "movies.csv"]
    assert (folder / "movies.csv").read_bytes() == (original / "movies.csv").read_bytes()
    assert left_in(cache) == ["tiny-films"]


def test_the_films_are_fetched_once(tiny, cache, server):
    fetch_films("tiny", cache=cache, sources=tiny)
    again = fetch_films("tiny", cache=cache, sources=tiny)
    assert again.source == f"The film list of tiny was read from the cache, {cache / 'tiny-films'}."
    assert server.asked == ["/tiny.zip"]


def test_the_films_of_a_whole_data_set_in_the_cache_are_not_fetched_again(tiny, cache, server):
    whole_set = fetch("tiny", cache=cache, sources=tiny).folder
    folder, source = fetch_films("tiny", cache=cache, sources=tiny)
    assert folder == whole_set
    assert source == f"The film list of tiny was read from the cache, {whole_set}."
    assert len(server.asked) == 1
    assert left_in(cache) == ["tiny"]


def test_the_whole_data_set_is_fetched_beside_its_films(tiny, cache, server):
    films = fetch_films("tiny", cache=cache, sources=tiny).folder
    folder, source = fetch("tiny", cache=cache, sources=tiny)
    assert source == f"tiny came from GroupLens ({server.url}/tiny.zip) and is now in the cache, {folder}."
    assert files_in(folder) == [SUMS, "movies.csv", "ratings.csv"]
    assert files_in(films) == [SUMS, "movies.csv"]
    assert left_in(cache) == ["tiny", "tiny-films"]
    assert fetch_films("tiny", cache=cache, sources=tiny).folder == folder


def test_genre_names_come_along_where_the_archive_has_them(server, cache, tmp_path):
    original = write_tabbed(tmp_path / "original")
    (original / "u.genre").write_bytes(lines(*(f"Genre {at}|{at}" for at in range(19))))
    server.answers = [whole(archive_of(original))]
    published = {"tiny": Published(folder="tiny", files=("u.data", "u.item", "u.user"))}
    folder, _ = fetch_films("tiny", cache=cache, sources=Sources(base_url=server.url, published=published))
    assert files_in(folder) == [SUMS, "u.genre", "u.item"]
    assert load_catalog(folder, np.array([10])).catalog.genres == (("Genre 5",),)


@pytest.mark.parametrize("wanted", [fetch, fetch_films])
def test_links_come_along_where_the_archive_has_them(server, cache, tmp_path, wanted):
    original = write_csv(tmp_path / "original")
    (original / "links.csv").write_bytes(lines("movieId,imdbId,tmdbId", "10,114709,862"))
    server.answers = [whole(archive_of(original))]
    tiny = Published(folder="tiny", files=("ratings.csv", "movies.csv"), optional=("links.csv",))
    folder, _ = wanted("tiny", cache=cache, sources=Sources(base_url=server.url, published={"tiny": tiny}))
    assert "links.csv" in files_in(folder)
    assert load_catalog(folder, np.array([10, 30])).catalog.tmdb == (862, None)


def test_ratings_lie_nowhere_but_in_the_archive_while_the_films_are_fetched(tiny, cache, monkeypatch):
    lying = set()

    def look(folder):
        lying.update(path.relative_to(folder.parent).as_posix() for path in folder.parent.rglob("*"))
        write_sums(folder)

    monkeypatch.setattr(published_module, "write_sums", look)
    fetch_films("tiny", cache=cache, sources=tiny)
    assert lying == {"tiny.zip", "tiny-films", "tiny-films/movies.csv"}
    assert files_in(cache / "tiny-films") == [SUMS, "movies.csv"]


def test_the_films_need_no_pinned_ratings(server, cache, body):
    server.answers = [whole(body)]
    pinned = sources(server, ratings_sha256="00ff")
    assert fetch_films("tiny", cache=cache, sources=pinned).folder == cache / "tiny-films"
    with pytest.raises(DataError, match="ratings.csv is not the published file"):
        fetch("tiny", cache=cache, sources=pinned)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(404), "the server answered 404 Not Found"),
        (whole(b"login page"), "tiny.zip is not the published archive: got md5 [0-9a-f]{32}, expected"),
    ],
)
def test_films_that_cannot_be_had_leave_nothing(tiny, cache, server, answer, reason):
    server.answers = [answer]
    with pytest.raises(
        DataError,
        match="The film list of tiny could not be had. Cache .*tiny: nothing there; Cache .*tiny-films: nothing there; "
        rf"GroupLens \(http.*tiny.zip\): {reason}.*Connect to a network and run again, or unpack",
    ):
        fetch_films("tiny", cache=cache, sources=tiny)
    assert left_in(cache) == []


def test_an_archive_without_films_is_refused(server, cache, original):
    (original / "movies.csv").unlink()
    server.answers = [whole(archive_of(original))]
    with pytest.raises(DataError, match="not the published one: .*no item named 'tiny/movies.csv'"):
        fetch_films("tiny", cache=cache, sources=sources(server))
    assert left_in(cache) == []


def test_a_damaged_film_list_is_set_aside_and_fetched_again(tiny, cache, original):
    folder, _ = fetch_films("tiny", cache=cache, sources=tiny)
    (folder / "movies.csv").write_bytes(b"half")
    assert "came from GroupLens" in fetch_films("tiny", cache=cache, sources=tiny).source
    assert (folder / "movies.csv").read_bytes() == (original / "movies.csv").read_bytes()
    assert left_in(cache) == ["tiny-films", "tiny-films.damaged"]


def test_a_damaged_whole_data_set_does_not_hide_the_film_list(tiny, cache, server):
    films = fetch_films("tiny", cache=cache, sources=tiny).folder
    whole_set = fetch("tiny", cache=cache, sources=tiny).folder
    (whole_set / "movies.csv").write_bytes(b"half")
    assert fetch_films("tiny", cache=cache, sources=tiny).folder == films
    assert len(server.asked) == 2


# ---- the wheel


def wheel_sources(server, wheel, wheel_sha256=None):
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    published = Published(
        folder="ml-100k", files=PUBLISHED["ml-100k"].files, md5="0" * 32, wheel_sha256=wheel_sha256 or digest
    )
    server.answers = [status(404)]
    return Sources(
        base_url=server.url,
        published={"ml-100k": published},
        pip_download=lambda folder: shutil.copy(wheel, folder / wheel.name),
    )


@pytest.fixture
def wheel(tmp_path):
    return make_wheel(tmp_path / "tiny.whl")


def test_only_the_films_of_the_wheel_are_kept(server, cache, wheel, tmp_path):
    folder, source = fetch_films("ml-100k", cache=cache, sources=wheel_sources(server, wheel))
    assert source == (
        f"The film list of ml-100k came from the wheel recbole==1.2.1 of the package index and is now in the cache, "
        f"{folder}."
    )
    assert files_in(folder) == [SUMS, "u.item"]
    write_official_files(wheel, tmp_path)
    assert (folder / "u.item").read_bytes() == (tmp_path / "u.item").read_bytes()
    assert load_catalog(folder, np.array([1412, 1])).catalog.titles == ("Made for Home", "Café, Le")
    assert left_in(cache) == ["ml-100k-films"]


def test_a_wheel_with_another_digest_gives_no_films(server, cache, wheel):
    with pytest.raises(DataError, match="the wheel .*: tiny.whl is not the published file: got .*expected 00ff"):
        fetch_films("ml-100k", cache=cache, sources=wheel_sources(server, wheel, "00ff"))
    assert left_in(cache) == []


def test_a_wheel_without_films_gives_none(tmp_path):
    with zipfile.ZipFile(tmp_path / "tiny.whl", "w"):
        pass
    with pytest.raises(DataError, match="tiny.whl is truncated or lacks the data: .*ml-100k.item"):
        write_official_files(tmp_path / "tiny.whl", tmp_path, files=("u.item",))


# ---- by name


def test_a_catalog_is_fetched_by_the_name_of_its_data_set(server, cache, body, monkeypatch):
    published = {"ml-latest-small": Published(folder="tiny", files=("ratings.csv", "movies.csv"), md5=md5(body))}
    loopback = Sources(base_url=server.url, published=published)
    monkeypatch.setattr(movielens, "fetch_films", partial(fetch_films, sources=loopback))
    server.answers = [whole(body)]
    steps = []
    found = load_catalog("ml-latest-small", IDS, cache=cache, on_progress=lambda *step, **_: steps.append(step))
    assert found.source.startswith("The film list of ml-latest-small came from GroupLens (http://127.0.0.1")
    assert found.catalog.titles == ("Plain", "Café, Le", "Up")
    assert steps[0][0] == "download"
    assert steps[-2:] == [("read", 0, 1), ("read", 1, 1)]
    assert left_in(cache) == ["ml-latest-small-films"]


def test_every_named_data_set_has_a_films_file_of_a_known_format():
    alone = {name: published.films_alone() for name, published in PUBLISHED.items()}
    assert {published.files for published in alone.values()} == {("u.item",), ("movies.dat",), ("movies.csv",)}
    assert [published.md5 for published in alone.values()] == [published.md5 for published in PUBLISHED.values()]
    assert alone["ml-100k"].wheel_sha256 == PUBLISHED["ml-100k"].wheel_sha256


@pytest.mark.data
def test_the_films_of_movielens_100k_are_those_of_the_whole_data_set(ml_100k):
    catalog, source = load_catalog("ml-100k", ml_100k.catalog.item_ids)
    assert source.startswith("The film list of ml-100k was read from the cache")
    assert (catalog.titles, catalog.genres) == (ml_100k.catalog.titles, ml_100k.catalog.genres)
