"""Who makes a request, as far as what one of them may take from the others is concerned."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from starlette.requests import HTTPConnection
from starlette.types import Scope

from recsys.serve.security.cookies import SESSION, owner

OF_ONE = 64  # bits of an IPv6 address that are the same for all addresses of one household


@dataclass(frozen=True)
class Visitor:
    """Somebody.

    Attributes:
        who: a digest of the cookie; the address, where there is none.
        address: where the request comes from, of IPv6 the network.
        is_member: whether there is a cookie of a session, which may be anything.
    """

    who: str
    address: str
    is_member: bool

    @classmethod
    def of(cls, scope: Scope) -> Self:
        """Who makes a request."""
        return cls.by(HTTPConnection(scope).cookies, (scope.get("client") or ("",))[0])

    @classmethod
    def by(cls, cookies: Mapping[str, str], host: str) -> Self:
        """Who comes with some cookies, from an address."""
        named, address = owner(cookies), network(host)
        return cls(digest(named) if named else address, address, bool(cookies.get(SESSION)))


def network(address: str) -> str:
    """What counts as one place: an IPv4 address, or the network that an IPv6 address lies in.

    >>> network("192.0.2.7"), network("2001:db8:1:2:3:4:5:6"), network("::ffff:192.0.2.7"), network("nowhere")
    ('192.0.2.7', '2001:db8:1:2::', '192.0.2.7', 'nowhere')
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found, OF_ONE), strict=False).network_address)


def digest(text: str) -> str:
    """What a text of any length is remembered by; nobody finds two with the same."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
