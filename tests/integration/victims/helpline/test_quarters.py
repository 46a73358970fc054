"""The helpline: a log without an identity, and the return of a quarter."""

from __future__ import annotations

import csv
import io
import re
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.support.cast import Cast
from tests.support.support_world import Support
from tutela import clock
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.victims.helpline import contacts, quarters
from tutela.victims.helpline.contacts import ContactInput
from tutela.victims.models import HelplineContact

IN_QUARTER, AFTER = datetime(2026, 8, 20, 9, 41, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC)
GUIDE = Path(__file__).parents[4] / "docs/howto/support.md"
# What a column can be: codes and a day. Nothing else could hold an identity.
COLUMNS = {
    *("id", "organisation_id", "created_at", "day"),
    *("category_set", "category", "age", "gender", "channel", "platform"),
}


@pytest.fixture
def world(cast: Cast) -> Support:
    return Support(cast)


def test_no_identity_field_exists() -> None:
    assert {one.name for one in HelplineContact._meta.fields} == COLUMNS
    assert set(ContactInput.__dataclass_fields__) == COLUMNS - {"id", "organisation_id", "created_at", "category_set"}


def test_a_contact_has_codes_alone_and_the_hour(world: Support) -> None:
    with pytest.raises(Forbidden):
        contacts.log(world.hotline, ContactInput(IN_QUARTER.date(), "grooming"))
    with clock.simulate(IN_QUARTER):
        contacts.log(world.analyst, ContactInput(IN_QUARTER.date(), "grooming", "teen"))
        for wrong in (
            ContactInput(IN_QUARTER.date(), "Ada Example"),
            ContactInput(IN_QUARTER.date(), "grooming", "Ada"),
            ContactInput(date(2026, 1, 1), "grooming"),
            ContactInput(date(2027, 1, 1), "grooming"),
        ):
            with pytest.raises(Invalid):
                contacts.log(world.analyst, wrong)
    with acting(world.support):
        (row,) = HelplineContact.objects.all()
    assert (row.category_set, row.created_at.minute) == ("2023", 0)


def test_a_quarter_is_returned_with_small_counts_withheld(world: Support) -> None:
    with clock.simulate(IN_QUARTER):
        for category, count in (("grooming", 25), ("sexual_coercion", 12), ("suicide", 3)):
            for _ in range(count):
                contacts.log(world.analyst, ContactInput(IN_QUARTER.date(), category, platform="messaging"))
        with pytest.raises(Invalid):
            quarters.make(world.analyst, "2026-Q3")
    with clock.simulate(AFTER):
        (made,) = quarters.make(world.analyst, "2026-Q3")
        _row, content = quarters.load(world.analyst, made)
        assert (content["total"], content["category_set"], content["platform_of"]) == (40, "2023", 40)
        assert content["groups"]["category"] == {"grooming": 25, "sexual_coercion": None, "suicide": None}
        lines = list(csv.DictReader(io.StringIO(quarters.as_csv(content))))
        assert {"group": "category", "value": "suicide", "count": "withheld"}.items() <= lines[2].items()
        for wrong in ("2026-Q5", "2026", "2026-Q1"):
            with pytest.raises(Invalid):
                quarters.make(world.analyst, wrong)


def test_a_correction_by_a_few_contacts_is_refused(world: Support) -> None:
    with clock.simulate(IN_QUARTER):
        for _ in range(20):
            contacts.log(world.analyst, ContactInput(IN_QUARTER.date(), "grooming"))
    with clock.simulate(AFTER):
        quarters.make(world.analyst, "2026-Q3")
        for more in (0, 3, quarters.LEAST - 4):
            for _ in range(more):
                contacts.log(world.analyst, ContactInput(IN_QUARTER.date(), "grooming"))
            with pytest.raises(Invalid):
                quarters.make(world.analyst, "2026-Q3")
        contacts.log(world.analyst, ContactInput(IN_QUARTER.date(), "grooming"))
        assert len(quarters.make(world.analyst, "2026-Q3")) == 1
        assert len(quarters.list_returns(world.analyst)) == 2


def test_the_command_of_the_guide_counts_what_a_return_withholds(world: Support, tmp_path: Path) -> None:
    (command,) = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    with clock.simulate(IN_QUARTER):
        for category, count in (("grooming", 25), ("sexual_coercion", 12), ("suicide", 3)):
            for _ in range(count):
                contacts.log(world.analyst, ContactInput(IN_QUARTER.date(), category))
    with clock.simulate(AFTER):
        (made,) = quarters.make(world.analyst, "2026-Q3")
        answer = world.cast.client(world.support, "analyst").get(f"/desk/helpline/returns/{made}/?file=json")
    name = re.findall(r'filename="(.+?)"', answer["Content-Disposition"])[0]
    (tmp_path / name).write_bytes(answer.content)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b"2\n"
