"""What every page keeps: one frame, nothing inline, nothing from elsewhere, every word translatable."""

from __future__ import annotations

import re
from pathlib import Path

from scripts import messages
from tests.support.tree import ROOT, place, templates

# The desks, and the public forms that show nothing of a session.
FRAMES = {
    "base.html",
    "casework/anonymous/public.html",
    "takedown/public/host_answer.html",
    "victims/public/frame.html",
}
# Included by pages; they have no frame of their own.
PARTIALS = {
    "observatory/desk/figure_rows.html",
    "observatory/public/dashboards/count.html",
    "observatory/public/withholding_rule.html",
    "indicators/detail/acts.html",
    "indicators/detail/decisions.html",
    "indicators/detail/distribution.html",
    "indicators/policy_version.html",
    "indicators/partner_lists/state.html",
    "indicators/legality.html",
    "indicators/reverse_certification.html",
    "indicators/state.html",
    "organisations/recipients.html",
    "indicators/lifecycle.html",
    "exchange/report.html",
    "detection/drafts/report.html",
    "detection/drafts/address_warning.html",
    "casework/work/list_filters.html",
    "casework/work/list_labels.html",
    "redress/complaints/decision.html",
    "redress/complaints/measure.html",
    "redress/complaints/misuse.html",
    "redress/complaints/proof.html",
    "redress/complaints/reasons.html",
    "redress/public/account_code.html",
    "takedown/public/state.html",
    "redress/complaints/steps.html",
    "redress/drills/participation.html",
    "redress/drills/received.html",
    "redress/drills/seconds.html",
    "redress/ledger/rate.html",
    "redress/ledger/reviews.html",
    "redress/ledger/share.html",
    "redress/public/notice.html",
    "redress/reversals/answer.html",
    "redress/reversals/hops.html",
    "redress/reversals/stopped.html",
    "takedown/examination/items.html",
    "takedown/assessments.html",
    "takedown/availability.html",
    "takedown/decision_bar.html",
    "takedown/host.html",
    "takedown/host_desk/decisions.html",
    "takedown/host_desk/notifier.html",
    "takedown/host_desk/precision.html",
    "takedown/host_desk/statement.html",
    "takedown/partners/case.html",
    "takedown/notices.html",
    "takedown/order_requests.html",
    "takedown/orders/answer_forms.html",
    "takedown/orders/clock.html",
    "takedown/orders/contents.html",
    "takedown/orders/simulation_badge.html",
    "takedown/orders/simulation_banner.html",
    "takedown/orders/steps.html",
    "takedown/police.html",
    "takedown/public/danger.html",
    "takedown/public/notice.html",
    "victims/choices.html",
    "victims/information/answer.html",
    "victims/information/facts.html",
    "victims/information/items.html",
    "victims/information/representation.html",
    "victims/public/information.html",
    "victims/public/support.html",
    "victims/public/voice.html",
    "victims/support/assessment.html",
    "victims/support/facts.html",
    "victims/support/hand_overs.html",
    "victims/support/identity.html",
    "victims/support/interviews.html",
    "victims/support/services.html",
    "victims/vault/ciphertext.html",
    "victims/vault/status.html",
    "victims/notice.html",
    "victims/progress.html",
    "victims/public/calls.html",
    "victims/public/choice.html",
    "victims/public/on_call.html",
    "victims/public/service.html",
    "victims/public/symbol.html",
    "casework/public/text.html",
    "victims/requests/addresses.html",
    "victims/requests/ending.html",
    "victims/requests/facts.html",
    "victims/requests/files.html",
    "victims/requests/flags.html",
    "victims/requests/mandates.html",
    "prevention/agreement.html",
    "prevention/claims.html",
    "prevention/facts.html",
    "prevention/public/grade.html",
    "prevention/public/question_progress.html",
    "prevention/results.html",
    "prevention/steps.html",
    "prevention/network_item.html",
    "prevention/relief.html",
    "prevention/research_map.html",
    "prevention/survivor_view.html",
    "prevention/worried/crisis.html",
    "prevention/worried/duty_of.html",
    "prevention/worried/texts.html",
    "prevention/study_facts.html",
    "takedown/rechecks.html",
    "takedown/verdict.html",
    "exchange/persons.html",
    "detection/candidates/decide.html",
    "detection/candidates/match.html",
    "detection/state.html",
    "detection/notices/state.html",
    "detection/notices/why.html",
    "detection/notices/language.html",
    "detection/candidates/footage.html",
    "organisations/guarded_act_facts.html",
    "indicators/approval.html",
    "reports/assess.html",
    "reports/retraction.html",
    "detection/drafts/retract.html",
    "detection/drafts/retracted.html",
    "reports/figures/unfounded.html",
    "detection/reinstatement/form.html",
    "detection/drafts/opinion.html",
    "detection/candidates/picture_seen.html",
    "detection/filed_elsewhere/state.html",
    "reports/exposure_line.html",
    "casework/alerts/bell.html",
    "pages/tasks.html",
    "casework/alerts/channels.html",
    "casework/work/bar.html",
    "casework/work/bell.html",
    "casework/work/lazy_offer.html",
    "casework/work/next_link.html",
    "casework/work/notes.html",
    "casework/work/offer.html",
    "casework/work/pending.html",
    "casework/work/viewers.html",
    "investigations/decision_bar.html",
    "casework/anonymous/ticket.html",
    "casework/conversations/entries.html",
    "casework/public/call_now.html",
    "casework/public/danger.html",
    "casework/public/languages.html",
    "law/basis.html",
    "law/measures_table.html",
    "investigations/contact_request.html",
    "reports/figures/funnel_form.html",
    "takedown/ledger/definitions.html",
    "takedown/ledger/line.html",
    "takedown/public/cell.html",
    "takedown/public/figure_lines.html",
    "takedown/public/quarter.html",
}
# Proper names and standards, the same in every language.
NAMES = {
    "Tutela",
    "SHA-256",
    "PDQ",
    "CSV",
    "PDF",
    "JSON",
    "IP",
    "R-",
    "B-",
    "fra.europa.eu",
    "RIS",
    "BibTeX",
    "CSL-JSON",
}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(
    r"<(?:script|link|img|iframe|video|audio|source|object|embed)\b[^>]*=\s*[\"']?(?:https?:)?//", re.I
)
SPOKEN = re.compile(r"\b(?:alt|title|placeholder|aria-label|aria-description)=\"([^\"]*)\"")


def _name(path: Path) -> str:
    return path.as_posix().partition("/templates/")[2]


def _blank(found: re.Match[str]) -> str:
    """Nothing in its place but its line ends, so that line numbers stay true."""
    return " " + "\n" * found[0].count("\n")


def _without_tags(source: str) -> str:
    for pattern in (
        r"\{% block main_class %\}.*?endblock %\}",
        r"\{%\s*comment.*?endcomment\s*%\}",
        r"\{#.*?#\}",
        r"<!--.*?-->",
        r"\{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%\}",
        r"\{%.*?%\}",
        r"\{\{.*?\}\}",
    ):
        source = re.sub(pattern, _blank, source, flags=re.DOTALL)
    return source


def _visible(source: str) -> str:
    plain = _without_tags(source)
    for pattern in (r"<(code|kbd|script|pre)\b.*?</\1>", r"<[^>]*>", r"&\w+;"):
        plain = re.sub(pattern, _blank, plain, flags=re.DOTALL)
    return plain


def _untranslated(path: Path) -> list[str]:
    source = path.read_text()
    spoken = [
        (_without_tags(source).count("\n", 0, m.start()) + 1, m[1]) for m in SPOKEN.finditer(_without_tags(source))
    ]
    lines = [*enumerate(_visible(source).splitlines(), 1), *spoken]
    return [
        f"{place(path, number)} {word!r}"
        for number, line in lines
        for word in re.findall(r"[^\W\d_][\w.\-]+", line)
        if word not in NAMES
    ]


def test_template_stands_in_the_frame_or_is_a_named_partial() -> None:
    wrong = []
    for path in templates():
        name, extends = _name(path), path.read_text().startswith("{% extends ")
        if name not in FRAMES and extends == (name in PARTIALS or name.startswith("components/")):
            wrong.append(name)
    assert not wrong, "extend base.html, or name it a partial"


def test_every_named_partial_exists() -> None:
    assert {_name(path) for path in templates()} >= PARTIALS


def test_template_holds_nothing_inline_and_loads_nothing_from_elsewhere() -> None:
    found = [
        f"{place(path, number)} {line.strip()[:80]}"
        for path in templates()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if INLINE.search(line) or ELSEWHERE.search(line)
    ]
    assert not found


def test_every_visible_word_can_be_translated() -> None:
    assert not [one for path in templates() for one in _untranslated(path)]


def test_the_heuristic_sees_a_bare_word(tmp_path: Path) -> None:
    page = ROOT / "src" / "tutela" / "app" / "templates" / "base.html"
    assert "Bare" in _visible("<p>\n{% translate 'Said' %} Bare</p>")
    assert "Set on" not in _visible("<p>{% translate 'Said' %}</p>")
    assert not _untranslated(page)


def test_the_catalogue_is_in_step_with_the_texts() -> None:
    assert messages.catalogue() == messages.CATALOGUE.read_text(), "Run: make messages"
