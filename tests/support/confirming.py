"""A browser that confirms what a page previews: most tests are about the act, not about its preview."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

TOKEN = re.compile(rb'name="confirmed" value="([^"]+)"')


class ConfirmingClient(Client):
    """Sends a form once more, with the token of the preview, where the answer is one."""

    def post(self, path: str, data: Any = None, *args: Any, **more: Any) -> Any:
        answer = super().post(path, data, *args, **more)
        token = token_of(answer)
        if not token or not isinstance(data, dict | None):
            return answer
        return super().post(path, {**(data or {}), "confirmed": token}, *args, **more)


def token_of(answer: HttpResponse) -> str:
    """The token of a preview; empty for any other page."""
    if answer.streaming or answer.status_code != 200:
        return ""
    found = TOKEN.search(answer.content)
    return found[1].decode() if found else ""
