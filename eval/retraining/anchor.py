"""What a model does for people of the data set without anybody's ratings beside it: the same in every round.

So it is worked out once, and kept beside the versions until the data set, the settings or the code are others. It is
owed to the data set alone. Legend: U users of the data set.
"""

import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import recsys
from eval.measures.per_user import PerUser
from eval.measures.ratios import ratio_of
from eval.retraining.gate import METRICS, Rival
from eval.retraining.order import Order
from eval.retraining.trial import Trial, measured, stand_in
from recsys.artifacts.artifact import VERSIONS_OF, installed
from recsys.data.movielens import Dataset
from recsys.models import MODELS
from recsys.progress import OnProgress
from recsys.versions.writing import locked, replace_file

NOBODYS = "the same model without anybody's ratings"
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
        own, place = trial.of_base(self.base), self.folder / FOLDER / f"{order.model}.npz"
        key = key_of(own, order)
        values = kept(place, key, own.whole.ratings.n_users)
        if values is None:
            model = stand_in(order.model, own.learned(), own, on_progress)
            values = needed(measured(order.model, model, own))
            self.keep(place, {KEY: np.frombuffer(key, dtype=np.uint8), **values})
        return Rival(name=NOBODYS, per_user=values, trial=own)

    def keep(self, place: Path, values: PerUser) -> None:
        """Keep values in place of those of before."""
        content = io.BytesIO()
        np.savez_compressed(content, **values)  # type: ignore[arg-type]  # its stub takes them for its options
        with locked(self.folder):
            place.parent.mkdir(exist_ok=True)
            replace_file(place, content.getvalue())


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
    settings = (order.model, MODELS[order.model].config, ratings.scale, own.settings, own.epsilon)
    digest.update(repr((settings, own.whole.films_sha256, code(), installed(VERSIONS_OF))).encode())
    return digest.digest()


@cache
def code() -> str:
    """Digest of this program's code; its version stays the same between two releases."""
    digest = hashlib.sha256()
    for package in (Path(recsys.__file__).parent, Path(__file__).parents[1]):
        for path in sorted(package.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
