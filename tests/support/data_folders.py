"""Tiny made-up data sets, one in each format, all with the same four people and three films."""

from pathlib import Path

import numpy as np

RATINGS = [(7, 30, 5, 100), (7, 10, 3, 101), (2, 10, 1, 102), (9, 20, 4, 103), (5, 20, 2, 104), (5, 30, 4, 105)]


def lines(*rows: str, encoding: str = "utf-8") -> bytes:
    return "".join(f"{row}\n" for row in rows).encode(encoding)


def write_tabbed(folder: Path) -> Path:
    """u.data, u.item and u.user, as MovieLens 100K is written."""
    folder.mkdir(parents=True, exist_ok=True)
    flags = {"comedy": "|".join("1" if at == 5 else "0" for at in range(19)), "none": "1" + "|0" * 18}
    (folder / "u.data").write_bytes(lines(*("\t".join(map(str, row)) for row in RATINGS)))
    (folder / "u.item").write_bytes(
        lines(
            f"10|Café, Le (1995)|01-Jan-1995||http://example.org/|{flags['comedy']}",
            f"20|unknown||||{flags['none']}",
            f"30|Made for Home (1996) (V)|01-Jan-1996|||{flags['comedy']}",
            encoding="latin-1",
        )
    )
    (folder / "u.user").write_bytes(lines("2|24|M|none|85711", "5|53|F|other|94043", "7|7|M|writer|00000", "9|30|F||1"))
    return folder


def write_double_colon(folder: Path) -> Path:
    """ratings.dat, movies.dat and users.dat, as MovieLens 1M is written."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ratings.dat").write_bytes(lines(*("::".join(map(str, row)) for row in RATINGS)))
    (folder / "movies.dat").write_bytes(
        lines("10::Café, Le (1995)::Comedy|Drama", "20::Up: A :: Down (1990)::War", "30::Plain (1996)::Comedy")
    )
    (folder / "users.dat").write_bytes(
        lines("2::M::1::0::48067", "5::F::56::20::70072", "7::M::25::12::55117", "9::F::::7::02460")
    )
    return folder


def write_csv(folder: Path) -> Path:
    """ratings.csv and movies.csv, as the newer sets are written, with half stars."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = (f"{user},{item},{stars - 0.5},{time}" for user, item, stars, time in RATINGS)
    (folder / "ratings.csv").write_bytes(lines("userId,movieId,rating,timestamp", *rows))
    (folder / "movies.csv").write_bytes(
        lines(
            "movieId,title,genres",
            '10,"Café, Le (1995)",Comedy|Drama',
            "20,Up (1990),(no genres listed)",
            "30,Plain,Comedy",
        )
    )
    return folder


def write_genres(folder: Path, n_users: int = 40, n_items: int = 30) -> Path:
    """A larger set as the newer ones are written: whole stars, every fifth film without a genre, the rest with some."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    stars = rng.integers(1, 6, (n_users, n_items)) * (rng.random((n_users, n_items)) < 0.6)
    rows = (f"{user + 1},{item + 100},{stars[user, item]},0" for user, item in np.argwhere(stars))
    (folder / "ratings.csv").write_bytes(lines("userId,movieId,rating,timestamp", *rows))
    names = np.array(["Comedy", "Drama", "Thriller", "War"])
    listed = ["|".join(names[rng.random(4) < 0.4]) if item % 5 else "" for item in range(n_items)]
    films = (f"{item + 100},Film {item},{genres or '(no genres listed)'}" for item, genres in enumerate(listed))
    (folder / "movies.csv").write_bytes(lines("movieId,title,genres", *films))
    return folder
