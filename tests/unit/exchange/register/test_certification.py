"""Many acts at once are the same bytes as one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.message import timestamps
from tutela.exchange.message.signed_envelope import sign
from tutela.exchange.register.certification import CERTIFICATION_CONTEXT, Acts, CertificationAct

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
YEARS = timestamps.FIRST.replace(tzinfo=None), timestamps.LAST.replace(tzinfo=None) - timedelta(seconds=1)
lines = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
acts = st.builds(
    CertificationAct,
    indicator=st.uuids(),
    number=st.just("I-1111-2222-3"),
    round=st.integers(1, 9),
    organisation=st.uuids(),
    organisation_name=lines,
    country=st.sampled_from(["IE", "DE"]),
    media_type=st.just("video"),
    classification=lines,
    at=st.datetimes(*YEARS, timezones=st.just(UTC)),
    hashes=st.lists(st.integers(0, 16**64 - 1).map(lambda n: f"{n:064x}"), min_size=1, max_size=4).map(
        lambda found: tuple(sorted(found))
    ),
)


@given(acts)
def test_an_act_is_the_same_bytes_either_way(act: CertificationAct) -> None:
    other = {"indicator": UUID(int=1), "number": "-", "classification": "-", "hashes": ("0" * 64,)}
    made = Acts(act.model_copy(update=other), KEY)
    assert (
        made.sign(act.indicator, act.number, act.media_type, act.classification, reversed(act.hashes))
        == sign(act.to_bytes(), CERTIFICATION_CONTEXT, KEY).to_bytes()
    )


def test_a_moment_without_a_fraction_is_one_too() -> None:
    act = CertificationAct(
        indicator=UUID(int=5),
        number="I-1",
        round=1,
        organisation=UUID(int=7),
        organisation_name="H",
        country="IE",
        media_type="image",
        classification="a:b",
        hashes=("0" * 64,),
        at=datetime(2026, 2, 1, tzinfo=UTC),
    )
    made = Acts(act, KEY).sign(act.indicator, act.number, "image", "a:b", act.hashes)
    assert made == sign(act.to_bytes(), CERTIFICATION_CONTEXT, KEY).to_bytes()
