"""Forms of orders: a new order by its kind, requests, and the answers of a recipient."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.exchange.takedown.csar_order import OrderExecution
from tutela.exchange.takedown.fields import absolute_address
from tutela.exchange.takedown.order import MOST_ADDRESSES, Effect
from tutela.exchange.takedown.web_address import normalise
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.takedown.models import SIMULATED, OrderKind
from tutela.takedown.orders import issue, order_requests
from tutela.takedown.orders.answer import reasons_of
from tutela.takedown.orders.compose import LONGEST_HOURS, SHORTEST_HOURS, OrderInput
from tutela.takedown.orders.copies import MOST_CHARACTERS
from tutela.takedown.orders.detail import CopyView
from tutela.takedown.orders.order_rows import DETECTED, GROUNDS

NOTE, LINES = forms.Textarea(attrs={"rows": 3}), forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
BOXES = forms.CheckboxSelectMultiple
WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
BECAUSE = {
    "missing_information": _("information is missing"),
    "manifest_errors": _("the order has manifest errors"),
    "force_majeure": _("force majeure, or impossible in fact"),
}
EFFECTS = {
    Effect.GIVEN: _("effect given"),
    Effect.PARTLY_GIVEN: _("effect given in part"),
    Effect.NOT_GIVEN: _("no effect given"),
}
EXECUTIONS = {OrderExecution.REMOVED: _("removed"), OrderExecution.DISABLED: _("access disabled in all Member States")}


def _text(label: Any, *, required: bool = True, most: int = 10_000, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=NOTE, required=required, help_text=help_text)


def _line(label: Any, *, initial: str = "", help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=300, initial=initial, help_text=help_text)


class LinesField(forms.CharField):
    """One value a line; becomes a tuple."""

    widget = LINES

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(max_length=400_000, **kwargs)
        self.most = most

    def clean(self, value: Any) -> Any:
        lines = tuple(one.strip() for one in super().clean(value).splitlines() if one.strip())
        if len(lines) > self.most:
            raise forms.ValidationError(_("Enter at most %(most)s lines.") % {"most": self.most})
        return lines


class AddressLinesField(LinesField):
    """Addresses, one a line, each with what is needed to find the item; becomes pairs."""

    def clean(self, value: Any) -> Any:
        pairs = tuple((url, said.strip()) for url, _space, said in (one.partition(" ") for one in super().clean(value)))
        seen: set[str] = set()
        for place, (url, _said) in enumerate(pairs, 1):
            try:
                normal = normalise(absolute_address(url)).normal
            except ValueError as error:
                raise forms.ValidationError(
                    _("Line %(line)s: %(reason)s.") % {"line": place, "reason": error}
                ) from None
            if normal in seen:
                raise forms.ValidationError(_("Line %(line)s: this address is there twice.") % {"line": place})
            seen.add(normal)
        return pairs


def _addresses() -> AddressLinesField:
    return AddressLinesField(
        MOST_ADDRESSES,
        label=_("Addresses, one a line"),
        help_text=_("Exact addresses. After a space: what is needed to find the item there."),
    )


class OrderForm(forms.Form):
    """A new order of one kind. Its fields are the elements that the law or the proposal requires."""

    def __init__(self, actor: Actor, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = OrderKind(kind)
        own = {
            OrderKind.CONTENT: self._content,
            OrderKind.INFORMATION: self._information,
            OrderKind.REMOVAL: self._removal,
        }.get(self.kind, self._measure)
        dsa = self.kind not in SIMULATED
        self.fields = {
            **self._recipients(),
            **own(actor),
            "reasons": _text(_("Statement of reasons"), help_text=_("Why the information is illegal. Name no victim.")),
            **(self._legal_basis() if dsa else {}),
            **self._deadline(),
            **(self._redress() if dsa else self._simulated_redress()),
            **self._sender(actor, dsa),
            "token": forms.UUIDField(widget=forms.HiddenInput, initial=uuid4),
        }

    def given(self, request: UUID | None) -> OrderInput:
        """What was entered. Call when the form is valid."""
        said: dict[str, Any] = dict(self.cleaned_data)
        chosen = said.pop("recipients")
        recipients = tuple(UUID(one) for one in (chosen if isinstance(chosen, list) else [chosen]))
        said |= {name: tuple(said[name]) for name in ("territory", "grounds", "detects") if name in said}
        return OrderInput(kind=self.kind.value, recipients=recipients, request=request, **said)

    def _recipients(self) -> dict[str, forms.Field]:
        known = [(str(one.id), f"{one.name} ({one.country})") for one in issue.providers()]
        several = self.kind in issue.SEVERAL
        service = _line(_("Service"), help_text=_("The service of the provider that the order is about."))
        if several:
            field: forms.Field = forms.MultipleChoiceField(label=_("Recipients"), choices=known, widget=BOXES)
        else:
            field = forms.ChoiceField(label=_("Recipient"), choices=[("", "—"), *known])
        return {"recipients": field, "service": service}

    def _content(self, actor: Actor) -> dict[str, forms.Field]:
        countries = sorted(COUNTRIES.items(), key=lambda one: str(one[1]))
        return {
            "addresses": _addresses(),
            "territory": forms.MultipleChoiceField(
                label=_("Territorial scope"),
                choices=countries,
                initial=[actor.country],
                widget=forms.SelectMultiple(attrs={"size": 6}),
                help_text=_("Only what is strictly necessary (DSA Art. 9(2)(b))."),
            ),
            "scope_reason": _text(_("Why this scope is necessary")),
        }

    def _information(self, actor: Actor) -> dict[str, forms.Field]:
        return {
            "accounts": LinesField(100, label=_("Recipients of the service, one a line")),
            "information": LinesField(
                50,
                label=_("Information, one item a line"),
                help_text=_("Only what the provider already has (DSA Art. 10(2)(b))."),
            ),
            "purpose": _text(_("Purpose of the information")),
            "inform_from": forms.DateTimeField(
                label=_("Inform the recipient of the service not before"), widget=WHEN, required=False
            ),
        }

    def _removal(self, actor: Actor) -> dict[str, forms.Field]:
        return {
            "addresses": _addresses(),
            "grounds": forms.MultipleChoiceField(label=_("Grounds"), choices=list(GROUNDS.items()), widget=BOXES),
        }

    def _measure(self, actor: Actor) -> dict[str, forms.Field]:
        found: dict[str, forms.Field] = {}
        if self.kind == OrderKind.DETECTION:
            found["detects"] = forms.MultipleChoiceField(
                label=_("Detection of"), choices=list(DETECTED.items()), widget=BOXES
            )
        else:
            found["addresses"] = _addresses()
        if self.kind != OrderKind.DELISTING:
            found["begins"] = forms.DateField(label=_("First day (UTC)"), widget=DAY)
            found["ends"] = forms.DateField(label=_("Last day"), widget=DAY)
        found["safeguards"] = _text(_("Limits and safeguards"))
        return found

    def _legal_basis(self) -> dict[str, forms.Field]:
        return {
            "act": _line(
                _("Legal basis"), help_text=_("The national act, such as that under Directive 2011/93 Art. 25.")
            ),
            "provisions": LinesField(20, label=_("Provisions that are infringed, one a line")),
        }

    def _deadline(self) -> dict[str, forms.Field]:
        if self.kind in SIMULATED:
            return {}
        field = forms.IntegerField(
            label=_("Deadline (hours from receipt)"), min_value=SHORTEST_HOURS, max_value=LONGEST_HOURS, initial=24
        )
        return {"hours": field}

    def _redress(self) -> dict[str, forms.Field]:
        return {
            "court": _line(_("Court or body of redress")),
            "time_limit": _line(_("Time limit of redress")),
            "for_provider": _text(_("Redress of the provider")),
            "for_recipient": _text(_("Redress of the recipient of the service")),
        }

    def _simulated_redress(self) -> dict[str, forms.Field]:
        return {
            "court": _line(_("Court or body of redress")),
            "time_limit": _line(_("Time limit of redress")),
            "redress_provisions": _line(_("Provisions about redress")),
            "contact_point": _line(_("Contact point of the provider")),
            "follow_up_contact": _line(_("Contact for questions")),
        }

    def _sender(self, actor: Actor, dsa: bool) -> dict[str, forms.Field]:
        email = next((one.email for one in directory.contacts(actor.organisation_id) if one.email), "")
        languages = list(settings.LANGUAGES)
        found: dict[str, forms.Field] = {
            "contact": forms.EmailField(label=_("E-mail address of the authority"), max_length=254, initial=email),
            "language": forms.ChoiceField(
                label=_("Language"), choices=languages, help_text=_("A language that the provider has declared.")
            ),
        }
        if dsa:
            found["translated_to"] = forms.ChoiceField(
                label=_("Translated to"), choices=[("", "—"), *languages], required=False
            )
        return found


class RequestForm(forms.Form):
    """A hotline asks for an order."""

    authority = forms.UUIDField(label=_("Authority"), widget=forms.Select)
    reason = forms.CharField(
        label=_("Why an order is needed"), max_length=order_requests.MOST_CHARACTERS, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(one.id), f"{one.name} ({one.country})") for one in order_requests.authorities(actor)]
        self.fields["authority"].widget.choices = known


class DeclineForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=order_requests.MOST_CHARACTERS, widget=NOTE)


class TextForm(forms.Form):
    text = forms.CharField(label=_("Text"), max_length=MOST_CHARACTERS, widget=NOTE)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=MOST_CHARACTERS, widget=NOTE)
    wrong = forms.BooleanField(label=_("The order was wrong"), required=False)


class EffectForm(forms.Form):
    """Effect given to an order of the DSA."""

    effect = forms.ChoiceField(label=_("Effect"), choices=list(EFFECTS.items()), widget=forms.RadioSelect)
    given_at = forms.DateTimeField(label=_("Effect given at"), widget=WHEN, required=False, help_text=_("Empty: now."))
    places = forms.TypedMultipleChoiceField(
        label=_("Addresses with effect, if in part"), coerce=int, widget=BOXES, required=False
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MOST_CHARACTERS,
        widget=NOTE,
        required=False,
        help_text=_("Required unless effect was given in full."),
    )
    informed_at = forms.DateTimeField(
        label=_("Recipient of the service informed at"), widget=WHEN, required=False, help_text=_("DSA Art. 9(5).")
    )

    def __init__(self, full: CopyView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(place, one.url) for place, (one, _effect) in enumerate(full.places)]
        self.fields["places"].choices = places  # type: ignore[attr-defined]
        if not places:
            del self.fields["places"]


class ExecutionForm(forms.Form):
    """Execution of a simulated order."""

    execution = forms.ChoiceField(label=_("Execution"), choices=list(EXECUTIONS.items()))
    given_at = forms.DateTimeField(label=_("Executed at"), widget=WHEN)

    def __init__(self, full: CopyView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if full.row.kind != OrderKind.REMOVAL:
            del self.fields["execution"]


class ImpossibleForm(forms.Form):
    because = forms.ChoiceField(label=_("Cause"))
    reason = forms.CharField(label=_("Explanation"), max_length=MOST_CHARACTERS, widget=NOTE)

    def __init__(self, full: CopyView, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one, BECAUSE[one]) for one in BECAUSE if one in reasons_of(full.row.kind)]
        self.fields["because"].choices = known  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    reversed_at = forms.DateTimeField(label=_("No measure is in place since"), widget=WHEN)
    text = forms.CharField(label=_("Note"), max_length=MOST_CHARACTERS, widget=NOTE, required=False)
