"""Every page is among those whose pictures are looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import Resolver404, get_resolver, resolve

from tests.support.pictures_of_pages import BEHIND, NOT_FOUND, PAGES
from tutela.casework.anonymous import kinds
from tutela.redress.complaints.intake import FAMILY

# Files, proofs and machines' answers; and what shows nothing of its own.
NO_PICTURE = {
    "candidate_item",
    "candidate_item_cause",
    "draft_json",
    "draft_pdf",
    "draft_informing_text",
    "draft_reinstated_text",
    "referral_json",
    "referral_pdf",
    "referral_file",
    "report_referral_file",
    "report_withdrawals_file",
    "report_next",
    "alert_bell",
    "referral_archive",
    "referral_stix",
    "log_checkpoint",
    "log_policy",
    "log_entry",
    "log_proof",
    "log_tile",
    "log_absent",
    "log_canaries",
    "register_policy_file",
    "register_policy_proof",
    "report_missed_urgent",
    "report_upload_template",
    "report_funnel_csv",
    "resealing_json",
    "indicator_certifications",
    "audit_sample_file",
    "events_everything",
    # Redirects, and a form that is sent from a page among the pictures.
    "anonymous",
    # Of every kind of conversation; those of the node's own messages have pictures.
    "anonymous_enter",
    "anonymous_write",
    "public_report",
    "hub_start",
    "hub_export",
    "hub_data",
    "complaint_figures",
    "public_complaint",
    "removal",
    "removal_fingerprints",
    # Forms above the messages of a case, which has a picture.
    "removal_contact",
    "removal_mandates_end",
    "removal_own_access",
    "information_notify",
    "information_format",
    "complaint_account_code",
    "support_person_wish",
    "voice_consent",
    "removal_pause",
    "removal_resume",
    "takedown_figures",
    "takedown_notice_text",
    "takedown_notice_xarf",
    "takedown_case_iccam",
    "hosting_answer",
    "hosting_answer_text",
    "hosting_order_answer",
    "hosting_order_json",
    "hosting_order_pdf",
    "order_answer",
    "order_json",
    "order_pdf",
    "hosting_statement_text",
    "hosting_statement_json",
    "hosting_database_file",
    "anonymous_leave",
    "help_leave",
    "anonymous_follow_up",
    "anonymous_withdraw",
    # The answer to a form of a browser without a script: a page that has a picture.
    "anonymous_shown",
    # A button of the list of conversations, which has a picture.
    "conversation_reserve_alert",
    "figure_release_file",
    "open_data_catalogue",
    "open_data_file",
    "return_file",
}
# A machine's interface.
NO_PICTURE |= {f"ispws_{n}" for n in ("status", "xsd", "submit", "upload", "fileinfo", "finish", "retract", "unknown")}

# Parts of pages that have a picture, and files of notes.
NO_PICTURE |= {"notifications_bell", "tasks"} | {
    f"work_{part}_{kind}"
    for part in ("viewers", "notes", "offer")
    for kind in (
        "report",
        "candidate",
        "draft",
        "referral",
        "indicator",
        "takedown",
        "hosting",
        "complaint",
        "reversal",
        "removal_request",
        "found_item",
        "information_request",
        "support_case",
        "agency_hand_over",
    )
}

# In the demonstration nothing waits for a second person, and nothing was filed another way.
NO_PICTURE |= {"act", "act_approval", "filed"}
# In the demonstration nobody has received a return of others.
NO_PICTURE |= {"compare_returns"}
# Only who gets a link for a new password has its page, which is that of an invitation.
NO_PICTURE |= {"new_password"}
NO_PICTURE |= {f"feed_{n}" for n in ("status", "members", "entries", "reasons", "feedback", "unknown")}


def routes(resolver: Any) -> Iterator[Any]:
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern)
        elif hasattr(pattern.callback, "read_permission") and not getattr(pattern.callback, "acts", False):
            yield pattern.name


def shown(address: str) -> str | None:
    try:
        return resolve(address.partition("?")[0].partition("#")[0]).url_name
    except Resolver404:
        return None


DIRECT = {shown(address) for _, _, address in PAGES if not {"→", "⇒"} & set(address)}


def test_every_picture_begins_at_a_page_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of an address that leads nowhere says that it is not found, and looks well."""
    codes = {one.code for one in kinds.registered()}
    # The demonstration has somebody who receives each kind; this database has nobody.
    monkeypatch.setattr(kinds, "known", lambda code: code in codes or code.startswith(FAMILY))
    starts = {re.split("[→⇒⌕✗]", address)[0] for _, _, address in PAGES}
    assert {one for one in starts if shown(one) is None} <= NOT_FOUND


@pytest.mark.parametrize("name", sorted(set(routes(get_resolver())) - NO_PICTURE))
def test_a_page_has_a_picture(name: str) -> None:
    assert name in DIRECT or BEHIND.get(name) in {picture for _, picture, _ in PAGES}
