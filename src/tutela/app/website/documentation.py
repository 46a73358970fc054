"""Documentation on the node itself: tutorial, how-to guides, settings, and the glossary with each term's meaning.

The texts are those of the repository's `docs`; the wheel contains them as `tutela/docs`. HTML in them is escaped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt

GLOSSARY = "glossary"
_TOP = ("tutorial", GLOSSARY, "settings", "threat-model")
# Which guide explains the pages below an address; the longest address counts.
_GUIDES = {
    "/desk/organisation/doctor/": "backup",
    "/desk/reports/alerts/": "alerts",
    "/desk/reports/evidence/": "send-evidence",
    "/desk/reports/": "places",
    "/desk/uploads/": "batches",
    "/desk/inbox/": "authority-desk",
    "/desk/inbox/resealing/": "unseal",
    "/desk/deconfliction/": "deconfliction",
    "/desk/oversight/": "deconfliction",
    "/desk/indicators/": "verify-the-register",
    "/desk/indicators/imports/": "import",
    "/desk/indicators/samples/": "sample-the-register",
    "/desk/indicators/lawful/": "lawful-pictures",
    "/desk/partner-lists/": "hash-lists",
    "/desk/lists/": "hash-lists",
    "/desk/lists/cybertip/": "cybertipline",
    "/desk/lists/join/": "join-a-centre",
    "/desk/drafts/notices/": "telling-users",
    "/desk/candidates/": "uploads",
    "/desk/approvals/": "security-keys",
    "/desk/organisation/approval-rules/": "security-keys",
    "/desk/law/": "law",
    "/law/": "law",
    "/desk/search/": "search",
    "/desk/conversations/": "anonymous-messages",
    "/desk/takedown/": "takedown",
    "/desk/hosting/": "takedown",
    "/desk/orders/": "takedown",
    "/desk/complaints/": "redress",
    "/desk/reversals/": "redress",
    "/desk/error-ledger/": "redress",
    "/desk/drills/": "drills",
    "/desk/data-subjects/": "data-subjects",
    "/desk/breaches/": "data-subjects",
    "/desk/figures/": "figures",
    "/desk/returns/": "figures",
    "/desk/information/": "support",
    "/desk/support/": "support",
    "/desk/helpline/": "support",
    "/desk/hand-overs/": "support",
    "/desk/removals/": "removal",
    "/desk/help-services/": "public-help",
    "/desk/removal-items/": "removal",
    "/desk/prevention/": "prevention",
    "/desk/mandates/": "mandate",
    "/desk/on-call/": "alerts",
    "/desk/bases/": "mandate",
    "/desk/notifications/": "shared-work",
    "/desk/drafts/": "first-report",
}
_LINK = re.compile(r"(?:\.\./)?(?:howto/)?([a-z0-9-]+)\.md(#[\w-]*)?")
_TERM = re.compile(r"^\| (?P<terms>[^|]+?) \| (?P<meaning>[^|]+?) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Guide:
    name: str
    title: str


def folder() -> Path:
    """The folder of the texts: in the wheel, or in the repository."""
    packaged = Path(str(files("tutela"))) / "docs"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[4] / "docs"


@cache
def guides() -> dict[str, Guide]:
    """All documents by name, those of the top first."""
    paths = [folder() / f"{name}.md" for name in _TOP] + sorted((folder() / "howto").glob("*.md"))
    return {path.stem: Guide(path.stem, _title(path)) for path in paths if path.is_file()}


def address_for(path: str) -> str:
    """Address of the guide that explains a page; of all of them if there is none."""
    found = max((begin for begin in _GUIDES if path.startswith(begin)), key=len, default="")
    return f"/docs/{_GUIDES[found]}/" if found else "/docs/"


@cache
def page(name: str) -> SafeString:
    """A document as HTML. Raises `KeyError` for a name that is none."""
    guide = guides()[name]
    text = _path(guide.name).read_text(encoding="utf-8")
    html = rendered(text)
    html = re.sub(r'href="([^"]+)"', lambda found: f'href="{_address(found[1])}"', html)
    if name == GLOSSARY:
        html = re.sub(r"<tr>\s*<td>([^<]+)", lambda found: f'<tr id="{anchor(found[1])}"><td>{found[1]}', html)
    for begin, end in (("<table>", '<div class="table" tabindex="0"><table>'), ("</table>", "</table></div>")):
        html = html.replace(begin, end)
    return mark_safe(html)  # noqa: S308 - made by the renderer, which escapes HTML


@lru_cache(maxsize=256)
def rendered(text: str) -> str:
    """Markdown as HTML; HTML in it is escaped."""
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def anchor(terms: str) -> str:
    """The anchor of a row of the glossary: its first term."""
    return slugify(terms.partition(",")[0])


def explained(term: str) -> tuple[str, str]:
    """Anchor and meaning of a term in the glossary; both empty if it is none."""
    return _rows().get(term.lower(), ("", ""))


@cache
def _rows() -> dict[str, tuple[str, str]]:
    """Of each term its anchor and meaning. Only the first table is read: the others are about words not used."""
    text = _path(GLOSSARY).read_text(encoding="utf-8").partition("\n## Terms\n")[2].partition("\n## ")[0]
    found: dict[str, tuple[str, str]] = {}
    for row in _TERM.finditer(text):
        entry = anchor(row["terms"]), re.sub(r"[*`]", "", row["meaning"])
        for term in row["terms"].split(","):
            found.setdefault(term.strip().lower(), entry)
    return found


def _path(name: str) -> Path:
    return folder() / (f"{name}.md" if name in _TOP else f"howto/{name}.md")


def _title(path: Path) -> str:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.lstrip("# ").strip()


def _address(target: str) -> str:
    """Where a link of a document leads on the node: to another document, or nowhere else than it says."""
    local = _LINK.fullmatch(target)
    if local and local[1] in guides():
        return f"/docs/{local[1]}/{local[2] or ''}"
    return target if target.startswith(("https://", "#", "/")) else "/docs/"
