"""The jobs of the tour in a real browser: clicks and seconds of each, from the start page of its role.

A demonstration runs on this machine, and Chromium without a window beside it; every job is done once by its person of
the cast, in the order of a case: from a candidate to the outcome, and the register beside it. A click is a click, a
choice from a list or a key that acts; typing is none. Seconds include the pages, and where the job waits for another
organisation (a receipt), that wait. The same jobs are a journey of the tests, which asserts the clicks and no seconds.
Beside each figure stands what the same job took before the desks shared search, claims and the decision bar: commit
4d03f072 of 2026-11-28, on the same machine within the same hour. Takedown had no desk then. A report could be found
only by looking through the queue, a referral only by opening one after another.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, figure, machine, note, report
from tests.support import browser
from tests.support.role_days import MOST_CLICKS, Days

# In a quick run nothing is there but what the jobs need.
SCRIPT = [str(Path(__file__).with_name("short_demonstration.py"))] if QUICK else browser.DEMONSTRATION
# Clicks and seconds of each job at `BEFORE_COMMIT`, by the same steps on the pages of then.
BEFORE_COMMIT = "4d03f072"
BEFORE = {
    "Open a candidate": (2, 0.69),
    "Decide a candidate that was opened": (2, 1.56),
    "Draft a report by hand": (6, 1.79),
    "Complete and send the draft": (3, 2.78),
    "Propose an indicator": (3, 2.15),
    "Find an indicator by its number": (3, 1.70),
    "Certify the indicator": (1, 0.68),
    "Revoke an indicator": (1, 0.78),
    "Find a report by its number": (2, 1.21),
    "Decide and refer a report": (3, 1.67),
    "Find the referral of a report": (9, 2.49),
    "Acknowledge the referral and send an outcome": (4, 1.33),
    "Find an event and open it": (2, 1.03),
    "Add a contact point": (3, 1.58),
}


def main() -> None:
    """Do each job once."""
    machine()
    with browser.demonstration(SCRIPT) as demo, browser.chromium() as chromium:
        note(f"Chromium {chromium.version}")
        jobs = Days(demo, chromium).all()
    for one in jobs:
        name = "tour_" + re.sub(r"\W+", "_", one.name.lower())
        note(f"{one.role}: {one.name}: {one.clicks} clicks, {one.seconds:.1f} s")
        before = BEFORE.get(one.name)
        clicks = (BEFORE_COMMIT, before[0], "clicks") if before else None
        seconds = (BEFORE_COMMIT, before[1], "s") if before else None
        figure(f"{name}_clicks", one.clicks, "clicks", f"<={MOST_CLICKS[one.name]}", clicks)
        figure(f"{name}_seconds", one.seconds, "s", "none", seconds)
    report()


if __name__ == "__main__":
    main()
