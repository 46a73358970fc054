"""The Hash Sharing API as a feed: `poll_windows` gives the requests, `parser` reads the answers."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import quote

from tutela.exchange.feeds.feed import Batch, EntryFeedback, Failed, FeedItem, Request, Sending
from tutela.exchange.hash_sharing import poll_windows, serializer
from tutela.exchange.hash_sharing.entries import KINDS, SharedEntry, moment
from tutela.exchange.hash_sharing.parser import read_page
from tutela.exchange.hash_sharing.poll_windows import Ask, PollCheckpoint

# A server that does not know the address of a page any more.
_FORGOTTEN = (400, 404, 410, 422)


class HashSharing:
    """The state is a checkpoint of `poll_windows`, as JSON; nothing at first."""

    def headers(self, username: str, secret: str, *, sending: bool = False) -> dict[str, str]:
        """Basic authentication."""
        said = base64.b64encode(f"{username}:{secret}".encode()).decode()
        return {"Authorization": f"Basic {said}", "Accept": "application/xml"}

    def begin(self, state: str) -> str:
        """Return the state unchanged: the time determines what is new."""
        return state

    def ask(self, state: str, now: datetime) -> Request | None:
        """The next page of the window, or the first of another."""
        asked = poll_windows.ask(_checkpoint(state), int(now.timestamp()))
        if asked is None:
            return None
        if asked.next:
            return Request(asked.next)
        since, until = (moment(datetime.fromtimestamp(one, UTC)) for one in (asked.start, asked.end))
        return Request(f"{poll_windows.PREFIX}from={since}&to={until}")

    def read(self, state: str, asked: Request, status: int, body: bytes, now: datetime) -> Batch:
        """The entries of a page. Raises `Failed`."""
        before = _checkpoint(state)
        paging = bool(before.next) and asked.path == before.next
        if paging and status in _FORGOTTEN:
            return Batch([], _text(poll_windows.discarded(before)))
        if status != 200:
            raise Failed(f"HTTP {status}")
        try:
            page = read_page(body)
            kept = poll_windows.after(before, _asked(before, asked), page.next, len(page.entries), int(now.timestamp()))
        except ValueError as error:
            raise Failed(str(error)) from None
        return Batch([_item(one) for one in page.entries], _text(kept), page.broken, page.unknown)

    def kinds(self, media_type: str) -> tuple[str, ...]:
        """The look first, where one was found by it; of videos digests alone."""
        return ("pdq", "sha1", "md5") if media_type == "image" else ("sha1", "md5")

    def reasons(self, kind: str) -> str:
        """Path of the reasons for a kind."""
        return f"/v2/feedback/{KINDS[kind]}/reasons"

    def sending(self, said: EntryFeedback) -> Sending:
        """A vote on one fingerprint. Raises `Failed` where a no has no reason, or the entry is of no member."""
        member, _, name = said.key.partition("-")
        if not member.isdecimal() or not name:
            raise Failed("the entry has no member")
        if not said.right and not said.reason:
            raise Failed("choose a reason for a negative answer")
        path = f"/v2/entries/{member}/{quote(name, safe='')}/{KINDS[said.kind]}/feedback"
        body = serializer.feedback("" if said.right else said.reason)
        return Sending("PUT", path, "application/xml; charset=utf-8", body)


def _asked(before: PollCheckpoint, asked: Request) -> Ask:
    if before.next and asked.path == before.next:
        return Ask(before.start, before.end, before.next)
    said = dict(part.partition("=")[::2] for part in asked.path.removeprefix(poll_windows.PREFIX).split("&"))
    since, until = (int(datetime.fromisoformat(said[name]).timestamp()) for name in ("from", "to"))
    return Ask(since, until)


def _item(one: SharedEntry) -> FeedItem:
    if one.deleted:
        return FeedItem(one.key, one.media, one.at, withdrawn=True)
    content = {
        "member": {"id": one.member.id, "name": one.member.name},
        "classification": one.classification,
        "hashes": one.fingerprints,
        "elsewhere": one.elsewhere,
        "opinions": [
            {
                "kind": o.kind,
                "members": [m.name for m in o.members],
                "at": moment(o.at),
                "no": o.reason.name if o.reason else "",
            }
            for o in one.opinions
        ],
    }
    return FeedItem(one.key, one.media, one.at, False, {name: value for name, value in content.items() if value})


def _checkpoint(state: str) -> PollCheckpoint:
    return PollCheckpoint(**json.loads(state)) if state else PollCheckpoint()


def _text(checkpoint: PollCheckpoint) -> str:
    return json.dumps(asdict(checkpoint))
