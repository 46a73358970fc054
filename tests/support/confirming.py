"""A browser that confirms what a page previews: most tests are about the act, not about its preview."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

TOKEN = re.compile(rb'name="confirmed" value="([^"]+)"')
# The form of the preview; the page that it repeats may have been left for a sign-in in between.
FORM = re.compile(rb'<form method="post" action="([^"]+)" class="actions">(.*?)</form>', re.DOTALL)
FIELD = re.compile(rb'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class ConfirmingClient(Client):
    """Sends a form once more, with the token of the preview, where the answer is one."""

    def post(self, path: str, data: Any = None, *args: Any, **more: Any) -> Any:
        answer = super().post(path, data, *args, **more)
        form = FORM.search(answer.content) if token_of(answer) else None
        if form is None:
            return answer
        to, fields = unescape(form[1].decode()), dict[str, list[str]]()
        for name, value in FIELD.findall(form[2]):
            fields.setdefault(name.decode(), []).append(unescape(value.decode()))
        return super().post(to, fields, *args, **more)


def token_of(answer: HttpResponse) -> str:
    """The token of a preview; empty for any other page."""
    if answer.streaming or answer.status_code != 200:
        return ""
    found = TOKEN.search(answer.content)
    return found[1].decode() if found else ""
