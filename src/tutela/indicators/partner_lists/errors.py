"""Errors of partner lists."""

from tutela.events.errors import Conflict, TutelaError


class NodeFault(TutelaError):
    """An error of this node. The operator finds details in the log."""

    status = 500


class ListReplaced(Conflict):
    """Somebody else has replaced or undone this list in the meantime. Check its current entries and start again."""

    field = "list_id"


class FileChanged(Conflict):
    """The file changed while it was read. Nothing was withdrawn from the list. Import the whole file again."""

    field = "file"


class WouldShrink(Conflict):
    """The file would withdraw {withdrawn} of {live} entries. If this is correct, allow it with --allow-shrink."""

    field = "file"


class NothingToUndo(Conflict):
    """Nothing can be undone: no file replaced this list within the last 30 days."""
