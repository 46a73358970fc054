"""Fields, values and limits of XARF 4.2 for `csam` and `csem`, as its schemas define them."""

from __future__ import annotations

from tutela.exchange.takedown.json_checks import (
    Check,
    Fields,
    Need,
    boolean,
    email,
    fields,
    hostname,
    ipv4,
    ipv6,
    list_of,
    moment,
    number,
    one_of,
    pattern,
    text,
    uri,
    uuid4,
)

VERSION = "4.2.0"
MOST_EVIDENCE = 50
MOST_TAGS = 20
# Decoded bytes: of one piece of evidence, and of all.
MOST_PIECE_BYTES = 5 * 1024 * 1024
MOST_EVIDENCE_BYTES = 15 * 1024 * 1024

TYPES = {
    "messaging": ("spam", "bulk_messaging"),
    "content": (
        "phishing",
        "malware",
        "csam",
        "csem",
        "exposed_data",
        "brand_infringement",
        "fraud",
        "remote_compromise",
        "suspicious_registration",
    ),
    "copyright": ("copyright", "p2p", "cyberlocker", "ugc_platform", "link_site", "usenet"),
    "connection": (
        "login_attack",
        "port_scan",
        "ddos",
        "infected_host",
        "reconnaissance",
        "scraping",
        "sql_injection",
        "vulnerability_scan",
    ),
    "vulnerability": ("cve", "open_service", "misconfiguration"),
    "infrastructure": ("botnet", "compromised_server"),
    "reputation": ("blocklist", "threat_intelligence"),
}
CLASSIFICATIONS = ("baseline", "A1", "A2", "B1", "B2")
CSAM_DETECTIONS = ("hash_match", "ai_detection", "manual_review", "user_report", "automated_scan")
MEDIA_TYPES = ("image", "video", "audio", "text", "mixed")
VERIFICATIONS = ("manual", "automated_crawler", "user_report", "honeypot", "threat_intelligence")
EXPLOITATIONS = ("grooming", "solicitation", "sextortion", "trafficking", "distribution", "production", "possession")
CSEM_DETECTIONS = (
    "behavioral_analysis",
    "keyword_detection",
    "user_report",
    "ai_detection",
    "manual_review",
    "law_enforcement_referral",
)
AGE_RANGES = ("infant", "toddler", "prepubescent", "pubescent", "unknown")
PLATFORMS = ("social_media", "messaging_app", "gaming_platform", "forum", "email", "darkweb", "other")
EVIDENCE_TYPES = ("chat_logs", "images", "videos", "user_profile", "metadata")
OBLIGATIONS = ("NCMEC", "IWF", "local_law_enforcement", "europol", "interpol", "platform_safety_team", "other")
ATTACKS = (
    "phishing",
    "malware",
    "fraud",
    "brand_infringement",
    "copyright_infringement",
    "data_leak",
    "remote_compromise",
    "suspicious_registration",
)

_R, _r, _o = Need.REQUIRED, Need.RECOMMENDED, Need.OPTIONAL
TAG = r"[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+-]*"
# Refuses names in the form `xn--` and IP addresses: the field is left out for them.
DOMAIN = r"([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}"


def _hex(digits: int) -> Check:
    return pattern(f"[a-fA-F0-9]{{{digits}}}", f"must be {digits} hexadecimal digits")


_CONTACT = fields({"org": (_R, text(200)), "contact": (_R, email), "domain": (_R, hostname)}, closed=True)
_EVIDENCE = fields(
    {
        "content_type": (_R, text(255)),
        "payload": (_R, text(MOST_PIECE_BYTES * 4 // 3 + 4)),
        "description": (_r, text(500)),
        "hash": (_r, pattern("(md5|sha1|sha256|sha512):[a-fA-F0-9]+", "must be algorithm:hexadecimal digits")),
        "size": (_o, number(0, MOST_PIECE_BYTES, whole=True)),
    },
    closed=True,
)
CORE: Fields = {
    "xarf_version": (_R, pattern(r"4\.[0-9]+\.[0-9]+", "must be a version 4")),
    "report_id": (_R, uuid4),
    "timestamp": (_R, moment),
    "reporter": (_R, _CONTACT),
    "sender": (_R, _CONTACT),
    "source_identifier": (_R, text(2083)),
    "source_port": (_r, number(1, 65535, whole=True)),
    "category": (_R, one_of(tuple(TYPES))),
    "type": (_R, text(60)),
    "evidence_source": (_r, text(300)),
    "evidence": (_r, list_of(_EVIDENCE, MOST_EVIDENCE)),
    "tags": (_o, list_of(pattern(TAG, "must be namespace:value in lower case"), MOST_TAGS)),
    "confidence": (_r, number(0, 1)),
    "description": (_o, text(1000)),
    "legacy_version": (_o, one_of(("3",))),
}
_DNS: Fields = {
    "a": (_o, list_of(ipv4)),
    "aaaa": (_o, list_of(ipv6)),
    "mx": (_o, list_of(text(300))),
    "txt": (_o, list_of(text(5000))),
}
_CERTIFICATE: Fields = {name: (_o, text(1000)) for name in ("issuer", "subject", "fingerprint")} | dict.fromkeys(
    ("valid_from", "valid_to"), (_o, moment)
)
_WHOIS: Fields = {"registrant": (_o, text(1000)), "registrar_abuse_contact": (_o, email)} | dict.fromkeys(
    ("created_date", "updated_date", "expiry_date"), (_o, moment)
)
_RESPONSE: Fields = {
    "query_time": (_o, moment),
    "authoritative": (_o, boolean),
    "response_code": (_o, one_of(("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"))),
}
CONTENT: Fields = {
    **CORE,
    "url": (_R, uri),
    "domain": (_r, pattern(DOMAIN, "must be a domain in lower case, without xn-- at its end")),
    "registrar": (_o, text(300)),
    "nameservers": (_o, list_of(text(300))),
    "dns_records": (_o, fields(_DNS, closed=False)),
    "screenshot_url": (_o, uri),
    "verified_at": (_r, moment),
    "verification_method": (_r, one_of(VERIFICATIONS)),
    "attack_vector": (_o, one_of(ATTACKS)),
    "target_brand": (_r, text(300)),
    "hosting_provider": (_o, text(300)),
    "asn": (_o, number(1, 4294967295, whole=True)),
    "country_code": (_o, pattern("[A-Z]{2}", "must be two capital letters")),
    "ssl_certificate": (_o, fields(_CERTIFICATE, closed=False)),
    "whois": (_o, fields(_WHOIS, closed=False)),
    "dns_response": (_o, fields(_RESPONSE, closed=False)),
}
_HASHES: Fields = {"md5": (_o, _hex(32)), "sha1": (_o, _hex(40)), "sha256": (_o, _hex(64)), "photodna": (_o, text(400))}
_INDICATORS: Fields = {
    "account_id": (_o, text(300)),
    "ip_addresses": (_o, list_of(ipv4)),
    "pattern_of_behavior": (_o, text(5000)),
}
CSAM: Fields = {
    **CONTENT,
    "classification": (_R, one_of(CLASSIFICATIONS)),
    "detection_method": (_R, one_of(CSAM_DETECTIONS)),
    "media_type": (_r, one_of(MEDIA_TYPES)),
    "hash_values": (_r, fields(_HASHES, closed=False)),
    "ncmec_report_id": (_r, text(100)),
    "content_removed": (_r, boolean),
    "account_suspended": (_o, boolean),
}
CSEM: Fields = {
    **CONTENT,
    "exploitation_type": (_R, one_of(EXPLOITATIONS)),
    "detection_method": (_R, one_of(CSEM_DETECTIONS)),
    "victim_age_range": (_r, one_of(AGE_RANGES)),
    "platform": (_r, one_of(PLATFORMS)),
    "evidence_type": (_r, list_of(one_of(EVIDENCE_TYPES), len(EVIDENCE_TYPES))),
    "perpetrator_indicators": (_o, fields(_INDICATORS, closed=False)),
    "reporting_obligations": (_r, list_of(one_of(OBLIGATIONS), len(OBLIGATIONS))),
}
