"""Names that somebody chose, of a data set say, may hold any character; `shown` makes one fit for Markdown."""

import re

from recsys.results.text import one_line


def shown(text: object) -> str:
    """A name as Markdown that reads like it, whatever it holds.

    >>> shown("my *first* set | 1")
    'my &#42;first&#42; set &#124; 1'
    """
    return re.sub(r"[\\`*_\[\]<>|~$&#!]", lambda found: f"&#{ord(found[0])};", one_line(text))
