"""Storage of the invented provider: serves generated pictures only to signed, unexpired links.

The module shows what a provider must do: check the expiry, compare the signature in constant time, answer no-store.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
import zlib
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tutela.app.demo import pictures
from tutela.exchange.message.text_cleanup import whole_number

ORIGIN = os.environ.get("DEMO_ORIGIN", "http://127.0.0.1:8630")


async def item(request: Request) -> Response:
    # The signature is over the bytes as they were asked for: a decoded path has lost which slashes were encoded.
    asked = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    address, _, signature = (ORIGIN.encode() + asked).partition(b"&signature=")
    wanted = hmac.new(bytes.fromhex(os.environ["DEMO_LINK_KEY"]), address, hashlib.sha256).hexdigest()
    expires = request.query_params.get("expires", "0")
    if not hmac.compare_digest(wanted.encode(), signature) or (whole_number(expires) or 0) < time.time():
        return PlainTextResponse("This link is not signed, or it has expired.", status_code=403)
    number = zlib.crc32(unquote(request.path_params["item"]).encode())
    data = pictures.encoded(pictures.landscape(number, 640, 420), "JPEG", 80)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


app = Starlette(routes=[Route("/items/{item:path}", item)])
