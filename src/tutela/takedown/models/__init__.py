"""Tables of the hotline's desk and of the host's desk, private to them."""

from tutela.takedown.models.assessments import Assessment, Commerciality, Reality, Verdict
from tutela.takedown.models.cases import AccessConditions, CaseReport, ReadMessage, Source, Stage, TakedownCase
from tutela.takedown.models.host_statements import (
    BatchAnswer,
    DatabaseBatch,
    DatabaseEntry,
    EntryState,
    HostStatement,
)
from tutela.takedown.models.host_traces import HostTrace
from tutela.takedown.models.imports import FileKind, Import, ImportedCase, ImportPart
from tutela.takedown.models.incoming_notices import (
    AddressDecision,
    FlaggerStatus,
    HostAction,
    HostDecision,
    HostState,
    IncomingNotice,
    SenderKind,
)
from tutela.takedown.models.notices import BY_EMAIL, WAITING, Channel, Notice, NoticeStep, StepKind
from tutela.takedown.models.orders import (
    SIMULATED,
    Order,
    OrderCopy,
    OrderKind,
    OrderRequest,
    OrderRequestAnswer,
    OrderRequestState,
    OrderState,
    OrderStep,
    OrderStepKind,
)
from tutela.takedown.models.partners import (
    WITH_PARTNER,
    CaseFile,
    IncomingCase,
    IncomingLocation,
    Partner,
    SentStatus,
    Transfer,
    TransferState,
    TransferStep,
    TransferStepKind,
)
from tutela.takedown.models.police import NoticeWait, PoliceStep, PoliceStepKind
from tutela.takedown.models.public_figures import FigureQuarter, FigureReply
from tutela.takedown.models.rechecks import Availability, Recheck
from tutela.takedown.models.search_mandates import SearchMandate, SearchMandateStep
from tutela.takedown.models.vantage import VantageList, VantagePoint

__all__ = [
    "BY_EMAIL",
    "SIMULATED",
    "WAITING",
    "WITH_PARTNER",
    "AccessConditions",
    "AddressDecision",
    "Assessment",
    "Availability",
    "BatchAnswer",
    "CaseFile",
    "CaseReport",
    "Channel",
    "Commerciality",
    "DatabaseBatch",
    "DatabaseEntry",
    "EntryState",
    "FigureQuarter",
    "FigureReply",
    "FileKind",
    "FlaggerStatus",
    "HostAction",
    "HostDecision",
    "HostState",
    "HostStatement",
    "HostTrace",
    "Import",
    "ImportPart",
    "ImportedCase",
    "IncomingCase",
    "IncomingLocation",
    "IncomingNotice",
    "Notice",
    "NoticeStep",
    "NoticeWait",
    "Order",
    "OrderCopy",
    "OrderKind",
    "OrderRequest",
    "OrderRequestAnswer",
    "OrderRequestState",
    "OrderState",
    "OrderStep",
    "OrderStepKind",
    "Partner",
    "PoliceStep",
    "PoliceStepKind",
    "ReadMessage",
    "Reality",
    "Recheck",
    "SearchMandate",
    "SearchMandateStep",
    "SenderKind",
    "SentStatus",
    "Source",
    "Stage",
    "StepKind",
    "TakedownCase",
    "Transfer",
    "TransferState",
    "TransferStep",
    "TransferStepKind",
    "VantageList",
    "VantagePoint",
    "Verdict",
]
