"""Names that somebody chose, of a data set say, may hold any character.

`one_line` makes one fit for YAML, `shown` for Markdown; `public` takes out of a command what nobody need know.
"""

import re
import shlex
from pathlib import PurePath

MISSING = "–"


def one_line(text: object) -> str:
    """A name without line breaks and without what cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())


def shown(text: object) -> str:
    """A name as Markdown that reads like it, whatever it holds.

    >>> shown("my *first* set | 1")
    'my &#42;first&#42; set &#124; 1'
    """
    return re.sub(r"[\\`*_\[\]<>|~$&#!]", lambda found: f"&#{ord(found[0])};", one_line(text))


def public(command: str) -> str:
    """A command without the folders of whoever typed it: they change no figure.

    >>> public("python -m eval.run --dataset /home/jo/films --seed 1 --out='/home/jo/a run'")
    'python -m eval.run --dataset films --seed 1'
    """
    try:
        typed = shlex.split(command)
    except ValueError:  # nobody's shell took this
        return MISSING
    words = [part for word in typed for part in (word.split("=", 1) if word.startswith("--") else [word])]
    kept = [
        PurePath(word).name if before == "--dataset" else word
        for before, word in zip(["", *words], words, strict=False)
        if not {before, word} & {"--out", "--cache"}
    ]
    return one_line(shlex.join(kept))
