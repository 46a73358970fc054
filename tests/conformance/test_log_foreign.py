"""The log against others' witnesses and verifiers: aics-witness, aics-tlog, sigsum-witness, Go's sumdb and merkle."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aics_tlog
import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.drills import free_port, until
from tests.unit.tlog.test_verify import tiles
from tutela.tlog.log_folder import Log
from tutela.tlog.signing import Signer, sign
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.verify import COSIGNATURE, ED25519, Checkpoint, Key
from tutela.tlog.witness import PATH, OtherTree, WitnessAnswer, cosign, last_seen, request

SIZES = (1, 2, 255, 256, 257, 5_000, 65_536, 70_000)
SEED = bytes([7]) * 32
PUBLIC = Signer.from_seed("x", ED25519, SEED).key.public
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
# sigsum-witness accepts no other name for a log.
ORIGIN = f"sigsum.org/v1/tree/{hashlib.sha256(PUBLIC).hexdigest()}"
LOG = Signer.from_seed(ORIGIN, ED25519, SEED)


@dataclass
class Made:
    """A log of 70,000 entries, its files as our writer left them."""

    folder: Path
    notes: dict[int, bytes]

    def tree(self, size: int) -> Tree:
        return Log(self.folder, ORIGIN, [LOG]).tree(size)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("log")
    log, notes, done = Log(folder, ORIGIN, [LOG]), dict[int, bytes](), 0
    for size in SIZES:
        with log.held():
            log.sign([b"entry %d" % n for n in range(done, size)], NOW)
            log.publish()
        notes[size], done = log.fetch("checkpoint"), size
    return Made(folder, notes)


@contextmanager
def running(command: list[str], port: int, **env: str) -> Iterator[Callable[[bytes], WitnessAnswer]]:
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)

    def post(body: bytes) -> WitnessAnswer:
        got = client.post(PATH, content=body)
        return WitnessAnswer(got.status_code, got.content, got.headers.get("content-type", ""))

    def answers() -> bool:
        try:
            return client.get("/").status_code > 0
        except httpx.TransportError:
            assert process.poll() is None, "the witness ended"
            return False

    try:
        until("the witness answers", answers, 30)
        yield post
    finally:
        client.close()
        process.terminate()
        process.wait()


def _drill(made: Made, post: Callable[[bytes], WitnessAnswer], key: Key) -> None:
    """It cosigns a log that grows, says how much it has seen, and answers the six attacks as specified."""

    def seen(tree: Tree, note: bytes) -> int:
        # One of them shows nothing to readers: what it signed last is shown for it.
        return last_seen(post, lambda: made.notes[70_000], key, tree, note, [LOG.key])

    assert seen(made.tree(0), _note(made.tree(0))) == 0
    for size in SIZES:
        cosign(post, key, made.tree(size), made.notes[size])
    assert [seen(made.tree(size), made.notes[size]) for size in (5_000, 70_000)] == [70_000, 70_000]
    leaves = [b"entry %d" % n for n in range(70_001)]
    leaves[5] = b"another"
    fork = Tree(tiles(leaves[:-1]).__getitem__, 70_000)
    shorter = Tree(tiles([b"entry %d" % n for n in range(69_999)]).__getitem__, 69_999)
    grown = Tree(tiles(leaves).__getitem__, 70_001)
    honest = made.notes[70_000]
    stranger = Signer.from_seed(ORIGIN, ED25519, bytes(32))
    elsewhere = f"sigsum.org/v1/tree/{hashlib.sha256(stranger.key.public).hexdigest()}"
    unknown = Signer.from_seed(elsewhere, ED25519, bytes(32))
    text = honest[: honest.rindex(b"\n\n") + 1].decode()
    attacks = [
        (422, b"old 70000\n\n" + _note(fork)),
        (422, request(70_000, grown, _note(grown))),
        (409, request(5_000, made.tree(70_000), honest)),
        (400, b"old 70000\n\n" + _note(shorter)),
        (403, b"old 70000\n\n" + sign(text, [stranger], NOW)),
        (404, b"old 0\n\n" + sign(text.replace(ORIGIN, unknown.name), [unknown], NOW)),
    ]
    with pytest.raises(OtherTree):
        seen(fork, _note(fork))
    assert [post(body).status for _, body in attacks] == [status for status, _ in attacks]
    cosign(post, key, made.tree(70_000), honest, 70_000)


def _note(tree: Tree) -> bytes:
    return sign(str(Checkpoint(ORIGIN, tree.size, tree.root)), [LOG], NOW)


def test_aics_witness_cosigns_growth_and_refuses_the_six_attacks(made: Made, tmp_path: Path) -> None:
    program, port = str(Path(sys.executable).with_name("aics-witness")), free_port()

    def told(*words: str) -> str:
        return subprocess.run([program, *words], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    out = told(
        "init", "--name", "witness.example/w1", "--listen", f"127.0.0.1:{port}", "--db", "w.db", "--key-file", "k"
    )
    vkey = next(word for word in out.split() if word.startswith("witness.example/w1+"))
    told("add-log", "--origin", ORIGIN, "--vkey", str(LOG.key))
    with running([program, "serve", "--config", str(tmp_path / "witness.json")], port) as post:
        _drill(made, post, Key.parse(vkey))


def test_sigsum_witness_cosigns_growth_and_refuses_the_six_attacks(made: Made, tmp_path: Path) -> None:
    if not shutil.which("sigsum-witness"):
        pytest.skip("no sigsum-witness (apt install sigsum-go)")
    subprocess.run(["sigsum-key", "generate", "-o", "wit"], cwd=tmp_path, check=True)
    name = f"sigsum.org/v1/witness/{_sigsum_hash(tmp_path / 'wit.pub')}"
    vkey = subprocess.run(
        ["sigsum-key", "to-vkey", "-k", "wit.pub", "-n", name, "-t", "cosignature/v1"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    public = LOG.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    (tmp_path / "log.pub").write_bytes(public + b" log\n")
    port = free_port()
    command = [
        "sigsum-witness",
        "-k",
        str(tmp_path / "wit"),
        "--log-key",
        str(tmp_path / "log.pub"),
        "--state-file",
        str(tmp_path / "state"),
        f"127.0.0.1:{port}",
    ]
    with running(command, port, GODEBUG="httpmuxgo121=0") as post:
        _drill(made, post, Key.parse(vkey))


def _sigsum_hash(path: Path) -> str:
    out = subprocess.run(["sigsum-key", "to-hex", "-k", str(path)], check=True, capture_output=True, text=True).stdout
    return hashlib.sha256(bytes.fromhex(out.strip())).hexdigest()


def test_the_lines_of_the_how_to_hold_with_a_foreign_tool(made: Made, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "verify-the-register.md").read_text(encoding="utf-8")
    _, lines = page.split("## With a foreign tool")[1].split("```")[:2]
    log, note, witnesses = (
        tmp_path / "log",
        made.notes[70_000],
        [Signer.from_seed(f"witness.example/w{n}", COSIGNATURE, bytes([n]) * 32) for n in (1, 2)],
    )
    shutil.copytree(made.folder, log)
    text = note[: note.rindex(b"\n\n") + 1].decode()
    (log / "checkpoint").write_bytes(sign(text, [LOG, *witnesses], datetime.now(UTC)))
    (tmp_path / "policy.txt").write_text(f"log {LOG.key}\nquorum none\n")
    (tmp_path / "entry.json").write_bytes(b"entry 11")
    lines = lines.removeprefix("sh\n").replace("https://CENTRE/log", str(log))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def run(more: str = "") -> int:
        said = "\n".join(line + more if line.startswith("aics-tlog") else line for line in lines.splitlines())
        done = subprocess.run(
            ["bash", "-ec", said], cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, check=False
        )
        return done.returncode

    assert lines.count("aics-tlog ") == 2
    assert run() == 0
    both = "".join(f" --witness-key '{one.key}'" for one in witnesses)
    assert run(f"{both} --quorum 2") == 0, "as the page says of witnesses"
    stranger = Signer.from_seed("witness.example/w1", COSIGNATURE, bytes(32))
    assert run(f" --witness-key '{witnesses[1].key}' --witness-key '{stranger.key}' --quorum 2") != 0
    (tmp_path / "entry.json").write_bytes(b"entry 12")
    assert run() != 0


def test_aics_tlog_audits_our_tiles_and_verifies_our_proofs(made: Made) -> None:
    reader, key = aics_tlog.FileSystemTileReader(made.folder), aics_tlog.parse_vkey(str(LOG.key))
    note = aics_tlog.parse_note(made.notes[70_000])
    assert aics_tlog.verify_checkpoint(note, key, expected_origin=ORIGIN).ok
    root = made.tree(70_000).root
    aics_tlog.audit_tiles(reader, 70_000, root)
    proof = made.tree(70_000).inclusion(12_345)
    assert aics_tlog.verify_leaf_inclusion(b"entry 12345", 12_345, 70_000, proof, root)
    for old in SIZES[:-1]:
        chain, before = made.tree(70_000).consistency(old), made.tree(old).root
        assert aics_tlog.verify_consistency(old, 70_000, before, root, chain)


# Where Debian keeps the libraries of Go.
GOCODE = Path("/usr/share/gocode")
GO = """package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type reader struct{ folder string }

func (r reader) Height() int                            { return 8 }
func (r reader) SaveTiles(tiles []tlog.Tile, d [][]byte) {}
func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		b, err := os.ReadFile(r.folder + "/" + strings.Replace(t.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	return value
}

func main() {
	verifier := must(note.NewVerifier(os.Args[2]))
	open := func(path string) tlog.Tree {
		signed := must(note.Open(must(os.ReadFile(path)), note.VerifierList(verifier)))
		lines := strings.Split(signed.Text, "\\n")
		var size int64
		fmt.Sscan(lines[1], &size)
		return tlog.Tree{N: size, Hash: must(tlog.ParseHash(lines[2]))}
	}
	tree, older := open(os.Args[1]+"/checkpoint"), open(os.Args[3])
	hashes := tlog.TileHashReader(tree, reader{os.Args[1]})
	proof := must(tlog.ProveRecord(tree.N, 12345, hashes))
	leaf := tlog.RecordHash([]byte("entry 12345"))
	must(0, tlog.CheckRecord(proof, tree.N, tree.Hash, 12345, leaf))
	chain := must(tlog.ProveTree(tree.N, older.N, hashes))
	must(0, tlog.CheckTree(chain, tree.N, tree.Hash, older.N, older.Hash))
	fmt.Println(tree.N, older.N, len(proof), len(chain))
}
"""


# What it is given: numbers, hashes in hex, and proofs of them with commas between.
MERKLE = """package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

func number(text string) uint64 {
	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return value
}

func hashes(text string) [][]byte {
	var all [][]byte
	for _, one := range strings.Split(text, ",") {
		if one == "" {
			continue
		}
		value, err := hex.DecodeString(one)
		if err != nil {
			panic(err)
		}
		all = append(all, value)
	}
	return all
}

func main() {
	hasher := rfc6962.DefaultHasher
	for _, line := range os.Args[1:] {
		said := strings.Fields(line)
		first, size := number(said[1]), number(said[2])
		ends, chain := hashes(said[3]), hashes(strings.TrimPrefix(said[4], "="))
		var err error
		if said[0] == "inclusion" {
			leaf := hasher.HashLeaf([]byte(fmt.Sprintf("entry %d", first)))
			err = proof.VerifyInclusion(hasher, first, size, leaf, chain, ends[0])
		} else {
			err = proof.VerifyConsistency(hasher, first, size, chain, ends[0], ends[1])
		}
		fmt.Println(err == nil)
	}
}
"""


def _asked(kind: str, first: int, size: int, ends: list[bytes], chain: list[bytes]) -> str:
    return f"{kind} {first} {size} {','.join(map(bytes.hex, ends))} ={','.join(map(bytes.hex, chain))}"


def _of_merkle(made: Made) -> tuple[list[str], list[str]]:
    """Proofs that hold, and the same with one bit turned."""
    holds, turned = list[str](), list[str]()
    for size in SIZES[1:]:
        tree = made.tree(size)
        asked = [("inclusion", at, [tree.root], tree.inclusion(at)) for at in sorted({0, size // 2, size - 1})]
        asked += [
            ("consistency", old, [made.tree(old).root, tree.root], tree.consistency(old)) for old in SIZES if old < size
        ]
        for kind, first, ends, chain in asked:
            chain = list(chain)
            holds.append(_asked(kind, first, size, ends, chain))
            spoilt = bytes([chain[-1][0] ^ 1]) + chain[-1][1:]
            turned.append(_asked(kind, first, size, ends, [*chain[:-1], spoilt]))
    return holds, turned


def test_go_merkle_verifies_our_proofs_and_none_with_a_bit_turned(made: Made, tmp_path: Path) -> None:
    library = GOCODE / "src/github.com/transparency-dev/merkle"
    if not shutil.which("go") or not library.exists():
        pytest.skip("no Go (apt install golang-go golang-github-transparency-dev-merkle-dev)")
    holds, turned = _of_merkle(made)
    done = _go(MERKLE, tmp_path, *holds, *turned)
    assert done.stdout.split() == ["true"] * len(holds) + ["false"] * len(turned), done.stdout + done.stderr


def _go(program: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program of Go with the libraries that Debian has, and nothing from elsewhere."""
    (folder / "main.go").write_text(program)
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GOCODE), "GOCACHE": str(folder / "cache")}
    command = ["go", "run", str(folder / "main.go"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_go_reads_our_notes_and_tiles(made: Made, tmp_path: Path) -> None:
    if not shutil.which("go") or not (GOCODE / "src/golang.org/x/mod").exists():
        pytest.skip("no Go (apt install golang-go golang-golang-x-mod-dev)")
    (tmp_path / "older").write_bytes(made.notes[65_536])
    done = _go(GO, tmp_path, str(made.folder), str(LOG.key), str(tmp_path / "older"))
    assert done.stdout.split() == ["70000", "65536", "17", "1"], done.stdout + done.stderr
