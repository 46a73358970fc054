"""All addresses of a name with their lifetimes, from the operator's resolver. No content is requested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

import dns.exception
import dns.rcode
import dns.resolver

SECONDS = 5.0
MOST_ADDRESSES = 16


@dataclass(frozen=True)
class Answer:
    """Addresses of a name with their lifetime in seconds, aliases on the way, and the code of the answer."""

    code: str
    addresses: tuple[tuple[str, int], ...] = ()
    aliases: tuple[str, ...] = ()


type Lookup = Callable[[str], Answer]


def look_up(host: str, resolver: dns.resolver.Resolver | None = None) -> Answer:
    """Ask for A and AAAA. NXDOMAIN, SERVFAIL and a timeout are answers, not errors."""
    literal = host.strip("[]")
    try:
        return Answer("", ((str(ip_address(literal)), 0),))
    except ValueError:
        pass
    try:
        resolver = resolver or dns.resolver.Resolver()
    except dns.exception.DNSException:
        return Answer("SERVFAIL")
    found: dict[str, int] = {}
    aliases: dict[str, None] = {}
    code = "NOERROR"
    for kind in ("A", "AAAA"):
        try:
            answer = resolver.resolve(host, kind, lifetime=SECONDS, search=False)
        except dns.resolver.NXDOMAIN:
            return Answer("NXDOMAIN")
        except dns.resolver.NoAnswer:
            continue
        except dns.resolver.NoNameservers:
            code = "SERVFAIL"
            continue
        except dns.exception.DNSException:
            code = "TIMEOUT"
            continue
        lifetime = answer.rrset.ttl if answer.rrset is not None else 0
        found |= {str(one): lifetime for one in answer}
        aliases |= dict.fromkeys(str(one.name).rstrip(".") for one in answer.response.answer[1:])
    return Answer("NOERROR" if found else code, tuple(found.items())[:MOST_ADDRESSES], tuple(aliases)[:MOST_ADDRESSES])
