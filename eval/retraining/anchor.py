"""What a model does for people of the data set without anybody's ratings beside it: the same in every round.

So it is worked out once for each data set and each way to fit, and kept beside the versions. It is owed to the data set
alone. It stays while this program and the libraries below it change: models that a newer one makes are compared with
what the first one made, unless other things are asked of them by then. Legend: U users of the data set.
"""

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.measures.per_user import PerUser
from eval.measures.ratios import ratio_of
from eval.retraining.gate import METRICS, Rival
from eval.retraining.order import Order
from eval.retraining.trial import Trial, measured, stand_in
from recsys.data.movielens import Dataset
from recsys.progress import OnProgress
from recsys.versions.writing import locked, replace_file

NOBODYS = "the same model without anybody's ratings"
FIRST = "the first model without anybody's ratings"
FOLDER = "anchors"
KEY = "key"  # beside the names of values per user
MEASURED_AS = 1  # raised where a figure of the gate comes to mean something else


@dataclass(frozen=True, eq=False)
class Anchor:
    """Whom every version of a registry is compared with, for people of the data set.

    Attributes:
        base: the data set.
        folder: of the registry.
    """

    base: Dataset
    folder: Path

    def measured(self, beside: Rival, trial: Trial, order: Order, on_progress: OnProgress) -> Rival:
        """What the model of an order does; fitted only if that is not kept, or if something else is asked by now.

        Args:
            beside: who is measured with it, and was asked the same.
            trial: what is asked.
            order: what is made.
            on_progress: told of epochs.
        """
        own = trial.of_base(self.base)
        values = self.kept(own, order)
        if values is None or not were_asked_the_same(values, beside.per_user):
            model = stand_in(order.model, own.learned(), own, on_progress)
            values = self.keep(own, order, measured(order.model, model, own))
        return Rival(name=FIRST, per_user=values, trial=own)

    def unlike(self, today: Rival, order: Order) -> Rival | None:
        """The anchor, beside the same model as this program makes it; None: that is no other.

        Args:
            today: what the model of an order does for everybody that has learned from the data set alone.
            order: what is made.
        """
        own = today.trial.of_base(self.base)
        fresh = {name: values[: own.whole.ratings.n_users] for name, values in today.per_user.items()}
        values = self.kept(own, order)
        if values is None or not were_asked_the_same(values, fresh):
            values = self.keep(own, order, fresh)
        is_same = all(name in fresh and np.array_equal(each, fresh[name]) for name, each in values.items())
        return None if is_same else Rival(name=FIRST, per_user=values, trial=own)

    def kept(self, own: Trial, order: Order) -> PerUser | None:
        """The anchor's values; None if there are none."""
        key = key_of(own, order)
        return kept(self.place(order, key), key, own.whole.ratings.n_users)

    def place(self, order: Order, key: bytes) -> Path:
        """Where the anchor of a model is kept, of one data set and one way to fit."""
        return self.folder / FOLDER / f"{order.model}-{key.hex()[:12]}.npz"

    def is_kept(self, order: Order) -> bool:
        """Whether there is any of a model."""
        return any((self.folder / FOLDER).glob(f"{order.model}-{'?' * 12}.npz"))

    def keep(self, own: Trial, order: Order, values: PerUser) -> PerUser:
        """Keep what the gate asks for of values, in place of those of before; these."""
        key, content, chosen = key_of(own, order), io.BytesIO(), needed(values)
        place, with_key = self.place(order, key), {KEY: np.frombuffer(key, dtype=np.uint8)}
        np.savez_compressed(content, **with_key, **chosen)  # type: ignore[arg-type]  # its stub means its options
        with locked(self.folder):
            place.parent.mkdir(exist_ok=True)
            replace_file(place, content.getvalue())
        return chosen


def kept(place: Path, key: bytes, n_users: int) -> PerUser | None:
    """The values that were kept under a key, (U,) each; None if there are none, or the file holds something else."""
    try:
        with np.load(io.BytesIO(place.read_bytes()), allow_pickle=False) as file:
            values = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
    came = values.pop(KEY, np.zeros(0, dtype=np.uint8))
    is_whole = all(each.shape == (n_users,) and np.isfinite(each).all() for each in values.values())
    return values if came.tobytes() == key and is_whole else None


def needed(values: PerUser) -> PerUser:
    """Those that the gate asks for."""
    names = {"n_relevant", *(name for metric in METRICS for name in (ratio_of(metric).values, ratio_of(metric).per))}
    return {name: each for name, each in values.items() if name in names}


def were_asked_the_same(values: PerUser, others: PerUser) -> bool:
    """Whether as much was asked of each user, so that figures of both can be compared; others: of more users maybe."""
    names = values.keys() & others.keys() & {"n_relevant", *(ratio_of(metric).per for metric in METRICS)}
    return all(np.array_equal(values[name], others[name][: len(values[name])]) for name in names)


def key_of(own: Trial, order: Order) -> bytes:
    """All on which the values depend, as a digest."""
    ratings, digest = own.whole.ratings, hashlib.sha256()
    for part in (ratings.user_idx, ratings.item_idx, ratings.stars, ratings.timestamp, ratings.item_ids, own.held_out):
        digest.update(np.ascontiguousarray(part).data)
    settings = (order.model, ratings.scale, own.settings, own.epsilon)
    digest.update(repr((settings, own.whole.films_sha256, MEASURED_AS)).encode())
    return digest.digest()
