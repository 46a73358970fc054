"""Requests to the public log's witnesses: the size each has seen, and its signatures.

A witness is not trusted. Its answer is limited in length and time, and is checked not to be a signature of another
tree.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial

import httpx

from tutela import clock
from tutela.accountability.models import WitnessState
from tutela.accountability.public_log import log
from tutela.exchange.feeds import http_client
from tutela.tlog.log_folder import Log, LogError
from tutela.tlog.policy import Policy
from tutela.tlog.signing import sign
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.verify import EMPTY_ROOT, Checkpoint, Key, Refused, open_note
from tutela.tlog.witness import PATH, OtherTree, WitnessAnswer, WitnessError, cosign, last_seen

WITNESS_SECONDS = 10.0
# A checkpoint with all signatures that may stand under it is far shorter.
MOST_ANSWER_BYTES = 100_000


def answering(written: Log, chosen: Policy | None) -> bool:
    """Whether a quorum answers just now: what is signed and then waits for it would be older than it is public."""
    if chosen is None or chosen.quorum == "none":
        return True
    answers, _tree = heard(written, chosen)
    return chosen.suffices({name for name, seen in answers.items() if not isinstance(seen, str)})


def heard(written: Log, chosen: Policy) -> tuple[dict[str, int | str], Checkpoint]:
    """The number of entries that each witness has seen, or why it is unknown; and the checkpoint shown to them."""
    mine, note = _signed_before(written)
    tree, log_keys = written.tree(mine.size), log.known_keys()
    asked = [(name, key, url) for name, (key, url) in chosen.witnesses.items() if url]
    with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
        answers = pool.map(lambda one: _last_seen(tree, note, log_keys, *one), asked)
    return dict(zip([name for name, _, _ in asked], answers, strict=True)), mine


def _signed_before(written: Log) -> tuple[Checkpoint, bytes]:
    """The newest checkpoint signed by this log, and its note; for a new log, an empty one that contradicts no other.

    The note is also signed with the current keys: a witness may know only those.
    """
    if (waiting := written.pending()) is not None:
        return waiting, written.completed(written.fetch("pending"), clock.now())
    mine = written.published()
    if mine.size:
        return mine, written.completed(written.fetch("checkpoint"), clock.now())
    return mine, sign(str(Checkpoint(written.origin, 0, EMPTY_ROOT)), written.signers, clock.now())


def _last_seen(tree: Tree, note: bytes, log_keys: list[Key], witness: str, key: Key, url: str) -> int | str:
    """The number of entries that a witness has seen, or why it is unknown. Raises `LogError` if it saw another tree."""
    try:
        return last_seen(partial(_post, url), partial(_show, url), key, tree, note, log_keys)
    except OtherTree as error:
        raise LogError(f"{witness}: {error}") from None
    except (WitnessError, Refused, httpx.HTTPError) as error:
        return f"{witness}: {error}" if str(error) else f"{witness}: {type(error).__name__}"


def ask_all(written: Log, chosen: Policy, waiting: Checkpoint) -> dict[str, str]:
    """Ask every witness for its signature, and keep what was given; what the others answered, in words."""
    errors = dict[str, str]()
    note = written.fetch("pending")
    signed = open_note(note, log.all_keys(written, chosen)).signers
    tree, sizes = written.tree(waiting.size), dict(WitnessState.objects.values_list("name", "size"))
    asked = [(name, key, url) for name, (key, url) in chosen.witnesses.items() if key not in signed and url]

    def ask(one: tuple[str, Key, str]) -> str | Exception:
        name, key, url = one
        try:
            return cosign(partial(_post, url), key, tree, note, sizes.get(name, 0))
        except (WitnessError, httpx.HTTPError) as error:
            return error

    with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
        answers = list(pool.map(ask, asked))
    for (name, _, _), answer in zip(asked, answers, strict=True):
        if isinstance(answer, str):
            written.add_signatures([answer])
            remember(name, size=waiting.size, cosigned_at=clock.now(), error="")
        else:
            errors[name] = str(answer) or type(answer).__name__
            remember(name, error=errors[name])
    return errors


def remember(name: str, **what: object) -> None:
    """Store a witness's last answer, for the pages."""
    what = {"asked_at": clock.now(), **what}
    if "error" in what:
        what["error"] = str(what["error"])[:300]
    WitnessState.objects.update_or_create(name=name, defaults=what)


def _post(url: str, body: bytes) -> WitnessAnswer:
    with _asked("POST", f"{url.rstrip('/')}{PATH}", body) as got:
        return WitnessAnswer(got.status_code, _body(got), got.headers.get("content-type", ""))


def _show(url: str) -> bytes:
    """The checkpoint of this log that a witness shows; empty if it shows none."""
    name = hashlib.sha256(log.origin().encode()).hexdigest()
    with _asked("GET", f"{url.rstrip('/')}/{name}/checkpoint") as got:
        return _body(got) if got.status_code == httpx.codes.OK else b""


def _asked(method: str, url: str, body: bytes = b"") -> AbstractContextManager[httpx.Response]:
    return httpx.stream(
        method,
        url,
        content=body,
        headers={"Accept-Encoding": "identity"},
        timeout=WITNESS_SECONDS,
        follow_redirects=False,
    )


def _body(got: httpx.Response) -> bytes:
    """Read the answer of an untrusted witness, limited in size and time. Raises `WitnessError`."""
    try:
        return http_client.read(got, MOST_ANSWER_BYTES, WITNESS_SECONDS)
    except (http_client.AnswerTooLargeError, http_client.NoAnswerError) as error:
        raise WitnessError(error.detail) from None
