"""Tables of the observatory, private to it."""

from tutela.observatory.models.figures import FigureRelease, PublishedFigure
from tutela.observatory.models.returns import FiledReturn, ReceivedReturn
from tutela.observatory.models.tables import ClaimReview, ImportedTable, ImportKind, TableKind, WeeklyTable

__all__ = [
    "ClaimReview",
    "FigureRelease",
    "FiledReturn",
    "ImportKind",
    "ImportedTable",
    "PublishedFigure",
    "ReceivedReturn",
    "TableKind",
    "WeeklyTable",
]
