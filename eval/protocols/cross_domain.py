"""Another domain: people of whom a model knows what they choose among films of one kind are asked about another."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from eval.protocols.protocol import Protocol, SplitMakers
from recsys.errors import DataError
from recsys.films.domains import SOURCE, SOURCE_GENRES, TARGET, TARGET_GENRES, domains_of
from recsys.split import Split, split_ratings

if TYPE_CHECKING:
    from recsys.data.movielens import Dataset

N_GROUPS = 5


def splits(dataset: "Dataset", seed: int) -> SplitMakers:
    """Five splits, d1..d5: each hides all target ratings of a random fifth of the people, so that each is new once.

    Raises:
        DataError: no film is in one of the domains, or there are fewer people than splits.
    """
    catalog, n_users = dataset.catalog, dataset.ratings.n_users
    domain = domains_of(catalog.genre_matrix, catalog.genre_names, catalog.n_items, SOURCE_GENRES, TARGET_GENRES)
    for number, genres in ((SOURCE, SOURCE_GENRES), (TARGET, TARGET_GENRES)):
        if not (domain == number).any():
            raise DataError(
                f"{dataset.name} has no films of {', '.join(genres)} alone; the protocol cross-domain asks people who "
                "rated some of one domain about another."
            )
    if n_users < N_GROUPS:
        raise DataError(f"{dataset.name} has {n_users} people; the protocol cross-domain needs {N_GROUPS} or more.")
    group = np.random.default_rng(seed).permutation(n_users) % N_GROUPS
    return {
        f"d{k + 1}": partial(domain_split, f"d{k + 1}", dataset, group == k, domain == TARGET) for k in range(N_GROUPS)
    }


def domain_split(name: str, dataset: "Dataset", is_new: np.ndarray, is_target: np.ndarray) -> Split:
    """Hide what new people, (n_users,) bool, rated of target films, (n_items,) bool; these alone are listed."""
    ratings = dataset.ratings
    hidden = split_ratings(name, dataset, is_new[ratings.user_idx] & is_target[ratings.item_idx])
    return Split(name, hidden.train, hidden.test, listed=is_target)


PROTOCOL = Protocol(
    summary="five; people whose ratings of action, adventure, science fiction and thrillers are hidden",
    rules="all ratings that a fifth of the people, drawn at random, gave films of action, adventure, science fiction "
    "and thriller without drama or romance are the test part, and all others the training part; those films alone are "
    "ranked",
    procedure="Of some people all ratings of action films, adventures, science fiction and thrillers were hidden, as "
    "if they had only ever watched others. Each model learned from the rest, and then had to guess the hidden stars "
    "and to list films of those kinds for them.",
    splits=splits,
    whose="people who are new to films of a kind",
    listed="Lists hold films of action, adventure, science fiction and thriller alone, and no drama or romance.",
)
