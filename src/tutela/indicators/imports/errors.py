"""Errors of imports."""

from tutela.events.errors import Conflict, Invalid


class ImportsCertify(Conflict):
    """An import certifies its own proposals. Your organisation certifies with security keys or with two people, so
    propose items on the page.
    """


class FileTooLarge(Invalid):
    """The file is larger than {most} MB. Divide the file, or ask the node's operator to run tutela import."""

    field = "file"


class TooManyLines(Invalid):
    """The file has more than {most} entries. Divide the file, or ask the node's operator to run tutela import."""

    field = "file"


class FileNotRead(Invalid):
    """The file cannot be read."""

    field = "file"
