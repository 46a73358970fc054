"""Shared parts of every list: sortable headings, search, saved views and a file to download."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Arranged
from tutela.organisations.web.page_access import current_actor

register = template.Library()


@register.simple_tag(takes_context=True)
def head(context: dict[str, Any], found: Arranged[Any], key: str) -> SafeString:
    """A heading that orders a list by its column, and the other way round when it does already."""
    column = found.column(key)
    query = context["request"].GET.copy()
    query[f"{found.prefix}sort"] = f"-{key}" if found.sort == key else key
    query.pop("page", None)
    query.pop("format", None)
    order = {key: "ascending", f"-{key}": "descending"}.get(found.sort, "none")
    return format_html(
        '<th scope="col"{} aria-sort="{}"><a href="?{}">{}</a></th>',
        SafeString(' class="number"' * column.number),
        order,
        query.urlencode(),
        column.label,
    )


@register.inclusion_tag("components/listbar.html", takes_context=True)
def listbar(context: dict[str, Any], listing: str, found: Arranged[Any] | None = None) -> dict[str, Any]:
    """Words to find where a list is `found` in memory, its views, and the list as a file.

    A list of one thing's parts has no name and no views: its address is that of the thing. Where there is nothing to
    find and nothing kept, there is no bar.
    """
    request: HttpRequest = context["request"]
    actor, known = current_actor(request), saved_views.LISTINGS[listing] if listing else None
    prefix = found.prefix if found else ""
    fields = (
        saved_views.fields_of_page(known) if known else {one for one in request.GET if one.endswith(("find", "sort"))}
    )
    kept = [(name, value) for name, value in request.GET.items() if name in fields and name != f"{prefix}find"]
    views = saved_views.list_views(actor, listing) if actor and known else []
    return {
        "request": request,
        "listing": listing,
        "shown": found is None or found.total or views,
        "found": found,
        "csrf_token": context["csrf_token"],
        "kept": kept,
        "prefix": prefix,
        "file": f"{prefix}csv",
        "views": views,
        "query": saved_views.only(known, request.GET.urlencode()) if known else "",
    }
