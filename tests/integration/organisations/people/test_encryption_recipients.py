"""Keys to which evidence is sealed: entered, changed, revoked, seen by the Centre; never the secret."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections
from typer.testing import CliRunner

from tests.support.cast import Cast
from tutela.app.cli.node.keys import app as keys
from tutela.app.cli.offline.unseal import unseal
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.referral import age_encryption
from tutela.organisations.models import RecipientKey
from tutela.organisations.people import encryption_recipients


def test_a_new_key_retires_the_one_before_and_each_is_an_event(cast: Cast) -> None:
    (_, first), (_, second) = age_encryption.new_identity(), age_encryption.new_identity()
    made = encryption_recipients.enter(cast.authority, first)
    encryption_recipients.enter(cast.authority, second)
    shown = encryption_recipients.list_recipients(cast.authority.organisation_id)
    assert [(one.text, one.state) for one in shown] == [(second, "current"), (first, "retired")]
    now = encryption_recipients.current(cast.authority.organisation_id)
    assert now
    assert now.text == second
    assert shown[1].until
    encryption_recipients.revoke(cast.authority, now.id)
    encryption_recipients.revoke(cast.authority, now.id)
    assert encryption_recipients.current(cast.authority.organisation_id) is None
    with acting(cast.authority):
        assert [e.kind for e in timeline("recipient", made.id)] == ["recipient.entered", "recipient.retired"]
        assert [e.kind for e in timeline("recipient", now.id)] == ["recipient.entered", "recipient.revoked"]


def test_a_key_is_entered_once_and_by_an_authority_alone(cast: Cast) -> None:
    _, text = age_encryption.new_identity()
    encryption_recipients.enter(cast.authority, text.upper())
    europol = cast.organisation("Europol", "europol", "NL")
    with pytest.raises(Invalid, match="already entered"):
        encryption_recipients.enter(europol, text)
    with pytest.raises(Invalid, match="only to authorities and Europol"):
        encryption_recipients.enter(cast.pixelpost, age_encryption.new_identity()[1])
    with pytest.raises(Invalid, match="age1"):
        encryption_recipients.enter(cast.authority, "age1nothing")
    with pytest.raises(Forbidden):
        encryption_recipients.enter(cast.actor(cast.authority, "investigator"), age_encryption.new_identity()[1])
    own = encryption_recipients.list_recipients(cast.authority.organisation_id)[0]
    with pytest.raises(NotFound):
        encryption_recipients.revoke(europol, own.id)


def test_two_at_once_leave_one_current_key(cast: Cast) -> None:
    authority = cast.authority

    def enter(text: str) -> None:
        try:
            encryption_recipients.enter(authority, text)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(enter, [age_encryption.new_identity()[1] for _ in range(4)]))
    states = [one.state for one in encryption_recipients.list_recipients(authority.organisation_id)]
    assert sorted(states) == ["current", "retired", "retired", "retired"]


def test_an_administrator_enters_and_revokes_on_the_page_and_the_centre_sees_it(cast: Cast) -> None:
    identity, text = age_encryption.new_identity()
    browser = cast.client(cast.authority, "administrator")
    said = browser.post("/desk/organisation/recipients/new/", {"recipient": identity})
    assert "secret key" in said.content.decode()
    assert identity not in said.content.decode()
    assert browser.post("/desk/organisation/recipients/new/", {"recipient": text}).status_code == 302
    assert text in browser.get("/desk/organisation/").content.decode()
    entry = f"/desk/directory/{cast.authority.organisation_id}/"
    assert text in cast.client(cast.centre, "analyst").get(entry).content.decode()
    (row,) = encryption_recipients.list_recipients(cast.authority.organisation_id)
    assert (
        cast.client(cast.pixelpost, "administrator").post(f"/desk/organisation/recipients/{row.id}/revoke/").status_code
        == 404
    )
    assert browser.post(f"/desk/organisation/recipients/{row.id}/revoke/").status_code == 302
    assert encryption_recipients.current(cast.authority.organisation_id) is None


def test_no_table_has_a_place_for_the_secret_half() -> None:
    """There is no escrow key: a node knows public recipients and nothing that opens what was sealed to them."""
    assert {f.name for f in RecipientKey._meta.get_fields()} == {
        "id",
        "organisation",
        "recipient",
        "by",
        "by_name",
        "at",
        "ended_at",
        "ended_by",
        "ended_as",
    }


def test_the_command_makes_a_key_that_nobody_else_reads_and_never_overwrites(tmp_path: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(unseal)
    target = tmp_path / "key.txt"
    done = CliRunner().invoke(app, ["--new-key", str(target)])
    assert done.exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    (identity,) = age_encryption.identities_in(target.read_text())
    assert identity not in done.output
    assert age_encryption.recipient_of(done.stdout.split()[-1]) in target.read_text()
    again = CliRunner().invoke(app, ["--new-key", str(target)])
    assert again.exit_code == 2
    assert age_encryption.identities_in(target.read_text()) == [identity]


def test_the_operator_enters_a_key_for_an_authority(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from tutela.app.cli.node import keys as command

    monkeypatch.setattr(command, "_owner", lambda: cast.centre)
    _, text = age_encryption.new_identity()
    named = str(cast.authority.organisation_id)
    done = CliRunner().invoke(keys, ["create", "sealing", "--recipient", text, "--organisation", named])
    assert done.exit_code == 0, done.output
    now = encryption_recipients.current(cast.authority.organisation_id)
    assert now
    assert now.text == text
    assert CliRunner().invoke(keys, ["create", "sealing"]).exit_code == 2
