"""NCMEC's Hash Sharing documents, written and read, and how a client walks through a feed."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fakes.hashsharing import Twin, entry, moved
from tutela.exchange.hash_sharing import parser, poll_windows, serializer
from tutela.exchange.hash_sharing.entries import (
    KINDS,
    Media,
    SharedEntry,
    SharedOpinion,
    SharedReason,
    SharingMember,
    element_of,
    moment,
    read_moment,
)
from tutela.exchange.hash_sharing.parser import Unreadable, read_feedback, read_page
from tutela.exchange.hash_sharing.poll_windows import PollCheckpoint

AT = datetime(2026, 2, 10, 14, 5, tzinfo=UTC)
HEX = st.text("0123456789abcdef", min_size=1)
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)
members = st.builds(
    SharingMember, st.integers(0, 2**31 - 1), st.text("ABC äß.", min_size=1, max_size=30).map(str.strip)
)
times = st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
prints = st.fixed_dictionaries(
    {},
    optional={
        "md5": st.integers(0, 2**128 - 1).map(lambda n: f"{n:032x}"),
        "pdq": st.integers(0, 2**256 - 1).map(lambda n: f"{n:064x}"),
        "netclean": names,
    },
)
opinions = st.builds(
    SharedOpinion,
    st.sampled_from(["md5", "pdq"]),
    st.lists(members, min_size=1, max_size=3).map(tuple),
    times,
    st.none() | st.builds(SharedReason, names, names),
)
live = st.builds(
    SharedEntry,
    members,
    names,
    st.sampled_from(Media),
    times,
    st.just(False),
    st.sampled_from(["", "A1", "B2"]),
    prints,
    st.lists(opinions, max_size=4).map(tuple),
)
gone = st.builds(SharedEntry, members, names, st.sampled_from(Media), times, st.just(True))


@given(st.lists(live | gone, max_size=6), st.sampled_from(["", "/v2/entries?from=a&to=b&start=4"]))
def test_what_is_written_is_read_again(found: list[SharedEntry], next_: str) -> None:
    page = read_page(serializer.entries(found, next_))
    assert (page.next, page.broken, page.unknown) == (next_, (), ())

    def plain(one: SharedEntry) -> tuple[object, ...]:
        said = {(o.kind, m, o.reason) for o in one.opinions for m in o.members}
        return (one.key, one.media, one.at, one.deleted, one.classification, one.fingerprints, said)

    wanted = [one for media in Media for one in found if one.media is media]
    assert list(map(plain, page.entries)) == list(map(plain, wanted))


def test_children_stand_in_the_order_of_the_format() -> None:
    said = (
        SharedOpinion("md5", (SharingMember(7, "A"),), AT),
        SharedOpinion("sha1", (SharingMember(8, "B"),), AT, SharedReason("g", "n")),
    )
    shown = SharedEntry(
        SharingMember(42, "Other"), "image-1", Media.IMAGE, AT, False, "A1", {"pdq": "0" * 64, "md5": "1" * 32}, said
    )
    root = ElementTree.fromstring(
        serializer.entries([shown, SharedEntry(SharingMember(42, "O"), "0", Media.IMAGE, AT, deleted=True)])
    )

    def names_of(row: ElementTree.Element) -> list[str]:
        return [one.tag.partition("}")[2] for one in row]

    images, videos = list(root)
    assert (images.get("count"), images.get("maxTimestamp")) == ("2", "2026-02-10T14:05:00Z")
    assert (videos.get("count"), videos.get("maxTimestamp")) == ("0", None)
    one, tombstone = list(images)
    assert names_of(one) == ["member", "timestamp", "id", "classification", "fingerprints", "feedback"]
    assert names_of(one[4]) == ["md5", "pdq"]
    assert names_of(one[5]) == ["affirmativeFeedback", "negativeFeedback"]
    assert names_of(one[5][1][0]) == ["reason", "members"], "they alternate"
    assert names_of(tombstone) == ["member", "id", "timestamp"]


def test_one_bad_entry_costs_no_other() -> None:
    good, bad = entry("good", 5), entry("bad", 6)
    data = serializer.entries([bad, good]).replace(f"{0:032x}".encode(), b"zz", 1)
    page = read_page(data)
    assert [one.id for one in page.entries] == ["good"]
    assert page.broken == ("42-bad: md5: must be 32 hexadecimal digits",)


def test_what_stands_behind_an_address_and_what_is_unknown_is_named() -> None:
    data = serializer.entries([entry("a", 5)]).decode()
    data = data.replace("</fingerprints>", '<tmk-pdqf rel="self" href="/x"/><phash9>1</phash9></fingerprints>')
    page = read_page(data.replace("<classification>A1", "<mood>x</mood><classification>7").encode())
    assert page.entries[0].elsewhere == {"tmk-pdqf": ""}, "no address of the format"
    assert page.unknown == ("classification of another scale", "fingerprints/phash9", "mood")


def test_prefixes_cases_and_fractions_are_read() -> None:
    data = serializer.entries([entry("a", 5, 0xABC)]).decode()
    data = data.replace("xmlns=", "xmlns:h=").replace("abc<", "ABC<").replace("05Z", "05.250Z")
    for name in (
        "queryResult",
        "images",
        "image",
        "member",
        "timestamp",
        "id",
        "classification",
        "fingerprints",
        "md5",
        "pdq",
        "feedback",
        "videos",
    ):
        data = data.replace(f"<{name}>", f"<h:{name}>").replace(f"<{name} ", f"<h:{name} ")
        data = data.replace(f"</{name}>", f"</h:{name}>").replace(f"<{name}/>", f"<h:{name}/>")
    (one,) = read_page(data.encode()).entries
    assert one.fingerprints["md5"] == f"{0xABC:032x}"
    assert one.at.microsecond == 250_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<queryResult",
        b"<other/>",
        b'<!DOCTYPE q [<!ENTITY e "x">]><queryResult>&e;</queryResult>',
        b"<!DOCTYPE queryResult><queryResult/>",
        b"\xff\xfe",
        b"<queryResult><paging><next>" + b"x" * 2001 + b"</next></paging></queryResult>",
    ],
)
def test_what_is_no_page_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_page(data)


def test_votes_are_read() -> None:
    head = f'<feedbackSubmission xmlns="{parser.document(serializer.accepted(), "submissionResult").nsmap[None]}">'
    assert read_feedback(f"{head}<affirmative/></feedbackSubmission>".encode()) is None
    no = f"{head}<negative><reasonIds><guid>g1</guid><guid>g2</guid></reasonIds></negative></feedbackSubmission>"
    assert read_feedback(no.encode()) == ["g1", "g2"]
    for wrong in ("", "<affirmative/><negative/>", "<negative/>"):
        with pytest.raises(Unreadable):
            read_feedback(f"{head}{wrong}</feedbackSubmission>".encode())


def test_kinds_are_found_in_every_spelling() -> None:
    for name, word in KINDS.items():
        assert {element_of(name), element_of(word), element_of(word.title())} == {name}
    assert element_of("sha256") is None


@given(times)
def test_times_are_written_and_read(at: datetime) -> None:
    assert read_moment(moment(at)) == at


@pytest.mark.parametrize("text", ["", "2026-02-10", "2026-02-10T14:05:00", "٢026-02-10T14:05:00Z", "9" * 36])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_moment(text)


class Client:
    """A client in memory. Store and checkpoint change together, as in one transaction."""

    def __init__(self, twin: Twin) -> None:
        self.twin, self.now = twin, PollCheckpoint()
        self.store: dict[str, SharedEntry] = {}

    def step(self, *, crash: str = "") -> bool:
        """One page; False when there is none. A crash comes before what was read is stored, or just after."""
        asked = poll_windows.ask(self.now, self.twin.clock)
        if asked is None:
            return False
        query = asked.next.removeprefix(poll_windows.PREFIX) or f"from={_text(asked.start)}&to={_text(asked.end)}"
        try:
            page = read_page(self.twin.answer(query))
        except LookupError:
            self.now = poll_windows.discarded(self.now)
            return True
        if crash == "before":
            return True
        for one in page.entries:
            before = self.store.get(one.key)
            if before is None or (one.at, one.deleted) >= (before.at, before.deleted):
                self.store[one.key] = one
        kept = poll_windows.after(self.now, asked, page.next, len(page.entries), self.twin.clock)
        assert kept.start >= self.now.start, "never backwards"
        assert not kept.next or kept.start == asked.start, "no early advance"
        self.now = kept
        return True

    def run(self) -> None:
        steps = 0
        while self.step():
            steps += 1
            assert steps < 3_000, "no end"

    def live(self) -> dict[str, SharedEntry]:
        return {key: one for key, one in self.store.items() if not one.deleted}


def _text(at: int) -> str:
    return moment(datetime.fromtimestamp(at, UTC))


changes = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 3), st.booleans(), st.integers(0, 9)), max_size=30
)


@given(
    changes,
    st.integers(1, 4),
    st.integers(0, 99),
    st.booleans(),
    st.lists(st.sampled_from(["", "", "before", "stop", "wait"]), max_size=40),
)
def test_any_way_through_a_feed_ends_in_the_same_place(
    log: list[tuple[str, int, bool, int]], size: int, seed: int, repeat: bool, ways: list[str]
) -> None:
    """Crashes, pauses of 13 hours, changes while somebody pages, repetitions, any order: nothing is lost or doubled."""
    twin = Twin(size=size, seed=seed, repeat=repeat)
    client, steps = Client(twin), iter(ways)
    for name, seconds, deleted, value in log:
        twin.clock += seconds
        before = twin.rows.get(f"42-{name}")
        late = twin.clock - poll_windows.SAFETY if value == 9 else twin.clock
        at = max(late, int(before.at.timestamp()) + before.deleted) if before else late
        twin.put(entry(name, at, value, deleted=deleted))
        match next(steps, ""):
            case "before":
                client.step(crash="before")
            case "wait":
                twin.clock += 13 * 60 * 60
            case "stop":
                pass
            case _:
                client.step()
    twin.clock += poll_windows.SAFETY + 100
    client.run()
    assert {k: (e.at, e.fingerprints) for k, e in client.live().items()} == {
        k: (e.at, e.fingerprints) for k, e in twin.live().items()
    }


def test_a_dense_second_is_read_to_its_end() -> None:
    twin = Twin(size=1)
    for number in range(50):
        twin.put(entry(f"n{number}", twin.clock, number))
    client = Client(twin)
    twin.clock += 100
    client.run()
    assert len(client.live()) == 50


def test_an_address_that_is_too_old_is_never_used() -> None:
    twin = Twin(size=1)
    for number in range(4):
        twin.put(entry(f"n{number}", twin.clock + number, number))
    client = Client(twin)
    twin.clock += 100
    client.step()
    assert client.now.next
    twin.clock += 12 * 60 * 60 + 1
    asked = poll_windows.ask(client.now, twin.clock)
    assert asked is not None
    assert (asked.next, asked.start) == ("", client.now.start)
    assert asked.end - asked.start < client.now.end - client.now.start
    client.run()
    assert len(client.live()) == 4


def test_a_window_with_far_too_much_becomes_shorter_and_loses_nothing() -> None:
    asked = poll_windows.Ask(0, 1_000_000)
    kept = poll_windows.after(PollCheckpoint(), asked, "/v2/entries?start=1001&size=1000&max=900000", 1000, 0)
    assert (kept.start, kept.next, kept.length) == (0, "", 250_000)


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="must begin"):
        poll_windows.after(PollCheckpoint(), poll_windows.Ask(0, 10), "https://elsewhere.example/", 1, 0)


def test_an_entry_that_moves_while_somebody_pages_is_seen_later() -> None:
    twin = Twin(size=1)
    for number in range(3):
        twin.put(entry(f"n{number}", twin.clock + number, number))
    client = Client(twin)
    twin.clock += 100
    client.step()
    twin.put(moved(twin.rows["42-n0"], twin.clock))
    twin.clock += 100
    client.run()
    assert {k: e.at for k, e in client.live().items()} == {k: e.at for k, e in twin.live().items()}
