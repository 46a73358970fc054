"""Schemas of HMA's messages, by HMA's names, for the document."""

from __future__ import annotations

from typing import Any

_TEXT, _NUMBER, _WHOLE, _FLAG = {"type": "string"}, {"type": "number"}, {"type": "integer"}, {"type": "boolean"}
_TIME = {"type": ["integer", "null"], "description": "Seconds since 1970."}
_NOTE = {"type": "string", "minLength": 1, "maxLength": 255}
_ANY = {"type": "object"}


def _object(*required: str, **known: Any) -> dict[str, Any]:
    return {"type": "object", "properties": known, **({"required": list(required)} if required else {})}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _map(to: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": to}


_FILE = {"type": "string", "format": "binary"}
_STATE = {"checkpoint_ts": _TIME, "running_fetch_start_ts": _TIME, "last_fetch_complete_ts": _TIME}

SCHEMAS: dict[str, Any] = {
    "ErrorResponse": _object("message", message=_TEXT, details={"type": ["string", "null"]}),
    "SuccessResponse": _object("message", message=_TEXT),
    "Names": _list(_TEXT),
    "Upload": _object(photo=_FILE, video=_FILE, note=_NOTE, metadata=_TEXT),
    "HashResponse": _map(_TEXT),
    "MatchWithDistance": _object("bank_content_id", "distance", bank_content_id=_WHOLE, distance=_TEXT),
    "RawLookupResponse": _object("matches", matches=_list({"oneOf": [_WHOLE, _ref("MatchWithDistance")]})),
    "LookupResponse": {
        "type": "object",
        "description": "By bank; of a file, by kind of hash and then by bank.",
        "additionalProperties": {"oneOf": [_list(_ref("MatchWithDistance")), _map(_list(_ref("MatchWithDistance")))]},
    },
    "CompareRequest": _map({"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2}),
    "CompareResponse": _map({"type": "array", "prefixItems": [_FLAG, _ANY], "minItems": 2, "maxItems": 2}),
    "IndexStatusResponse": _map(_object(present=_FLAG, built_to=_WHOLE, size=_WHOLE)),
    "BankConfig": _object("name", "matching_enabled_ratio", name=_TEXT, matching_enabled_ratio=_NUMBER),
    "Banks": _list(_ref("BankConfig")),
    "BankCreateRequest": _object("name", name=_TEXT, enabled_ratio=_NUMBER, enabled=_FLAG),
    "BankUpdateRequest": _object(name=_TEXT, enabled_ratio=_NUMBER, enabled=_FLAG),
    "SignalsRequest": _object("note", pdq=_TEXT, video_md5=_TEXT, note=_NOTE),
    "BankedContent": _object("id", "signals", id=_WHOLE, signals=_map(_TEXT)),
    "BankContentResponse": _object(
        "id",
        "disable_until_ts",
        "bank",
        id=_WHOLE,
        disable_until_ts=_WHOLE,
        note=_TEXT,
        bank=_ref("BankConfig"),
        original_media_uri={"type": ["string", "null"]},
        signals=_map(_TEXT),
        metadata=_ANY,
    ),
    "BankContentUpdateRequest": _object("disable_until_ts", "note", disable_until_ts=_WHOLE, note=_NOTE),
    "Deleted": _object("deleted", deleted=_WHOLE),
    "ExchangeCreateRequest": _object("bank", "api", bank=_TEXT, api=_TEXT, api_json=_ANY),
    "ExchangeConfig": _object("name", "api", "enabled", name=_TEXT, api=_TEXT, enabled=_FLAG, list_id=_TEXT),
    "ExchangeUpdateRequest": _object(enabled=_FLAG),
    "ExchangeFetchStatus": _object(
        **_STATE, last_fetch_succeeded={"type": ["boolean", "null"]}, up_to_date=_FLAG, fetched_items=_WHOLE
    ),
    "ExchangeApiConfigResponse": _object(supports_authentification=_FLAG, has_set_authentification=_FLAG),
    "ExchangeApiSchema": _object(config_schema=_ANY, credentials_schema={"type": ["object", "null"]}),
    "SignalTypes": _list(_object("name", "enabled_ratio", name=_TEXT, enabled_ratio=_NUMBER)),
    "SignalTypeUpdateRequest": _object("enabled_ratio", enabled_ratio=_NUMBER),
    "ContentTypes": _list(_object("name", "enabled", name=_TEXT, enabled=_FLAG)),
    "SignalTypeIndexStatus": _map(
        _object(
            db_size=_WHOLE, index_size=_WHOLE, index_out_of_date=_FLAG, newest_db_item=_WHOLE, index_built_to=_WHOLE
        )
    ),
    "Document": _ANY,
}
