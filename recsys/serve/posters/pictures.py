"""What counts as a picture: its first bytes say which kind it is, whatever a host calls it."""

MOST_BYTES = 200 * 1024
SIGNS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def kind_of(content: bytes) -> str | None:
    """The media type of a JPEG, PNG or WebP; None of anything else, and of what is too large."""
    if len(content) > MOST_BYTES:
        return None
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in SIGNS.items() if content.startswith(sign)), None)
