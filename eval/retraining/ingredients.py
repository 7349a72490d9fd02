"""What a version is made of: a data set, and what the store has of consenting people at one moment."""

from dataclasses import dataclass
from datetime import datetime

from eval.retraining.limits import Limited, LimitsConfig, limited
from eval.retraining.order import Order
from eval.retraining.people import Matched, digest_of, film_keys, joined, matched
from eval.retraining.told import Tell
from recsys.data.movielens import Dataset
from recsys.models import create
from recsys.models.base import PrivateModel
from recsys.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Ingredients:
    """What a version is made of.

    Attributes:
        base: the data set.
        whole: with people's ratings.
        sha256: digest of that.
        people: whose ratings count, and how many count.
        read_at: when they were read.
    """

    base: Dataset
    whole: Dataset
    sha256: str
    people: Limited
    read_at: datetime


def is_private(name: str, dataset: Dataset) -> bool:
    """Whether a model hides every person; what counts of theirs must then depend on nobody else of the page."""
    return isinstance(create(name, dataset.ratings.scale), PrivateModel)


def ingredients(dataset: Dataset, store: Store, order: Order, tell: Tell) -> Ingredients:
    """What the store has at this moment, beside a data set."""
    keys = film_keys(dataset)
    consenting = store.consents.ratings(keys.label)
    found = matched(dataset, keys, consenting)
    hides_people = is_private(order.model, dataset)
    people = limited(dataset, found.given, order.limits, of_films=not hides_people)
    for line in (in_words(found, people, order.limits), what_is_left(people)):
        tell(line)
    whole = joined(dataset, people.given) if people.given.n_ratings else dataset
    return Ingredients(base=dataset, whole=whole, sha256=digest_of(whole), people=people, read_at=consenting.read_at)


def in_words(found: Matched, people: Limited, config: LimitsConfig) -> str:
    """What came, and what does not count, in a sentence."""
    left_out = {
        f"{found.n_unknown:,} of films that the data set does not have": found.n_unknown,
        f"{found.n_off_scale:,} that its scale does not have": found.n_off_scale,
        f"{people.n_hurried:,} beyond {config.most_per_day} a day": people.n_hurried,
        f"those of {people.n_few:,} people with fewer than {config.least_ratings}": people.n_few,
        f"those of {people.n_contrary:,} whose stars contradict everybody's": people.n_contrary,
        f"{people.n_pushed:,} beyond what is usual of a film": people.n_pushed,
    }
    told = ", ".join(words for words, number in left_out.items() if number)
    came = found.given.n_ratings + found.n_unknown + found.n_off_scale
    return f"Consenting people gave {came:,} ratings. Left out: {told or 'none'}."


def what_is_left(people: Limited) -> str:
    """Whose ratings count."""
    return f"{people.given.n_ratings:,} ratings of {people.given.n_people:,} people are added to the data set's."
