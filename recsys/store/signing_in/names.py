"""What a person may be called, and what may be a password. Texts come from anywhere, of any type and length."""

import unicodedata
from itertools import groupby

from recsys.store.errors import StoreError

SHORTEST_NAME, LONGEST_NAME = 2, 40  # characters
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128  # characters
LONGEST_TEXT = 1000  # characters; what is longer is refused before any work is done on it
MOST_ACCENTS = 3  # in a row; more would be drawn over the lines above and below
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters, marks and signs that show nothing
VARIATION_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_WORST = (
    "password password1 password12 password123 passw0rd p@ssw0rd p@ssword 12345678 123456789 1234567890 0123456789 "
    "87654321 987654321 9876543210 11223344 12341234 123123123 147258369 123qweasd 1q2w3e4r 1q2w3e4r5t 1qaz2wsx "
    "qwertyui qwertyuiop qwerty12 qwerty123 q1w2e3r4 asdfghjk asdfghjkl zxcvbnm1 abcd1234 abc12345 a1b2c3d4 aa123456 "
    "iloveyou iloveyou1 sunshine princess football baseball superman starwars trustno1 welcome1 letmein1 whatever "
    "computer internet michelle jennifer changeme administrator"
)
WORST_PASSWORDS = frozenset(_WORST.split())
_NAME = f"{SHORTEST_NAME} to {LONGEST_NAME} visible characters: letters, digits, signs, and single spaces between them"
_PASSWORD = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"


def shown_name(name: object) -> str:
    """A name as it is kept and shown: compatible forms of a letter as one (NFKC), spaces single.

    Raises:
        StoreError: not a text, too short or long, or with characters that cannot be seen or that turn the text around.
    """
    if not isinstance(name, str):
        raise StoreError(f"name: got a value of type {type(name).__name__}; expected {_NAME}")
    if len(name) > LONGEST_TEXT:
        raise StoreError(f"the name has {_characters(name)}; choose one of {_NAME}")
    shown = " ".join(filter(None, unicodedata.normalize("NFKC", name).split(" ")))
    hidden = [character for character in shown if not _is_visible(character) and character != " "]
    if hidden:
        raise StoreError(f"name: got the character U+{ord(hidden[0]):04X}; expected {_NAME}; leave it out")
    accents = [len([*run]) for is_accent, run in groupby(shown, _is_accent) if is_accent]
    if max(accents, default=0) > MOST_ACCENTS or _is_accent(shown[:1]):
        raise StoreError(f"name: got accents without a letter; expected at most {MOST_ACCENTS} behind a letter")
    n_letters = len(shown) - sum(accents) - shown.count(" ")
    if n_letters < SHORTEST_NAME or len(shown) > LONGEST_NAME:
        raise StoreError(f"the name has {_characters(shown)}; choose one of {_NAME}")
    return shown


def name_key(shown: str) -> str:
    """What names have in common that differ in upper and lower case only."""
    key = unicodedata.normalize("NFKC", shown.casefold())
    return key if key == shown else name_key(key)


def key_if_any(name: object) -> str:
    """The key of a name that somebody signs in with; "" if it can be nobody's."""
    try:
        return name_key(shown_name(name))
    except StoreError:
        return ""


def checked_password(password: object, key: str) -> bytes:
    """A password that somebody chose, in the form of `password_bytes`.

    Args:
        password: what was typed.
        key: name_key of who typed it.

    Raises:
        StoreError: not a text, too short or long, the name, or among the first that anyone would try.
    """
    if not isinstance(password, str):
        raise StoreError(f"password: got a value of type {type(password).__name__}; expected {_PASSWORD}")
    typed = password if len(password) > LONGEST_TEXT else unicodedata.normalize("NFC", password)
    if not SHORTEST_PASSWORD <= len(typed) <= LONGEST_PASSWORD:
        raise StoreError(f"the password has {_characters(typed)}; choose one of {_PASSWORD}")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in typed):
        raise StoreError("password: got a control character; expected characters that a keyboard can type")
    if name_key(typed) == key:
        raise StoreError("the password is the name; choose another, such as four random words")
    if typed.casefold() in WORST_PASSWORDS or len(set(typed)) == 1:
        raise StoreError(
            "this password is one of the first that others would try; choose another, such as four random words"
        )
    return password_bytes(typed)


def password_bytes(password: object) -> bytes:
    """What is compared of a password, however its accents were typed; of what can be none, nothing."""
    if not isinstance(password, str) or len(password) > LONGEST_TEXT:
        return b""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _is_visible(character: str) -> bool:
    """Whether it shows, and nothing but itself."""
    if character in INVISIBLE or any(ord(character) in selectors for selectors in VARIATION_SELECTORS):
        return False
    return unicodedata.category(character)[0] in "LMNPS"


def _is_accent(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] == "M"


def _characters(text: str) -> str:
    """How long a text is."""
    return f"{len(text)} character{'s' * (len(text) != 1)}"
