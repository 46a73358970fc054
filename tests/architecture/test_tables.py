"""What the tables may hold, and what the database refuses whoever asks."""

from __future__ import annotations

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.utils import ProgrammingError

from tutela.app.runtime.embedded_postgres import Cluster
from tutela.events.models import tenancy_of
from tutela.events.sql_files import RUNTIME_ROLE
from tutela.organisations.keys import key_revocation

OURS = [model for model in apps.get_models() if model.__module__.startswith("tutela.")]
INSERT_ONLY = [model for model in OURS if getattr(model, "insert_only", False)]
TENANTS = [model for model in apps.get_models() if tenancy_of(model) is not None]
# No other column can hold bytes. None of these is ever given a picture: each is small, or sealed text, or a signature.
BYTES = {
    "events.Event.commitment": "SHA-256 over the salt and the facts",
    "events.EventFacts.salt": "32 random bytes",
    "organisations.SigningKey.public": "public key",
    "organisations.SigningKey.wrapped_private": "sealed private key",
    "organisations.ActChallenge.challenge": "SHA-256 over a statement",
    "organisations.ActChallenge.statement": "what an act is, canonical JSON",
    "organisations.Approval.authenticator_data": "what a security key signed of itself",
    "organisations.Approval.client_data": "what a browser told a security key, JSON",
    "organisations.Approval.credential": "name of a security key",
    "organisations.Approval.public_key": "public key",
    "organisations.Approval.signature": "signature of a security key",
    "organisations.Approval.statement": "what an act is, canonical JSON",
    "organisations.SubjectKey.wrapped": "sealed data key of one subject",
    "organisations.OutboxMessage.sealed_body": "sealed message, canonical JSON, emptied once answered",
    "detection.TipEndpoint.wrapped_password": "sealed password of an account elsewhere",
    "detection.Tip.sealed_report": "sealed canonical report as it goes out, by the report's key",
    "organisations.PeerCredential.wrapped_certificate": "sealed client certificate with its key, PEM",
    "organisations.PeerCredential.wrapped_token": "sealed API token of another node",
    "accountability.Entry.leaf": "SHA-256",
    "accountability.Entry.head": "SHA-256",
    "accountability.Checkpoint.head": "SHA-256",
    "accountability.Checkpoint.signature": "Ed25519 signature",
    "accountability.PublicLeaf.entry": "an entry of the public log, JSON",
    "indicators.CheckedCertification.seal": "keyed hash over a certification that was verified",
    "indicators.HashValue.value": "pseudorandom value of a hash",
    "indicators.HashValue.seal": "keyed hash over a value",
    "indicators.ReferenceHash.value": "public hash of a lawful picture, freely licensed or an operator's own",
    "indicators.Release.values_root": "SHA-256",
    "indicators.IndicatorHash.wrapped": "one sealed hash",
    "indicators.IndicatorHash.blind": "keyed hash of a hash",
    "indicators.IndicatorHash.salt": "32 random bytes",
    "indicators.IndicatorFilm.sealed": "sealed hashes of a video's frames (`exchange.films`): never a frame",
    "indicators.FilmValues.values": "pseudorandom values of frames' hashes",
    "indicators.FilmValues.seal": "keyed hash over values",
    "indicators.Certification.envelope": "signed act, JSON",
    "indicators.PartnerList.wrapped_secret": "sealed password or keys of another's interface",
    "indicators.PartnerEntry.sealed": "sealed JSON of what a source says of one entry: hashes, never media",
    "indicators.PartnerUndo.sealed": "sealed JSON of what a list held before its newest file: hashes, never media",
    "indicators.PartnerPrint.sealed": "sealed fingerprint of another's interface, as it was fetched: never media",
    "indicators.PartnerHead.envelope": "signed head, JSON",
    "indicators.PartnerRelease.manifest": "signed manifest, JSON",
    "indicators.Release.manifest": "signed manifest, JSON",
    "indicators.Head.envelope": "signed head, JSON",
    "detection.MediaKey.wrapped": "sealed key that signs links into the provider's storage",
    "detection.Candidate.wrapped": "sealed candidate message, at most 1 MB of validated JSON without free bytes",
    "casework.PendingAction.wrapped": "sealed arguments of an action with undo, JSON, deleted within a minute",
    "detection.Sending.wrapped": "sealed bytes of the report as it was sent, canonical JSON",
    "detection.Receipt.envelope": "signed receipt, JSON",
    "reports.Look.blind": "keyed hash of a perceptual hash",
    "reports.Look.sealed": "sealed perceptual hash of one picture",
    "reports.Account.blind": "keyed hash of a name",
    "reports.InSeries.mark": "keyed hash of a series",
    "reports.Item.blind": "keyed hash of a digest",
    "casework.OncePage.sealed": "page that is shown once, sealed by a key that only its address has, for five minutes",
    "casework.ConversationEntry.sealed": "sealed text of one anonymous message or its answer",
    "detection.Revision.wrapped": "sealed report text, canonical JSON",
    "reports.CyberTip.sealed_document": "sealed XML of a report, without files",
    "reports.CyberTipFile.sealed_name": "sealed file name",
    "reports.Evidence.sealed_facts": "sealed JSON about one file: its name, size and digests",
    "reports.CyberTipFile.sealed_details": "sealed XML of a file's details",
    "reports.Report.sealed_body": "sealed report text, canonical JSON",
    "reports.Report.receipt": "signed receipt, JSON",
    "reports.Report.identity": "keyed hash of account and event",
    "reports.Referral.sealed_body": "sealed referral text, canonical JSON",
    "redress.Complaint.claimed_key": "the same of the account to which the newest code is delivered",
    "redress.Complaint.account_key": "keyed hash of the account at this provider, for the rule on misuse",
    "redress.Complaint.sealed": "sealed text of a person",
    "redress.ErrorEntry.measure_key": "keyed hash of the measure, by which two complaints about it are one error",
    "redress.MisuseStep.account_key": "keyed hash of the account at this provider, for the rule on misuse",
    "observatory.FigureRelease.envelope": "signed statement of figures, JSON",
    "observatory.FiledReturn.envelope": "signed return, JSON",
    "observatory.ReceivedReturn.envelope": "signed return of somebody else, JSON",
    "victims.Fingerprint.sealed": "sealed JSON of the hashes of one file",
    "victims.FoundItem.sealed": "sealed JSON: reference of an item, service and rule",
    "victims.RemovalRequest.sealed": "sealed text that staff entered",
    "victims.RemovalRequest.sealed_contact": "sealed JSON: safe channel and safe times",
    "victims.RequestedAddress.sealed": "sealed address",
    "victims.RequestedItem.sealed": "sealed JSON of hashes that a host looks for",
    "victims.SchemeMembership.wrapped_identity": "sealed age identity of a host, text",
    "takedown.AccessConditions.sealed": "sealed JSON: how to reach an address",
    "takedown.FoundItem.item_key": "keyed hash of a file, by the node's key",
    "takedown.FoundItem.sealed": "sealed JSON: digests of a file at an address",
    "takedown.HostTrace.sealed": "sealed JSON: what name servers and registries answered",
    "takedown.HostStatement.sealed": "sealed JSON of a statement of reasons",
    "takedown.IncomingNotice.sealed": "sealed JSON of a notice that a host received",
    "takedown.Notice.sealed": "sealed JSON of a notice and its recipient",
    "takedown.OrderCopy.sealed": "sealed JSON of an order, by the copy's own key",
    "takedown.OrderCopy.wrapped_key": "sealed key of a copy of an order",
    "takedown.OrderRequest.sealed": "sealed JSON of a request for an order, by its own key",
    "takedown.OrderRequest.wrapped_key": "sealed key of a request for an order",
    "takedown.OrderRequestAnswer.sealed": "sealed JSON of a reason, by the request's key",
    "takedown.OrderStep.sealed": "sealed JSON of an answer to an order, by the copy's key",
    "takedown.TakedownCase.address_key": "keyed hash of an address",
    "takedown.TakedownCase.host_key": "keyed hash of a host",
    "takedown.TakedownCase.sealed_address": "sealed address",
    "investigations.HeldIdentifier.sealed": "sealed text of one identifier",
    "investigations.HeldIdentifier.value": "pseudorandom value of an identifier",
    "investigations.AskedQuestion.sealed": "sealed JSON of identifiers' ids with their blindings",
    "investigations.Hit.sealed": "sealed pseudorandom value",
    "investigations.Referral.sealed_body": "sealed referral text, canonical JSON",
    "takedown.Import.file_key": "keyed hash of a file's bytes",
    "takedown.CaseFile.file_key": "keyed hash of a file's bytes",
    "takedown.CaseFile.sealed": "sealed JSON of a partner's file, by its own key, deleted with the import",
    "takedown.IncomingLocation.sealed": "sealed JSON of what a partner states about an address",
    "takedown.ImportPart.sealed": "sealed JSON of addresses, by the import's key, deleted once they are cases",
}
# BEFORE + ROW or STATEMENT + DELETE, UPDATE, TRUNCATE, as pg_trigger.tgtype writes them.
ROW, BEFORE, DELETE, UPDATE, TRUNCATE = 1, 2, 8, 16, 32


def _label(model: type[models.Model]) -> str:
    return model._meta.label


def test_no_column_is_made_for_a_file() -> None:
    found = [f for model in OURS for f in model._meta.get_fields() if isinstance(f, models.FileField)]
    assert not found


def test_every_column_of_bytes_is_named_with_what_it_holds() -> None:
    found = {
        f"{model._meta.label}.{f.name}"
        for model in OURS
        for f in model._meta.get_fields()
        if isinstance(f, models.BinaryField)
    }
    assert found == set(BYTES)


def test_every_sealed_column_is_sealed_anew_when_a_data_key_is_revoked() -> None:
    """All but those that a subject's own key has sealed ever since there were such columns."""
    sealed = {name for name, holds in BYTES.items() if holds.startswith(("sealed", "one sealed"))}
    named = {f"{one.model}.{one.field}" for one in key_revocation.COLUMNS}
    assert named <= sealed
    own = {
        "reports.CyberTip",
        "reports.CyberTipFile",
        "reports.Evidence",
        "reports.Look",
        "detection.Tip",
        "redress.Complaint",
        "victims.Fingerprint",
        "victims.FoundItem",
        "victims.RemovalRequest",
        "victims.RequestedAddress",
        "victims.RequestedItem",
    } | {
        f"takedown.{name}"
        for name in (
            "AccessConditions",
            "CaseFile",
            "FoundItem",
            "HostStatement",
            "HostTrace",
            "ImportPart",
            "IncomingLocation",
            "IncomingNotice",
            "Notice",
            "OrderCopy",
            "OrderRequest",
            "OrderRequestAnswer",
            "OrderStep",
            "TakedownCase",
        )
    }
    assert {name.rpartition(".")[0] for name in sealed - named} == own


def test_there_are_tables_to_look_at() -> None:
    assert len(INSERT_ONLY) > 20
    assert len(TENANTS) > 20


@pytest.mark.parametrize("model", INSERT_ONLY, ids=_label)
def test_insert_only_table_refuses_changes_from_every_role(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgtype FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = %s::regclass AND p.proname = 'tutela_refuse' AND t.tgenabled IN ('O', 'A')",
            [model._meta.db_table],
        )
        kinds = {row[0] for row in cursor.fetchall()}
    assert ROW | BEFORE | DELETE | UPDATE in kinds
    assert BEFORE | TRUNCATE in kinds


@pytest.mark.parametrize("model", INSERT_ONLY, ids=_label)
def test_runtime_role_may_not_change_an_insert_only_table(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        for verb in ("UPDATE", "DELETE", "TRUNCATE"):
            cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [RUNTIME_ROLE, model._meta.db_table, verb])
            assert cursor.fetchone() == (False,), verb
            cursor.execute(
                "SELECT count(*) FROM information_schema.column_privileges"
                " WHERE grantee = %s AND table_name = %s AND privilege_type = %s",
                [RUNTIME_ROLE, model._meta.db_table, verb],
            )
            assert cursor.fetchone() == (0,), verb


def test_owner_is_refused_too() -> None:
    url = settings.CONFIG.owner_database_url or Cluster(settings.DATA_DIR).url("tutela_owner")
    with psycopg.connect(url) as owner:
        for model in INSERT_ONLY:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"):
                owner.execute(f'TRUNCATE "{model._meta.db_table}" CASCADE')
            owner.rollback()


@pytest.mark.parametrize("model", TENANTS, ids=_label)
def test_tenant_table_is_closed_by_forced_row_level_security(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class"
            " WHERE oid = %s::regclass",
            [model._meta.db_table],
        )
        enabled, forced, owner = cursor.fetchone()
    assert (enabled, forced) == (True, True)
    assert owner != RUNTIME_ROLE


def test_runtime_role_has_no_power_beyond_its_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (RUNTIME_ROLE, False, False, False, False)


OURS_FIRST = """
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND p.proname NOT LIKE 'procrastinate%%'
  AND (p.prosecdef OR p.prorettype = 'trigger'::regtype
    OR EXISTS (SELECT FROM unnest(p.proconfig) said WHERE said LIKE 'search_path=%%')) AND {wrong}"""


@pytest.mark.parametrize(
    "wrong",
    [
        "p.proconfig @> ARRAY['search_path=public, pg_temp'] IS NOT TRUE",
        "p.prorettype = 'trigger'::regtype AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')",
    ],
    ids=["a session's temporary tables come after ours", "nobody makes a trigger of it"],
)
def test_no_function_of_the_owner_is_shown_other_tables_or_hung_on_them(wrong: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OURS_FIRST.format(wrong=wrong), {"role": RUNTIME_ROLE})
        assert cursor.fetchall() == []


def test_no_trigger_of_ours_is_hung_on_a_table_of_the_sessions_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE hung (id uuid, xact bigint)")
        try:
            with pytest.raises(ProgrammingError, match="permission denied for function"):
                cursor.execute(
                    "CREATE TRIGGER hung AFTER INSERT ON hung FOR EACH ROW EXECUTE FUNCTION accountability_queue()"
                )
        finally:
            cursor.execute("DROP TABLE hung")
