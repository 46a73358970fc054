"""A month of invented work, created by the production functions at simulated times.

Messages between the organisations travel through the node's real HTTP layer, called in process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import md5, sha1, sha256
from uuid import UUID

from tutela import clock
from tutela.app.demo import deconfliction, rare_cases, sealed_evidence, videos
from tutela.app.demo.figures import seed as figures
from tutela.app.demo.organisations import actor
from tutela.app.demo.prevention import seed as prevention
from tutela.app.demo.redress import seed as redress
from tutela.app.demo.removal import seed as removal
from tutela.app.demo.support import seed as support
from tutela.app.demo.takedown import stories
from tutela.app.demo.world import DAYS_OF_HISTORY, Tell, World
from tutela.detection.drafts import drafts, send
from tutela.detection.notices import reinstatement
from tutela.detection.review import review
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.register import certify, dispute, propose, revoke
from tutela.indicators.releases import head, publish
from tutela.investigations.referral_work import answers, work_queue
from tutela.reports.jobs import hourly
from tutela.reports.referrals import refer
from tutela.reports.triage import assess

INDICATORS = 48
REPORTS = 120
FEWEST = 12  # of each, however few the days
# Why the Centre finds some unfounded: a code, and words.
UNFOUNDED = (
    ("other_item", "The item is a landscape that the list does not hold"),
    ("not_sexual", ""),
    ("family_or_medical", "A child at the beach, sent to a grandmother"),
    ("adults", ""),
    ("filed_by_mistake", "The provider's own test account"),
)
COUNTRIES = ("DE", "DE", "DE", "FR", "FR", "PL", "PL", "")


class Month(World):
    """A month, or some days of it, from its first indicator to what waits in the morning."""

    def __init__(self, tell: Tell, days: int = DAYS_OF_HISTORY) -> None:
        super().__init__(tell, days)
        self.indicators = max(FEWEST, INDICATORS * days // DAYS_OF_HISTORY)
        self.reports = max(FEWEST, REPORTS * days // DAYS_OF_HISTORY)

    def make(self) -> None:
        """Indicators first, then report after report in the order of time."""
        self.tell(f"register: {self.indicators} indicators")
        self._indicators()
        for number in range(self.reports):
            if number % 40 == 0:
                self.tell(f"reports: {number} of {self.reports}")
            begun = (
                self.start + timedelta(days=1) + (clock.now() - self.start - timedelta(days=1)) * number / self.reports
            )
            _Case(self, number, begun).play()
        self.tell("rare cases")
        rare_cases.play(self)
        sealed_evidence.play(self)
        videos.play(self)
        deconfliction.play(self.people, self.deliver)
        self.tell("takedown")
        stories.play(self.people, self.start, self.deliver)
        self.tell("redress")
        redress.play(self)
        self.tell("removal requests")
        removal.play(self)
        self.tell("support desk")
        support.play(self)
        self.tell("prevention")
        prevention.play(self)
        self._waiting()
        self.tell("hourly jobs of the worker")
        hourly(0)
        self.tell("figures")
        figures.play(self)
        publish.publish(actor("centre"))

    def _indicators(self) -> None:
        for number in range(self.indicators):
            digest = sha256(b"demonstration item %d" % number).hexdigest()
            with clock.simulate(self.start + timedelta(minutes=17 * number)):
                entry = propose.propose(
                    self.people["aoife"],
                    given=_digests(digest),
                    media_type="image",
                    classification="eu-2011-93:known-material",
                    reason="Assessed by two analysts",
                    series=f"S-{self.random.randrange(16**4):04X}",
                )
            if number % 8 == 7:
                continue
            with clock.simulate(self.start + timedelta(minutes=17 * number + 9)):
                certify.certify(self.people["jan"], entry)
            self.entries.append((entry, digest))
        with clock.simulate(self.start + timedelta(hours=20)):
            publish.publish(actor("centre"))
            dispute.dispute(
                self.people["jan"], self.entries.pop()[0], "Assessed again: the picture may show something else"
            )
            revoke.revoke(self.people["lena"], self.entries.pop()[0], "Listed in error; found in the yearly audit")
            head.refresh_head(actor("centre"))

    def _waiting(self) -> None:
        """Create candidates that nobody has opened yet, as a desk finds them in the morning."""
        for number in range(14):
            with clock.simulate(clock.now() - timedelta(minutes=25 * (14 - number))):
                self.candidate(f"waiting-{number}", near=number % 3 == 0)


def _digests(digest: str) -> list[HashValue]:
    """An item's SHA-256, and the older digests by which others' interfaces know it."""
    older = {"sha1": sha1, "md5": md5}
    return [
        HashValue("sha256", digest),
        *(HashValue(kind, way(digest.encode(), usedforsecurity=False).hexdigest()) for kind, way in older.items()),
    ]


class _Case:
    """One candidate's way, as far as its age lets it go."""

    def __init__(self, month: Month, number: int, begun: datetime) -> None:
        self.month, self.number, self.now = month, number, begun
        self.end = clock.now()
        self.chance = month.random.random()

    def play(self) -> None:
        for act in self._acts():
            if self.now >= self.end:
                return
            with clock.simulate(self.now):
                if act() is False:
                    return
            self.now += timedelta(minutes=self.month.random.choice((20, 45, 90, 200, 600, 1400)))

    def _acts(self) -> Iterator[Callable[[], object]]:
        yield self._notice
        yield self._review
        yield self._send
        yield self._assess
        yield self._refer
        yield self._acknowledge
        yield self._take_up
        yield self._close

    def _notice(self) -> object:
        self.candidate = self.month.candidate(f"{self.number:04d}")
        return self.candidate is not None

    def _review(self) -> object:
        assert self.candidate
        reviewer = self.month.people["tom" if self.number % 2 else "sofia"]
        if self.chance < 0.05:
            review.mark_urgent(reviewer, self.candidate, "The account is still uploading")
        result = review.decide(reviewer, self.candidate, review.Opinion("confirm", "known_item", "unopened"))
        self.report = result.report_id
        return self.report is not None

    def _send(self) -> object:
        assert self.report
        if self.chance > 0.96:
            return False
        country = self.month.random.choice(COUNTRIES)
        at = (self.now - timedelta(hours=3)).isoformat()
        changes = {
            "locations": [
                {"ip": f"192.0.2.{self.number % 250 + 1}", "port": 40000 + self.number, "at": at, "time_zone": "UTC"}
            ],
            "geography": [{"country": country, "derived_from": "ip"}] if country else [],
            "users": [{"usernames": [f"user-{self.number:04d}"], "emails": [f"user-{self.number:04d}@mail.example"]}],
            "removal": {"removed_or_disabled": True, "at": at},
            "user_decision": {"decided": True, "measures": ["Account suspended"]},
        }
        priya = self.month.people["priya"]
        drafts.edit(priya, self.report, 1, changes)
        send.send(priya, self.report)
        self.month.deliver(actor("pixelpost"), actor("centre"))
        return None

    def _assess(self) -> object:
        assert self.report
        if self.chance < 0.12 and self.chance > 0.05:
            decision, code, reason = "unfounded", *UNFOUNDED[self.number % len(UNFOUNDED)]
        elif self.chance < 0.17 and self.chance > 0.05:
            decision, reason, code = "ask", "Please add the port of the upload", ""
        else:
            decision, reason, code = "forward", "Matches the public register", ""
        assess.assess(self.month.people["marek"], self.report, decision, reason, seen=0, code=code)
        self.month.deliver(actor("centre"))
        if decision == "unfounded" and self.number % 3:
            reinstatement.say(self.month.people["priya"], self.report, "reinstated", "Account and item restored")
        return decision == "forward"

    def _refer(self) -> object:
        assert self.report
        refer.refer(self.month.people["marek"], self.report)
        self.month.deliver(actor("centre"))
        return None

    def _answerer(self) -> tuple[Actor, UUID] | None:
        assert self.report
        for code, name in (("police-de", "katrin"), ("police-fr", "luc"), ("europol", "eva")):
            authority = actor(code)
            with acting(authority):
                found = work_queue.referral_of_report(self.report)
            if found is not None:
                return self.month.people[name], found
        return None

    def _acknowledge(self) -> object:
        found = self._answerer()
        if found is None:
            return False
        self.investigator, self.referral = found
        answers.acknowledge(self.investigator, self.referral, f"AZ {self.number}/26")
        self.month.deliver(self.investigator)
        return None

    def _take_up(self) -> object:
        kind, reason = ("no_action", "Not within our jurisdiction") if self.chance > 0.85 else ("taken_up", "")
        answers.report_outcome(self.investigator, self.referral, kind=kind, reason=reason, release="centre_only")
        self.month.deliver(self.investigator)
        return self.chance < 0.6

    def _close(self) -> object:
        if self.chance < 0.25:
            answers.report_outcome(
                self.investigator, self.referral, kind="person_identified", reason="", release="centre_only"
            )
        answers.report_outcome(self.investigator, self.referral, kind="closed", reason="", release="provider")
        self.month.deliver(self.investigator, actor("centre"))
        return None
