"""What the API takes a line of an import takes, tried or written, and what one refuses the others refuse."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support.cast import Cast
from tutela.events.transaction import acting
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import BadLine, Defaults
from tutela.indicators.imports.schema import ItemIn
from tutela.indicators.models import Indicator, IndicatorHash, LegalityStated
from tutela.indicators.web.api import ProposalIn

__all__ = ["_scheme"]
WORDS = {"media_type": "image", "classification": CLASS, "reason": "Assessed"}


def _digest() -> dict[str, Any]:
    return {"kind": "sha256", "value": secrets.token_hex(32)}


def _body(**more: Any) -> dict[str, Any]:
    return {"hashes": [_digest()], **WORDS, **more}


def _look(**more: Any) -> dict[str, Any]:
    return {"kind": "pdq", "value": secrets.token_hex(32), "quality": 90, **more}


def _imported(cast: Cast, folder: Path, body: Any, *, dry_run: bool) -> tuple[list[BadLine], Any]:
    file, bad = folder / f"{secrets.token_hex(4)}.jsonl", list[BadLine]()
    file.write_text(json.dumps(body) + "\n")
    report = runner.run(
        cast.hotline_ie, file, source="The import's", defaults=Defaults(), dry_run=dry_run, bad=bad.append
    )
    return bad, report


def _rows(cast: Cast, indicator: Indicator) -> Any:
    with acting(cast.hotline_ie):
        said = LegalityStated.objects.filter(indicator=indicator).order_by("country")
        hashes = IndicatorHash.objects.filter(indicator=indicator).order_by("kind", "blind")
        return (
            indicator.media_type,
            indicator.classification,
            indicator.series,
            indicator.reason,
            indicator.source,
            list(said.values_list("country", "illegal", "norm")),
            list(hashes.values_list("kind", "quality", "hasher")),
        )


LAW = [{"country": "FR", "illegal": True, "norm": "227-23 CP"}, {"country": "JP", "illegal": False}]
GOOD: dict[str, dict[str, Any]] = {
    "a digest": {},
    "a source": {"source": "A feed"},
    "law": {"legality": LAW},
    "all of it": {"source": "A feed", "legality": LAW, "series": "S-1"},
    "a look": {"hashes": [{**_look(), "hasher": "tutela-pdq/2", "structure": "ab" * 32}, {**_look(), "covers": 0.8}]},
}
BAD: dict[str, dict[str, Any]] = {
    "a member too many": {"mood": 1},
    "a source too long": {"source": "x" * 81},
    "no source": {"source": "a\nb"},
    "no country": {"legality": [{"country": "XX", "illegal": True}]},
    "a country in small letters": {"legality": [{"country": "de", "illegal": True}]},
    "a country twice": {"legality": [{"country": "DE", "illegal": True}, {"country": "DE", "illegal": False}]},
    "no word of law": {"legality": [{"country": "DE"}]},
    "a word for a law": {"legality": [{"country": "DE", "illegal": "yes"}]},
    "a norm too long": {"legality": [{"country": "DE", "illegal": True, "norm": "x" * 301}]},
    "too many countries": {"legality": [{"country": "DE", "illegal": True}] * 51},
    "another kind": {"hashes": [{"kind": "crc32", "value": "00"}]},
    "no hex": {"hashes": [{"kind": "sha256", "value": "zz"}]},
    "a text for a number": {"hashes": [{"kind": "pdq", "value": "ab" * 32, "quality": "90"}]},
    "a poor look": {"hashes": [{"kind": "pdq", "value": "ab" * 32, "quality": 10}]},
    "a look above all": {"hashes": [{"kind": "pdq", "value": "ab" * 32, "quality": 101}]},
    "too many hashes": {"hashes": [{"kind": "md5", "value": "ab" * 16}] * 51},
    "no hash": {"hashes": []},
    "another type": {"media_type": "sound"},
    "no type": {"media_type": 3},
    "another class": {"classification": "x:y"},
    "no frames": {"media_type": "video", "vpdq": ["nonsense"]},
    "frames of a picture": {"video": {"frames": []}},
}


def test_both_have_the_same_members() -> None:
    assert ProposalIn.model_fields.keys() == ItemIn.model_fields.keys()
    assert issubclass(ProposalIn, ItemIn)


@pytest.mark.parametrize("about", GOOD)
def test_what_the_api_takes_a_trial_and_an_import_take_and_write_alike(
    cast: Cast, client: Client, tmp_path: Path, about: str
) -> None:
    def fresh() -> dict[str, Any]:
        made = _body(**GOOD[about])
        made["hashes"] = [{**one, "value": secrets.token_hex(32)} for one in made["hashes"]]
        return made

    answer = client.post(
        "/api/v1/indicators", fresh(), "application/json", headers=cast.key(cast.hotline_ie, "indicators:propose")
    )
    assert answer.status_code == 201, answer.content
    bad, tried = _imported(cast, tmp_path, fresh(), dry_run=True)
    assert (bad, tried.accepted, tried.unmapped) == ([], 1, [])
    bad, report = _imported(cast, tmp_path, fresh(), dry_run=False)
    assert (bad, report.accepted) == ([], 1)
    with acting(cast.hotline_ie):
        by_api = Indicator.objects.get(pk=UUID(answer.json()["id"]))
        (by_file,) = Indicator.objects.filter(run_id=report.run_id)
    first, second = _rows(cast, by_api), _rows(cast, by_file)
    assert by_file.source == (GOOD[about].get("source") or "The import's")
    assert [*first[:4], *first[5:]] == [*second[:4], *second[5:]]


@pytest.mark.parametrize("about", BAD)
def test_what_the_api_refuses_a_trial_and_an_import_refuse(
    cast: Cast, client: Client, tmp_path: Path, about: str
) -> None:
    body = _body(**BAD[about])
    answer = client.post(
        "/api/v1/indicators", body, "application/json", headers=cast.key(cast.hotline_ie, "indicators:propose")
    )
    assert answer.status_code == 422, answer.content
    for dry_run in (True, False):
        bad, report = _imported(cast, tmp_path, body, dry_run=dry_run)
        assert (len(bad), report.accepted) == (1, 0), about


def test_a_csv_says_source_and_law_in_columns_of_their_own(cast: Cast, tmp_path: Path) -> None:
    file, bad = tmp_path / "list.csv", list[BadLine]()
    lines = [
        f'{secrets.token_hex(32)},A feed,"DE illegal § 184b StGB; JP lawful"',
        f"{secrets.token_hex(32)},,",
        f"{secrets.token_hex(32)},,Germany forbids it",
    ]
    file.write_text("\n".join(["sha256,source,legality", *lines, ""]))
    report = runner.run(
        cast.hotline_ie, file, source="The import's", defaults=Defaults("image", CLASS, "Assessed"), bad=bad.append
    )
    assert (report.accepted, [(one.line, one.field) for one in bad]) == (2, [(3, "legality")])
    with acting(cast.hotline_ie):
        made = Indicator.objects.filter(run_id=report.run_id)
        assert sorted(made.values_list("source", flat=True)) == ["A feed", "The import's"]
        said = LegalityStated.objects.filter(indicator__in=made).order_by("country")
        assert list(said.values_list("country", "illegal", "norm")) == [("DE", True, "§ 184b StGB"), ("JP", False, "")]
