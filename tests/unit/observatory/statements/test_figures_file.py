"""A file of published figures holds for anybody, and each falsification of it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.false_figures import FALSE_FILES, SIGNER, file_of, stating, true_file, true_statement
from tutela.observatory.statements import figures_file
from tutela.observatory.statements.figures_file import FiguresFile
from tutela.observatory.statements.statement import NotAStatement, Statement
from tutela.tlog.policy import Policy
from tutela.tlog.verify import Refused


def test_a_true_file_holds_with_its_key_and_its_log(tmp_path: Path) -> None:
    file, policy = true_file(tmp_path)
    found = figures_file.check(FiguresFile.from_bytes(file.to_bytes()), policy, [file.key])
    assert (found.entry, found.origin) == (1, SIGNER.name)
    assert {one.value for one in found.statement.figures} == {7, 5}


@pytest.mark.parametrize("falsify", FALSE_FILES.values(), ids=FALSE_FILES)
def test_a_false_file_is_refused(falsify: Callable[[FiguresFile], FiguresFile], tmp_path: Path) -> None:
    file, policy = true_file(tmp_path)
    with pytest.raises(Refused):
        figures_file.check(falsify(file), policy)


COMPLAINTS = ("redress.complaints.decided/1", "events:complaint.decided")
DECIDED = ("provider.candidates.decided/1", "events:candidate.confirmed+candidate.rejected")
CONFIRMED = ("provider.candidates.confirmed/1", "events:candidate.confirmed")
REJECTED = ("provider.candidates.rejected/1", "events:candidate.rejected")
OPENED = ("hotline.addresses.opened/1", "events:takedown.opened")
type Values = dict[tuple[str, str], int | str]


def checked(values: Values, folder: Path) -> Statement:
    """A file that its organisation signed, with the right commitments and in the log."""
    told = {name: (query, value) for (name, query), value in values.items()}
    return figures_file.check(*file_of(stating(true_statement(), told), folder)).statement


@pytest.mark.parametrize(
    "values",
    [
        {OPENED: 3, COMPLAINTS: 0},
        {COMPLAINTS: "s"},
        {COMPLAINTS: 5},
        {DECIDED: "s", CONFIRMED: 90, REJECTED: "s"},
        {DECIDED: 100, CONFIRMED: 90, REJECTED: 10},
        {DECIDED: "s", CONFIRMED: "s", REJECTED: 0},
    ],
)
def test_what_the_rule_of_disclosure_permits_holds(values: Values, tmp_path: Path) -> None:
    assert len(checked(values, tmp_path).figures) == len(values)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({(OPENED[0], "events:takedown.viewed"): 7}, "another query"),
        ({(OPENED[0], "events:takedown.assessed"): 7}, "another query"),
        ({("ncmec.files/1", "events:report.received"): 7}, "another query"),
        ({COMPLAINTS: 3}, "few persons"),
        ({COMPLAINTS: ":"}, "no rule withholds"),
        ({OPENED: "s"}, "no rule withholds"),
        ({DECIDED: 100, CONFIRMED: 97, REJECTED: "s"}, "decided/1 is shown"),
        ({DECIDED: 100, CONFIRMED: 97}, "decided/1 is shown"),
        ({DECIDED: 100, REJECTED: 101}, "larger than its whole"),
    ],
)
def test_what_an_organisation_signs_against_the_rules_is_refused(values: Values, why: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=why):
        checked(values, tmp_path)


def test_salts_are_long_and_none_is_used_twice(tmp_path: Path) -> None:
    file, _policy = true_file(tmp_path)
    statement, names = figures_file.signed_statement(file), list(file.salts)
    for salts in ({**file.salts, names[0]: "01" * 16}, dict.fromkeys(names, file.salts[names[0]])):
        own = {one: bytes.fromhex(salts[one.definition]) for one in statement.figures}
        figures = tuple(replace(f, commitment=statement.commitment_of(f, s, f.value or 0)) for f, s in own.items())
        with pytest.raises(Refused, match="salt"):
            figures_file.opened(replace(statement, figures=figures), salts)


def test_another_log_or_another_key_is_refused(tmp_path: Path) -> None:
    file, policy = true_file(tmp_path)
    with pytest.raises(Refused, match="given keys"):
        figures_file.check(file, policy, ["00" * 32])
    with pytest.raises((Refused, ValueError)):
        figures_file.check(file, Policy.parse("log else.example+00000000+AAAA\nquorum none\n"))


def test_broken_bytes_are_refused(tmp_path: Path) -> None:
    file, _policy = true_file(tmp_path)
    data = file.to_bytes()
    for broken in (
        b"",
        b"{}",
        data[:-5],
        b"[" * 5000,
        data.replace(b'"key"', b'"kay"'),
        data.replace(b'"salts":{', b'"salts":[{'),
    ):
        with pytest.raises(Refused):
            FiguresFile.from_bytes(broken)


def test_a_proof_with_a_number_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    file, policy = true_file(tmp_path)
    for index in (b"9" * 5000, b"9" * 20, b"01", b"-1", b""):
        broken = replace(file, proof=file.proof.replace(b"index 1\n", b"index " + index + b"\n"))
        with pytest.raises(Refused, match="index"):
            figures_file.check(broken, policy)


@pytest.mark.parametrize("name", ["envelope", "key", "salts", "entry", "proof"])
@pytest.mark.parametrize("value", [None, 0, "", "x", "\u00e9", [], [1], {}, {"a": [1]}, {"a": "zz"}, True])
def test_a_file_with_any_other_value_is_refused(name: str, value: object, tmp_path: Path) -> None:
    file, policy = true_file(tmp_path)
    data = json.dumps({**json.loads(file.to_bytes()), name: value}).encode()
    with pytest.raises(Refused):
        figures_file.check(FiguresFile.from_bytes(data), policy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"value":7', b'"value":-7'),
        (b'"value":7', b'"value":7.5'),
        (b'"missing":"","query":"events:takedown.opened","value":7', b'"missing":"s","query":"x","value":7'),
        (b'"version":1', b'"version":2'),
        (b'"end":"2026-10-31"', b'"end":"2026-09-01"'),
        (b'"position":40', b'"position":true'),
        (b"hotline.addresses.assessed/1", b"hotline.addresses.opened/1"),
    ],
)
def test_what_is_no_statement_is_refused(old: bytes, new: bytes, tmp_path: Path) -> None:
    file, _policy = true_file(tmp_path)
    data = file.envelope.payload
    assert old in data
    assert Statement.from_bytes(data).to_bytes() == data
    with pytest.raises(NotAStatement):
        Statement.from_bytes(data.replace(old, new))


def test_a_withheld_figure_has_a_commitment_and_no_salt(tmp_path: Path) -> None:
    file, _policy = true_file(tmp_path)
    statement = Statement.from_bytes(file.envelope.payload)
    hidden = replace(statement.figures[0], value=None, missing="s")
    withheld = replace(statement, figures=(hidden, statement.figures[1]))
    figures_file.opened(withheld, dict(list(file.salts.items())[1:]))
    with pytest.raises(Refused, match="other figures"):
        figures_file.opened(withheld, file.salts)
