"""An examination in the demonstration: an analyst's machine, and its result for a case that waits for assessment.

The files are pictures of hills that were drawn for it; nothing is fetched. The machine's keys are thrown away.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tutela import clock
from tutela.app.demo.pictures import encoded, landscape
from tutela.events.actor import Actor
from tutela.exchange.message.signed_envelope import trusted_keys
from tutela.exchange.referral import age_encryption
from tutela.exchange.takedown.examination.messages import ExaminationResult, FoundItem, open_task, sign_result
from tutela.media.digests import digest_bytes
from tutela.organisations.keys import signing
from tutela.takedown.assessment import items
from tutela.takedown.assessment.items import ItemJudgement
from tutela.takedown.case_work import detail
from tutela.takedown.examination import machines, tasks
from tutela.takedown.examination.machines import MachineInput
from tutela.takedown.rechecks import vantage_points

# Seconds for which each file was shown.
VIEWED = (14, 9, 0)


def play(analyst: Actor, colleague: Actor, administrator: Actor, case: UUID, label: str) -> None:
    """Register a machine, examine a case on it, and assess the first file; two wait."""
    if not vantage_points.node_key(analyst):
        signing.create_key(administrator, "message")
    key, (identity, recipient) = Ed25519PrivateKey.generate(), age_encryption.new_identity()
    public = key.public_key().public_bytes_raw().hex()
    given = MachineInput("Assessment laptop 2", public, recipient, "Designation of 3 March, file 12", True)
    machine = machines.add(analyst, given)
    machines.confirm(colleague, machine)
    sealed = tasks.make_task(analyst, case, machine)
    task = open_task(sealed, identity, trusted_keys([vantage_points.node_key(analyst)]), machine, clock.now())
    begun = clock.now()
    with clock.simulate(begun + timedelta(minutes=2)):
        result = ExaminationResult(
            task_id=task.task_id,
            machine=machine,
            nonce=task.nonce,
            fetched_at=begun,
            sent_at=clock.now(),
            status=200,
            items=tuple(_item(number, seconds) for number, seconds in enumerate(VIEWED, 1)),
            not_fetched=1,
        )
        tasks.take_result(analyst, case, sign_result(result, key))
        first = detail.load_case(analyst, case).examination.items[0]
        items.assess_items(analyst, case, [ItemJudgement(first.item.row.pk, "illegal", label, "unclear")])


def _item(position: int, seconds: int) -> FoundItem:
    data = encoded(landscape(4200 + position, 240, 160))
    digests = digest_bytes(data)
    return FoundItem(
        position=position,
        part=True,
        format="png",
        size=len(data),
        sha256=digests.sha256,
        md5=digests.md5,
        viewed_seconds=seconds,
    )
