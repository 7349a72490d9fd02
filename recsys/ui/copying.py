"""What copies a list of films as plain text, or a link to it."""

from collections.abc import Iterable

from markupsafe import Markup


def copying(films: Iterable[tuple[str, str]]) -> Markup:
    """Two buttons below a list, which copy its titles and stars, "" for none; copying.js adds the address."""
    lines = (f"{number}. {title}  {stars}".rstrip() for number, (title, stars) in enumerate(films, 1))
    return Markup(
        '<div class="copying" data-text="{}"><button type="button" class="act" data-copy="list">Copy list</button>'
        '<button type="button" class="act" data-copy="link">Copy link</button></div>'
    ).format("\n".join(lines))
