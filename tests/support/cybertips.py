"""CyberTipline documents for tests: synthetic, nobody's."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KNOWN = "Child Pornography (possession, manufacture, and distribution)"
ENTICEMENT = "Online Enticement of Children for Sexual Acts"


def report(
    *,
    first: str = "",
    kind: str = KNOWN,
    summary: str = "",
    after_date: str = "",
    inside: str = "",
    reporter: str = "<email>desk@provider.example</email>",
    after: str = "",
) -> bytes:
    """A report with more in some of its places, in the order of the schema."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<report>{first}<incidentSummary><incidentType>{kind}</incidentType>{summary}
<incidentDateTime>2026-02-10T14:05:00Z</incidentDateTime>{after_date}</incidentSummary>{inside}
<reporter><reportingPerson>{reporter}</reportingPerson></reporter>{after}</report>""".encode()


def user(inside: str, name: str = "personOrUserReported") -> str:
    return f"<{name}>{inside}</{name}>"


def details(inside: str = "", *, number: int = 7, file: str = "0" * 32) -> bytes:
    """Details of a file."""
    ids = f"<reportId>{number}</reportId><fileId>{file}</fileId>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<fileDetails>{ids}{inside}</fileDetails>'.encode()


BATCHED = '<batchedReport reason="VIRAL_POTENTIAL_MEME"/>'
RICH = report(
    kind=ENTICEMENT,
    summary="<platform>Provider Chat</platform>"
    "<escalateToHighPriority>A meeting was announced.</escalateToHighPriority>"
    "<reportAnnotations><csamSolicitation/><sextortion/></reportAnnotations>",
    after_date="<incidentDateTimeDescription>Of the first message.</incidentDateTimeDescription>",
    inside="<internetDetails><chatImIncident><chatClient>Chat 9.4</chatClient><content>Placeholder.</content>"
    "</chatImIncident></internetDetails><internetDetails><webPageIncident><url>https://chat.provider.example/room/7</url>"
    "</webPageIncident></internetDetails><lawEnforcement><agencyName>Example Police</agencyName>"
    "<caseNumber>12/26</caseNumber><reportedToLe>true</reportedToLe></lawEnforcement>",
    after=user(
        "<personOrUserReportedPerson><firstName>A</firstName><phone countryCallingCode='+32'>470 00 00 00</phone>"
        "<email verified='true' verificationDate='2026-01-01T00:00:00Z'>suspect@mail.example</email>"
        "<address type='Home'><city>Ghent</city><country>BE</country></address></personOrUserReportedPerson>"
        "<espIdentifier>u-8812</espIdentifier><screenName>example_8812</screenName>"
        "<ipCaptureEvent><ipAddress>192.0.2.44</ipAddress><eventName>Login</eventName>"
        "<dateTime>2026-02-10T12:58:11Z</dateTime><port>51544</port></ipCaptureEvent>"
        "<ipCaptureEvent><ipAddress>192.0.2.45</ipAddress></ipCaptureEvent>"
        "<deviceId><idType>IMEI</idType><idValue>0000</idValue></deviceId>"
        "<accountPermanentlyDisabled disabledDate='2026-02-12T09:00:00Z'>true</accountPermanentlyDisabled>"
        "<estimatedLocation><city>Ghent</city><countryCode>BE</countryCode></estimatedLocation>"
    )
    + user("<espIdentifier>u-9001</espIdentifier>", "intendedRecipient")
    + user("<victimPerson><age>13</age></victimPerson><espIdentifier>u-9002</espIdentifier>", "victim")
    + "<additionalInfo>Synthetic.</additionalInfo>",
)


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
# How each begins and ends, and what lies in between until it is as long as it is to be.
KINDS = {
    "text": (b"<report><additionalInfo>", b"x", b"</additionalInfo></report>"),
    "spaces": (b"", b" ", report()),
    "deep": (b"<report>", b"<a>", b""),
    "siblings": (b"<report>", b"<a/>", b"</report>"),
    "attributes": (b"<report ", b'a="b" ', b"/>"),
    "comments": (b"<report>", b"<!---->", b"</report>"),
    "entities": (
        f'<!DOCTYPE report [<!ENTITY e0 "xxxxxxxxxx">{ENTITIES}]><report>'.encode(),
        b"&e9;",
        b"</report>",
    ),
    "outside": (b'<!DOCTYPE report SYSTEM "file:///dev/zero"><report>', b"&a;", b"</report>"),
    "wide characters": (b"\xff\xfe" + "<report>".encode("utf-16-le"), "ä".encode("utf-16-le"), b""),
    "zeros": (b"", b"\0", b""),
}
