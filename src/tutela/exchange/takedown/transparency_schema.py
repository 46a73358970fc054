"""Fields and values of the DSA Transparency Database since 1 July 2025 (Implementing Regulation (EU) 2024/2835)."""

from __future__ import annotations

from tutela.exchange.takedown.json_checks import (
    Check,
    Fields,
    Need,
    day,
    fields,
    list_of,
    one_of,
    pattern,
    text,
    uri,
)


def _prefixed(prefix: str, names: list[str]) -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for name in names)


VISIBILITY = _prefixed(
    "DECISION_VISIBILITY",
    [
        "CONTENT_REMOVED",
        "CONTENT_DISABLED",
        "CONTENT_DEMOTED",
        "CONTENT_AGE_RESTRICTED",
        "CONTENT_INTERACTION_RESTRICTED",
        "CONTENT_LABELLED",
        "OTHER",
    ],
)
MONETARY = _prefixed("DECISION_MONETARY", ["SUSPENSION", "TERMINATION", "OTHER"])
PROVISION = _prefixed(
    "DECISION_PROVISION", ["PARTIAL_SUSPENSION", "TOTAL_SUSPENSION", "PARTIAL_TERMINATION", "TOTAL_TERMINATION"]
)
ACCOUNT = _prefixed("DECISION_ACCOUNT", ["SUSPENDED", "TERMINATED"])
ACCOUNT_TYPES = _prefixed("ACCOUNT_TYPE", ["BUSINESS", "PRIVATE"])
ILLEGAL, INCOMPATIBLE = "DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"
CONTENT_TYPES = _prefixed(
    "CONTENT_TYPE", ["APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER"]
)
VOLUNTARY = "SOURCE_VOLUNTARY"
SOURCES = ("SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", VOLUNTARY, "SOURCE_TYPE_OTHER_NOTIFICATION")
AUTOMATED_DECISIONS = _prefixed("AUTOMATED_DECISION", ["FULLY", "PARTIALLY", "NOT_AUTOMATED"])
MINORS = "STATEMENT_CATEGORY_PROTECTION_OF_MINORS"
CATEGORIES = _prefixed(
    "STATEMENT_CATEGORY",
    [
        "ANIMAL_WELFARE",
        "CONSUMER_INFORMATION",
        "CYBER_VIOLENCE",
        "CYBER_VIOLENCE_AGAINST_WOMEN",
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        "ILLEGAL_OR_HARMFUL_SPEECH",
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "NOT_SPECIFIED_NOTICE",
        "OTHER_VIOLATION_TC",
        "PROTECTION_OF_MINORS",
        "RISK_FOR_PUBLIC_SECURITY",
        "SCAMS_AND_FRAUD",
        "SELF_HARM",
        "UNSAFE_AND_PROHIBITED_PRODUCTS",
        "VIOLENCE",
    ],
)
KEYWORDS = _prefixed(
    "KEYWORD",
    [
        "ADULT_SEXUAL_MATERIAL",
        "AGE_SPECIFIC_RESTRICTIONS",
        "AGE_SPECIFIC_RESTRICTIONS_MINORS",
        "ANIMAL_HARM",
        "BIOMETRIC_DATA_BREACH",
        "BULLYING_AGAINST_GIRLS",
        "CHILD_SEXUAL_ABUSE_MATERIAL",
        "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
        "CONTENT_PROMOTING_EATING_DISORDERS",
        "COORDINATED_HARM",
        "COPYRIGHT_INFRINGEMENT",
        "CYBER_BULLYING_INTIMIDATION",
        "CYBER_HARASSMENT",
        "CYBER_HARASSMENT_AGAINST_WOMEN",
        "CYBER_INCITEMENT",
        "CYBER_STALKING",
        "CYBER_STALKING_AGAINST_WOMEN",
        "DATA_FALSIFICATION",
        "DEFAMATION",
        "DESIGN_INFRINGEMENT",
        "DISCRIMINATION",
        "FEMALE_GENDERED_DISINFORMATION",
        "GEOGRAPHICAL_REQUIREMENTS",
        "GEOGRAPHIC_INDICATIONS_INFRINGEMENT",
        "GOODS_SERVICES_NOT_PERMITTED",
        "GROOMING_SEXUAL_ENTICEMENT_MINORS",
        "HATE_SPEECH",
        "HIDDEN_ADVERTISEMENT",
        "HUMAN_EXPLOITATION",
        "HUMAN_TRAFFICKING",
        "ILLEGAL_ORGANIZATIONS",
        "IMPERSONATION_ACCOUNT_HIJACKING",
        "INAUTHENTIC_ACCOUNTS",
        "INAUTHENTIC_LISTINGS",
        "INAUTHENTIC_USER_REVIEWS",
        "INCITEMENT_AGAINST_WOMEN",
        "INCITEMENT_VIOLENCE_HATRED",
        "INSUFFICIENT_INFORMATION_ON_TRADERS",
        "LANGUAGE_REQUIREMENTS",
        "MISINFORMATION_DISINFORMATION",
        "MISLEADING_INFO_CONSUMER_RIGHTS",
        "MISLEADING_INFO_GOODS_SERVICES",
        "MISSING_PROCESSING_GROUND",
        "NONCOMPLIANCE_PRICING",
        "NON_CONSENSUAL_IMAGE_SHARING",
        "NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN",
        "NON_CONSENSUAL_MATERIAL_DEEPFAKE",
        "NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN",
        "NUDITY",
        "OTHER",
        "PATENT_INFRINGEMENT",
        "PHISHING",
        "PROHIBITED_PRODUCTS",
        "PYRAMID_SCHEMES",
        "RIGHT_TO_BE_FORGOTTEN",
        "RISK_ENVIRONMENTAL_DAMAGE",
        "RISK_PUBLIC_HEALTH",
        "SELF_MUTILATION",
        "STALKING",
        "SUICIDE",
        "TERRORIST_CONTENT",
        "TRADEMARK_INFRINGEMENT",
        "TRADE_SECRET_INFRINGEMENT",
        "TRAFFICKING_WOMEN_GIRLS",
        "UNLAWFUL_SALE_ANIMALS",
        "UNSAFE_CHALLENGES",
        "UNSAFE_PRODUCTS",
        "VIOLATION_EU_LAW",
        "VIOLATION_NATIONAL_LAW",
    ],
)
# Keywords of this subject. Every other one belongs to other statements of a platform.
SUBJECT_KEYWORDS = _prefixed(
    "KEYWORD",
    [
        "CHILD_SEXUAL_ABUSE_MATERIAL",
        "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
        "GROOMING_SEXUAL_ENTICEMENT_MINORS",
        "AGE_SPECIFIC_RESTRICTIONS_MINORS",
        "UNSAFE_CHALLENGES",
    ],
)
# The European Economic Area. Greece is GR, not EL.
TERRITORY = (
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IS",
    "IT",
    "LI",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "NO",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
)
PUID = r"[a-zA-Z0-9_-]{1,500}"

_R, _o = Need.REQUIRED, Need.OPTIONAL
_END = "2038-01-01"


def _several(values: tuple[str, ...]) -> Check:
    return list_of(one_of(values), len(values))


FIELDS: Fields = {
    "decision_visibility": (_o, _several(VISIBILITY)),
    "decision_visibility_other": (_o, text(500)),
    "decision_monetary": (_o, one_of(MONETARY)),
    "decision_monetary_other": (_o, text(500)),
    "decision_provision": (_o, one_of(PROVISION)),
    "decision_account": (_o, one_of(ACCOUNT)),
    "account_type": (_o, one_of(ACCOUNT_TYPES)),
    "decision_ground": (_R, one_of((ILLEGAL, INCOMPATIBLE))),
    "decision_ground_reference_url": (_o, uri),
    "illegal_content_legal_ground": (_o, text(500)),
    "illegal_content_explanation": (_o, text(2000)),
    "incompatible_content_ground": (_o, text(500)),
    "incompatible_content_explanation": (_o, text(2000)),
    "incompatible_content_illegal": (_o, one_of(("Yes", "No"))),
    "content_type": (_R, _several(CONTENT_TYPES)),
    "content_type_other": (_o, text(500)),
    "category": (_R, one_of(CATEGORIES)),
    "category_addition": (_o, _several(CATEGORIES)),
    "category_specification": (_o, _several(KEYWORDS)),
    "category_specification_other": (_o, text(500)),
    "territorial_scope": (_R, _several(TERRITORY)),
    "content_language": (_o, pattern("[A-Z]{2}", "must be two capital letters (ISO 639-1)")),
    "content_date": (_R, day("2000-01-01", _END)),
    "application_date": (_R, day("2020-01-01", _END)),
    "end_date_account_restriction": (_o, day("2020-01-01", _END)),
    "end_date_monetary_restriction": (_o, day("2020-01-01", _END)),
    "end_date_service_restriction": (_o, day("2020-01-01", _END)),
    "end_date_visibility_restriction": (_o, day("2020-01-01", _END)),
    "decision_facts": (_R, text(5000)),
    "source_type": (_R, one_of(SOURCES)),
    "source_identity": (_o, text(500)),
    "automated_detection": (_R, one_of(("Yes", "No"))),
    "automated_decision": (_R, one_of(AUTOMATED_DECISIONS)),
    "puid": (_R, pattern(PUID, "must be 1 to 500 letters, digits, hyphens and underscores")),
    "content_id": (_o, fields({"EAN-13": (_R, pattern("[0-9]{13}", "must be 13 digits"))}, closed=True)),
    "content_id_ean": (_o, pattern("[0-9]{13}", "must be 13 digits")),
}
END_DATES = tuple(name for name in FIELDS if name.startswith("end_date_"))
