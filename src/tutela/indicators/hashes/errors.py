"""Errors of hashes and of video frames."""

from tutela.events.errors import Conflict, Invalid


class QualityTooLow(Invalid):
    """A PDQ hash needs a quality of at least 50. Hashes of flatter pictures match innocent pictures."""

    field = "pdq"


class NoUsableHash(Invalid):
    """Give at least one SHA-256, or a PDQ hash with its quality."""

    field = "sha256"


class WrongDigits(NoUsableHash):
    """{kind} must be exactly {digits} hexadecimal digits."""


class EmptyFile(NoUsableHash):
    """This is the digest of an empty file. Enter the digest of the item."""


class OnlyZeros(QualityTooLow):
    """A hash of only zeros is the hash of a flat picture. Enter another hash."""


class ResemblesLawful(Invalid):
    """This picture is in the lawful reference set, or looks like a picture in that set. Such a picture cannot be an
    indicator.
    """

    field = "pdq"


class TooManyHashes(Invalid):
    """An indicator has at most {most} hashes, and this one has {many}. Leave out windows, or frames
    that are similar.
    """

    field = "hashes"


class LineNotRead(Invalid):
    """This text is not a line of `tutela hash`. Paste one whole line of its output."""

    field = "line"


class NotText(Invalid):
    """The file must be text in UTF-8, or in UTF-16 with a byte order mark. Save the output of `tutela
    hash` as UTF-8.
    """

    field = "file"


class FramesNotRead(Invalid):
    """The frames of the video cannot be used: {reason}"""

    field = "frames"


class TooFewFrames(Invalid):
    """A video needs {least} different frames of quality 50 or more. This video has {usable} of {told}. Hash a short
    video with a shorter --interval, or propose the video by its digests only.
    """

    field = "frames"


class MostlyLawful(Invalid):
    """{count} of {shown} frames are lawful pictures, or look like lawful pictures. Such a video cannot be an
    indicator.
    """

    field = "frames"


class MostlyJudged(MostlyLawful):
    """{count} of {shown} frames are, or look like, lawful pictures or material judged not to be CSAM. Such a video
    cannot be an indicator.
    """


class WindowTooSmall(Invalid):
    """A window must cover at least 64 % of the listed picture. A smaller window is no longer the listed picture."""

    field = "covers"


class JudgedNotCsam(Invalid):
    """{number} was judged not to be CSAM, and this item is the same or looks like it. The Centre must clear that
    indicator first.
    """


class KnownItem(Conflict):
    """An indicator with this digest already exists. Certify that indicator instead."""
