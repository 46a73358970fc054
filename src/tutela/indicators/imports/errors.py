"""What is refused of imports."""

from tutela.events.errors import Conflict, Invalid


class ImportsCertify(Conflict):
    """An import certifies what it proposes, and your organisation certifies with security keys or by two people:
    propose on the page."""


class FileTooLarge(Invalid):
    """The file is larger than {most} MB: divide it, or ask the node's operator to run tutela import."""

    field = "file"


class TooManyLines(Invalid):
    """The file has more than {most} entries: divide it, or ask the node's operator to run tutela import."""

    field = "file"


class FileNotRead(Invalid):
    """The file cannot be read."""

    field = "file"


class FileCut(Invalid):
    """The file ends in the middle of line {line}: nothing of it was taken. Get the whole file and give it again."""

    field = "file"
