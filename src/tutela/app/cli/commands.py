"""Every command of `tutela`: its heading, the module that runs it, and what the help says of it.

A module is imported when its command is run, or asked for its own help: `tutela --help` waits for none of them.
"""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from tutela.app.cli import extras

if TYPE_CHECKING:
    from collections.abc import Iterator


class Command(NamedTuple):
    """Its heading in the help; module and name below `tutela.app.cli`; the first paragraph of its own help."""

    panel: str
    source: str
    help: str


COMMANDS = {
    "scan": Command("Scan", "offline.scan:scan", "Scan for known items. Nothing is moved, opened to view or uploaded."),
    "hash": Command(
        "Scan",
        "offline.hash_files:hash_",
        "Print digests and perceptual hashes as JSON Lines, without a look-up.",
    ),
    "match": Command(
        "Scan",
        "offline.match:match",
        "Look up one hash in lists: of a file, a picture, or a video (vPDQ, as lines or JSON).",
    ),
    "compare": Command(
        "Scan",
        "offline.match:compare",
        "Compare the hashes of two videos. Exits with 1 if they match by the usual thresholds, otherwise with 0.",
    ),
    "lookup": Command(
        "Scan",
        "offline.lookup:lookup",
        "Check whether files are listed, without revealing them to the Centre. Exits with 1 if a file is listed.",
    ),
    "index": Command("Scan", "offline.index:app", "Build and inspect lists of hashes."),
    "unseal": Command(
        "Authority",
        "offline.unseal:unseal",
        "Open files that were sealed to you and verify them against their referral, or reseal them.",
    ),
    "triage": Command("Authority", "offline.triage:app", "Sort seized media without a network, and grade what is new."),
    "referral": Command("Authority", "node.referral:app", "Fetch, open and answer referrals, also without a network."),
    "edge": Command("Edge", "offline.edge:app", "The provider's matching service."),
    "vantage": Command(
        "Hotline", "offline.vantage:app", "Look at addresses from another country for a hotline's node."
    ),
    "examine": Command(
        "Hotline",
        "offline.examine:app",
        "Look at what is at a reported address, on the mandated analyst's own machine.",
    ),
    "verify": Command(
        "Auditor",
        "offline.verify:app",
        "Verify a log, a proof, an absence, a release or an action's signatures.",
    ),
    "witness": Command("Auditor", "offline.witness:app", "Cosign a log's checkpoints for the public."),
    "policy": Command("Auditor", "offline.policy:app", "Sign and announce the register's policy."),
    "setup": Command(
        "Node",
        "node.node:setup",
        "Set up this node: its organisation, keys, first administrator and the state of the law.",
    ),
    "join": Command(
        "Node",
        "node.node:join",
        "Join a Centre on another node. First compare its receipt key through a separate channel.",
    ),
    "peer": Command(
        "Node", "node.node:peer", "Store the API key that another organisation's node issued to the Centre."
    ),
    "recover": Command(
        "Node",
        "node.node:recover",
        "Remove the second factor of the last administrator and unlock the sign-in.",
    ),
    "migrate": Command("Node", "node.node:migrate", "Migrate the database to this version."),
    "serve": Command(
        "Node",
        "node.node:serve",
        "Run the desks, the API and the worker in the foreground. Ctrl-C stops them cleanly.",
    ),
    "doctor": Command(
        "Node",
        "node.node:doctor",
        "Check this installation and show how to fix each problem. Exits with 1 if there are any. Creates nothing.",
    ),
    "backup": Command(
        "Node",
        "node.backup:backup",
        "Write one sealed file with the database, the keys, the releases and the checkpoints.",
    ),
    "restore": Command(
        "Node",
        "node.backup:restore",
        "Restore into an empty TUTELA_DATA, then verify the log. Never overwrites.",
    ),
    "import": Command(
        "Node", "node.import_:import_", "Propose every line of a file. Exits with 3 if lines were refused."
    ),
    "import-undo": Command(
        "Node",
        "node.import_:import_undo",
        "Undo the newest file of a list and restore the earlier entries. Possible for 30 days.",
    ),
    "export": Command(
        "Node",
        "node.export:export",
        "Write a list to a file. Fields that the format lacks are counted on the error stream.",
    ),
    "submit": Command(
        "Node",
        "node.submit:submit",
        "Submit every hash of a file as checked and blocked. All are submitted, or none.",
    ),
    "report": Command("Node", "offline.report:app", "Make and check a report, without a network."),
    "keys": Command("Node", "node.keys:app", "Create, rotate and revoke keys."),
    "reference": Command(
        "Node", "node.lawful_reference:app", "Hashes of lawful pictures that no proposal may resemble."
    ),
    "demo": Command("Node", "node.demo:app", "A demonstration with invented organisations."),
    "drill": Command(
        "Node",
        "node.drill:app",
        "A test entry to every connected Edge, and its reversal at every recipient.",
    ),
    "log": Command("Node", "node.log:app", "The public log of this node, for its operator."),
}


def needs_node(name: str) -> bool:
    """Whether a command runs only where the desks are installed (`tutela[node]`)."""
    return name in COMMANDS and COMMANDS[name].source.startswith("node.")


class Commands(TyperGroup):
    """The table as a group. While its own help is printed, commands stand in it as the table describes them."""

    _describing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Those that are installed, as the table orders them, then those that were added."""
        installed = [name for name in COMMANDS if extras.has_node() or not needs_node(name)]
        return [*installed, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself; None for one that is not installed."""
        found = COMMANDS.get(cmd_name)
        if found is None:
            return super().get_command(ctx, cmd_name)
        if self._describing:
            return TyperCommand(cmd_name, help=found.help, rich_help_panel=found.panel)
        return _imported(cmd_name, found) if extras.has_node() or not needs_node(cmd_name) else None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help by the table alone."""
        with self._by_the_table():
            super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Complete the names by the table alone."""
        with self._by_the_table():
            return super().shell_complete(ctx, incomplete)

    @contextmanager
    def _by_the_table(self) -> Iterator[None]:
        self._describing = True
        try:
            yield
        finally:
            self._describing = False


def _imported(name: str, command: Command) -> Any:
    module, _, attribute = command.source.partition(":")
    source = getattr(importlib.import_module(f"tutela.app.cli.{module}"), attribute)
    alone = typer.Typer()
    alone.callback()(_nothing)  # makes a group of it, also with one command
    if isinstance(source, typer.Typer):
        alone.add_typer(source, name=name, rich_help_panel=command.panel)
    else:
        alone.command(name=name, rich_help_panel=command.panel)(source)
    return typer.main.get_group(alone).commands[name]


def _nothing() -> None:
    pass
