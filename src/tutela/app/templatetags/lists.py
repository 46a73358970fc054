"""Shared parts of every list: filters with chips, sortable headings, columns, search, saved views and a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tutela.app.templatetags.list_columns import ListColumn, chosen, columns_of, labelled, split_cells
from tutela.app.templatetags.list_filters import chips_of, names_of
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Arranged
from tutela.organisations.web.page_access import current_actor

register = template.Library()
# Parameters that concern one page or one file of a list.
OF_PAGE = ("page", "format")


@register.simple_tag(takes_context=True)
def head(context: dict[str, Any], found: Arranged[Any], key: str) -> SafeString:
    """A heading that orders a list by its column, and the other way round when it does already."""
    column = found.column(key)
    query = context["request"].GET.copy()
    query[f"{found.prefix}sort"] = f"-{key}" if found.sort == key else key
    for name in OF_PAGE:
        query.pop(name, None)
    order = {key: "ascending", f"-{key}": "descending"}.get(found.sort, "none")
    return format_html(
        '<th scope="col" data-column="{}"{} aria-sort="{}"><a href="?{}">{}</a></th>',
        key,
        SafeString(' class="number"' * column.number),
        order,
        query.urlencode(),
        column.label,
    )


@register.simple_tag(takes_context=True)
def filter_form(context: Any, fields: str) -> SafeString:
    """What narrows a list, in one row, and a chip for each filter that is active.

    `fields`: a partial of the page with its fields. The order and the columns of the list are kept.
    """
    request: HttpRequest = context["request"]
    inner = _rendered(context, fields)
    names = names_of(inner)
    kept = [(name, one) for name in _kept(request) if name not in names for one in request.GET.getlist(name)]
    known = {"inner": mark_safe(inner), "kept": kept, "chips": chips_of(inner, request.GET)}  # noqa: S308 - a template
    return mark_safe(_rendered(context, "components/filter_form.html", **known))  # noqa: S308 - a template


@register.simple_tag(takes_context=True)
def data_table(context: Any, rows: Iterable[object], table: str, prefix: str = "") -> SafeString:
    """A list that is worked from the keyboard, and that is cards on a phone.

    `table`: "page.html#name", whose partial `name_head` holds the headings and `name_cells` the cells of one `row`.
    """
    heads = split_cells(_rendered(context, f"{table}_head"))
    columns = chosen(columns_of(heads), context["request"].GET, prefix)
    lines = [split_cells(_rendered(context, f"{table}_cells", row=row)) for row in rows]
    known = {
        "heads": mark_safe(labelled(heads, columns, heading=True)),  # noqa: S308 - templates, as below
        "lines": [mark_safe(labelled(cells, columns)) for cells in lines],  # noqa: S308
    }
    return mark_safe(_rendered(context, "components/data_table.html", **known))  # noqa: S308


@register.inclusion_tag("components/listbar.html", takes_context=True)
def listbar(context: Any, listing: str, found: Arranged[Any] | None = None, table: str = "") -> dict[str, Any]:
    """Saved views as tabs, words to find where a list is `found` in memory, columns of `table`, the list as a file.

    A list of one thing's parts has no name and no views: its address is that of the thing. Where there is nothing to
    find and nothing kept, there is no bar.
    """
    request: HttpRequest = context["request"]
    actor, known = current_actor(request), saved_views.LISTINGS[listing] if listing else None
    prefix = found.prefix if found else ""
    fields = saved_views.fields_of_page(known) if known else _kept(request)
    kept = [(name, one) for name in request.GET if name in fields for one in request.GET.getlist(name)]
    views = saved_views.list_views(actor, listing) if actor and known else []
    query = saved_views.only(known, request.GET.urlencode()) if known else ""
    return {
        "request": request,
        "listing": listing,
        "shown": found is None or found.total or views,
        "found": found,
        "csrf_token": context["csrf_token"],
        "kept": kept,
        "prefix": prefix,
        "find_name": f"{prefix}find",
        "columns_name": f"{prefix}columns",
        "every_column": {f"{prefix}columns": None, "page": None},
        "file": f"{prefix}csv",
        "views": views,
        "query": query,
        "of_view": any(one.query == query for one in views),
        "columns": _columns(context, table, prefix) if table else [],
    }


def _columns(context: Any, table: str, prefix: str) -> list[ListColumn]:
    found = chosen(columns_of(split_cells(_rendered(context, f"{table}_head"))), context["request"].GET, prefix)
    return [one for one in found if one.key]


def _kept(request: HttpRequest) -> set[str]:
    return {one for one in request.GET if one.endswith(("find", "sort", "columns"))}


def _rendered(context: Any, name: str, **values: object) -> str:
    cache = context.render_context.dicts[0].setdefault("lists", {})
    if name not in cache:
        cache[name] = context.template.engine.get_template(name)
    with context.push(**values):
        return str(cache[name].render(context))
