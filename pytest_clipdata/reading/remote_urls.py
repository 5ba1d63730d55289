"""URLs in cells: which may be fetched, and how they are shown. Nothing here contacts anybody.

What a URL holds of secrets, user information and the query (of which a signature may be part), is shown nowhere.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from socket import inet_aton
from urllib.parse import unquote, urlsplit

SCHEMES = ("https", "s3", "gs", "hf")  #: what may be fetched
_URL = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+(?:://|::.*://)|data:[a-z]+/)", re.IGNORECASE | re.DOTALL)
#: Libraries disagree on what these mean in a URL, so that a host could be one to us and another to them.
_AMBIGUOUS = re.compile(r"[\x00-\x1f\x7f\\]")
_CHAINED = re.compile(r"[a-z][a-z0-9+.-]*::|.*::[a-z][a-z0-9+.-]*://", re.IGNORECASE | re.DOTALL)
_USER = re.compile(r"://[^/]*@")


def is_url(cell: str) -> bool:
    """Whether a cell is a URL, of whatever scheme, and no path."""
    return ":" in cell and _URL.match(cell) is not None


def without_secrets(url: str) -> str:
    """A URL without user information, query and fragment, also one that is badly formed."""
    return re.split(r"[?#]", _USER.sub("://", url), maxsplit=1)[0].strip()


def without_user(url: str) -> str:
    """A URL without user information."""
    return _USER.sub("://", url, count=1)


def place_of(url: str) -> str:
    """The scheme and host of a URL, as an entry of ``remote.hosts``. Raises ValueError for what is no URL."""
    parts = urlsplit(url.strip())
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"


def refusal(url: str, hosts: Collection[str]) -> str | None:
    """Why a URL is not fetched, in words that follow it; None if it may be.

    An entry of ``hosts`` is the name of an https host (with its port, if it is not 443), or the beginning of a URL:
    ``s3://bucket``, ``hf://datasets/owner/name``. Link-local addresses, where clouds give out credentials, are refused
    however they are written, and though they be named.
    """
    if _CHAINED.match(url.strip()):
        return "is remote and chains protocols, which is refused"
    if _AMBIGUOUS.search(url):
        return "is a URL that holds a control character or a backslash"
    try:
        parts = urlsplit(url.strip())
        place, host = place_of(url), (parts.hostname or "")
        path = unquote(unquote(parts.path))
    except ValueError:
        return "is no URL that can be read"
    if parts.scheme.lower() not in SCHEMES:
        return f"is remote, over {parts.scheme.lower()}: only {', '.join(SCHEMES[:-1])} and {SCHEMES[-1]} are read"
    if not host:
        return "is remote and names no host"
    if _is_link_local(host):
        return "is a link-local address, which is never contacted"
    if ".." in re.split(r"[/\\]", path):
        return "is remote and climbs out of a folder"
    if any(_names(entry.lower().rstrip("/"), place, place + path.lower()) for entry in hosts):
        return None
    named = place.removeprefix("https://")
    return f"is remote: remote.hosts does not name {named}"


def _names(entry: str, place: str, whole: str) -> bool:
    if "://" not in entry:
        return place == f"https://{entry}"
    return whole == entry or whole.startswith(entry + "/")


def _is_link_local(host: str) -> bool:
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:  # 2852039166, 0xa9fea9fe and 169.254.43518 are addresses too
            address = ipaddress.IPv4Address(inet_aton(host))
        except (OSError, ValueError):
            return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_link_local
