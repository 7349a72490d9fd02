"""What can go wrong with what people keep here, in one sentence each, fit to be shown to the person who meets it."""

from datetime import timedelta

from recsys.errors import DataError

OUT_OF_REACH = "Accounts cannot be reached: try again in a moment."
UNKNOWN = "Accounts do not answer, and whether this was kept is not known: look again in a moment."


class StoreError(DataError):
    """What a person asked for was refused, and nothing was changed."""


class UnavailableError(StoreError):
    """The database cannot be reached, read or written.

    The sentence is for everybody, strangers too, so it tells nothing of the database; a traceback shows the rest.

    Attributes:
        about: for who runs it: place without its password, what happened, how to mend it.
    """

    def __init__(self, place: str, reason: str, fix: str, *, sentence: str = OUT_OF_REACH):
        super().__init__(sentence)
        self.about = f"{place}: {reason}; {fix}"
        self.add_note(self.about)


class OutcomeUnknownError(UnavailableError):
    """The database fell silent while it was saving, so that it may have saved, or not."""

    def __init__(self, place: str, reason: str, fix: str):
        super().__init__(place, reason, fix, sentence=UNKNOWN)


class TurnLostError(StoreError):
    """The lock that lets one process at a time be at some work is not held any more."""

    def __init__(self, place: str):
        super().__init__(
            f"{place}: the lock that lets one process at a time be at this was lost, and another may be at it; look "
            "whether the database, or a pooler before it, ends transactions that are idle, and run again"
        )


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
