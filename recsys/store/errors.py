"""What can go wrong with what people keep here, in one sentence each, fit to be shown to the person who meets it."""

from datetime import timedelta

from recsys.data.errors import DataError


class StoreError(DataError):
    """What a person asked for was refused, and nothing was changed."""


class UnavailableError(StoreError):
    """The database cannot be reached, read or written; `place` is what it is called, without its password."""

    def __init__(self, place: str, reason: str, fix: str):
        super().__init__(f"{place}: {reason}; {fix}")
        self.place = place


class SignedOutError(StoreError):
    """The session has ended, or its account is gone."""

    def __init__(self) -> None:
        super().__init__("you are signed out, and nothing was read or changed; sign in again")


class TooManyAttemptsError(StoreError):
    """A name or an address has used up its attempts; `wait` is how long until the next."""

    def __init__(self, wait: timedelta):
        minutes = max(1, -(-wait // timedelta(minutes=1)))
        super().__init__(
            f"too many attempts; expected fewer, so wait {minutes} minute{'s' * (minutes != 1)} and try again"
        )
        self.wait = wait
