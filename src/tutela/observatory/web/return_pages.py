"""Pages of returns: forms to file, what was filed, and what others sent to the Centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework.charts.tile_map import Tile, TileMap
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.exchange.message.translatable_text import filled
from tutela.observatory.comparison import coverage_map, european_aggregate
from tutela.observatory.comparison.european_aggregate import FieldAggregate
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.forms import files
from tutela.observatory.forms.content import Line, ReturnDocument, lines_of
from tutela.observatory.forms.form import Form, FormField
from tutela.observatory.returns import document_pdf, filed, received
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import page

type Written = Callable[[Form, ReturnDocument], bytes]
FILES: dict[str, tuple[str, Written]] = {
    "csv": ("text/csv; charset=utf-8", files.as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", files.as_xlsx),
    "pdf": ("application/pdf", document_pdf.as_pdf),
    "zip": ("application/zip", files.as_parts),
}


class ReceiveForm(django_forms.Form):
    """A signed return of somebody else."""

    file = django_forms.FileField(label=gettext_lazy("Signed return"))
    key = django_forms.CharField(
        label=gettext_lazy("Public key of the sender"),
        max_length=64,
        help_text=gettext_lazy("64 hexadecimal digits, received through a separate channel."),
    )


@page(filed.READ)
def list_returns(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Forms of the organisation, and every return that it filed."""
    context = {
        "forms": [(one, one.last_period(clock.now().date())) for one in filed.own_forms(actor)],
        "returns": filed.listed(actor),
        "due": filed.missing_forms(actor, clock.now()),
        "receives": actor.can(received.RECEIVE),
    }
    return render(request, "observatory/desk/returns.html", context)


@page(filed.READ, write=filed.FILE)
@confirmed()
def fill_in(request: HttpRequest, actor: Actor, form: str, period: str) -> HttpResponseBase:
    """A form, prefilled from the ledger. Every line needs a value, or a code for a missing one."""
    wanted, days = filed.form_for(actor, form), _period(period)
    document = filed.draft(actor, wanted, days)
    if request.method == "POST":
        document = _typed(request, document)
        try:
            made = filed.file(actor, document)
        except TutelaError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The return is signed and filed."))
            return redirect("return", filed_return=made)
    context = {
        "form": wanted,
        "document": document,
        "fields": _fields(wanted, document),
        "faults": [filled(_(one.fault.text), one.values) for one in filed.check(actor, document)],
        "may_file": actor.can(filed.FILE),
    }
    return render(request, "observatory/desk/return_form.html", context)


@page(filed.READ)
def show(request: HttpRequest, actor: Actor, filed_return: UUID) -> HttpResponse:
    """A filed return with its files."""
    document = filed.document_of(actor, filed_return)
    form = filed.form_for(actor, document.form)
    context = {
        "form": form,
        "document": document,
        "fields": _fields(form, document),
        "id": filed_return,
        "notes": files.notes(form, document),
    }
    return render(request, "observatory/desk/return.html", context)


@page(filed.READ)
def download(request: HttpRequest, actor: Actor, filed_return: UUID, ending: str) -> HttpResponse:
    """A filed return as a file: csv, xlsx, pdf, zip of the template's parts, or the signed document as json."""
    document = filed.document_of(actor, filed_return)
    form = filed.form_for(actor, document.form)
    if ending == "json":
        kind, content = "application/json", filed.signed_file(actor, filed_return)
    elif ending in FILES and (ending != "zip" or form.parts):
        kind, written = FILES[ending]
        content = written(form, document)
    else:
        raise Http404
    name = f'attachment; filename="{form.id}-{document.period.start}-v{document.number}.{ending}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": name})


@page(received.RECEIVE, write=received.RECEIVE)
def receive(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Receive a signed return, and the periods of which returns were received."""
    form = ReceiveForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            received.receive(actor, form.cleaned_data["file"].read(received.MOST_BYTES + 1), form.cleaned_data["key"])
        except TutelaError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The return is received."))
            return redirect("received_returns")
    return render(request, "observatory/desk/received.html", {"form": form, "periods": received.periods(actor)})


@page(received.RECEIVE)
def compare(request: HttpRequest, actor: Actor, form: str, period: str) -> HttpResponse:
    """Returns of a period: findings by state, and the European aggregate with its coverage."""
    checked = received.checked(actor, form, _period(period))
    tiles = tuple(
        Tile(one.state, one.row, one.column, _(one.coverage.text), *coverage_map.MARKS[one.coverage])
        for one in coverage_map.places(checked)
    )
    context = {
        "checked": checked,
        "map": TileMap(_("Member States in this comparison"), tiles),
        "aggregate": [(one, _why(one)) for one in european_aggregate.aggregate(checked, clock.now().date())],
        "findings": [(one.state, filled(_(one.finding.text), one.values)) for one in checked.findings],
    }
    return render(request, "observatory/desk/comparison.html", context)


def _why(aggregate: FieldAggregate) -> list[str]:
    """Why there is no total, with what would make one possible."""
    return [f"{filled(_(one.reason.text), one.values)} {_(one.remedy.text)}" for one in aggregate.refusals]


def _period(text: str) -> ReportingPeriod:
    try:
        return ReportingPeriod.parse(text.replace("_", "/"))
    except ValueError:
        raise Http404 from None


@dataclass(frozen=True)
class FieldLines:
    """The lines of a field: one, or one for each country or other scope."""

    field: FormField
    lines: tuple[tuple[str, Line | None], ...]

    @property
    def name(self) -> str:
        """The identifier of the field in the page."""
        return self.field.id

    @property
    def divided(self) -> bool:
        """Return true if the field has a line for each scope."""
        return len(self.lines) > 1

    @property
    def missing(self) -> str:
        """The code that stands for every line, if no line has a value or a comment and all have one code."""
        codes = {one.missing if one and not one.value and not one.comment else "" for _scope, one in self.lines}
        return codes.pop() if len(codes) == 1 else ""


def _fields(form: Form, document: ReturnDocument) -> list[FieldLines]:
    lines = document.by_place()
    return [
        FieldLines(one, tuple((scope, lines.get((one.id, scope))) for scope in form.scopes_of(one)))
        for one in form.fields
    ]


def _typed(request: HttpRequest, document: ReturnDocument) -> ReturnDocument:
    """The return with what was typed; a field that was not sent keeps its code for a missing value."""
    values, comments = {}, {}
    for line in document.lines:
        name = f"{line.field}|{line.scope}"
        values[line.field, line.scope] = request.POST.get(name, "")[:4000]
        comments[line.field, line.scope] = request.POST.get(f"comment|{name}", "")[:4000]
    known = document.by_place()
    lines = tuple(
        replace(
            one,
            comment=comments[one.field, one.scope].strip(),
            definition=known[one.field, one.scope].definition,
        )
        for one in lines_of(values)
    )
    return replace(document, lines=lines)
