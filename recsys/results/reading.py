"""A results.json of eval.run: read, and taken only if it holds what the schema describes."""

import json
import reprlib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from recsys.errors import DataError
from recsys.results.schema import LIMITED, VERSION, Results
from recsys.results.text import one_line

LARGEST = 16 * 2**20  # bytes that can be shown; a run of all models on five splits writes 0.4 MB


def read_results(path: Path, *, limited: bool = True) -> Results:
    """What a results.json says.

    Args:
        path: of the file.
        limited: whether it has to keep within what can be shown; files that anybody may have put
            there must.

    Raises:
        DataError: it cannot be read, is too large, is of another version, lacks something, or was altered.
    """
    if limited:
        require_size(path)
    content = read_content(path)
    try:
        return Results.model_validate(content, context=LIMITED if limited else None)
    except ValidationError as error:
        raise DataError(f"{path}: {first_mistake(error)}; the file was altered, measure again.") from None


def require_size(path: Path) -> None:
    """Raise DataError for a file of more than LARGEST bytes."""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise DataError(
            f"{path}: has {path.stat().st_size / 2**20:.0f} MiB; expected the results.json of a run, of at most "
            f"{LARGEST / 2**20:.0f} MiB."
        )


def read_content(path: Path) -> dict[str, Any]:
    """The JSON of a file; DataError if it cannot be read, is of another version or lacks what every report has."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); expected the results.json of a run.") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON ({error}); expected the results.json of a run.") from None
    came = content.get("version") if isinstance(content, dict) else None
    if came != VERSION:
        raise DataError(
            f"{path}: got results of version {reprlib.repr(came)}, expected {VERSION}; measure again with the eval.run "
            "of this package."
        )
    required = [key for key, field in Results.model_fields.items() if field.is_required()]
    if missing := [key for key in required if key not in content]:
        raise DataError(f"{path}: {', '.join(missing)} is missing; the file was altered, measure again.")
    return content


def first_mistake(error: ValidationError) -> str:
    """Where the first mistake is, and what was expected there."""
    mistake = error.errors(include_url=False, include_input=False)[0]
    where = one_line(".".join(map(str, mistake["loc"])))[:80]
    what = one_line(mistake["msg"].removeprefix("Value error, "))[:200]
    return f"{where}: {what[0].lower()}{what[1:]}" if where else what
