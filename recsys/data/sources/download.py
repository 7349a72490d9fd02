"""One file from the network: with progress, a checksum and a second try where that can help."""

from pathlib import Path
from typing import TYPE_CHECKING

from recsys.errors import DataError
from recsys.progress import OnProgress, silent

if TYPE_CHECKING:
    from requests.exceptions import HTTPError

CHUNK = 1 << 16  # bytes between two reports of progress


class _Passing(Exception):  # noqa: N818
    """A failure that another try may mend."""


def download(
    url: str, to: Path, *, md5: str | None, timeout: float = 10.0, tries: int = 3, on_progress: OnProgress = silent
) -> None:
    """Fetch a file and check it.

    Args:
        url: what to fetch.
        to: where to write it.
        md5: its expected digest; None: it has no fixed one.
        timeout: seconds to wait for a connection, and then for each piece.
        tries: how often to try when the body is cut short, the digest differs or the server reports its own error.
            A host that cannot be reached is tried once.
        on_progress: called with ("download", bytes so far, bytes in all).

    Raises:
        DataError: the reason why it could not be had.
    """
    reason = ""
    for _ in range(tries):
        try:
            _transfer(url, to, timeout, on_progress)
            return _check_md5(to, md5)
        except _Passing as failure:
            reason = str(failure)
    raise DataError(f"{reason} ({tries} tries)")


def _transfer(url: str, to: Path, timeout: float, on_progress: OnProgress) -> None:
    import pooch
    from requests import exceptions

    fetch = pooch.HTTPDownloader(progressbar=_Bar(on_progress), chunk_size=CHUNK, timeout=timeout)
    try:
        fetch(url, str(to), None)
    except exceptions.HTTPError as error:
        raise _refusal(error) from None
    except (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError):
        raise _Passing(f"the download broke off after {to.stat().st_size:,} bytes") from None
    except exceptions.ConnectionError as error:
        if isinstance(error, exceptions.Timeout) or _falls_silent(error):
            raise DataError(f"no answer within {timeout:g} seconds") from None
        raise DataError("no network, or the host cannot be reached") from None
    except exceptions.Timeout:
        raise DataError(f"no answer within {timeout:g} seconds") from None
    except exceptions.RequestException as error:
        raise DataError(f"the request failed: {error}") from None


def _falls_silent(error: Exception) -> bool:
    """Whether a server stopped in the middle of its answer, which requests calls a lost connection."""
    return any(type(reason).__name__ == "ReadTimeoutError" for reason in error.args)  # of urllib3, below requests


def _refusal(error: "HTTPError") -> Exception:
    response = error.response
    assert response is not None  # an HTTPError is raised for a status
    said = f"the server answered {response.status_code} {response.reason}"
    return _Passing(said) if response.status_code >= 500 else DataError(said)


def _check_md5(path: Path, expected: str | None) -> None:
    import pooch

    if expected is None:
        return
    came = pooch.file_hash(str(path), alg="md5")
    if came != expected:
        raise _Passing(f"{path.name} is not the published archive: got md5 {came}, expected {expected}")


class _Bar:
    """What pooch expects of a progress bar, handing on to an OnProgress."""

    def __init__(self, on_progress: OnProgress):
        self.on_progress = on_progress
        self.done = 0
        self.total = 0  # set by pooch; 0 where the server does not say

    def update(self, n_bytes: int) -> None:
        """Count some more bytes."""
        self.done += n_bytes  # pooch counts the last chunk as full
        self.done = min(self.done, self.total or self.done)
        self.on_progress("download", self.done, self.total or None)

    def reset(self) -> None:
        """Make room for the last update, by which pooch reports the total."""
        self.done = 0 if self.total else self.done

    def close(self) -> None:
        """Nothing is open."""
