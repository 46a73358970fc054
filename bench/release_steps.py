"""What a bench of releases does within a node: each step in a process of its own, with the node's settings."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import random
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures

ROWS = int(os.environ.get("SIZE", "5000" if figures.QUICK else "1000000"))
CHANGED = 20 if figures.QUICK else 100
PROOFS = 50 if figures.QUICK else 1000
CLASS = "eu-2011-93:known-material"
FIRST = "01900000-0000-7000-8000-"


def found() -> dict[str, Any]:
    """The Centre, two hotlines in two countries, a provider with a grant and a key."""
    from datetime import timedelta

    from tutela import clock
    from tutela.accountability import public_log
    from tutela.app.config import load
    from tutela.indicators import grants, releases
    from tutela.law import classification
    from tutela.organisations import apikeys, signing
    from tutela.organisations.founding import found as begin

    centre = begin("EU Centre", "centre", "NL", api_url=load().public_url)
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
    classification.import_scheme(centre, scheme)
    ireland, germany = begin("Hotline Ireland", "hotline", "IE"), begin("Hotline Deutschland", "hotline", "DE")
    provider = begin("Pixelpost", "provider", "IE")
    grants.give(
        centre, provider.organisation_id, list_id=releases.LIST_ID, purpose="reporting", legal_basis="DSA",
        valid_to=clock.now() + timedelta(days=30),
    )  # fmt: skip
    _row, key = apikeys.create_key(provider, name="Edge", scopes=["releases:read"])
    return {
        "key": key, "log_keys": [str(one) for one in public_log.known_keys()],
        "ireland": str(ireland.organisation_id), "germany": str(germany.organisation_id),
        "release": signing.current_private(centre.organisation_id, "release").public_key().public_bytes_raw().hex(),
    }  # fmt: skip


def digest(number: int) -> str:
    """The SHA-256 of an entry."""
    return hashlib.sha256(b"bench entry %d" % number).hexdigest()


def fill(ireland: str, germany: str) -> None:
    """As the tables' owner: entries that two organisations stand behind, each with a SHA-256 and a PDQ hash."""
    import psycopg
    from django.conf import settings
    from django.db import connection

    from tutela.indicators import hashes

    dice, key = random.Random(3), hmac.digest(settings.BLIND_KEY, b"indicator-blind-index", "sha256")

    def blind(kind: str, value: str) -> bytes:
        return hmac.digest(key, f"{kind}:{value}".encode(), "sha256")

    assert blind("pdq", "ab") == hashes.blind("pdq", "ab")
    tables = ("indicator", "indicatorhash", "certification", "activation")
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    raw.autocommit = True
    with raw.cursor() as cursor:
        # A million rows at once are no act of a node.
        cursor.execute("SET statement_timeout = 0")
        for table in tables:
            cursor.execute(f"ALTER TABLE indicators_{table} DISABLE TRIGGER USER")
        for statement in FILL:
            cursor.execute(statement, {"rows": ROWS, "ireland": ireland, "germany": germany})
        with cursor.copy(
            "COPY indicators_indicatorhash (id, organisation_id, created_at, indicator_id, kind, wrapped, blind,"
            " quality, hasher, sketch) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["uuid", "uuid", "timestamptz", "uuid", "text", "bytea", "bytea", "int2", "text", "int8"])
            from datetime import UTC, datetime, timedelta
            from uuid import UUID

            at, owner = datetime.now(UTC) - timedelta(hours=3), UUID(ireland)
            for number in range(1, ROWS + 1):
                indicator = UUID(f"{FIRST}{number:012x}")
                look = dice.randbytes(32).hex()
                for which, (kind, value, more, quality) in enumerate(
                    (("sha256", digest(number), "", None), ("pdq", look, dice.randbytes(32).hex(), 90))
                ):
                    row = UUID(f"0190000{which + 1}-0000-7000-8000-{number:012x}")
                    sealed, sketch = hashes.sealed(value + more), number if which else None
                    copy.write_row(
                        (row, owner, at, indicator, kind, sealed, blind(kind, value), quality, "", sketch)
                    )  # fmt: skip
    for who in ("Hotline Ireland", "Hotline Deutschland"):
        _certify(raw, who, at)
    with raw.cursor() as cursor:
        cursor.execute(states())
        for table in tables:
            cursor.execute(f"ALTER TABLE indicators_{table} ENABLE TRIGGER USER")
    raw.execute("VACUUM ANALYZE")


def _certify(raw: Any, who: str, at: Any) -> None:
    """The signed certifications of one organisation."""
    from types import SimpleNamespace
    from uuid import UUID

    from tutela.events.acting import acting
    from tutela.events.ids import uuid7
    from tutela.indicators.signing_acts import Signer
    from tutela.organisations import directory
    from tutela.organisations.founding import machine

    actor = machine(directory.named(who).id, "bench")
    with acting(actor):
        signer = Signer(actor)
    raw.autocommit = True
    dice = random.Random(3)
    with raw.cursor() as cursor, cursor.copy(
        "COPY indicators_certification (id, organisation_id, created_at, indicator_id, country, by, by_name, round,"
        " envelope) FROM STDIN (FORMAT BINARY)"
    ) as copy:  # fmt: skip
        copy.set_types(["uuid", "uuid", "timestamptz", "uuid", "text", "text", "text", "int2", "bytea"])
        for number in range(1, ROWS + 1):
            indicator, look = UUID(f"{FIRST}{number:012x}"), dice.randbytes(32).hex()
            structure = dice.randbytes(32).hex()
            about = SimpleNamespace(number=f"B-{number}", media_type="image", classification=CLASS)
            given = [("sha256", digest(number)), ("pdq", look + structure)]
            signed = signer.sign(about, 1, given, at, indicator)
            copy.write_row(
                (uuid7(), actor.organisation_id, at, indicator, actor.country, "system:bench", "Bench", 1, signed)
            )


def states() -> str:
    """Where each indicator stands, from the rows, as the migrations count what they find."""
    fill = str(import_module("tutela.indicators.migrations.0016_states_now").FILL)
    held = "indicators_is_held(i.id, i.run_id)"
    return fill.replace("proposed_at, held)", "proposed_at, held, media_type)").replace(held, f"{held}, i.media_type")


_ID = f"('{FIRST}' || lpad(to_hex(g), 12, '0'))::uuid"
_AT = "now() - interval '3 hours'"
FILL = (
    f"""INSERT INTO indicators_indicator (id, organisation_id, created_at, number, media_type, classification, series,
  reason, proposed_by, source) SELECT {_ID}, %(ireland)s::uuid, {_AT}, 'B-' || g, 'image', '{CLASS}', '', 'Bench',
  'system:bench', '' FROM generate_series(1, %(rows)s) g""",
    f"""INSERT INTO indicators_activation (id, organisation_id, created_at, indicator_id, round, by)
  SELECT gen_random_uuid(), %(germany)s::uuid, {_AT}, {_ID}, 1, 'system:bench' FROM generate_series(1, %(rows)s) g""",
)


def values() -> dict[str, float]:
    """The values of all hashes, and whether certifications hold: once for each."""
    from tutela.indicators import building

    return measured(lambda: building.fill(_centre()))


def release() -> dict[str, float]:
    """One publication as the register's job does it, and what it came to."""
    from tutela.indicators import releases, versions

    made: list[Any] = []
    taken = measured(lambda: made.append(releases.publish(_centre())))
    (row,) = made
    folder = versions.folder()
    part = next(
        path for name in ("changes.sealed", "sealed") if (path := folder / f"{row.version}.{name}").exists()
    )  # fmt: skip
    return taken | {"version": row.version, "entries": row.entries, "bytes": part.stat().st_size}


def change() -> None:
    """Some additions and as many revocations, one by one."""
    acts = Acts()
    for number in range(CHANGED):
        acts.add(secrets_of(f"change {number}"))
        acts.revoke(f"{FIRST}{number + 1:012x}")


def absence() -> dict[str, Any]:
    """Proofs that hashes are not in the newest release: the node's part, and the part of whoever checks."""
    from tutela.accountability import public_log
    from tutela.events.acting import acting
    from tutela.indicators import certified, releases
    from tutela.organisations import directory
    from tutela.organisations.founding import machine
    from tutela.tlog.absence import Absence
    from tutela.tlog.policy import Policy

    centre = _centre()
    asker = machine(directory.the_centre().id, "bench").with_purpose("indicators")  # type: ignore[union-attr]
    policy = Policy.parse(public_log.policy_text())
    asking, proving, checking, sizes = list[float](), list[float](), list[float](), list[int]()
    with acting(centre):
        (newest,) = releases.history(1)
        places, secret = certified.set_of(centre, newest)
    certified.PROOFS_A_DAY = PROOFS
    for number in range(PROOFS):
        value = secrets_of(f"absent {number}")
        start = time.perf_counter()
        made = certified.prove_absent(asker, centre, "sha256", value, case="bench")
        asking.append(1000 * (time.perf_counter() - start))
        start = time.perf_counter()
        found = certified.absence(places, secret, newest.list_id, newest.version, "sha256", value)
        data = json.dumps(found.to_json()).encode()
        proving.append(1000 * (time.perf_counter() - start))
        data = json.dumps(made.to_json()).encode()
        start = time.perf_counter()
        Absence.parse(data).check(policy)
        checking.append(1000 * (time.perf_counter() - start))
        sizes.append(len(data))
    return {"asking": asking, "proving": proving, "checking": checking, "sizes": sizes}


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
        from tutela.organisations import directory
        from tutela.organisations.founding import machine

        self._ireland, self._germany = (
            machine(directory.named(name).id, "bench") for name in ("Hotline Ireland", "Hotline Deutschland")
        )
        self._centre = machine(directory.the_centre().id, "bench")  # type: ignore[union-attr]

    def add(self, value: str) -> str:
        from tutela.indicators import register
        from tutela.indicators.hashes import Given

        look = hashlib.sha256(value.encode()).hexdigest()
        given = [Given("sha256", value), Given("pdq", look, 90)]
        made = register.propose(
            self._ireland, given=given, media_type="image", classification=CLASS, reason="Assessed"
        )  # fmt: skip
        assert register.certify(self._germany, made)
        return str(made)

    def revoke(self, indicator: str) -> str:
        from uuid import UUID

        from tutela.indicators import register

        register.revoke(self._centre, UUID(indicator), "Listed in error")
        return indicator


def secrets_of(text: str) -> str:
    """A digest that no entry of the list has."""
    return hashlib.sha256(text.encode()).hexdigest()


def _centre() -> Any:
    from tutela.organisations import directory

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
    from tutela.app import node

    node.prepare()
    node.django()
    if sys.argv[1] == "act":
        act()
    else:
        print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))  # type: ignore[operator]
