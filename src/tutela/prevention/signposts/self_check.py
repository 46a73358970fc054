"""Self-check of organisations that work with children, and clauses of a code of conduct.

One answer other than "yes" to a critical point means "not yet safe", whatever the others say. Answers, action plan and
signatures stay in the reader's browser and with the organisation.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Days until an open point is due in the plan: a critical one at once, another within a quarter. The check is repeated.
DUE_CRITICAL_DAYS, DUE_DAYS, AGAIN_DAYS = 14, 90, 365


@dataclass(frozen=True)
class CheckPoint:
    """A point of the self-check."""

    code: str
    text: Promise
    critical: bool = False


@dataclass(frozen=True)
class Clause:
    """A clause of a code of conduct, with the version of its wording."""

    code: str
    version: int
    text: Promise


STANDARDS: tuple[tuple[Promise, tuple[CheckPoint, ...]], ...] = (
    (
        _("People"),
        (
            CheckPoint("screening", _("Everybody who works with children is screened before they begin."), True),
            CheckPoint("two_adults", _("No adult is alone with a child where nobody can see them."), True),
            CheckPoint("training", _("Everybody is trained, with dates, and one person is responsible.")),
        ),
    ),
    (
        _("Procedures"),
        (
            CheckPoint("reporting", _("Everybody knows which authority to tell, and how."), True),
            CheckPoint("complaints", _("A complaint about staff goes to somebody who does not work with them."), True),
            CheckPoint("protected", _("Who reports a concern is protected."), True),
            CheckPoint("policy", _("A written policy is known to children and parents.")),
        ),
    ),
    (
        _("Activities"),
        (
            CheckPoint("online", _("No adult writes to one child alone online."), True),
            CheckPoint("travel", _("Transport and nights away have written rules."), True),
            CheckPoint("pictures", _("Pictures of children have written rules."), True),
        ),
    ),
    (
        _("Children's voice"),
        (
            CheckPoint("voice", _("Children say what they need, and something changes.")),
            CheckPoint("code", _("A code of conduct is signed. The organisation keeps the signatures.")),
        ),
    ),
)
CLAUSES: tuple[Clause, ...] = (
    Clause("respect", 1, _("I treat every child with respect, and I listen.")),
    Clause("seen", 1, _("I am with a child where others can see us.")),
    Clause("touch", 1, _("I touch a child only as far as the activity needs it, and I ask first.")),
    Clause("online", 1, _("I write to children only in groups that another adult reads.")),
    Clause("gifts", 1, _("I give no secret gifts, and I share no secrets with a child.")),
    Clause("travel", 1, _("I follow the written rules for transport and nights away.")),
    Clause("pictures", 1, _("I take and share pictures of children only by the written rules.")),
    Clause("alcohol", 1, _("I do not use alcohol or drugs while I am responsible for children.")),
    Clause("report", 1, _("I report every concern to the person named here, and I do not investigate it myself.")),
    Clause("told", 1, _("If a child tells me something, I listen, I promise no secrecy, and I tell the named person.")),
)
