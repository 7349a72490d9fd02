"""What can go wrong with a registry of versions, in one sentence."""

from recsys.errors import DataError


class VersionError(DataError):
    """A registry, or a version of it, that cannot be used as was asked."""
