"""The one error for data that a person supplied."""


class DataError(ValueError):
    """Data that cannot be used: one sentence with the place, what came, what was expected and how to fix it."""
