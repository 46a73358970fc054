"""Reactions within one organisation, one line each. Between organisations nothing is wired: the outbox carries it."""

from tutela.accountability import overview as audit_desk
from tutela.accountability import public_log, publishing
from tutela.app import overview
from tutela.detection import drafting, intake, sending
from tutela.detection import overview as provider_desk
from tutela.detection import retention as candidates
from tutela.indicators import (
    agreed,
    backing,
    films,
    hashes,
    keeping,
    lapsing,
    policy,
    releases,
    snapshots,
    telling,
    versions,
)
from tutela.indicators import jobs as register_jobs
from tutela.indicators import overview as register_desk
from tutela.investigations import deconfliction as blind
from tutela.investigations import deconfliction_messages
from tutela.investigations import overview as authority_desk
from tutela.investigations import retention as authority_retention
from tutela.law import retention
from tutela.organisations import (
    addresses,
    certificates,
    directory,
    erasable,
    inbox,
    outbox,
    resealing,
    seconding,
    signin,
    signing,
    switching,
)
from tutela.organisations import overview as post_office
from tutela.reports import deconfliction, rescoring, withdrawal
from tutela.reports import overview as centre_desk
from tutela.reports import retention as centre_retention


def connect() -> None:
    """Subscribe every reaction. Called once, when the applications are ready."""
    outbox.on_answer("report", sending.take_answer)
    outbox.on_answer(deconfliction.QUESTION, deconfliction.take_evaluation)
    outbox.on_answer(deconfliction.CONTACT, deconfliction.take_contact_answer)
    outbox.on_answer("deconfliction-ask", deconfliction_messages.take_centres_answer)
    outbox.on_answer("deconfliction-contact-ask", deconfliction_messages.contact_refused)
    retention.register("candidate.rejected", candidates.erase_rejected)
    retention.register("candidate.expired", candidates.erase_expired)
    retention.register("preserved", candidates.erase_preserved)
    retention.register("report.unfounded", centre_retention.erase_unfounded)
    retention.register("report.closed", centre_retention.erase_closed)
    retention.register("report.kept", centre_retention.erase_kept)
    retention.register("referral.closed", authority_retention.erase_closed)
    retention.register("referral.kept", authority_retention.erase_kept)
    retention.register("deconfliction.identifier", blind.erase_identifiers)
    retention.register("deconfliction.question", blind.erase_questions)
    retention.register("indicator.uncertified", keeping.erase_uncertified)
    retention.register("indicator.revoked", keeping.erase_revoked)
    retention.register("indicator.refuted", keeping.erase_refuted)
    retention.register("indicator.events", keeping.erase_events)
    retention.register("outbox.refused", outbox.erase_refused)
    retention.register("inbound.answers", inbox.erase_answers)
    _sealed()
    for desk in (provider_desk, centre_desk, authority_desk, register_desk, audit_desk, post_office):
        overview.CONTRIBUTORS.append(overview.plain(desk.overview))
    agreed.connect()
    seconding.on_agreed("rule_off", switching.agreed)
    seconding.on_agreed(addresses.ACT, addresses.agreed)
    telling.on_revoked(withdrawal.indicator_revoked)
    telling.on_moved(rescoring.order)
    signing.on_revoked(lapsing.key_revoked)
    directory.on_distrusted(lapsing.order)
    publishing.on_published(policy.note_notice)
    publishing.on_published(register_jobs.log_grew)
    public_log.on_beside(policy.files)
    public_log.on_released(releases.logged_as)
    backing.connect()


def _sealed() -> None:
    """Everything that a data key of the node seals, and for which purpose: what is sealed anew when one is revoked."""
    seal = resealing.column
    seal("organisations.SigningKey", "wrapped_private", lambda key: f"signing:{key}", "key_id")
    seal("organisations.SubjectKey", "wrapped", erasable.place, "subject_kind", "subject_id")
    seal("organisations.PeerCredential", "wrapped_token", lambda peer: f"peer:{peer}", "peer_id")
    seal("organisations.PeerCredential", "wrapped_certificate", certificates.place, "peer_id")
    seal("organisations.OutboxMessage", "sealed_body", lambda key: f"outbox:{key}", "key")
    seal("indicators.IndicatorHash", "wrapped", hashes.PURPOSE)
    seal("indicators.IndicatorFilm", "sealed", films.PURPOSE)
    seal("indicators.ForeignList", "wrapped_secret", lambda row: f"foreign:{row}", "id")
    seal("indicators.ForeignEntry", "sealed", "foreign-entry")
    seal("indicators.ForeignUndo", "sealed", "foreign-undo")
    seal("indicators.ForeignPrint", "sealed", "foreign-print")
    seal("detection.MediaKey", "wrapped", lambda service: f"media:{service}", "service_id")
    seal("detection.Candidate", "wrapped", intake.PURPOSE)
    seal("detection.Revision", "wrapped", drafting.PURPOSE)
    seal("detection.TipEndpoint", "wrapped_password", lambda row: f"tip-endpoint:{row}", "id")
    seal("detection.Sending", "wrapped", sending.PURPOSE)
    seal("investigations.HeldIdentifier", "sealed", blind.SEALED_IDENTIFIER)
    seal("investigations.AskedQuestion", "sealed", blind.SEALED_QUESTION)
    seal("investigations.Hit", "sealed", blind.SEALED_HIT)
    # These are sealed by their subject's key; rows of older nodes by the data key itself.
    seal("reports.Report", "sealed_body", lambda report: f"report:{report}", "report_id")
    seal("reports.Referral", "sealed_body", lambda referral: f"referral:{referral}", "referral_id")
    seal("investigations.Referral", "sealed_body", lambda referral: f"referral:{referral}", "referral_id")
    resealing.files(versions.reseal)
    resealing.files(snapshots.reseal)
    resealing.files(signin.reseal)
