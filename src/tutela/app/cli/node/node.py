"""Commands of a node: set up, join, migrate, serve and diagnose."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape

from tutela.app import config
from tutela.app.cli.exit_codes import Exit, fail, require_port
from tutela.app.cli.output import echo
from tutela.app.runtime import machine_checks, node

console = Console(stderr=True)


def migrate() -> None:
    """Migrate the database to this version."""
    node.prepare()
    node.migrate()


def setup(
    organisation: Annotated[str, typer.Option(prompt="Name of your organisation")],
    kind: Annotated[str, typer.Option(prompt="Kind: provider, hotline, authority, centre, …")],
    country: Annotated[str, typer.Option(prompt="Country: two letters")],
    email: Annotated[str, typer.Option(prompt="Administrator's e-mail")],
    name: Annotated[str, typer.Option(prompt="Administrator's name")],
    organisation_id: Annotated[
        UUID | None, typer.Option(help="Your organisation's ID in the Centre's directory.")
    ] = None,
) -> None:
    """Set up this node: its organisation, keys, first administrator and the state of the law."""
    node.django()
    from tutela.casework.mandates import gate, records
    from tutela.law import acts
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import check_answers, found_node, machine

    check_answers(organisation, kind, country.upper(), email, name)
    node.prepare()
    node.migrate()
    chosen = config.load()
    token = found_node(
        organisation, kind, country.upper(), email, name, api_url=chosen.public_url, organisation_id=organisation_id
    )
    acts.seed()
    founder = directory.named(organisation.strip())
    if gate.is_gated(founder.kind):
        records.seed_provisional(machine(founder.id, "setup"))
        echo(f"A provisional mandate opens the desk for {records.PROVISIONAL.days} days. Record yours: /desk/mandates/")
    echo(f"Organisation created. {name} sets a password and a second factor here, within 7 days:")
    echo(f"{chosen.public_url}/join/{token}/")


def join(
    centre: Annotated[str, typer.Option(help="Name of the Centre.")],
    country: Annotated[str, typer.Option(help="Country of the Centre.")],
    centre_id: Annotated[UUID, typer.Option(help="ID of the Centre, as shown in its directory.")],
    receipt_key: Annotated[
        str, typer.Option(help="Public receipt key of the Centre, as shown by `tutela keys list` on its node.")
    ],
    api_url: Annotated[str, typer.Option(help="API address of the Centre; not with --offline.")] = "",
    token_env: Annotated[
        str, typer.Option(help="Environment variable with the key issued by the Centre.")
    ] = "TUTELA_CENTRE_TOKEN",
    offline: Annotated[
        bool, typer.Option("--offline", help="For an authority without a network: exchange signed files.")
    ] = False,
) -> None:
    """Join a Centre on another node. First compare its receipt key through a separate channel."""
    node.prepare()
    node.django()
    from tutela.organisations.messages import join as messages_join
    from tutela.organisations.messages import message_signing
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    ours = next((e for e in directory.list_organisations() if e.kind != "centre"), None)
    if ours is None:
        raise fail("no organisation exists yet: run tutela setup", Exit.USAGE)
    told = messages_join.Centre(centre, country.upper(), centre_id, api_url, receipt_key)
    if not (api_url or offline):
        raise fail("give --api-url of the Centre, or --offline", Exit.USAGE)
    key = messages_join.join(machine(ours.id, "join"), told, os.environ.get(token_env, ""), offline=offline)
    if offline:
        echo("Joined. Import referrals with `tutela referral open`; export answers with `tutela referral answers`.")
        return
    use, public = message_signing.public_key(machine(ours.id, "join"))
    echo("Joined. Ask the Centre to enter your message signing key on its node:")
    echo(f"tutela keys trust {use} {ours.id} {public}")
    echo(f"Give the Centre this key for its messages to you. The key is shown only once:\n{key}")


def peer(
    organisation: Annotated[UUID, typer.Argument(help="Owner of the API: ID in the directory.")],
    token_env: Annotated[
        str, typer.Option(help="Environment variable with the key issued by that organisation.")
    ] = "TUTELA_PEER_TOKEN",
    certificate: Annotated[Path | None, typer.Option(help="Client certificate for that API (PEM).")] = None,
    key: Annotated[
        Path | None, typer.Option(help="Private key of the certificate (PEM, without a passphrase).")
    ] = None,
) -> None:
    """Store the API key that another organisation's node issued to the Centre.

    With --certificate and --key: store the client certificate for a peer that requires one.
    """
    node.prepare()
    node.django()
    from tutela.organisations.messages import outbox
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    if certificate is not None or key is not None:
        _certificate(organisation, certificate, key)
        return
    centre, token = directory.the_centre(), os.environ.get(token_env, "")
    if centre is None or not token.startswith("tut_"):
        raise fail(f"this node must have a Centre, and {token_env} must hold a key that begins with tut_", Exit.USAGE)
    entry = directory.entry(organisation)
    outbox.set_credential(machine(centre.id, "peer"), entry.id, token)
    echo(f"Saved. Messages to {entry.name} use this key.")


def recover(
    email: Annotated[str, typer.Argument(help="Sign-in address of the person who lost the second factor.")],
    reason: Annotated[str, typer.Option(prompt="Reason; recorded in the event")],
) -> None:
    """Remove the second factor of the last administrator and unlock the sign-in."""
    node.prepare()
    node.django()
    from tutela.organisations.people import recovery
    from tutela.organisations.people.bootstrap import machine
    from tutela.organisations.people.members import actor_by_email

    lost = actor_by_email(email.strip().lower())
    if lost.person_id is not None:
        recovery.recover(machine(lost.organisation_id, "operator"), lost.person_id, reason)
    echo("Second factor removed and all sessions ended. The person sets up a new one at the next sign-in.")


def _certificate(organisation: UUID, certificate: Path | None, key: Path | None) -> None:
    from tutela.organisations.keys import client_certificates
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    founder = directory.founder()
    if founder is None or certificate is None or key is None:
        raise fail("give --certificate and --key; the node must have an organisation", Exit.USAGE)
    entry = directory.entry(organisation)
    try:
        said = client_certificates.keep(
            machine(founder.id, "peer"), entry.id, certificate.read_bytes(), key.read_bytes()
        )
    except OSError as error:
        raise fail(f"{error.filename}: {error.strerror}", Exit.USAGE) from None
    echo(f"Saved. {entry.name} receives {said}.")


def serve() -> None:
    """Run the desks, the API and the worker in the foreground. Ctrl-C stops them cleanly."""
    from django.db import connection

    from tutela.app.runtime import supervisor

    chosen = config.load()
    require_port(chosen.listen, "TUTELA_LISTEN")
    cluster = node.prepare()
    node.migrate()
    node.django()
    from tutela.organisations.people import directory

    if not directory.list_organisations():
        console.print("No organisation exists yet. Run `tutela setup` in another terminal.")
    connection.close()  # the supervisor itself asks nothing more
    children = [supervisor.web(chosen.listen, chosen.web_workers), supervisor.worker()]
    supervisor.as_user(children, cluster, node.data_folder(), chosen.evidence, console.print)
    console.print(f"Tutela runs at {chosen.public_url}. Press Ctrl-C to stop.")
    supervisor.Supervisor(children, cluster, console.print).run()


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Check this installation and show how to fix each problem. Exits with 1 if there are any. Creates nothing."""
    if as_json:
        found = list(_examined())
        echo(json.dumps([asdict(one) for one in found]))
        raise typer.Exit(0 if all(one.fine for one in found) else 1)
    report = Console()
    wrong = sum([not _said(report, finding) for finding in _examined()])
    raise typer.Exit(1 if wrong else 0)


def _examined() -> Iterator[machine_checks.Finding]:
    """Check the machine first, then the installation.

    If the installation cannot be opened, the last finding gives the reason, after all findings about the machine.
    """
    yield from machine_checks.examine()
    chosen, found = machine_checks.installation()
    if chosen is None:
        yield found
        return
    try:
        node.prepare()
        node.django()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, say it
        seen = str(error).strip() or type(error).__name__
        yield machine_checks.Finding("Installation", False, seen, "Check TUTELA_DATA and DATABASE_URL.")
        return
    from tutela.app.runtime import doctor as doctors

    yield from doctors.examine()


def _said(report: Console, finding: machine_checks.Finding) -> bool:
    mark = "[green]ok[/] " if finding.fine else "[red]BAD[/]"
    report.print(f"{mark} {finding.name}: {escape(finding.seen)}", soft_wrap=True)
    if not finding.fine:
        report.print(f"    fix: {escape(finding.fix)}", soft_wrap=True)
    return finding.fine
