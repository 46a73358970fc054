"""Reports whose files the Centre keeps sealed: one for the German authority to open, one that it gave back to France.

The files are generated landscapes. Their provider seals them, as a real one does, before they leave it.
"""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.app.demo import rare, scenery
from tutela.app.demo.founding import actor
from tutela.app.demo.world import World
from tutela.events.acting import acting
from tutela.exchange import age
from tutela.indicators import register
from tutela.indicators.hashes import Given
from tutela.investigations import desk, returning
from tutela.organisations import directory
from tutela.reports import evidence_native, referral, triage
from tutela.reports.evidence import Inside
from tutela.reports.evidence_native import Stated

NUMBERS = (260, 261)


def play(world: World) -> None:
    """Both of them, some hours ago."""
    kept, returned = (_picture(number) for number in NUMBERS)
    with clock.simulate(clock.now() - timedelta(hours=7)):
        entries = [_listed(world, file) for file in (kept, returned)]
    with clock.simulate(clock.now() - timedelta(hours=5)):
        for token, file, entry in zip(("sealed", "sealed-returned"), (kept, returned), entries, strict=True):
            like: dict[str, object] = {"entry": entry, "at": clock.now() - timedelta(hours=1), "file": file}
            report = rare.reported(world, token, f"user-{token}", like=like)
            world.deliver(actor("pixelpost"), actor("centre"))
            _send(report, f"{token}.png", file)
            triage.assess(world.people["marek"], report, "forward", "Agrees with the public register", seen=0)
            referral.refer(world.people["marek"], report)
            world.deliver(actor("centre"))
    with clock.simulate(clock.now() - timedelta(hours=2)):
        katrin = world.people["katrin"]
        with acting(katrin):
            sent = desk.referral_of_report(report)
        assert sent
        returning.give_back(katrin, sent, reason="The user's address of today is in Lyon", country="FR")
        world.deliver(katrin, actor("centre"))


def _picture(number: int) -> bytes:
    return scenery.encoded(scenery.landscape(number, 320, 214))


def _listed(world: World, file: bytes) -> tuple[UUID, str]:
    """An entry of the register that is this very file."""
    digest = hashlib.sha256(file).hexdigest()
    entry = register.propose(
        world.people["aoife"], given=[Given("sha256", digest)], media_type="image",
        classification="eu-2011-93:known-material", reason="Assessed by two analysts",
    )  # fmt: skip
    register.certify(world.people["jan"], entry)
    return entry, digest


def _send(report: UUID, name: str, file: bytes) -> None:
    """The provider asks to whom, seals, and sends."""
    provider, centre = actor("pixelpost"), actor("centre")
    entry = directory.the_centre()
    assert entry
    to = evidence_native.whom(provider, centre, report).plan.recipient
    assert to
    out = io.BytesIO()
    sealer = age.Sealer(to.text, out)
    sealer.write(file)
    sealer.close()
    out.seek(0)
    inside = Inside(name, len(file), hashlib.sha256(file).hexdigest(), media_type="image/png")
    stated = Stated(_item(report, inside.sha256), inside, to.key_id)
    evidence_native.take(
        provider, directory.acting_for(entry, "demonstration", provider.name), report, stated, out.read
    )


def _item(report: UUID, sha256: str) -> UUID:
    """The report's item that is this file."""
    with acting(actor("centre")):
        body = triage.body_of(triage.locked(report))
    return next(one.item_id for one in body.items if one.sha256 == sha256)
