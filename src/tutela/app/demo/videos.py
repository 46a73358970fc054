"""Two generated landscape films, known only by their frames.

One film is active and found in an upload; the other is pending.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import md5, sha1, sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from tutela import clock
from tutela.app.demo import pictures
from tutela.app.demo.organisations import SERVICE, actor
from tutela.app.demo.world import World
from tutela.detection.candidates import intake
from tutela.exchange.register.video_frames import Film, FrameLook
from tutela.exchange.report.candidate import Candidate
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.register import certify, propose
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.indicators.release_files import version_files
from tutela.media.pdq import HASHER_ID, look_at, luminance

if TYPE_CHECKING:
    from uuid import UUID


SECONDS, WIDTH, HEIGHT = 36, 320, 180


def play(world: World) -> None:
    """Propose both, certify one, and find it in an upload."""
    with clock.simulate(clock.now() - timedelta(days=3)):
        made = _proposed(world, 20)
        certify.certify(world.people["jan"], made, PossessionProof((), film(20)))
    with clock.simulate(clock.now() - timedelta(hours=5)):
        _proposed(world, 950)
    with clock.simulate(clock.now() - timedelta(minutes=40)):
        _found(made)


def film(number: int) -> Film:
    """A slow look across four landscapes, hashed once a second."""
    looks = []
    for scene in range(4):
        whole = np.asarray(pictures.landscape(number + scene, 2 * WIDTH, 2 * HEIGHT))
        for second in range(scene * SECONDS // 4, (scene + 1) * SECONDS // 4):
            x, y = (side * (second % 9) // 90 for side in (WIDTH, HEIGHT))
            seen = look_at(luminance(whole[y : y + HEIGHT, x : x + WIDTH]))
            looks.append(
                FrameLook(25 * second, 1000 * second, False, seen.variants[0], seen.quality, seen.structures[0])
            )
    return Film(tuple(looks), float(SECONDS), HASHER_ID)


def _proposed(world: World, number: int) -> UUID:
    digest = sha256(b"demonstration film %d" % number).hexdigest()
    return propose.propose(
        world.people["aoife"],
        given=[HashValue("sha256", digest)],
        media_type="video",
        film=film(number),
        classification="eu-2011-93:known-material",
        reason="Assessed by two analysts",
        series="S-F11A",
    )


def _found(entry: UUID) -> None:
    """A long upload that holds two scenes of it."""
    data = b"demonstration upload"
    message = {
        "item": "album/film-1",
        "account": "account-0031",
        "service": SERVICE,
        "channel": "public",
        "shadow": False,
        "at": clock.now().isoformat(),
        "size": 48_200_000,
        "media_type": "MP4",
        "md5": md5(data, usedforsecurity=False).hexdigest(),
        "sha1": sha1(data, usedforsecurity=False).hexdigest(),
        "sha256": sha256(data).hexdigest(),
        "matches": [_video_match(entry)],
    }
    edge = replace(actor("pixelpost"), permissions=frozenset({"detection.submit"}))
    intake.receive(edge, Candidate.from_bytes(json.dumps(message).encode()))


def _video_match(entry: UUID) -> dict[str, Any]:
    return {
        "list_id": version_files.LIST_ID,
        "list_version": 1,
        "entry_id": str(entry),
        "source_kind": "register",
        "rule": "near-segment",
        "corroborated": False,
        "in_public_register": True,
        "families": ["pdq"],
        "weak": False,
        "distance": 6,
        "variant": 0,
        "frame": 1850,
        "footage": {
            "frames": 17,
            "query_percent": 6,
            "compared_percent": 48,
            "from_ms": 74_000,
            "to_ms": 82_000,
            "run": 9,
            "times_ms": [74_000, 75_000, 201_000],
            "segments": [
                {"from_ms": 74_000, "to_ms": 82_000, "run": 9},
                {"from_ms": 201_000, "to_ms": 208_000, "run": 8},
            ],
        },
    }
