"""CyberTipline reporting format (NCMEC's XML): schema, rules, answers, mapping to a canonical report.

Source: CyberTipline Reporting API, technical documentation of 2025-06-11. The table in `elements.txt` is ours, and the
schema is generated from it, because the original states no licence. Needs lxml, which a node installs.
"""

from tutela.exchange.cybertip.parser import BrokenElement, Details, Malformed, Tip, read_details, read_tip
from tutela.exchange.cybertip.responses import Code, answer, done
from tutela.exchange.cybertip.schema import xsd
from tutela.exchange.cybertip.to_report import Filed, FileSeen, canonical

__all__ = [
    "BrokenElement",
    "Code",
    "Details",
    "FileSeen",
    "Filed",
    "Malformed",
    "Tip",
    "answer",
    "canonical",
    "done",
    "read_details",
    "read_tip",
    "xsd",
]
