"""What is refused of hashes, and of the frames of a video."""

from tutela.events.errors import Conflict, Invalid


class QualityTooLow(Invalid):
    """A PDQ hash needs a quality of at least 50; flatter pictures match innocent ones."""

    field = "pdq"


class NoUsableHash(Invalid):
    """Give at least one SHA-256, or a PDQ hash with its quality."""

    field = "sha256"


class ResemblesLawful(Invalid):
    """This is, or looks like, a picture of the lawful reference set; it cannot be an indicator."""

    field = "pdq"


class TooManyHashes(Invalid):
    """An entry has at most {most} hashes, and this one has {many}: leave out windows, or frames that are alike."""

    field = "hashes"


class LineNotRead(Invalid):
    """This is not a line of `tutela hash`; paste one whole line of its output."""

    field = "line"


class NotText(Invalid):
    """The file is not text in UTF-8, nor in UTF-16 with a byte order mark; save what `tutela hash` printed as UTF-8."""

    field = "file"


class FramesNotRead(Invalid):
    """The frames of the video cannot be used: {reason}"""

    field = "frames"


class TooFewFrames(Invalid):
    """A video needs {least} different frames of a quality of 50 or more; of {told} frames {usable} are. Hash a short
    one with a shorter --interval, or propose it by its digests alone."""

    field = "frames"


class MostlyLawful(Invalid):
    """{count} of {shown} frames are, or look like, lawful pictures; such a video cannot be an indicator."""

    field = "frames"


class MostlyJudged(MostlyLawful):
    """{count} of {shown} frames are, or look like, lawful pictures, or what was judged not to be CSAM; such a video
    cannot be an indicator."""


class WindowTooSmall(Invalid):
    """A window of a listed picture covers at least 64 % of it; less is not the listed picture any more."""

    field = "covers"


class JudgedNotCsam(Invalid):
    """{number} was judged not to be CSAM, and this is the same or looks like it; the Centre clears that first."""


class KnownItem(Conflict):
    """An indicator with this digest exists already; certify that one instead."""
