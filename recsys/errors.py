"""The error for data that a person supplied, and its kinds."""


class DataError(ValueError):
    """Data that cannot be used: one sentence with the place, what came, what was expected and how to fix it."""


class UnknownError(DataError):
    """Something is named that is not there: a film, a genre, a period."""
