"""Demonstration reports with evidence that the Centre keeps sealed.

One report is for the German authority to open. The authority returned another one, which belongs to France. The files
are generated landscapes. Their provider seals them before sending, as a real provider does.
"""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.app.demo import pictures, rare_cases
from tutela.app.demo.organisations import actor
from tutela.app.demo.world import World
from tutela.events.transaction import acting
from tutela.exchange.referral import age_encryption
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.register import certify, propose
from tutela.investigations.referral_work import return_referral, work_queue
from tutela.organisations.people import directory
from tutela.reports.evidence import presealed
from tutela.reports.evidence.presealed import Stated
from tutela.reports.evidence.storage import Inside
from tutela.reports.referrals import refer
from tutela.reports.state import report_rows
from tutela.reports.triage import assess

NUMBERS = (260, 261)


def play(world: World) -> None:
    """Both of them, some hours ago."""
    kept, returned = (_picture(number) for number in NUMBERS)
    with clock.simulate(clock.now() - timedelta(hours=7)):
        entries = [_listed(world, file) for file in (kept, returned)]
    with clock.simulate(clock.now() - timedelta(hours=5)):
        for token, file, entry in zip(("sealed", "sealed-returned"), (kept, returned), entries, strict=True):
            like: dict[str, object] = {"entry": entry, "at": clock.now() - timedelta(hours=1), "file": file}
            report = rare_cases.reported(world, token, f"user-{token}", like=like)
            world.deliver(actor("pixelpost"), actor("centre"))
            _send(report, f"{token}.png", file)
            assess.assess(world.people["marek"], report, "forward", "Matches the public register", seen=0)
            refer.refer(world.people["marek"], report)
            world.deliver(actor("centre"))
    with clock.simulate(clock.now() - timedelta(hours=2)):
        katrin = world.people["katrin"]
        with acting(katrin):
            sent = work_queue.referral_of_report(report)
        assert sent
        return_referral.give_back(katrin, sent, reason="The user's current address is in Lyon", country="FR")
        world.deliver(katrin, actor("centre"))


def _picture(number: int) -> bytes:
    return pictures.encoded(pictures.landscape(number, 320, 214))


def _listed(world: World, file: bytes) -> tuple[UUID, str]:
    """An entry of the register that is this very file."""
    digest = hashlib.sha256(file).hexdigest()
    entry = propose.propose(
        world.people["aoife"],
        given=[HashValue("sha256", digest)],
        media_type="image",
        classification="eu-2011-93:known-material",
        reason="Assessed by two analysts",
    )
    certify.certify(world.people["jan"], entry)
    return entry, digest


def _send(report: UUID, name: str, file: bytes) -> None:
    """The provider asks to whom, seals, and sends."""
    provider, centre = actor("pixelpost"), actor("centre")
    entry = directory.the_centre()
    assert entry
    to = presealed.whom(provider, centre, report).plan.recipient
    assert to
    out = io.BytesIO()
    sealer = age_encryption.Sealer(to.text, out)
    sealer.write(file)
    sealer.close()
    out.seek(0)
    inside = Inside(name, len(file), hashlib.sha256(file).hexdigest(), media_type="image/png")
    stated = Stated(_item(report, inside.sha256), inside, to.key_id)
    presealed.take(provider, directory.acting_for(entry, "demonstration", provider.name), report, stated, out.read)


def _item(report: UUID, sha256: str) -> UUID:
    """The report's item that is this file."""
    with acting(actor("centre")):
        body = report_rows.body_of(report_rows.locked(report))
    return next(one.item_id for one in body.items if one.sha256 == sha256)
