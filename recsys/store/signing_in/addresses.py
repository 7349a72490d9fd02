"""Where a request comes from, as far as that tells one visitor from another."""

import ipaddress
import re
from contextlib import suppress

PREFIX = 64  # bits of IPv6 that one household or one rented machine has to itself, so that it chooses the rest at will
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # the last 32 bits are an address of IPv4 (RFC 6052)
WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](?::\d{1,5})?|(?P<four>[\d.]+):\d{1,5}")  # as some proxies write it
LONGEST = 100  # characters that count of what is no address


def origin_of(address: str) -> str:
    """What counts as one origin: an address of IPv4, the /64 of one of IPv6, or the beginning of any other text.

    >>> origin_of("192.0.2.7"), origin_of("::ffff:192.0.2.7"), origin_of("2001:db8:1:2:3:4:5:6%eth0")
    ('192.0.2.7', '192.0.2.7', '2001:db8:1:2::/64')
    """
    text = address.strip()
    if (found := WITH_PORT.fullmatch(text)) is not None:
        text = found["six"] or found["four"] or ""
    with suppress(ValueError):
        return _of(ipaddress.ip_address(text.partition("%")[0]))
    return text[:LONGEST]


def _of(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if address in NAT64:
        return str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return str(ipaddress.ip_network((address, PREFIX), strict=False))
