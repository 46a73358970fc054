"""Numbers of ICCAM v3 and their meanings (reconstructed from an open client; the interface is for members)."""

from __future__ import annotations

from enum import IntEnum

from tutela.exchange.takedown.hotline_message import ActionKind


class IccamClassification(IntEnum):
    """Baseline is final. `DOUBTFUL` is of version 2 only, and is read but never written."""

    BASELINE = 1
    NATIONAL = 2
    DOUBTFUL = 3
    IGNORE = 4


class IccamAge(IntEnum):
    NOT_CATEGORISED = 1
    INFANT = 2
    PRE_PUBESCENT = 3
    PUBESCENT = 4


class IccamGender(IntEnum):
    NOT_DETERMINED = 1
    FEMALE = 2
    MALE = 3
    BOTH = 4


class IccamSite(IntEnum):
    WEBSITE = 2
    FILE_HOST = 3
    IMAGE_STORE = 4
    IMAGE_BOARD = 5
    FORUM = 6
    BANNER_SITE = 7
    LINK_SITE = 8
    SOCIAL_NETWORK = 9
    REDIRECTOR = 10
    WEB_ARCHIVE = 11
    SEARCH_PROVIDER = 18
    IMAGE_HOST = 20
    BLOG = 22
    NOT_APPLICABLE = 24


class IccamCommerciality(IntEnum):
    NOT_DETERMINED = 1
    COMMERCIAL = 2
    NON_COMMERCIAL = 3


class IccamPayment(IntEnum):
    NOT_DETERMINED = 1
    AMEX = 2
    DINERS = 3
    MASTERCARD = 4
    PAYPAL = 5
    VISA = 6
    WESTERN_UNION = 7
    OTHER = 8
    NONE = 9
    SMS = 10
    EMAIL = 11
    LIBERTY_RESERVE = 12
    BITCOIN = 13


class IccamReason(IntEnum):
    """Reasons of the actions unavailable and not illegal. An unknown reason is `OTHER`."""

    OTHER = 1
    CONTENT_NOT_FOUND = 2
    REFERRER_NOT_KNOWN = 3
    UNABLE_TO_ACCESS = 4
    PASSWORD_PROTECTED = 5
    ACCOUNT_DISABLED = 6
    LEGALLY_UNABLE_TO_ACCESS = 7
    LINK_EXPIRED = 8
    NOT_FOUND_OR_SITE_DOWN = 9
    TEMPORARILY_UNAVAILABLE = 10
    PREMIUM_ACCOUNT_NECESSARY = 11
    MISSING_PARTS = 12
    REMOVED_BEFORE_ASSESSMENT = 13
    ADULT_CONTENT = 14
    NOT_SEXUALISED = 15
    BELOW_THRESHOLD = 16
    IMAGES_TOO_SMALL = 17
    VIRTUAL_MATERIAL = 18
    LINKS_NOT_ILLEGAL = 19
    AGE_UNCLEAR = 20
    AGE_OVER_THRESHOLD = 21


# Stated without loss of meaning; every other label needs an analyst's decision.
TO_LABEL = {1: "interpol:baseline", 2: "iccam:2", 3: "iccam:3", 4: "iccam:4"}
FROM_LABEL = {
    "interpol:baseline": IccamClassification.BASELINE,
    "iccam:1": IccamClassification.BASELINE,
    "iccam:2": IccamClassification.NATIONAL,
    "iccam:4": IccamClassification.IGNORE,
}
TO_ACTION = {
    0: ActionKind.MOVED,
    1: ActionKind.REPORTED_TO_POLICE,
    2: ActionKind.REPORTED_TO_HOST,
    3: ActionKind.REMOVED,
    4: ActionKind.UNAVAILABLE,
    6: ActionKind.NOT_ILLEGAL,
}
# A move is no posted action: the hosting call and the assigned-country call state it.
FROM_ACTION = {kind: number for number, kind in TO_ACTION.items() if number}
FIRST_WITH_REASON = 4
# Only version 2 had these two; both were used for pages (SCART's own table).
SITE_OF_VERSION_2 = {1: IccamSite.WEBSITE, 23: IccamSite.WEBSITE}
