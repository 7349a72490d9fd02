"""Text from files for people: names of any characters in one line, and commands without what nobody need know."""

import shlex
from pathlib import PurePath

MISSING = "–"  # where there is no figure


def one_line(text: object) -> str:
    """A name without line breaks and without what cannot be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())


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
