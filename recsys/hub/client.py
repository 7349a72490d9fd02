"""How the Hub is asked: where it is, as whom, and once more where that can help."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from recsys import __version__
from recsys.hub.errors import HubError, as_hub_error, is_passing
from recsys.hub.references import COMMIT, Reference

if TYPE_CHECKING:
    from huggingface_hub import HfApi, ModelInfo

TIMEOUT = 10.0  # seconds to wait for an answer, before the cache is looked into
WAITS = (0.5, 1.0)  # seconds before the second and the third try

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Hub:
    """Where the Hub is, who asks and where downloads are kept. None: as huggingface_hub is set up.

    Attributes:
        endpoint: its address; None: HF_ENDPOINT, or the public one.
        token: of whoever asks; None: HF_TOKEN, or what `hf auth login` has stored; False: nobody.
        cache: folder for downloads; None: HF_HUB_CACHE, or a folder of the user's.
    """

    endpoint: str | None = None
    token: str | Literal[False] | None = None
    cache: Path | None = None

    def client(self) -> "HfApi":
        """What speaks to it."""
        from huggingface_hub import HfApi

        return HfApi(self.endpoint, self.token, library_name="movie-vae", library_version=__version__)

    def require_token(self) -> None:
        """Raise HubError if nobody is signed in."""
        from huggingface_hub import get_token

        from recsys.hub.errors import SIGN_IN

        if not (get_token() if self.token is None else self.token):
            raise HubError(f"a push needs a token, and there is none; {SIGN_IN} that may write")


AS_SET_UP = Hub()


def ask(what: object, work: Callable[[], Answer], waits: tuple[float, ...] = WAITS) -> Answer:
    """Let the client work, and once more after a failure that may pass.

    Args:
        what: repository and revision that it is about.
        work: calls of the client, which may be repeated.
        waits: seconds before every further try.

    Raises:
        HubError: what the client raised, as a sentence.
    """
    try:
        return work()
    except Exception as failure:  # the client raises its own exceptions, httpx2's, the system's and those of hf_xet
        if not waits or not is_passing(failure):
            raise as_hub_error(failure, str(what)) from failure
    time.sleep(waits[0])
    return ask(what, work, waits[1:])


def look_up(client: "HfApi", wanted: Reference) -> "ModelInfo":
    """Commit, files and sizes of a revision, as the Hub knows them now; HubError if it has none or cannot be asked."""
    info = ask(
        wanted,
        lambda: client.model_info(wanted.repo, revision=wanted.revision, files_metadata=True, timeout=TIMEOUT),
    )
    if not COMMIT.fullmatch(info.sha or ""):
        raise HubError(f"{wanted}: got {info.sha!r} for a commit; {client.endpoint} is not a Hub, check HF_ENDPOINT")
    return info
