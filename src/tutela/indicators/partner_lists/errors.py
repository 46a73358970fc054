"""What is refused of the lists of others."""

from tutela.events.errors import Conflict


class ListReplaced(Conflict):
    """Somebody else has replaced or undone this list meanwhile: look at what it holds now, and begin again."""

    field = "list_id"


class FileChanged(Conflict):
    """The file changed while it was read. Nothing was withdrawn from the list; give the whole file again."""

    field = "file"


class WouldShrink(Conflict):
    """The file would withdraw {withdrawn} of {live} entries. If that is right, allow it: --allow-shrink."""

    field = "file"


class NothingToUndo(Conflict):
    """There is nothing to undo: no file replaced this list within the last 30 days."""
