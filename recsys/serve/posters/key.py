"""The operator's key at TMDB, which leaves this process for TMDB alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from recsys.errors import DataError

KEY_VARIABLE = "TMDB_API_KEY"
V3 = re.compile(r"[0-9A-Fa-f]{32}")
V4 = re.compile(r"[\w-]{4,}(\.[\w-]{4,}){2}", re.ASCII)  # three parts: a JSON Web Token


@dataclass(frozen=True)
class Key:
    """A key; no text that is made of it shows it.

    Attributes:
        query: what it adds to an address: a v3 key is told there.
        headers: what it adds to a request: a v4 token is told there.
    """

    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, text: str) -> Self:
        """A v3 key or a v4 read token; DataError if it is neither, which does not repeat it."""
        if V3.fullmatch(text):
            return cls(query={"api_key": text})
        if V4.fullmatch(text):
            return cls(headers={"Authorization": f"Bearer {text}"})
        raise DataError(
            f"{KEY_VARIABLE} has {len(text):,} characters that are no key of TMDB's; expected its API key (32 digits "
            "and letters up to f) or its API read access token (three parts with dots between them): copy either from "
            "https://www.themoviedb.org/settings/api, or leave the variable empty."
        )


def key_in(environment: Mapping[str, str]) -> Key | None:
    """The key that an operator has set; None where there is none."""
    text = environment.get(KEY_VARIABLE, "").strip()
    return Key.of(text) if text else None
