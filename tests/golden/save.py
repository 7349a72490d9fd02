"""Saves what later versions must still read: a small artifact of every model, and a database.

    python tests/golden/save.py models            all that are not there yet
    python tests/golden/save.py store

Run at the version whose files are to be kept. test_golden.py opens a copy of each, and compares what it answers with
what it answered then. All of it is made up.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent.parent))

from recsys.artifacts.artifact import Artifact, Items, save_artifact  # noqa: E402
from recsys.data.interactions import FilmFacts, Histories, Interactions  # noqa: E402
from recsys.data.scale import WHOLE_STARS  # noqa: E402
from recsys.models import MODELS, create  # noqa: E402
from recsys.store import PasswordConfig, StoreConfig, open_store  # noqa: E402
from recsys.store.people import Recommendations  # noqa: E402
from tests.support.small_models import N_ITEMS, ratings, small_config  # noqa: E402

GENRES = ("Action", "Comedy", "Drama")
CHEAP = StoreConfig(passwords=PasswordConfig(time_cost=1, memory_cost=8, parallelism=1))
MOMENT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
NAME, PASSWORD = "Ann", "four random words"


def save_models(folder: Path) -> None:
    """A fitted model of every name, with what it answers to ten people beside it."""
    rng = np.random.default_rng(0)
    genres, features = rng.random((N_ITEMS, len(GENRES))) < 0.5, (rng.random((N_ITEMS, 5)) < 0.4).astype(float)
    genres[0] = True
    train, asked = ratings(1), Histories(ratings(2)[:10])
    data = Interactions(train, films=FilmFacts(features=features, genres=genres))
    items = Items.of(np.arange(N_ITEMS) + 1, train, GENRES)
    for name in MODELS:
        if (folder / name).exists():
            continue
        model = create(name, WHOLE_STARS, config=small_config(name))
        model.fit(data)
        save_artifact(folder / name, Artifact(name, model, items, {"dataset": "made-up", "split": "all"}))
        answers = {"score": model.score(asked)} | ({"stars": model.predict(asked)} if hasattr(model, "predict") else {})
        np.savez_compressed(folder / f"{name}.npz", **answers)
        print(name)


def save_store(folder: Path) -> None:
    """A database with somebody who did everything once, and what was kept of that."""
    place = folder / "store.sqlite"
    with open_store(place, config=CHEAP, now=lambda: MOMENT) as store:
        person = store.accounts.person_of(store.accounts.register(NAME, PASSWORD, "here"))
        store.ratings.set_ratings(person, "films", {7: 4.5, 8: 1.0})
        store.ratings.set_rating(person, "films", 7, 3.0)
        store.ratings.set_mark(person, "films", 9, "later")
        store.ratings.remove_rating(person, "films", 8)
        shown = {"dataset": "films", "model": "ease", "version": "0", "kind": "ratings", "request": {"k": 2}}
        store.history.record_list(person, Recommendations(**shown, films=[(3, 4.25), (5, None)]))
        store.accounts.register("Bob", PASSWORD, "there")
        store.accounts.sign_in_from("hf", "subject-1", "Cleo")
        kept = store.exports.everything(person)
    (folder / "store.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(place.stat().st_size)


if __name__ == "__main__":
    {"models": save_models, "store": save_store}[sys.argv[1]](FOLDER)
