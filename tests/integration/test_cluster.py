"""`tutela scan --ray` on a local cluster of two machines, over a bucket, with kills: every item has one line."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.drills import CLI, LONG, ROOT, long_only, until
from tests.support.pictures import jpeg, landscape, texture
from tutela.app.cli.offline.lists import load as load_list
from tutela.edge.cluster.batches import Batch
from tutela.edge.cluster.driver import AHEAD, Driver, OtherListError, connected
from tutela.edge.cluster.ledger import Ledger, ScanTerms
from tutela.edge.cluster.worker_host import identity
from tutela.matching import MatchList

pytestmark = pytest.mark.slow
ray = pytest.importorskip("ray")

KILLS = ("host", "driver", "all hosts", "driver") if LONG else ("host",)
ARCHIVE_KILLS = ("host", "driver")
OBJECTS = 120 if LONG else 80
ARCHIVES = 15
BATCH = 4
MACHINES = 2


@dataclass
class Bucket:
    """A bucket in a foreign store on this machine, and a list of one of its pictures."""

    env: dict[str, str]
    lists: Path
    gate: Gate


class Gate:
    """Stands before a store: counts how often each object is read, and lets only so many reads through when shut."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app, self._change = app, threading.Condition()
        self._left: int | None = None
        self._round = 0
        self.reads: Counter[str] = Counter()
        self.waiting: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], respond: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode().lstrip("/")
        if environ["REQUEST_METHOD"] == "GET" and path.partition("/")[2]:
            self._pass(f"s3://{path}")
        return self._app(environ, respond)

    def _pass(self, name: str) -> None:
        with self._change:
            self.reads[name] += 1
            self.waiting[name] += 1
            came = self._round
            self._change.wait_for(lambda: self._left is None or self._left > 0 or came != self._round, 300)
            if self._left and came == self._round:
                self._left -= 1
            self.waiting -= Counter({name: 1})

    def let_through(self, reads: int | None) -> None:
        """So many more reads, or all from now on."""
        with self._change:
            self._left = reads
            self._change.notify_all()

    def stands_still(self) -> bool:
        """Whether somebody waits and nobody may pass."""
        with self._change:
            return self._left == 0 and bool(self.waiting)

    def dismiss(self) -> None:
        """Those who wait here have ended: they take no turn from others."""
        with self._change:
            self._round, self._left = self._round + 1, 0
            self._change.notify_all()


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    folder = tmp_path_factory.mktemp("cluster")
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    env = {
        **os.environ,
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-1",
        "NO_COLOR": "1",
        "RAY_USAGE_STATS_ENABLED": "0",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    assert store._server is not None
    gate = store._server.app = Gate(store._server.app)
    client = boto3.client(
        "s3",
        endpoint_url=env["AWS_ENDPOINT_URL"],
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    _put_archives(client)
    listed = folder / "listed.jpg"
    listed.write_bytes(jpeg(landscape(1)))
    for number in range(OBJECTS):
        shown = landscape(1) if number % 40 == 7 else texture(number, 256, 256)
        client.put_object(Bucket="uploads", Key=f"2026/{number:04d} ü.jpg", Body=jpeg(shown, quality=60 + number % 30))
    hashed = subprocess.run([*CLI, "hash", str(listed)], capture_output=True, text=True, check=True, cwd=ROOT)
    (folder / "hashes.jsonl").write_text(hashed.stdout)
    built = [*CLI, "index", "build", str(folder / "hashes.jsonl"), "-o", str(folder / "list"), "--list-id", "own"]
    subprocess.run(built, check=True, cwd=ROOT, capture_output=True)
    yield Bucket(env, folder / "list", gate)
    gate.let_through(None)
    store.stop()


def _put_archives(client: Any) -> None:
    """Another bucket: a picture, an archive of three and one of none, and the same again."""
    client.create_bucket(Bucket="packed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for number in range(ARCHIVES):
        client.put_object(Bucket="packed", Key=f"{number:02d}a.jpg", Body=jpeg(texture(number, 256, 256)))
        for name, members in (("b", range(3)), ("c", range(0))):
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w") as archive:
                for member in members:
                    shown = landscape(1) if number == member == 1 else texture(100 + member, 256, 256)
                    archive.writestr(f"in/{member}.jpg", jpeg(shown, quality=60 + number))
            client.put_object(Bucket="packed", Key=f"{number:02d}{name}.zip", Body=file.getvalue())


@pytest.fixture(scope="module")
def address(bucket: Bucket) -> Iterator[str]:
    from ray.cluster_utils import Cluster

    before = {name: os.environ.get(name) for name in bucket.env}
    os.environ.update(bucket.env)  # the machines of the cluster inherit the store's address
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    made.add_node(num_cpus=1)
    try:
        yield made.address
    finally:
        made.shutdown()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def _command(bucket: Bucket, address: str, output: Path, *more: str, store: str = "s3://uploads/2026") -> list[str]:
    return [
        *CLI,
        "scan",
        store,
        "--list",
        str(bucket.lists),
        "-o",
        str(output),
        "--ray",
        address,
        "--batch",
        str(BATCH),
        *more,
    ]


def _check(output: Path) -> None:
    found = [json.loads(line) for line in output.read_text().splitlines()]
    assert Counter(one["name"] for one in found) == {f"s3://uploads/2026/{n:04d} ü.jpg": 1 for n in range(OBJECTS)}
    assert sorted(one["name"] for one in found if one["matches"]) == [
        f"s3://uploads/2026/{n:04d} ü.jpg" for n in range(7, OBJECTS, 40)
    ]


def test_a_plain_scan_reads_a_bucket_and_goes_on(bucket: Bucket, tmp_path: Path) -> None:
    output, journal = tmp_path / "out.jsonl", tmp_path / "journal"
    command = [
        *CLI,
        "scan",
        "s3://uploads/",
        "--list",
        str(bucket.lists),
        "-o",
        str(output),
        "--resume",
        str(journal),
    ]
    for code in (1, 1):  # the second run finds that all is done, and knows what matched
        done = subprocess.run(command, env=bucket.env, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        _check(output)


def test_every_object_has_one_line_after_kills_of_hosts_and_driver(
    bucket: Bucket, address: str, tmp_path: Path
) -> None:
    output, ledger, again = tmp_path / "out.jsonl", tmp_path / "out.jsonl.ledger", set[str]()
    before = bucket.gate.reads.copy()
    try:
        for kill in KILLS:
            again |= _interrupt(_command(bucket, address, output), bucket, ledger, kill)
    finally:
        bucket.gate.let_through(None)
    done = subprocess.run(_command(bucket, address, output), env=bucket.env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr[-3000:]
    assert f"{OBJECTS} objects, {OBJECTS} items, {len(range(7, OBJECTS, 40))} matched" in done.stderr
    _check(output)
    reads = bucket.gate.reads - before
    assert {name: reads[name] for name in again if reads[name] < 2} == {}, "what was under way is done again"


@long_only
def test_every_member_of_an_archive_has_one_line_after_kills_of_hosts_and_driver(
    bucket: Bucket, address: str, tmp_path: Path
) -> None:
    output, ledger = tmp_path / "out.jsonl", tmp_path / "out.jsonl.ledger"
    command = _command(bucket, address, output, "--batch", "1", store="s3://packed/")
    try:
        for kill in ARCHIVE_KILLS:
            _interrupt(command, bucket, ledger, kill, batch=1)
    finally:
        bucket.gate.let_through(None)
    with ledger.open() as book:
        assert sum(1 for _ in book) - 1 < 3 * ARCHIVES, "nothing was left to go on with"
    done = subprocess.run(command, env=bucket.env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr[-3000:]
    assert f"{3 * ARCHIVES} objects, {5 * ARCHIVES} items, 1 matched" in done.stderr
    inside = [f"b.zip!in/{member}.jpg" for member in range(3)]
    items = {f"s3://packed/{n:02d}{item}": 1 for n in range(ARCHIVES) for item in ("a.jpg", *inside, "c.zip")}
    found = [json.loads(line) for line in output.read_text().splitlines()]
    assert Counter(one["name"] for one in found) == items
    assert [one["name"] for one in found if one["matches"]] == ["s3://packed/01b.zip!in/1.jpg"]
    assert {one["refused"]["code"] for one in found if one["name"].endswith("c.zip")} == {"no_members"}


def _interrupt(command: list[str], bucket: Bucket, ledger: Path, kill: str, batch: int = BATCH) -> set[str]:
    """Let a scan make progress, kill hosts or not, let it go on, kill the driver.

    The store stops answering in the middle, so that every kill meets objects that are being read: of the driver, and of
    all hosts, it is known which; they are answered.
    """
    gate, again = bucket.gate, set[str]()
    until("no host of an earlier scan is left", lambda: not _hosts(), 60)
    driver = subprocess.Popen(command, env=bucket.env, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _go_on(gate, ledger, batch)
        if kill != "driver":
            again |= _kill_hosts(gate, everyone=kill == "all hosts")
            _go_on(gate, ledger, batch)
        assert driver.poll() is None, "the scan had ended before anything was killed"
        again |= set(gate.waiting)
    finally:
        driver.kill()
        driver.wait()
        gate.dismiss()
    assert again, "nothing was under way"
    return again


def _go_on(gate: Gate, ledger: Path, batch: int) -> None:
    """Let as many reads through as end one batch at least, whoever they go to, and wait until no more can happen."""
    readers = AHEAD * MACHINES
    before = _entries(ledger)
    gate.let_through(readers * batch)
    until("a batch has ended", lambda: _entries(ledger) > before, 120)
    until("the store is waited for", gate.stands_still, 120)


def test_a_listing_in_a_file_is_scanned_and_what_is_missing_is_said(
    bucket: Bucket, address: str, tmp_path: Path
) -> None:
    objects = [f"s3://uploads/2026/{n:04d} ü.jpg" for n in range(7, 20)]
    missing = ["s3://uploads/none.jpg", "/no/such/file"]
    archive, inside = "s3://packed/01b.zip", [f"s3://packed/01b.zip!in/{member}.jpg" for member in range(3)]
    (tmp_path / "names").write_text("\n".join([*objects, archive, *missing]))
    output = tmp_path / "out.jsonl"
    command = [
        *CLI,
        "scan",
        "--from",
        str(tmp_path / "names"),
        "--list",
        str(bucket.lists),
        "-o",
        str(output),
        "--ray",
        address,
    ]
    done = subprocess.run(command, env=bucket.env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr[-3000:]
    found = [json.loads(line) for line in output.read_text().splitlines()]
    assert [one["name"] for one in found] == [*objects, *inside, *missing]
    assert [one["name"] for one in found if one["matches"]] == [objects[0], inside[1]]
    assert [one["refused"]["code"] for one in found[-2:]] == ["unreadable", "unreadable"]


def test_hosts_on_one_machine_map_one_file_of_the_index(bucket: Bucket, address: str, tmp_path: Path) -> None:
    folder = Path(bucket.env["XDG_CACHE_HOME"]) / "tutela" / "lists"
    command = _command(bucket, address, tmp_path / "out.jsonl")
    until("no host of an earlier scan is left", lambda: not _hosts(), 60)
    bucket.gate.let_through(0)
    driver = subprocess.Popen(command, env=bucket.env, cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        until("both machines work", lambda: len(bucket.gate.waiting) > AHEAD, 120)
        (index,) = folder.glob("*.index")
        mapped = {pid: _mapped(pid) for pid in _hosts()}
        assert [index in paths for paths in mapped.values()] == [True] * MACHINES
        assert all(bucket.lists / "snapshot" in paths for paths in mapped.values())
        assert index not in _mapped(driver.pid)
    finally:
        driver.kill()
        driver.wait()
        bucket.gate.dismiss()
        bucket.gate.let_through(None)


def _mapped(pid: int) -> set[Path]:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {Path(line.split(maxsplit=5)[5]) for line in lines if len(line.split(maxsplit=5)) == 6}


def test_a_cluster_whose_machines_lack_the_list_is_told_so(bucket: Bucket, address: str, tmp_path: Path) -> None:
    gone = tmp_path / "list"
    shutil.copytree(bucket.lists, gone)

    def load() -> list[MatchList]:
        return [load_list(gone)]

    ours = identity(load())
    shutil.rmtree(gone)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray = connected(address)
    try:
        with (
            Ledger(tmp_path / "out", tmp_path / "ledger", ScanTerms(1, ours)) as ledger,
            pytest.raises(OtherListError) as got,
        ):
            Driver(ray, load, ours, 1).run([Batch(0, ("/x",))], ledger)
    finally:
        ray.shutdown()
    assert "cannot open the lists" in str(got.value)


def test_a_cluster_that_is_not_there_is_said_in_one_line(bucket: Bucket, tmp_path: Path) -> None:
    command = _command(bucket, "127.0.0.1:1", tmp_path / "out.jsonl")
    done = subprocess.run(command, env=bucket.env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 2
    assert "No Ray cluster answers at 127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr


def _entries(ledger: Path) -> int:
    return ledger.read_bytes().count(b"\n") if ledger.exists() else 0


def _hosts() -> list[int]:
    """The processes that hold lists."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                title = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if title.startswith(b"ray::Host"):
                found.append(int(folder.name))
    return found


def _kill_hosts(gate: Gate, *, everyone: bool) -> set[str]:
    """kill -9 of one host's process, whichever comes first, or of all; the objects that were surely under way there."""
    running = _hosts()
    assert running, "no host runs"
    under_way = set(gate.waiting) if everyone else set()
    for pid in running if everyone else running[:1]:
        os.kill(pid, signal.SIGKILL)
    gate.dismiss()
    return under_way
