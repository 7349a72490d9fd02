"""Whether a version can be used: it loads, is what was saved, and makes lists for people of many kinds."""

from collections.abc import Iterator

import numpy as np

from recsys.artifacts.artifact import load_artifact
from recsys.data.movielens import Dataset
from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.versions.entries import Version

LENGTH = 10
FEW = 3  # times the length
N_OF_BASE = 5  # people of the data set who are asked for


def problem_of(version: Version, dataset: Dataset) -> str | None:
    """Why a version cannot be used, in a sentence; None if it can."""
    try:
        artifact = load_artifact(version.folder)
        if artifact.fingerprint() != version.record.fingerprint:
            return f"the model in {version.folder} is not the one that was fitted"
        model = Recommender(artifact, dataset.catalog, films_from=dataset.folder or dataset.name)
        return next(faults(model, dataset), None)
    except DataError as error:
        return str(error)


def faults(model: Recommender, dataset: Dataset) -> Iterator[str]:
    """What is wrong with lists, a sentence each."""
    for who, ratings in smoke_people(model, dataset):
        listed = model.recommend(ratings, LENGTH, below_usual=True)
        left = len(dataset.ratings.item_ids) - len(ratings)
        least = LENGTH if left >= FEW * LENGTH else min(1, left)  # of few films, some may be others' copies
        if len(listed) < least or listed["item_id"].duplicated().any():
            yield f"the list for {who} has {listed['item_id'].nunique()} films; expected {min(LENGTH, left)}"
        if set(listed["item_id"]) & ratings.keys():
            yield f"the list for {who} has films that they rated"


def smoke_people(model: Recommender, dataset: Dataset) -> Iterator[tuple[str, dict[str | int, float]]]:
    """People in words, and what they rated, by the data's ids."""
    ids, scale = dataset.ratings.item_ids, dataset.ratings.scale
    most_liked = [int(ids[item]) for item in model.crowd.most_liked_first[:LENGTH]]
    yield "somebody new", {}
    yield "somebody with one rating", {most_liked[0]: scale.highest}
    yield "somebody who loves all", dict.fromkeys(most_liked, scale.highest)
    yield "somebody who loves nothing", dict.fromkeys(most_liked, scale.lowest)
    stars = dataset.ratings.matrix()
    for person in np.linspace(0, stars.shape[0] - 1, N_OF_BASE).astype(int):
        row = stars[[person]]
        told: dict[str | int, float] = {}
        for item, value in zip(row.indices, row.data, strict=True):
            told[int(ids[model.titles.find(int(ids[item]))])] = float(value)  # a film may stand there under two ids
        yield f"person {person + 1} of the data set", told
