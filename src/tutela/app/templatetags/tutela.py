"""Template filters used on every page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tutela import clock
from tutela.app.templatetags.charts import Charted, draw
from tutela.app.website import documentation, event_labels, labels
from tutela.events.errors import CODE, text_of_error
from tutela.events.record import Recorded
from tutela.exchange.message.coded_text import CodedText
from tutela.exchange.message.translatable_text import filled
from tutela.exchange.referral.referral import Jurisdiction
from tutela.exchange.report.precheck_answer import Reason
from tutela.law.clock_kinds import KINDS

register = template.Library()


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A time in the reader's zone, with the zone."""
    if value is None:
        return "—"
    try:
        local = timezone.localtime(value)
    except OverflowError:
        local = value.astimezone(UTC)  # the first or the last day of all, which a zone has and another has not
    return _time(value, f"{local:%Y-%m-%d %H:%M %Z}")


@register.filter
def due(value: datetime | None) -> SafeString | str:
    """Time left until a deadline, or time since it, in two units: `due in 2 h 10 min`."""
    if value is None:
        return "—"
    left = value - clock.now()
    text = _("due in {time}") if left > timedelta(0) else _("overdue by {time}")
    return _time(value, text.format(time=_two_units(abs(left))))


def _time(value: datetime, text: str) -> SafeString:
    # Nothing in either needs escaping, and a list has a thousand of them.
    iso = value.isoformat()
    return mark_safe(f'<time datetime="{iso}" title="{iso}">{text}</time>')  # noqa: S308 - times


def _two_units(size: timedelta) -> str:
    minutes = int(size.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    first = next((at for at, (many, _unit) in enumerate(parts) if many), 2)
    return " ".join(f"{many} {unit}" for many, unit in parts[first : first + 2] if many) or "0 min"


@register.filter
def ago(value: datetime | None) -> str:
    """Time since a moment, or until it if negative, in one unit: `3 h`, `-2 d`."""
    if value is None:
        return "—"
    seconds = int((clock.now() - value).total_seconds())
    sign, size = ("-" if seconds < 0 else ""), abs(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if size >= length:
            return f"{sign}{size // length} {unit}"
    return f"{sign}{size} s"


@register.filter
def span(value: timedelta) -> str:
    """A length of time in its largest unit: `3 d`, `20 min`."""
    return ago(clock.now() - value)


@register.filter
def points(value: int) -> str:
    """Points of a score with their sign: `+10`, `-5`, `0`."""
    return f"{value:+d}" if value else "0"


@register.filter
def short(value: object) -> str:
    """The first twelve signs of an identifier or a digest."""
    return str(value)[:12]


@register.filter
def event(kind: str) -> SafeString:
    """Label of an event kind, with the kind as its title for people who search by it."""
    return format_html('<span title="{}">{}</span>', kind, event_labels.of_event(kind))


@register.filter
def happened(one: Recorded) -> SafeString:
    """An event of a timeline: what happened, and to which clock."""
    clock_of = KINDS.get((one.facts or {}).get("clock", ""))
    said = event(one.kind)
    return format_html("{} ({})", said, clock_of.label) if clock_of else said


@register.filter
def word(code: object) -> str:
    """The word for a code of a closed vocabulary; several become a list."""
    return labels.of_code(code)


@register.filter
def spaced(code: str) -> str:
    """A code that has no word of its own, with blanks in place of its underscores."""
    return code.replace("_", " ")


@register.filter
def said(code: str, values: object = None) -> str:
    """The text of a stored code, or of an error, in the reader's language and with its stored values."""
    known = values if isinstance(values, dict) else {}
    return text_of_error(code, known) if code.startswith(CODE) else filled(labels.text_of(code), known)


@register.filter
def stated(value: object) -> object:
    """A value of an event: the text of a stored code, and anything else as it is."""
    return said(value) if isinstance(value, str) and "." in value and value in labels.TEXTS else value


@register.filter
def pairs(facts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Names and values. A template that asks a mapping for its items gets the value of that name first."""
    return list(facts.items())


@register.filter
def sentences(codes: Iterable[CodedText | Mapping[str, Any]]) -> str:
    """Codes with their values, of a message or of a row, one after the other."""
    read = (one if isinstance(one, CodedText) else CodedText(**one) for one in codes)
    return "; ".join(said(one.code, one.values) for one in read)


@register.filter
def facts(jurisdiction: Jurisdiction) -> str:
    """The facts that point to a country; in the Centre's words if a code is unknown here."""
    if not jurisdiction.evidence or any(one.code not in labels.TEXTS for one in jurisdiction.evidence):
        return "; ".join(jurisdiction.facts)
    return "; ".join(
        f"{labels.of_code(one.ground)}: {one.country or '—'} ({said(one.code, one.values)}"
        f"{f', {one.at}' if one.at else ''})"
        for one in jurisdiction.evidence
    )


@register.filter
def advice(one: Reason) -> str:
    """A reason of a Centre's answer in the reader's language; in the Centre's words if the code is unknown here."""
    return said(one.code, one.values) if one.code in labels.TEXTS else one.why


@register.filter
def purpose(code: str) -> str:
    return labels.of_purpose(code)


@register.filter
def can(actor: object, permission: str) -> bool:
    return bool(actor) and permission in getattr(actor, "permissions", ())


@register.filter
def percent(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.0f} %"


@register.filter
def chart(value: Charted) -> SafeString:
    """A small chart as SVG."""
    return draw(value)


@register.filter
def meter(value: float) -> SafeString:
    """Draw a share between 0 and 1 as a horizontal bar.

    The text next to the bar holds the number.
    """
    width = f"{max(0.0, min(1.0, value)) * 100:.0f}"
    return format_html(
        '<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="10"/><rect class="value" width="{}" height="10"/></svg>',
        width,
    )


@register.filter
def split(value: str) -> list[str]:
    """The words of a text, for lists written in a template."""
    return value.split()


@register.filter
def markdown(text: str) -> SafeString:
    """A text of our own code that has marks, as HTML."""
    return mark_safe(documentation.rendered(text))  # noqa: S308 - the renderer escapes HTML


@register.simple_tag
def term(word: str, text: str = "") -> SafeString:
    """A term of the glossary, explained on hover and on focus; `text` is shown in its place."""
    place, meaning = documentation.explained(word)
    if not meaning:
        return format_html("{}", text or word)
    return format_html(
        '<span class="term"><a href="/docs/glossary/#{}">{}</a><span role="tooltip">{}</span></span>',
        place,
        text or word,
        meaning,
    )
