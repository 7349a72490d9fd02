"""Seconds and memory of one part of the work at a size, as JSON: `python -m tests.benchmarks.of_size 1m list`.

Ratings are made up, in the numbers of MovieLens, and what answers is a flagship whose weights are made up. A process
does one part, so that its memory is that of the part, and Keras's compiler is as it is for people. Legend: U people, I
films, k list length.
"""

import argparse
import csv
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from eval.running.environment import peak_memory_bytes, reset_peak_memory
from recsys.artifacts.artifact import Artifact, load_artifact, save_artifact
from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.movielens import load_dataset
from recsys.data.scale import WHOLE_STARS
from recsys.films.titles import TitleIndex
from recsys.models import FLAGSHIP, create
from recsys.models.base import Model, RatingModel, entry_rows
from recsys.models.hybrids.hybrid_vae import LINEAR, NORMAL, ORDINAL, VAE, HybridVAE
from recsys.models.numeric.threads import one_thread
from recsys.ranking import top_k
from recsys.training import Training
from tests.benchmarks.made_models import catalog_of, films, made_artifact, made_flagship, made_recommender, somebody
from tests.benchmarks.steps_of_networks import SHAPES, made_up

K = 10
N_GENRES = 20
N_CHECKED = 100  # people whose lists and stars are looked at
IN_CHUNKS, CHUNK = 1024, 128  # people who are scored, in all and at once
TYPED = ("red moon", "winter hea", "silnet nigth", "12")  # what fits, what begins so, what is mistyped, a number


@dataclass(frozen=True)
class Work:
    """What is timed.

    Attributes:
        call: does it.
        check: raises AssertionError unless that came out as it should.
        rounds: how often it is done.
    """

    call: Callable[[], Any]
    check: Callable[[Any], None]
    rounds: int = 1


# ---- what is worked on


def data_of(size: str) -> Interactions:
    """Ratings, and films' genres."""
    stars = made_up(*SHAPES[size])
    genres = np.random.default_rng(1).random((stars.shape[1], N_GENRES)) < 0.1
    return Interactions(stars, films=FilmFacts(features=genres.astype(np.float64), genres=genres))


# ---- parts


def reading(size: str, folder: Path, again: bool) -> Work:
    """A folder of files is read, and checked; again: what was kept of that is."""
    stars = made_up(*SHAPES[size])
    written(folder, stars)
    read = partial(load_dataset, folder, cache=folder / "cache", min_ratings=1)
    if again:
        read()

    def check(dataset: Any) -> None:
        assert dataset.ratings.matrix().nnz == stars.nnz

    return Work(read, check)


def written(folder: Path, stars: sp.csr_array) -> None:
    """Write ratings.csv and movies.csv."""
    rows, number = entry_rows(stars), np.char.mod("%d", np.arange(max(stars.shape)))
    with (folder / "ratings.csv").open("w") as file:
        file.write("userId,movieId,rating,timestamp\n")
        for start in range(0, stars.nnz, 1_000_000):
            part = slice(start, start + 1_000_000)
            cells = (number[rows[part]], number[stars.indices[part]], np.char.mod("%d", stars.data[part]))
            file.write("".join(f"{user},{item},{given},978300760\n" for user, item, given in zip(*cells, strict=True)))
    with (folder / "movies.csv").open("w", newline="") as file:
        listed = ((at, film.title, "|".join(film.genres)) for at, film in enumerate(films(stars.shape[1])))
        csv.writer(file).writerows([("movieId", "title", "genres"), *listed])


def fitting(size: str, part: str | None, epochs: int | None) -> Work:
    """A part of the flagship learns, or all of it; with fewer epochs than it has where that is wanted."""
    data = data_of(size)

    def fit() -> Model:
        whole = create(FLAGSHIP, WHOLE_STARS, epochs=epochs)
        assert isinstance(whole, HybridVAE)
        return (whole if part is None else whole.parts()[part]).fit(data, Training(seed=0))

    return Work(fit, partial(predicts if part in (NORMAL, ORDINAL) else lists, data.stars))


def lists(stars: sp.csr_array, model: Model) -> None:
    """Lists are of films that many know: nothing else can be known of ratings by chance."""
    history = stars[:N_CHECKED]
    counts = np.bincount(stars.indices, minlength=stars.shape[1])
    ranked = top_k(model.score(Histories(history)), history, K)
    assert counts[ranked].mean() > 2 * counts.mean()


def predicts(stars: sp.csr_array, model: Model) -> None:
    """Stars are no worse than the mean of all."""
    assert isinstance(model, RatingModel)
    history = stars[:N_CHECKED]
    errors = model.predict(Histories(history))[entry_rows(history), history.indices] - history.data
    assert np.sqrt(np.mean(errors**2)) < 1.02 * stars.data.std()


def loading(size: str, folder: Path) -> Work:
    """A model folder is checked and loaded."""
    _, n_items, n_ratings = SHAPES[size]
    save_artifact(folder / "model", made_artifact(n_items, n_ratings))

    def check(artifact: Artifact) -> None:
        assert len(artifact.items.ids) == n_items

    return Work(partial(load_artifact, folder / "model"), check)


def listing(size: str) -> Work:
    """The ten best films of somebody."""
    model = made_recommender(*SHAPES[size][1:])
    given = somebody(model.catalog.n_items)
    history = model.history(given)

    def best() -> np.ndarray:
        with one_thread():
            return model.best(model.checked.scores(history), K, history.indices)

    def check(ranked: np.ndarray) -> None:
        scores = model.model.score(Histories(history))[0]
        scores[list(given)] = -np.inf
        assert sorted(scores[ranked]) == sorted(np.sort(scores)[-K:])

    return Work(best, check, rounds=50)


def listing_with_reasons(size: str) -> Work:
    """A table of ten films with stars and reasons."""
    model = made_recommender(*SHAPES[size][1:])
    given = somebody(model.catalog.n_items)

    def check(table: Any) -> None:
        assert len(table) == K
        assert table.stars.between(1, 5).all()
        assert not set(table.item_id) & set(given)

    return Work(partial(model.recommend, given), check, rounds=50)


def stars_of_ten(size: str) -> Work:
    """What somebody would give to ten films."""
    model = made_recommender(*SHAPES[size][1:])
    history, items = model.history(somebody(model.catalog.n_items)), np.arange(1, 10 * K, K)

    def check(stars: np.ndarray) -> None:
        assert stars.shape == (K,)
        assert ((stars >= 1) & (stars <= 5)).all()

    return Work(lambda: model.foreseen(history).expected(items), check, rounds=50)


def searching(size: str) -> Work:
    """A key is typed, four times; some titles are mistyped."""
    n_items = SHAPES[size][1]
    titles = TitleIndex(catalog_of(n_items), np.arange(n_items)[::-1])

    def check(found: list[list[int]]) -> None:
        assert all(found)
        assert "Red Moon" in titles.catalog.titles[found[0][0]]

    return Work(lambda: [titles.search(typed, K) for typed in TYPED], check, rounds=20)


def scoring(size: str) -> Work:
    """Lists of many people, some at a time, as metrics are taken."""
    n_people, n_items, n_ratings = SHAPES[size]
    history = made_up(IN_CHUNKS, n_items, IN_CHUNKS * n_ratings // n_people)
    model = made_flagship(n_items)

    def ranked() -> np.ndarray:
        blocks = [history[start : start + CHUNK] for start in range(0, IN_CHUNKS, CHUNK)]
        return np.concatenate([top_k(model.score(Histories(block)), block, K) for block in blocks])

    def check(lists: np.ndarray) -> None:
        np.testing.assert_array_equal(lists[:2], top_k(model.score(Histories(history[:2])), history[:2], K))

    return Work(ranked, check)


@dataclass(frozen=True)
class Asked:
    """A size, a folder that is empty, and epochs instead of the usual ones."""

    size: str
    folder: Path
    epochs: int | None = None


PARTS: dict[str, Callable[[Asked], Work]] = {
    "read": lambda asked: reading(asked.size, asked.folder, again=False),
    "read-again": lambda asked: reading(asked.size, asked.folder, again=True),
    "fit-networks": lambda asked: fitting(asked.size, VAE, asked.epochs),
    "fit-linear": lambda asked: fitting(asked.size, LINEAR, asked.epochs),
    "fit-normal": lambda asked: fitting(asked.size, NORMAL, asked.epochs),
    "fit-ordinal": lambda asked: fitting(asked.size, ORDINAL, asked.epochs),
    "fit-flagship": lambda asked: fitting(asked.size, None, asked.epochs),
    "load": lambda asked: loading(asked.size, asked.folder),
    "list": lambda asked: listing(asked.size),
    "list-with-reasons": lambda asked: listing_with_reasons(asked.size),
    "stars-of-ten": lambda asked: stars_of_ten(asked.size),
    "search": lambda asked: searching(asked.size),
    "score-1024-people": lambda asked: scoring(asked.size),
}


def measured(work: Work) -> dict[str, float]:
    """Medians of seconds, by the clock and of a processor, and bytes of memory, before and at the most.

    What is done often is done once before, and what it gives then is checked; what takes long is checked at the end.
    """
    if work.rounds > 1:
        work.check(work.call())
    reset_peak_memory()
    before, clock, cpu, found = peak_memory_bytes() or 0, [], [], None
    for _ in range(work.rounds):
        found = None  # and not held beside the next
        started, started_cpu = time.perf_counter(), time.process_time()
        found = work.call()
        clock.append(time.perf_counter() - started)
        cpu.append(time.process_time() - started_cpu)
    peak = peak_memory_bytes() or 0
    work.check(found)
    seconds = {"seconds": statistics.median(clock), "cpu_seconds": statistics.median(cpu)}
    return {**seconds, "peak_bytes": peak, "bytes_before": before, "rounds": work.rounds}


def main() -> None:
    """Print what one part takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", choices=SHAPES)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--epochs", type=int, metavar="N", help="of what learns, instead of its own number")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="of-size-") as folder:
        asked = Asked(options.size, Path(folder), options.epochs)
        print(json.dumps(measured(PARTS[options.part](asked))))


if __name__ == "__main__":
    main()
