from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from recsys.versions.lineage import Fit, Lineage
from recsys.versions.registry import Registry
from tests.support.small_models import artifact_of, fitted, ratings

LINEAGE = Lineage(
    data_sha256="0a" * 32,
    n_people=40,
    n_ratings=812,
    read_at=datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC),
    fit=Fit(seed=7, epochs=3),
    metrics={"ndcg@10": 0.42},
    note="Of March.",
)


def made(seed: int = 0):
    """A small model that other seeds make otherwise."""
    train = ratings(seed)
    return artifact_of("popularity", fitted("popularity", train), train, dataset="films", dataset_sha256="0b" * 32)


@pytest.fixture
def registry(tmp_path):
    """An empty registry whose clock goes on by an hour with each look."""
    hours = count()
    return Registry(tmp_path / "versions", lambda: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=next(hours)))


@pytest.fixture
def three(registry):
    """Three versions, of which the first and then the third were promoted."""
    numbers = [registry.add(made(seed), LINEAGE).number for seed in range(3)]
    registry.promote(numbers[0])
    registry.promote(numbers[2])
    return registry
