"""Texts for users: complete in every language of the Union, and a file that is not is named with its key."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.reporting import report
from tutela.detection.notices import sentences
from tutela.detection.notices.paragraphs import About, given_back, paragraphs
from tutela.detection.notices.sentences import (
    TEXTS_FOLDER,
    BadText,
    Language,
    Sentences,
    load,
    own,
    parsed,
    source_digest,
)
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Awareness

UNION = [
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "mt",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
]
AUDIENCES = ("adult", "teenager", "child")
KNOWN = load(None)
ENGLISH = KNOWN["en"]
GERMAN = (TEXTS_FOLDER / "de.toml").read_text()
# How an adult is addressed in a letter, and how a child is; a language that has one form for both says it twice.
ADDRESSED = {
    "bg": ("Ваш", "тво"),
    "cs": ("Vaš", "tv"),
    "da": ("din", "din"),
    "de": ("Ihr", "dein"),
    "el": ("σας", "σου"),
    "en": ("your", "your"),
    "es": ("su cuenta", "tu cuenta"),
    "et": ("Teie", "sinu"),
    "fi": ("tiliinne", "tiliäsi"),
    "fr": ("votre", "ton"),
    "ga": ("do", "do"),
    "hr": ("Vaš", "tvoj"),
    "hu": ("Ön", "fiókod"),
    "it": ("Suo", "tuo"),
    "lt": ("Jūsų", "tavo"),
    "lv": ("Jūsu", "tavu"),
    "mt": ("tiegħek", "tiegħek"),
    "nl": ("uw", "je"),
    "pl": ("Pani/Pana", "Twoi"),
    "pt": ("sua conta", "tua conta"),
    "ro": ("dumneavoastră", "tău"),
    "sk": ("Vá", "tvoj"),
    "sl": ("Vaš", "tvoj"),
    "sv": ("ditt", "ditt"),
}
# The term of the proposal for whom one complains to, and a court.
LAW = {
    "bg": ("координиращия орган", "съда"),
    "cs": ("koordinačního orgánu", "soud"),
    "da": ("koordinerende myndighed", "domstol"),
    "de": ("Koordinierungsbehörde", "Gericht"),
    "el": ("συντονιστική αρχή", "δικαστήριο"),
    "en": ("Coordinating Authority", "court"),
    "es": ("autoridad coordinadora", "tribunales"),
    "et": ("koordineerivale asutusele", "kohtusse"),
    "fi": ("koordinointiviranomaiselle", "tuomioistuimeen"),
    "fr": ("autorité de coordination", "tribunal"),
    "ga": ("Údarás Comhordaithe", "cúirte"),
    "hr": ("koordinacijskom tijelu", "sudu"),
    "hu": ("koordináló hatóság", "bíróság"),
    "it": ("autorità coordinatrice", "giudice"),
    "lt": ("koordinuojančiajai institucijai", "teismą"),
    "lv": ("koordinējošajai iestādei", "tiesā"),
    "mt": ("Awtorità ta’ Koordinazzjoni", "qorti"),
    "nl": ("coördinerende autoriteit", "rechter"),
    "pl": ("organu koordynującego", "sądu"),
    "pt": ("autoridade de coordenação", "tribunal"),
    "ro": ("autoritatea de coordonare", "instanțe"),
    "sk": ("koordinačnému orgánu", "súd"),
    "sl": ("koordinacijskem organu", "sodišče"),
    "sv": ("samordningsmyndigheten", "domstol"),
}


def _sentences(language: Language) -> dict[str, str]:
    """Every sentence by its key."""
    said = language.model_dump(include={"how", "adult", "teenager", "child"})
    return {f"{part}.{key}": text for part, texts in said.items() for key, text in texts.items() if key != "between"}


def test_every_official_language_has_a_text_and_only_english_was_checked() -> None:
    assert sorted(KNOWN) == UNION == sorted(ADDRESSED) == sorted(LAW)
    assert [code for code, one in KNOWN.items() if one.read_by] == ["en"]
    assert len({one.name for one in KNOWN.values()}) == len(UNION)


@pytest.mark.parametrize("code", UNION)
def test_no_sentence_is_left_in_english_or_said_twice(code: str) -> None:
    found = _sentences(KNOWN[code])
    assert found.keys() == _sentences(ENGLISH).keys()
    for part in ("how", *AUDIENCES):
        texts = [text for key, text in found.items() if key.startswith(part)]
        assert len(set(texts)) == len(texts)
    if code != "en":
        assert not set(found.values()) & set(_sentences(ENGLISH).values())
        words = set(re.findall(r"\w+", " ".join(found.values()).lower()))
        assert not words & {"the", "you", "your", "with", "this", "they", "which", "reported"}


@pytest.mark.parametrize("code", UNION)
def test_sentences_end_and_are_written_cleanly(code: str) -> None:
    for key, text in _sentences(KNOWN[code]).items():
        assert text == text.strip(), key
        assert "  " not in text, key
        assert "'" not in text or code == "en", f"{key}: a typewriter's apostrophe"
        assert text.endswith(".") is not key.startswith("how."), key
        assert len(text) <= 190, f"{key} is long"
        assert key.startswith("how.") or text[0].isupper() or text.startswith(("{day}", "¿")), key
    child = [text for key, text in _sentences(KNOWN[code]).items() if key.startswith("child.")]
    assert max(map(len, child)) <= 135, "a child reads short sentences"
    foreign = re.compile("[A-Za-z](?![^{]*})" if code in ("bg", "el") else "[А-Яа-яΑ-Ωα-ω]")
    assert not foreign.search(" ".join(_sentences(KNOWN[code]).values()))


@pytest.mark.parametrize("code", UNION)
def test_adults_and_children_are_addressed_as_the_language_does(code: str) -> None:
    found, (adult, child) = KNOWN[code], ADDRESSED[code]
    assert adult in found.adult.reported
    assert child in found.child.opening
    if adult != child:
        assert not re.search(rf"\b{adult}", " ".join(found.child.model_dump().values()))


@pytest.mark.parametrize("code", UNION)
def test_the_law_is_named_to_adults_and_the_helpline_to_children(code: str) -> None:
    found = KNOWN[code]
    for term in LAW[code]:
        assert term in found.adult.court
        assert term not in " ".join(found.child.model_dump().values())
    assert "116 111" in found.teenager.helpline
    assert "116 111" in found.child.helpline


CASES = list(product((True, False), repeat=5))
SERVICE, DAY = "Albums {day} <&>", date(2026, 3, 1)


def _report(*, removed: bool, decided: bool) -> Report:
    return report(
        service={"kinds": ["hosting"], "name": SERVICE},
        awareness={"manners": list(Awareness)},
        removal={"removed_or_disabled": removed},
        user_decision={"decided": decided, **({"details": "x"} if decided else {})},
    )


@pytest.mark.parametrize("code", UNION)
def test_every_text_of_every_case_is_whole(code: str) -> None:
    language, seen = KNOWN[code], set()
    for audience, (erased, unfounded, removed, decided, back) in product(AUDIENCES, CASES):
        given = None if erased else _report(removed=removed, decided=decided)
        found = paragraphs(language, audience, About(given, DAY, unfounded, back))
        text = "\n\n".join(found)
        seen.add(text)
        assert all(found)
        assert len(set(found)) == len(found)
        assert "{" not in text.replace(SERVICE, "")
        part = getattr(language, audience)
        assert (part.unfounded in found, part.unknown in found) == (unfounded, not unfounded)
        returned, done = unfounded and back, (removed or decided) and not erased
        assert (part.given_back in found, part.sorry in found) == (returned, returned)
        assert (part.may_return in found) is (done and not returned), "who lost something hears that it may come back"
        if audience != "child":
            assert (SERVICE in text, language.day(DAY) in text) == (not erased, not erased)
            assert all(getattr(language.how, one) in text for one in Awareness) is not erased
        if audience == "adult":
            assert (part.removed in found, part.decided in found) == (removed and not erased, decided and not erased)
            assert part.complain in found
    # Of what is unknown, unfounded, and given back: adults read five texts each, teenagers and children fewer.
    assert len(seen) == (5 + 5 + 5) + (3 + 3 + 2) + (2 + 2 + 1)


@pytest.mark.parametrize("code", UNION)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_reinstated_user_is_told_what_is_back_and_whom_to_ask_for_the_rest(code: str, audience: str) -> None:
    language, part = KNOWN[code], getattr(KNOWN[code], audience)
    for sent in (None, _report(removed=True, decided=True)):
        found = given_back(language, audience, About(sent, DAY, unfounded=True, reinstated=True))
        assert len(set(found)) == len(found)
        assert all(found)
        assert "{" not in " ".join(found).replace(SERVICE, "")
        for sentence in (part.unfounded, part.given_back, part.sorry, part.still_missing):
            assert sentence in found
        assert (SERVICE in " ".join(found)) is (sent is not None and audience != "child")
        assert (part.court if audience == "adult" else part.helpline) == found[-1]


@pytest.mark.parametrize("code", UNION)
def test_every_day_of_a_year_is_written_once(code: str) -> None:
    days = [date.fromordinal(date(2028, 1, 1).toordinal() + n) for n in range(366)]
    found = {KNOWN[code].day(day) for day in days}
    assert len(found) == 366
    assert all("2028" in one for one in found)


def _spoilt(old: str, new: str) -> bytes:
    assert old in GERMAN
    return GERMAN.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_spoilt("unknown = ", "unknwon = "), "adult.unknown: Field required"),
        (_spoilt("unknown = ", 'more = "x"\nunknown = '), "adult.more: Extra inputs"),
        (_spoilt("Am {day} haben", "Am haben"), "adult.reported: must contain {day}"),
        (_spoilt("Am {day} haben", "Am {day} {day} {town} haben"), "adult.reported: {town} is not a placeholder"),
        (_spoilt("Am {day} haben", "Am {day!r} haben"), "adult.reported: {day!r} is not a placeholder"),
        (_spoilt("Am {day} haben", "Am {day:>9999} haben"), "adult.reported: {day:>9999} is not a placeholder"),
        (_spoilt("Am {day} haben", "Am {day.__class__} haben"), "adult.reported: {day.__class__} is not a placeholder"),
        (_spoilt("Am {day} haben", "Am {} haben"), "adult.reported: {} is not a placeholder"),
        (_spoilt("Am {day} haben", "Am {day haben"), "adult.reported: contains a brace"),
        (_spoilt('"auf andere Weise"', '" "'), "how.other: must not be blank or contain control characters"),
        (_spoilt('"auf andere Weise"', '"a\\nb"'), "how.other: must be one line"),
        (_spoilt('"auf andere Weise"', "7"), "how.other: Input should be a valid string"),
        (_spoilt('"auf andere Weise"', f'"{"x" * 1001}"'), "how.other: String should have at most 1000"),
        (_spoilt('"Januar", ', ""), "date.months: List should have at least 12"),
        (_spoilt("{d}. {month}", "{month}"), "date.written: must contain {d}"),
        (_spoilt("[child]", "[children]"), "child: Field required"),
        (b"\xff" + GERMAN.encode(), "must be UTF-8 (byte 1)"),
        (b"name = ", "must be TOML"),
        (b"a = " + b"[" * 20_000, "must be TOML"),
        (b"", "name: Field required"),
        (b"x" * (sentences.MOST_BYTES + 1), "must have at most 65536 bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_key(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "de.toml").write_bytes(content)
    with pytest.raises(BadText, match=re.escape(f"de.toml: {said}")):
        load(tmp_path)


@pytest.mark.parametrize("name", ["german.language.toml", "DE.toml", "d.toml", ".toml.toml", "de.TOML"])
def test_a_file_is_named_by_its_language(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(GERMAN)
    with pytest.raises(BadText, match=re.escape(name)):
        own(tmp_path)


def test_a_folder_that_is_not_there_and_a_folder_as_a_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadText, match="existing folder"):
        load(tmp_path / "none")
    (tmp_path / "de.toml").mkdir()
    with pytest.raises(BadText, match=r"de\.toml"):
        load(tmp_path)


def test_an_operators_file_takes_the_place_of_ours_and_may_add_a_language(tmp_path: Path) -> None:
    ours = GERMAN.replace('read_by = ""', 'read_by = "Legal, Pixelpost"').replace("Am {day}", "Am Tag {day}")
    (tmp_path / "de.toml").write_text(ours)
    (tmp_path / "uk.toml").write_text(GERMAN.replace('"Deutsch"', '"Українська"'))
    (tmp_path / "README.txt").write_text("Not a text.")
    found = load(tmp_path)
    assert (found["de"].own, found["de"].read_by, found["fr"].own) == (True, "Legal, Pixelpost", False)
    assert found["de"].adult.reported.startswith("Am Tag {day}")
    assert (found["uk"].own, found["uk"].name, len(found)) == (True, "Українська", len(UNION) + 1)
    assert load(None)["de"].own is False


@given(st.binary(max_size=300))
def test_any_bytes_are_a_text_or_refused(content: bytes) -> None:
    with pytest.raises(BadText):
        parsed(content)


keys = st.sampled_from(sorted(_sentences(ENGLISH)))


@given(keys, st.text(alphabet="{}!:.day how\n\0é", max_size=30))
def test_a_sentence_is_filled_without_a_rest_or_refused(key: str, text: str) -> None:
    said: dict[str, Any] = tomllib.loads((TEXTS_FOLDER / "en.toml").read_text())
    part, name = key.split(".")
    said[part][name] = text
    try:
        found = Sentences.model_validate(said)
    except ValueError:
        return
    filled = getattr(getattr(found, part), name).format(day="D", service="S", how="H")
    assert filled.strip()
    assert "\n" not in filled


def test_a_translation_is_stale_once_its_source_has_changed(tmp_path: Path) -> None:
    assert not any(one.stale for one in load(None).values())
    english = (TEXTS_FOLDER / "en.toml").read_text()
    (tmp_path / "en.toml").write_text(english.replace("unknown = ", "unknown = 'x' # ", 1))
    found = load(tmp_path)
    assert source_digest(found["en"]) != source_digest(load(None)["en"])
    german = (TEXTS_FOLDER / "de.toml").read_text().replace("translates = ", 'translates = "0123456789abcdef" # ', 1)
    (tmp_path / "de.toml").write_text(german)
    assert load(tmp_path)["de"].stale
    assert not load(tmp_path)["fr"].stale
