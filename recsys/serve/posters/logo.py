"""TMDB's logo, which its terms ask for and which is not ours to give away: a file of the operator's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recsys.errors import DataError
from recsys.serve.posters.pictures import kind_of

LOGO_VARIABLE = "TMDB_LOGO"
MOST_BYTES = 50_000
SVG = "image/svg+xml"


@dataclass(frozen=True)
class Logo:
    """A picture.

    Attributes:
        content: its bytes.
        kind: its media type.
    """

    content: bytes
    kind: str


def logo_in(environment: Mapping[str, str]) -> Logo | None:
    """The logo that an operator has fetched; None where none is named.

    Raises:
        DataError: the file cannot be read, is too large or no picture.
    """
    name = environment.get(LOGO_VARIABLE, "").strip()
    if not name:
        return None
    try:
        with Path(name).expanduser().open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as reason:
        raise DataError(f"{LOGO_VARIABLE}: {name} cannot be read ({type(reason).__name__}); name a file.") from None
    kind = SVG if is_svg(content) else kind_of(content)
    if kind is None or len(content) > MOST_BYTES:
        raise DataError(
            f"{LOGO_VARIABLE}: {name} is no SVG, PNG, JPEG or WebP of at most {MOST_BYTES:,} bytes; take one from "
            "https://www.themoviedb.org/about/logos-attribution."
        )
    return Logo(content, kind)


def is_svg(content: bytes) -> bool:
    """Whether a file is a drawing in XML."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith((b"<svg", b"<?xml", b"<!--")) and b"<svg" in content
