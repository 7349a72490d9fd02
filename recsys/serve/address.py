"""Where the page is served, as the environment has it: checked before Gradio reads the same variables at its import."""

import os
import re
import socket
from collections.abc import Mapping, MutableMapping
from urllib.parse import urlsplit

from recsys.errors import DataError

HOST_VARIABLE, PORT_VARIABLE = "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT"  # as Gradio itself calls them
ROOT_VARIABLE = "GRADIO_ROOT_PATH"
NUMBERS = ("GRADIO_NUM_PORTS", "GRADIO_ANALYTICS_MAX_EVENTS", "GRADIO_ANALYTICS_CACHE_FREQUENCY")  # Gradio's others
HOST = "127.0.0.1"  # of this machine alone, unless somebody says otherwise
FIRST_PORT, N_PORTS = 7860, 100
SPACE_VARIABLE = "SPACE_ID"  # is set on a Space
BACKLOG = 1024  # connections that wait to be taken
PATH = re.compile(r"(/[\w.~-]+)*", re.ASCII)


def check_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take out variables that are empty, and write the path as Gradio expects it.

    Raises:
        DataError: a variable has what cannot be meant.
    """
    for name in (HOST_VARIABLE, PORT_VARIABLE, ROOT_VARIABLE, *NUMBERS):
        value = environment.pop(name, "").strip()
        if value:
            environment[name] = value
    port = environment.get(PORT_VARIABLE)
    if port is not None and not is_port(port):
        raise DataError(f"{PORT_VARIABLE}: got {port!r}; expected a port, such as {FIRST_PORT}.")
    for name in NUMBERS:
        if not re.fullmatch("[0-9]{1,9}", environment.get(name, "1")):
            raise DataError(f"{name}: got {environment[name]!r}; expected a whole number, or nothing.")
    if (root := environment.pop(ROOT_VARIABLE, None)) is not None and (checked := checked_root(root)):
        environment[ROOT_VARIABLE] = checked


def checked_root(said: str) -> str:
    """The path under which a proxy has the page, or the whole address, without a slash at its end.

    >>> checked_root("films/"), checked_root("https://example.com/films/"), checked_root("/")
    ('/films', 'https://example.com/films', '')

    Raises:
        DataError: it is none.
    """
    is_address = "://" in said
    try:
        parts = urlsplit(said if is_address else f"/{said.strip('/')}")
        is_right = bool(parts.netloc) and parts.scheme in ("http", "https") if is_address else not parts.netloc
    except ValueError:
        is_right = False
    if not is_right or parts.query or parts.fragment or not PATH.fullmatch(parts.path.rstrip("/")):
        raise DataError(
            f"{ROOT_VARIABLE}: got {said!r}; expected a path, such as /films, or https://example.com/films."
        )
    return parts.geturl().rstrip("/")


def root_path(environment: Mapping[str, str] = os.environ) -> str:
    """The path under which browsers see the page; "" where it is by itself."""
    return urlsplit(environment.get(ROOT_VARIABLE, "")).path.rstrip("/")


def is_port(said: str) -> bool:
    """Whether a text is the number of a port."""
    return said.isascii() and said.isdecimal() and len(said) < 6 and int(said) < 2**16


def listening(host: str | None, port: str | None) -> socket.socket:
    """A socket that listens: on the port that is asked for, else on the first that is free; no host is this machine.

    Raises:
        DataError: there is none.
    """
    host = (host or "").strip() or HOST
    if port and not is_port(port):
        raise DataError(f"{PORT_VARIABLE}: got {port!r}; expected a port, such as {FIRST_PORT}.")
    reason: OSError | None = None
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in [int(port)] if port else range(FIRST_PORT, FIRST_PORT + N_PORTS):
        try:
            return socket.create_server((host, number), family=family, backlog=BACKLOG)
        except (OSError, UnicodeError) as error:
            reason = error if isinstance(error, OSError) else OSError("no name of a machine")
    ports = port or f"{FIRST_PORT} to {FIRST_PORT + N_PORTS - 1}"
    raise DataError(f"cannot listen on {host}, port {ports} ({reason}); set {HOST_VARIABLE} and {PORT_VARIABLE}.")


def shown(listener: socket.socket) -> str:
    """The address at which a person at this machine finds what listens."""
    host, port = listener.getsockname()[:2]
    name = "localhost" if host in (HOST, "0.0.0.0", "::", "::1") else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
