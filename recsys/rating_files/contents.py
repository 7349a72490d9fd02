"""From a file's bytes to text: encodings, ZIP archives, and what is neither."""

import codecs
import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from recsys.errors import DataError

MOST_BYTES = 10_000_000  # of a file, and of each file inside an archive
ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")  # how a ZIP begins; the latter holds nothing
OTHERS = {  # how files begin that people may take for a table
    b"%PDF": "a PDF",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
}
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELETED = {"deleted", "orphaned"}  # folders of Letterboxd's archive with what no longer counts
SPREADSHEET = {"[Content_Types].xml", "content.xml"}  # inside an .xlsx or an .ods
UNPACKS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # which are unpacked piece by piece
EXPECTED = "expected CSV, JSON, or the ZIP of a Letterboxd or Trakt export"
JSON_EXPECTED = "expected the JSON export of this page or of Trakt: download it again, and do not edit it"


def check_size(content: bytes) -> None:
    """Refuse what is too large to be read, and what is empty.

    Raises:
        DataError: it is one of them.
    """
    if len(content) > MOST_BYTES:
        raise DataError(f"the file has {len(content):,} bytes; {_at_most()}.")
    if not content.strip():
        raise DataError(f"the file is empty; {EXPECTED}: save or export it again.")


def text_of(content: bytes, file: str = "the file") -> str:
    """Text in UTF-8, in UTF-16 with a byte order mark, or else in Windows-1252.

    Args:
        content: the bytes.
        file: what a message calls them.

    Raises:
        DataError: it is no text.
    """
    kind = next((kind for start, kind in OTHERS.items() if content.startswith(start)), None)
    if kind:
        raise DataError(f"{file} is {kind}; {EXPECTED}: save the table as CSV.")
    text = _decoded(content)
    if text is None or "\0" in text:
        raise DataError(f"{file} is not text; {EXPECTED}: save the table as CSV in UTF-8.")
    return text


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-16",) if content.startswith(WIDE) else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def json_of(text: str) -> Any:
    """The value that a text is in JSON.

    Raises:
        DataError: it is no JSON, or its numbers are too long or its lists too deep to be read.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"the file is damaged JSON: {error.msg} in line {error.lineno}; {JSON_EXPECTED}.") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists in lists
        raise DataError(f"the file is JSON with too many digits or levels; {JSON_EXPECTED}.") from None


def unpacked(content: bytes, wanted: Mapping[str, str]) -> dict[str, bytes]:
    """Some files of a ZIP archive, from its root or else from its one folder.

    Args:
        content: the archive.
        wanted: names of the files, without a folder -> name of one that takes the file's place where it is there too;
            "": none does.

    Returns:
        Name -> content, of those that are there.

    Raises:
        DataError: the archive holds none of them, is damaged or encrypted, or one of them is too large.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return {name: _read(archive, info) for name, info in _chosen(archive, wanted).items()}
    except DataError:
        raise
    except Exception:  # damage makes zipfile raise nearly everything
        raise DataError(f"the ZIP archive is damaged; {EXPECTED}: download it again.") from None


def _chosen(archive: zipfile.ZipFile, wanted: Mapping[str, str]) -> dict[str, zipfile.ZipInfo]:
    places = {PurePosixPath(info.filename.casefold()): info for info in archive.infolist()}
    folders = {place.parent for place in places if place.name in wanted and not DELETED & set(place.parts)}
    if not folders:
        names = set(archive.namelist())
        kind = "spreadsheet" if names & SPREADSHEET else "ZIP archive without a ratings.csv or watchlist.csv"
        raise DataError(f"the file is a {kind}; {EXPECTED}: save the table as CSV, or upload the export as it came.")
    folder = min(folders, key=lambda place: (len(place.parts), place))
    there = {name: places[folder / name] for name in wanted if folder / name in places}
    return {name: info for name, info in there.items() if wanted[name] not in there}


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.flag_bits & 1:
        raise DataError(f"the ZIP archive is encrypted; {EXPECTED}: unpack it and upload what is inside.")
    if info.compress_type not in UNPACKS:
        raise DataError(f"the ZIP archive is packed in a rare way; {EXPECTED}: unpack it and upload what is inside.")
    with archive.open(info) as inside:
        content = inside.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise DataError(f"the ZIP archive holds a file of more than {MOST_BYTES:,} bytes; {_at_most()}.")
    return content


def _at_most() -> str:
    return f"expected at most {MOST_BYTES:,}: split the table into several files"
