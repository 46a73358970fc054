"""What a bench of releases does within a node: each step in a process of its own, with the node's settings."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures
from release_rows import CLASS, FIRST, fill

CHANGED = 3 if figures.QUICK else 100
PROOFS = 5 if figures.QUICK else 1000


def found() -> dict[str, Any]:
    """The Centre, two hotlines in two countries, a provider with a grant and a key."""
    from datetime import timedelta

    from tutela import clock
    from tutela.accountability.public_log import log
    from tutela.app.config import load
    from tutela.indicators.access import grants
    from tutela.indicators.release_files import version_files
    from tutela.law import classification
    from tutela.organisations.keys import signing
    from tutela.organisations.people import api_keys
    from tutela.organisations.people.bootstrap import found as begin

    centre = begin("EU Centre", "centre", "NL", api_url=load().public_url)
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
    classification.import_scheme(centre, scheme)
    ireland, germany = begin("Hotline Ireland", "hotline", "IE"), begin("Hotline Deutschland", "hotline", "DE")
    provider = begin("Pixelpost", "provider", "IE")
    grants.give(
        centre,
        provider.organisation_id,
        list_id=version_files.LIST_ID,
        purpose="reporting",
        legal_basis="DSA",
        valid_to=clock.now() + timedelta(days=30),
    )
    _row, key = api_keys.create_key(provider, name="Edge", scopes=["releases:read"])
    return {
        "key": key,
        "log_keys": [str(one) for one in log.known_keys()],
        "ireland": str(ireland.organisation_id),
        "germany": str(germany.organisation_id),
        "release": signing.current_private(centre.organisation_id, "release").public_key().public_bytes_raw().hex(),
    }


def values() -> dict[str, float]:
    """The values of all hashes, and whether certifications hold: once for each."""
    from tutela.indicators.releases import builder

    return measured(lambda: builder.fill(_centre()))


def release() -> dict[str, float]:
    """One publication as the register's job does it, and what it came to."""
    from tutela.indicators.release_files import version_files
    from tutela.indicators.releases import publish

    made: list[Any] = []
    taken = measured(lambda: made.append(publish.publish(_centre())))
    (row,) = made
    folder = version_files.folder()
    part = next(path for name in ("changes.sealed", "sealed") if (path := folder / f"{row.version}.{name}").exists())
    return taken | {"version": row.version, "entries": row.entries, "bytes": part.stat().st_size}


def change() -> None:
    """Some additions and as many revocations, one by one."""
    acts = Acts()
    for number in range(CHANGED):
        acts.add(secrets_of(f"change {number}"))
        acts.revoke(f"{FIRST}{number + 1:012x}")


def absence() -> dict[str, Any]:
    """Proofs that hashes are not in the newest release: the node's part, and the part of whoever checks."""
    from tutela.accountability.public_log import log
    from tutela.events.transaction import acting
    from tutela.indicators.releases import certified_set, history
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine
    from tutela.tlog.absence_proof import Absence
    from tutela.tlog.policy import Policy
    from tutela.tlog.proof import Proof

    centre = _centre()
    asker = machine(directory.the_centre().id, "bench").with_purpose("indicators")  # type: ignore[union-attr]
    policy = Policy.parse(log.policy_text())
    asking, proving, checking, sizes, grown = list[float](), list[float](), list[float](), list[int](), list[int]()
    with acting(centre):
        (newest,) = history.history(1)
        places, secret = certified_set.set_of(centre, newest)
    certified_set.PROOFS_A_DAY = PROOFS
    for number in range(PROOFS):
        value = secrets_of(f"absent {number}")
        start = time.perf_counter()
        made = certified_set.prove_absent(asker, centre, "sha256", value, case="bench")
        asking.append(1000 * (time.perf_counter() - start))
        start = time.perf_counter()
        found = certified_set.absence(places, secret, newest.list_id, newest.version, "sha256", value)
        data = json.dumps(found.to_json()).encode()
        proving.append(1000 * (time.perf_counter() - start))
        data = json.dumps(made.to_json(), ensure_ascii=False).encode()
        start = time.perf_counter()
        Absence.parse(data).check(policy)
        checking.append(1000 * (time.perf_counter() - start))
        sizes.append(len(data))
        # The log here has few entries: what a path through one of 2^25 would have besides, a line of base64 each.
        grown.append(len(data) + 46 * max(0, 25 - len(Proof.parse(made.log_proof).hashes)))
    return {"asking": asking, "proving": proving, "checking": checking, "sizes": sizes, "grown": grown}


def act() -> None:
    """Decisions as they are told, a line each; answers with the indicator once it is committed."""
    acts = Acts()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        what, value = line.split()
        print(json.dumps({"made": acts.add(value) if what == "add" else acts.revoke(value)}), flush=True)


class Acts:
    """What members of the register do. An item is proposed by one, and active by the certification of another."""

    def __init__(self) -> None:
        from tutela.organisations.people import directory
        from tutela.organisations.people.bootstrap import machine

        self._ireland, self._germany = (
            machine(directory.named(name).id, "bench") for name in ("Hotline Ireland", "Hotline Deutschland")
        )
        self._centre = machine(directory.the_centre().id, "bench")  # type: ignore[union-attr]

    def add(self, value: str) -> str:
        from tutela.indicators.hashes.validation import HashValue
        from tutela.indicators.register import certify, propose

        look = hashlib.sha256(value.encode()).hexdigest()
        given = [HashValue("sha256", value), HashValue("pdq", look, 90)]
        made = propose.propose(self._ireland, given=given, media_type="image", classification=CLASS, reason="Assessed")
        assert certify.certify(self._germany, made)
        return str(made)

    def revoke(self, indicator: str) -> str:
        from uuid import UUID

        from tutela.indicators.register import revoke

        revoke.revoke(self._centre, UUID(indicator), "Listed in error")
        return indicator


def secrets_of(text: str) -> str:
    """A digest that no entry of the list has."""
    return hashlib.sha256(text.encode()).hexdigest()


def _centre() -> Any:
    from tutela.organisations.people import directory

    entry = directory.the_centre()
    assert entry is not None
    return directory.acting_for(entry, "system:register", "Register")


def measured(work: Any) -> dict[str, float]:
    """Seconds, and the peak of this process's memory in MiB, before and at the end."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    taken = figures.seconds(work)
    return {"seconds": taken, "before": before, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


STEPS = {"found": found, "fill": fill, "values": values, "release": release, "change": change, "absence": absence}

if __name__ == "__main__":
    from tutela.app.runtime import node

    node.prepare()
    node.django()
    if sys.argv[1] == "act":
        act()
    else:
        print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))  # type: ignore[operator]
