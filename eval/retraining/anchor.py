"""What a model does for people of the data set without anybody's ratings beside it: the same in every round.

So it is worked out once, and kept beside the versions until the data set, the settings or how models are measured are
others. It is owed to the data set alone. It stays while this program and the libraries below it change: models that a
newer one makes are compared with what the first one made. Legend: U users of the data set.
"""

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from eval.measures import per_user
from eval.measures.per_user import PerUser
from eval.measures.ratios import ratio_of
from eval.protocols import random
from eval.retraining.gate import METRICS, Rival
from eval.retraining.order import Order
from eval.retraining.trial import Trial, measured, stand_in
from recsys.data.movielens import Dataset
from recsys.progress import OnProgress
from recsys.versions.writing import locked, replace_file

NOBODYS = "the same model without anybody's ratings"
FIRST = f"{NOBODYS} when it was first measured"
FOLDER = "anchors"
KEY = "key"  # beside the names of values per user


@dataclass(frozen=True, eq=False)
class Anchor:
    """Whom every version of a registry is compared with, for people of the data set.

    Attributes:
        base: the data set.
        folder: of the registry.
    """

    base: Dataset
    folder: Path

    def measured(self, trial: Trial, order: Order, on_progress: OnProgress) -> Rival:
        """What the model of an order does; fitted only if that is not kept."""
        own = trial.of_base(self.base)
        values = self.kept(own, order)
        if values is None:
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
        if values is None:
            values = self.keep(own, order, fresh)
        is_same = all(name in fresh and np.array_equal(each, fresh[name]) for name, each in values.items())
        return None if is_same else Rival(name=FIRST, per_user=values, trial=own)

    def kept(self, own: Trial, order: Order) -> PerUser | None:
        """The anchor's values; None if there are none."""
        return kept(self.place(order), key_of(own, order), own.whole.ratings.n_users)

    def place(self, order: Order) -> Path:
        """Where the anchor of a model is kept."""
        return self.folder / FOLDER / f"{order.model}.npz"

    def keep(self, own: Trial, order: Order, values: PerUser) -> PerUser:
        """Keep what the gate asks for of values, in place of those of before; these."""
        content, place, chosen = io.BytesIO(), self.place(order), needed(values)
        key = np.frombuffer(key_of(own, order), dtype=np.uint8)
        np.savez_compressed(content, **{KEY: key}, **chosen)  # type: ignore[arg-type]  # its stub means its options
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


def key_of(own: Trial, order: Order) -> bytes:
    """All on which the values depend, as a digest."""
    ratings, digest = own.whole.ratings, hashlib.sha256()
    for part in (ratings.user_idx, ratings.item_idx, ratings.stars, ratings.timestamp, ratings.item_ids, own.held_out):
        digest.update(np.ascontiguousarray(part).data)
    settings = (order.model, ratings.scale, own.settings, own.epsilon)
    digest.update(repr((settings, own.whole.films_sha256, measuring())).encode())
    return digest.digest()


@cache
def measuring() -> str:
    """Digest of the code that says what is asked and what figures mean: by another, others would come out."""
    digest = hashlib.sha256()
    for path in (*sorted(Path(per_user.__file__).parent.rglob("*.py")), Path(random.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
