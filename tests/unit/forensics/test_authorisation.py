"""The authorisation: what lies outside it is not opened, and a wrong file names its field."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.triage_world import authorisation
from tutela.forensics.authorisation import Authorisation, Outside, load_authorisation, parse_authorisation
from tutela.forensics.errors import AuthorisationError


def allowed(folder: Path, **changes: Any) -> Authorisation:
    return load_authorisation(authorisation(folder / "authorisation.json", folder, **changes))


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("path", ["a/Lawyer/x.jpg", "a\\lawyer\\x.jpg", "a.zip!lawyer/x.jpg", "a/LAWYER/deep/er/x"])
def test_privileged_material_is_outside_in_any_spelling(tmp_path: Path, path: str) -> None:
    assert allowed(tmp_path).outside(path, None) is Outside.PRIVILEGED


@pytest.mark.parametrize("pattern", ["*/kanzlei müller/*", "kanzlei müller/*", "*/Kanzlei Mu\u0308ller/*"])
@pytest.mark.parametrize("path", ["Kanzlei Müller/x.jpg", "volume 0/Kanzlei Mu\u0308ller/x.jpg", "a/kanzlei müller/x"])
def test_a_privileged_folder_is_outside_wherever_it_lies(tmp_path: Path, pattern: str, path: str) -> None:
    made = allowed(tmp_path, privileged=[pattern])
    assert made.outside(path, None) is Outside.PRIVILEGED
    assert made.outside("Müller/x.jpg", None) is None


@pytest.mark.parametrize(
    ("moment", "outside"),
    [
        ("2025-12-31T23:59:59", True),
        ("2026-01-01T00:00:00", False),
        ("2026-02-01T23:59:59", False),
        ("2026-02-02T00:00:00", True),
    ],
)
def test_first_and_last_day_belong_to_the_period(tmp_path: Path, moment: str, outside: bool) -> None:
    found = allowed(tmp_path, period={"from": "2026-01-01", "to": "2026-02-01"}).outside("a.jpg", at(moment))
    assert found == (Outside.PERIOD if outside else None)


@pytest.mark.parametrize(("undated", "found"), [("read", None), ("leave", Outside.PERIOD)])
def test_a_file_without_a_date_is_read_unless_the_authorisation_leaves_it(
    tmp_path: Path, undated: str, found: Outside | None
) -> None:
    made = allowed(tmp_path, period={"from": "2026-01-01", "undated": undated})
    assert made.outside("a.jpg", None) == made.outside("a.jpg", 0.0) == found


def test_a_class_that_is_not_named_is_outside(tmp_path: Path) -> None:
    made = allowed(tmp_path, file_classes=["picture"])
    assert made.outside("a/b.JPEG", None) is None
    assert made.outside("a/b.mp4", None) is Outside.CLASS
    assert made.outside("a/b", None) is Outside.CLASS


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"person": ""}, "person"),
        ({"authority": 3}, "authority"),
        ({"issued": "yesterday"}, "issued"),
        ({"devices": []}, "devices"),
        ({"devices": [{"label": "a", "path": "b", "sha256": "x"}]}, "sha256"),
        ({"devices": [{"label": "a", "path": "b"}, {"label": "a", "path": "c"}]}, "label"),
        ({"period": {"from": "2026-02-01", "to": "2026-01-01"}}, "period"),
        ({"period": {"to": "9999-12-31"}}, "period.to"),
        ({"file_classes": ["everything"]}, "file_classes"),
        ({"file_classes": []}, "file_classes"),
        ({"privileged": "lawyer"}, "privileged"),
        ({"categories": {"one": "be:1"}}, "categories"),
        ({"further": 1}, "further"),
    ],
)
def test_a_wrong_authorisation_names_its_field(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(AuthorisationError, match=field):
        allowed(tmp_path, **changes)


ANY = st.none() | st.booleans() | st.floats() | st.text()


@given(st.recursive(ANY, lambda one: st.lists(one) | st.dictionaries(st.text(), one)))
def test_any_json_is_refused_with_our_error_alone(value: object) -> None:
    with pytest.raises(AuthorisationError):
        parse_authorisation(json.dumps(value).encode())
