"""Sentences for strangers."""

import re

PATH = re.compile(r"(?<![\w:/])/(?:[^\s,;:()]+/)+([^\s,;:()]+)")


def without_folders(sentence: str) -> str:
    """A sentence for strangers, who need not know where on the server a file lies.

    >>> without_folders("It was read from the cache, /home/me/.cache/films, in the folder runs/new.")
    'It was read from the cache, films, in the folder runs/new.'
    """
    return PATH.sub(r"\1", sentence)
