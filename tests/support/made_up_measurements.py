"""Results of runs that never were: what a page or a card may be given."""

import json
import math
import os

from recsys.results.found import PUBLISHED, Shown, all_measurements

DIGEST, OTHER_DIGEST = "0a" * 32, "0b" * 32
STARS, LISTS = ("mse", "rmse", "mae"), ("precision@5", "recall@5", "f1@5", "ndcg@5", "mrr@5")
QUICK = {"global-mean": {"mae": 0.97}, "svd": {"mae": 0.72, "precision@5": 0.1}, "ease": {"precision@5": 0.3}}
ODD = [None, True, -1, 0, 10**30, 0.5, math.inf, math.nan, "", "é\ud800", [], [[]], {}, {"": None}, [None], 1e-320]


def curve(n=100, share=0.25):
    """Two thresholds in two bins; the first came true less often than was said."""
    return {
        "stars": [2.0, 3.0],
        "predicted": [[0.25, 0.75], [0.3, None]],
        "observed": [[share, 0.5], [0.4, None]],
        "count": [[n, 2 * n], [3 * n, 0]],
    }


def split_of(name, **changes):
    counted = {"n_users": 30, "n_items": 20, "n_test_ratings": 600, "n_test_users": 30, "n_ranked_users": 25}
    return {"name": name, **counted, "n_asked": None, **changes}


def results_of(values, splits=("u1", "u2"), **changes):
    """results.json of a run: `values` maps models to {metric: mean}."""
    return {
        "version": 1,
        "dataset": "films",
        "dataset_sha256": DIGEST,
        "protocol": "folds",
        "protocol_rules": "every rating is in the test part of one of five folds",
        "seed": 7,
        "k": [5],
        "relevant_from": 4.0,
        "command": "python -m eval.run --models all --out '/home/jo/a run'",
        "splits": [split_of(name) for name in splits],
        "models": {},
        "runs": [{"model": model, "split": name} for name in splits for model in values],
        "summary": [
            {"model": model, "metric": metric, "mean": mean, "stderr": 0.01}
            for model, figures in values.items()
            for metric, mean in figures.items()
        ],
        **changes,
    }


def some_figures():
    return {
        "popularity": dict.fromkeys(LISTS, 0.2),
        "item-mean": dict.fromkeys(STARS, 1.0) | dict.fromkeys(LISTS, 0.1),
        "hybrid-vae": dict.fromkeys(STARS, 0.8) | dict.fromkeys(LISTS, 0.4),
    }


def write(path, results, seconds=1_700_000_000):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(results if isinstance(results, str) else json.dumps(results))
    os.utime(path, (seconds, seconds))
    return path


def find_measurements(candidates, published=PUBLISHED) -> Shown:
    """The newest that can be shown."""
    return all_measurements(candidates, published)[0]


def spoil(value, rng):
    """Replace or remove something in JSON, at any depth."""
    place = rng.choice(list(value) if isinstance(value, dict) else list(range(len(value))))
    if isinstance(value[place], dict | list) and value[place] and rng.random() < 0.8:
        spoil(value[place], rng)
    elif rng.random() < 0.2:
        del value[place]
    else:
        value[place] = rng.choice(ODD)
