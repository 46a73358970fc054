"""Wiring of reactions within one organisation, one line each.

Between organisations nothing is wired: the outbox carries the messages.
"""

from tutela.accountability.dashboard import dashboard as audit_desk
from tutela.accountability.public_log import log, publish
from tutela.app.website import start_page
from tutela.casework import finders as casework_finders
from tutela.casework.alerts import subjects as alert_subjects
from tutela.casework.anonymous import conversations, kinds
from tutela.casework.anonymous import inbox as anonymous_inbox
from tutela.casework.anonymous import previews as anonymous_previews
from tutela.casework.anonymous import retention as anonymous_retention
from tutela.casework.assignment import subjects as work_subjects
from tutela.casework.hand_overs import alerts as agency_alerts
from tutela.casework.hand_overs import cases as agency_cases
from tutela.casework.hand_overs import retention as agency_retention
from tutela.casework.hand_overs import send as agency_hand_over
from tutela.casework.hand_overs import work_queue as agency_desk
from tutela.casework.mandates import gate as mandate_gate
from tutela.casework.mandates import records as mandate_records
from tutela.casework.search import directory as directory_search
from tutela.casework.search import finders, samples
from tutela.casework.undo import actions as undo_actions
from tutela.casework.undo import delayed_actions
from tutela.casework.web import mandate_pages
from tutela.detection import cases as detection_cases
from tutela.detection import finders as detection_finders
from tutela.detection import retention as candidates
from tutela.detection.candidates import alerts as candidate_alerts
from tutela.detection.candidates import intake, requested_matches
from tutela.detection.dashboard import dashboard as provider_desk
from tutela.detection.drafts import drafts, send
from tutela.indicators import cases as indicator_cases
from tutela.indicators import finders as indicator_finders
from tutela.indicators import jobs as register_jobs
from tutela.indicators import second_person
from tutela.indicators.dashboard import dashboard as register_desk
from tutela.indicators.hashes import encryption, video_frames
from tutela.indicators.integrity import invalidation, log_evidence
from tutela.indicators.lifecycle import policy, signals
from tutela.indicators.register import delayed_acts
from tutela.indicators.register import retention as register_retention
from tutela.indicators.release_files import partner_snapshots, version_files
from tutela.indicators.releases import history
from tutela.investigations import cases as investigation_cases
from tutela.investigations import finders as investigation_finders
from tutela.investigations import retention as authority_retention
from tutela.investigations.dashboard import dashboard as authority_desk
from tutela.investigations.deconfliction import erasure, messages
from tutela.investigations.deconfliction import query as blind
from tutela.law import retention
from tutela.observatory.dashboard import dashboard as observatory_desk
from tutela.observatory.due import alerts as figure_alerts
from tutela.observatory.figures import log_evidence as figures_evidence
from tutela.organisations.approvals import rule_switch
from tutela.organisations.approvals import second_person as approvals_second_person
from tutela.organisations.dashboard import dashboard as post_office
from tutela.organisations.keys import client_certificates, key_revocation, signing, subject_keys
from tutela.organisations.messages import addresses, inbox, outbox
from tutela.organisations.people import allauth_adapters, directory
from tutela.organisations.web import page_access, previews
from tutela.prevention import finders as prevention_finders
from tutela.prevention.dashboard import dashboard as prevention_desk
from tutela.prevention.loop import public_form as question_form
from tutela.prevention.signposts import pathway
from tutela.redress import alerts as redress_alerts
from tutela.redress import cases as redress_cases
from tutela.redress import finders as redress_finders
from tutela.redress import retention as redress_retention
from tutela.redress.complaints import intake as complaint_intake
from tutela.redress.complaints import own_list as complaint_own_list
from tutela.redress.complaints import tell as complaint_tell
from tutela.redress.dashboard import dashboard as redress_desk
from tutela.redress.data_subjects import breach_alerts
from tutela.redress.reversals import begin as reversal_begin
from tutela.redress.reversals import from_takedown
from tutela.redress.reversals import messages as reversal_messages
from tutela.redress.reversals import signals as reversal_signals
from tutela.reports import cases as report_cases
from tutela.reports import finders as report_finders
from tutela.reports import retention as centre_retention
from tutela.reports.alerts import subject_kinds as centre_alerts
from tutela.reports.dashboard import dashboard as centre_desk
from tutela.reports.deconfliction import relay
from tutela.reports.state import withdrawals
from tutela.reports.triage import rescore
from tutela.takedown import alerts as takedown_alerts
from tutela.takedown import case_changes
from tutela.takedown import cases as takedown_cases
from tutela.takedown import finders as takedown_finders
from tutela.takedown import retention as takedown_retention
from tutela.takedown.dashboard import dashboard as hotline_desk
from tutela.takedown.dashboard import host_dashboard, order_dashboard
from tutela.takedown.host_desk import erase_notices, host_cases
from tutela.takedown.intake import enter_addresses, public_report, search_mandates
from tutela.takedown.notices import provider_messages
from tutela.takedown.orders import erase_orders, shared_key
from tutela.takedown.partners import receive_search, report_status, send_case, take_receipt
from tutela.victims import alerts as victim_alerts
from tutela.victims import cases as victim_cases
from tutela.victims import finders as victim_finders
from tutela.victims import public_form, support_cases, support_channels
from tutela.victims import retention as victim_retention
from tutela.victims.case_work import look_up
from tutela.victims.dashboard import dashboard as victim_desk
from tutela.victims.host_desk import found_items, membership
from tutela.victims.hosts import send as send_fingerprints
from tutela.victims.hotlines import hand_over
from tutela.victims.public.help_finder import pathways


def connect() -> None:
    """Subscribe every reaction. Called once, when the applications are ready."""
    _answers()
    requested_matches.on_match(found_items.take)
    search_mandates.on_step(receive_search.tell)
    enter_addresses.on_found(receive_search.found)
    case_changes.on_change(report_status.take_change)
    case_changes.on_change(from_takedown.take_change)
    reversal_signals.on_answered(complaint_own_list.answered)
    reversal_signals.on_ended(complaint_own_list.ended)
    reversal_signals.on_ended(complaint_tell.ended)
    _retention()
    _casework()
    _work()
    _sealed()
    _start_page()
    second_person.connect()
    approvals_second_person.on_agreed("rule_off", rule_switch.agreed)
    approvals_second_person.on_agreed(addresses.ACT, addresses.agreed)
    signals.on_revoked(withdrawals.indicator_revoked)
    signals.on_moved(rescore.enqueue_rescore)
    signing.on_revoked(invalidation.key_revoked)
    directory.on_distrusted(invalidation.enqueue_suspension)
    publish.on_published(policy.note_notice)
    publish.on_published(register_jobs.log_grew)
    log.on_extra_files(policy.files)
    log.on_released(history.logged_as)
    log_evidence.connect()
    figures_evidence.connect()


def _answers() -> None:
    """Subscribe to the answers to each kind of message."""
    outbox.on_answer("report", send.take_answer)
    outbox.on_answer(relay.QUESTION, relay.take_evaluation)
    outbox.on_answer(relay.CONTACT, relay.take_contact_answer)
    outbox.on_answer("deconfliction-ask", messages.take_centres_answer)
    outbox.on_answer("deconfliction-contact-ask", messages.contact_refused)
    outbox.on_answer(provider_messages.KIND, provider_messages.take_answer)
    outbox.on_answer(send_case.KIND, take_receipt.take_receipt)
    outbox.on_answer(reversal_begin.KIND, reversal_messages.take_receipt)
    outbox.on_answer(send_fingerprints.KIND, send_fingerprints.take_receipt)
    outbox.on_answer(hand_over.KIND, hand_over.take_receipt)
    outbox.on_answer(look_up.KIND, look_up.take_answer)
    outbox.on_answer(agency_hand_over.KIND, agency_hand_over.take_receipt)


def _start_page() -> None:
    """Overviews of the domains, in the order in which the start page shows them."""
    desks = (provider_desk, centre_desk, authority_desk, hotline_desk, register_desk, audit_desk, post_office, samples)
    others = (
        host_dashboard,
        order_dashboard,
        redress_desk,
        victim_desk,
        agency_desk,
        prevention_desk,
        anonymous_inbox,
        mandate_records,
        observatory_desk,
    )
    for desk in (*desks, *others):
        start_page.CONTRIBUTORS.append(start_page.plain(desk.overview))


def _retention() -> None:
    """Register what erases the contents of each kind of row once its time is over."""
    retention.register("candidate.rejected", candidates.erase_rejected)
    retention.register("candidate.expired", candidates.erase_expired)
    retention.register("preserved", candidates.erase_preserved)
    retention.register("report.unfounded", centre_retention.erase_unfounded)
    retention.register("report.closed", centre_retention.erase_closed)
    retention.register("report.kept", centre_retention.erase_kept)
    retention.register("referral.closed", authority_retention.erase_closed)
    retention.register("referral.kept", authority_retention.erase_kept)
    retention.register("deconfliction.identifier", erasure.erase_identifiers)
    retention.register("deconfliction.question", erasure.erase_questions)
    retention.register("indicator.uncertified", register_retention.erase_uncertified)
    retention.register("indicator.revoked", register_retention.erase_revoked)
    retention.register("indicator.refuted", register_retention.erase_refuted)
    retention.register("indicator.events", register_retention.erase_events)
    retention.register("takedown.closed", takedown_retention.erase_closed)
    retention.register("hosting.decided", erase_notices.erase_decided)
    retention.register("order.closed", erase_orders.erase_closed)
    retention.register("complaint.closed", redress_retention.erase_complaints)
    retention.register("data_request.closed", redress_retention.erase_requests)
    retention.register("removal.withdrawn", victim_retention.erase_withdrawn)
    retention.register("removal.closed", victim_retention.erase_closed)
    retention.register("removal.found", victim_retention.erase_found)
    retention.register("information.closed", support_cases.erase_information)
    retention.register("support.closed", support_cases.erase_support)
    retention.register("hand_over.ended", agency_retention.erase_ended)
    retention.register("outbox.refused", outbox.erase_refused)
    retention.register("inbound.answers", inbox.erase_answers)
    retention.register(conversations.RULE, anonymous_retention.erase_idle)


def _casework() -> None:
    """Register what alerts are about, and what each domain makes findable, in the order in which results are shown."""
    page_access.gate_desks(page_access.DeskGate(mandate_gate.closed, mandate_pages.show_closed))
    kinds.register(kinds.NODE_MESSAGE, public_report.REPORT, public_report.URGENT_REPORT)
    kinds.register(public_form.REMOVAL, public_form.REPRESENTED, public_form.OWN)
    kinds.register(*support_channels.KINDS)
    kinds.register(question_form.QUESTION_KIND)
    pathway.connect(pathways.paths)
    kinds.register_family(complaint_intake.FAMILY, complaint_intake.resolve)
    alert_subjects.register(centre_alerts.REPORTS)
    alert_subjects.register(centre_alerts.SENDERS)
    alert_subjects.register(candidate_alerts.CANDIDATES)
    alert_subjects.register(takedown_alerts.CASES)
    alert_subjects.register(takedown_alerts.MESSAGES)
    alert_subjects.register(takedown_alerts.RESERVE)
    alert_subjects.register(redress_alerts.REVERSALS)
    alert_subjects.register(victim_alerts.REQUESTS)
    alert_subjects.register(victim_alerts.ITEMS)
    for one in support_cases.ALERTS:
        alert_subjects.register(one)
    alert_subjects.register(agency_alerts.HAND_OVERS)
    alert_subjects.register(breach_alerts.BREACHES)
    alert_subjects.register(figure_alerts.CLAIMS)
    alert_subjects.register(figure_alerts.RETURNS)
    finders.register(*report_finders.FINDERS)
    finders.register(*investigation_finders.FINDERS)
    finders.register(*takedown_finders.FINDERS)
    finders.register(*detection_finders.FINDERS)
    finders.register(*indicator_finders.FINDERS)
    finders.register(*redress_finders.FINDERS)
    finders.register(*victim_finders.FINDERS)
    finders.register(*support_cases.FINDERS, agency_cases.FINDER)
    finders.register(*prevention_finders.FINDERS)
    finders.register(*casework_finders.FINDERS)
    finders.register(directory_search.ORGANISATIONS)


def _work() -> None:
    """Register the kinds of case that people work on together, and what can be undone before it leaves."""
    work_subjects.register(report_cases.CASES, investigation_cases.CASES, *detection_cases.CASES, indicator_cases.CASES)
    work_subjects.register(takedown_cases.CASES, host_cases.CASES)
    work_subjects.register(redress_cases.COMPLAINTS, redress_cases.REVERSALS)
    work_subjects.register(victim_cases.REQUESTS, victim_cases.ITEMS)
    work_subjects.register(support_cases.INFORMATION, support_cases.SUPPORT, agency_cases.HAND_OVERS)
    for subject in work_subjects.every():
        previews.name_subjects(subject.event_subject, work_subjects.titles(subject.kind))
    previews.name_subjects(conversations.SUBJECT, anonymous_previews.names_of)
    previews.read_words(anonymous_previews.words_of)
    undo_actions.register(*report_cases.ACTIONS, *investigation_cases.ACTIONS, *detection_cases.ACTIONS)
    undo_actions.register(*delayed_acts.ACTIONS, *takedown_cases.ACTIONS)


def _sealed() -> None:
    """Register everything that a data key of the node seals, with its purpose.

    These values are resealed when a data key is revoked.
    """
    seal = key_revocation.column
    seal("organisations.SigningKey", "wrapped_private", lambda key: f"signing:{key}", "key_id")
    seal("organisations.SubjectKey", "wrapped", subject_keys.place, "subject_kind", "subject_id")
    seal("organisations.PeerCredential", "wrapped_token", lambda peer: f"peer:{peer}", "peer_id")
    seal("organisations.PeerCredential", "wrapped_certificate", client_certificates.place, "peer_id")
    seal("organisations.OutboxMessage", "sealed_body", lambda key: f"outbox:{key}", "key")
    seal("casework.PendingAction", "wrapped", delayed_actions.purpose_of, "id")
    seal("indicators.IndicatorHash", "wrapped", encryption.PURPOSE)
    seal("indicators.IndicatorFilm", "sealed", video_frames.PURPOSE)
    seal("indicators.PartnerList", "wrapped_secret", lambda row: f"partner:{row}", "id")
    seal("indicators.PartnerEntry", "sealed", "partner-entry")
    seal("indicators.PartnerUndo", "sealed", "partner-undo")
    seal("indicators.PartnerPrint", "sealed", "foreign-print")
    seal("detection.MediaKey", "wrapped", lambda service: f"media:{service}", "service_id")
    seal("detection.Candidate", "wrapped", intake.PURPOSE)
    seal("detection.Revision", "wrapped", drafts.PURPOSE)
    seal("detection.TipEndpoint", "wrapped_password", lambda row: f"tip-endpoint:{row}", "id")
    seal("detection.Sending", "wrapped", send.PURPOSE)
    seal("investigations.HeldIdentifier", "sealed", blind.SEALED_IDENTIFIER)
    seal("investigations.AskedQuestion", "sealed", blind.SEALED_QUESTION)
    seal("investigations.Hit", "sealed", blind.SEALED_HIT)
    seal("casework.ConversationEntry", "sealed", conversations.seal_purpose, "conversation_id")
    seal("victims.SchemeMembership", "wrapped_identity", membership.place, "id")
    seal("takedown.OrderCopy", "wrapped_key", shared_key.place, "id")
    seal("takedown.OrderRequest", "wrapped_key", shared_key.place, "id")
    # These are sealed by their subject's key; rows of older nodes by the data key itself.
    seal("reports.Report", "sealed_body", lambda report: f"report:{report}", "report_id")
    seal("reports.Referral", "sealed_body", lambda referral: f"referral:{referral}", "referral_id")
    seal("investigations.Referral", "sealed_body", lambda referral: f"referral:{referral}", "referral_id")
    key_revocation.files(version_files.reseal)
    key_revocation.files(partner_snapshots.reseal)
    key_revocation.files(allauth_adapters.reseal)
