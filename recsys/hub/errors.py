"""What can go wrong with the Hub, in one sentence each: the place, what came, what was expected and how to fix it."""

from typing import TYPE_CHECKING

from recsys.errors import DataError

if TYPE_CHECKING:
    from huggingface_hub.errors import HfHubHTTPError

TOKENS = "https://huggingface.co/settings/tokens"
SIGN_IN = f"run `hf auth login`, or set HF_TOKEN, with a token of {TOKENS}"
TOO_MANY_REQUESTS = 429
LONGEST = 200  # characters of somebody else's message


class HubError(DataError):
    """A model that could not be pushed or pulled."""


class UnreachableError(HubError):
    """The Hub gives no answer: there is no network, or it is in trouble itself."""

    def __init__(self, what: str, reason: str):
        super().__init__(f"{what}: the Hub could not be reached ({reason}); check the network, or try again later")
        self.reason = reason


class RepositoryMissingError(HubError):
    """There is no such repository for whoever asks."""


class RevisionMissingError(HubError):
    """The repository has no such branch, tag or commit."""


class FileMissingError(HubError):
    """The revision has no such file."""


def as_hub_error(failure: BaseException, what: str) -> HubError:
    """A failure of the Hub's client as a sentence.

    Args:
        failure: what the client raised; often one exception wraps another that says more.
        what: repository and revision that it was about.
    """
    from huggingface_hub import errors

    match failure:
        case errors.HfHubHTTPError():
            return refused(failure, what)
        case errors.OfflineModeIsEnabled():
            return UnreachableError(what, "HF_HUB_OFFLINE is set")
        case errors.HTTPError() | ConnectionError() | TimeoutError():
            return UnreachableError(what, one_line(failure))
        case errors.LocalEntryNotFoundError() | RuntimeError() if failure.__cause__:
            return as_hub_error(failure.__cause__, what)
        case OSError() if is_cut_short(failure):
            return HubError(f"{what}: a download broke off before its end; check the network and run again")
        case OSError():
            return HubError(f"{what}: {on_disk(failure)}")
    return HubError(
        f"{what}: the Hub's client gave up ({type(failure).__name__}: {one_line(failure)}); run again, and if that "
        "does not help, update huggingface_hub"
    )


def refused(failure: "HfHubHTTPError", what: str) -> HubError:
    """An answer of the Hub that is not what was asked for."""
    from huggingface_hub import errors

    status = failure.response.status_code
    if is_overloaded(status):
        return UnreachableError(what, f"it answered {status} {failure.response.reason_phrase}".rstrip())
    match failure:
        case errors.RevisionNotFoundError():
            return RevisionMissingError(
                f"{what}: the repository has no such branch, tag or commit; check the part behind the @"
            )
        case errors.RemoteEntryNotFoundError():
            return FileMissingError(f"{what}: the file is not there; check what was pushed")
        case errors.GatedRepoError():
            return HubError(f"{what}: access must be asked for, on the repository's page; do that, and {SIGN_IN}")
        case errors.RepositoryNotFoundError():
            return RepositoryMissingError(
                f"{what}: not found, or not yours to read; check the spelling, or {SIGN_IN} that may read it"
            )
    return HubError(f"{what}: {reason_of(status, failure.response.request.method)} ({one_line(failure)})")


def reason_of(status: int, method: str) -> str:
    """What a status means here, and what to do about it."""
    right = "read" if method in ("GET", "HEAD") else "write"
    match status:
        case 401:
            return f"the Hub does not know the token; {SIGN_IN}"
        case 403:
            return f"the token lacks the right to {right} there; {SIGN_IN} that may, or name a repository of your own"
        case 409 | 412:
            return "somebody else changed the repository meanwhile; run again"
    return f"the Hub refused with status {status}"


def on_disk(failure: OSError) -> str:
    """Which file could not be read or written, why, and what to do about it."""
    place = f"{failure.filename}: " if failure.filename else ""
    return f"{place}{failure.strerror or one_line(failure)}; make room, or use a folder that can be written"


def is_passing(failure: Exception) -> bool:
    """Whether another try may mend it, and the client has not made one already."""
    from huggingface_hub.errors import HfHubHTTPError

    if isinstance(failure, HfHubHTTPError):
        return is_overloaded(failure.response.status_code)
    return is_cut_short(failure)


def is_overloaded(status: int) -> bool:
    """Whether a status says that the Hub is in trouble, rather than the question."""
    return status >= 500 or status == TOO_MANY_REQUESTS


def is_cut_short(failure: BaseException) -> bool:
    """Whether fewer bytes came than were announced: the client has no exception of its own for that."""
    return type(failure) is OSError and failure.errno is None


def one_line(failure: BaseException) -> str:
    """The beginning of the Hub's own words, else of the message, or the name if there is none."""
    words = getattr(failure, "server_message", None) or str(failure)
    return " ".join(words.split())[:LONGEST] or type(failure).__name__
