"""How ratings are divided into training and test: a file for every protocol, which `PROTOCOL` in it describes.

A file is all that a new one takes: `new_users.py` is `--protocol new-users`.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from recsys.errors import DataError

if TYPE_CHECKING:
    from eval.protocols.protocol import Protocol
    from recsys.data.movielens import Dataset
    from recsys.split import Split

DEFAULT = "folds"
PROTOCOL_NAMES = sorted(
    (
        module.name.replace("_", "-")
        for module in iter_modules([str(Path(__file__).parent)])
        if module.name != "protocol"
    ),
    key=lambda name: (name != DEFAULT, name),
)


def protocol_called(name: str) -> "Protocol":
    """The protocol of one of PROTOCOL_NAMES."""
    found: Protocol = import_module(f"eval.protocols.{name.replace('-', '_')}").PROTOCOL
    return found


def make_splits(dataset: "Dataset", protocol: str, names: Sequence[str] | None, seed: int) -> "list[Split]":
    """The splits of a protocol.

    Args:
        dataset: what to divide.
        protocol: one of PROTOCOL_NAMES.
        seed: of what the protocol draws.
        names: which splits, in this order; None for the first; "all" among them for all.

    Raises:
        DataError: the protocol has no split of a given name (the message lists those it has), or needs other data.
    """
    makers = protocol_called(protocol).splits(dataset, seed)
    if names is None:
        chosen = list(makers)[:1]
    else:
        chosen = list(makers) if "all" in names else list(dict.fromkeys(names))
    unknown = [name for name in chosen if name not in makers]
    if unknown:
        raise DataError(
            f"unknown split {', '.join(map(repr, unknown))}; "
            f"{protocol} on {dataset.name} has {', '.join(makers)}, or all"
        )
    return [makers[name]() for name in chosen]
