"""Mutants: change one thing in a module that must not be wrong, and see whether a test notices.

    make mutants                    a sample of 25 a stratum, against the nearest tests
    MUTANTS_SEED=7 make mutants     another sample; the seed is printed
    MUTANTS=events,sql make mutants some strata; MUTANTS_EACH=5 fewer of each
    MUTANTS_ON=<commit> make mutants LIST   the same mutants of a file of survivors, with the tests of that commit

Operators are those of cosmic-ray, and our own where a mutant of the trade says little: permissions, organisations,
locks, purposes, signatures, and SQL. A mutant dies when a test fails; golden, catalogue and architecture tests do not
count, because they notice any change. What became of each is written with its difference, one JSON object a line; a run
that was stopped goes on there (without `build/mutants.jsonl` it begins again).
"""

from __future__ import annotations

import difflib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = Path("src/tutela")
SEED = int(os.environ.get("MUTANTS_SEED", "1"))
EACH = int(os.environ.get("MUTANTS_EACH", "25"))
# The longest that the tests of one mutant may take, in seconds; what is not decided then has survived.
PATIENCE = 900
# What the tests of each step may be; a step that kills ends the search.
NOT_KILLERS = ("tests/golden", "tests/architecture", "tests/unit/house")
# What everybody imports is tried by so many files that import it, after its own.
USERS = 25
ON_PAGES = ("access", "pages", "sql")
STRATA = {
    "events": ("events/**/*.py",),
    "access": (
        "organisations/web/page_access.py",
        "organisations/web/approval_pages.py",
        "organisations/web/confirmation.py",
        "organisations/vocabulary/roles_and_permissions.py",
        "organisations/approvals/*.py",
        "app/api/*.py",
    ),
    "pages": ("*/web/**/*_pages.py", "*/api.py", "*/api/*.py"),
    "tlog": ("tlog/**/*.py",),
    "signatures": ("exchange/message/signed_*.py", "exchange/message/canonical_json.py", "exchange/register/*.py"),
    "state": ("*/**/steps.py", "*/state/*.py", "*/**/rows.py", "*/lifecycle/*.py"),
    "jurisdiction": ("reports/jurisdiction/*.py", "reports/state/jurisdiction_basis.py"),
    "matching": ("matching/lists/*.py", "matching/video/*.py", "matching/index/*.py"),
    "media": ("media/limits.py", "media/sandbox/*.py"),
    "retention": ("**/retention.py", "**/*holds.py", "**/retention_periods.py", "**/hold_*.py"),
    "limits": ("**/rate_limits.py", "**/sign_in_limits.py", "edge/runtime/limits.py", "casework/anonymous/*.py"),
    "disclosure": ("casework/disclosure/*.py", "observatory/operations/withheld.py", "observatory/tables/*.py"),
    "sql": ("*/sql/*.sql",),
}
# Decorators without which a module is another program, or none.
_KEPT = "dataclass|property|classmethod|staticmethod|overload|abstractmethod|wraps|contextmanager|cache"
# Our own: a pattern, what it becomes, and its name. `\\1` as in `re`.
OWN = [
    (r'@(page|action)\("[\w.]+"', r'@\1("account.manage"', "another permission"),
    (r"@(page|action)\([A-Z_]+", r'@\1("account.manage"', "another permission"),
    (r', write=(?:"[\w.]+"|[A-Z_]+)', r', write="account.manage"', "another write permission"),
    (r"\borganisation_id=[\w.]+(?:\.organisation_id|\.id)\b,? ?", "", "no organisation in a query"),
    (r"\.select_for_update\([^()]*\)", "", "no lock"),
    (r"\.with_purpose\([^()]*\)", "", "no purpose"),
    (r"^( +)(?:[\w.]+\.)?(?:verify|check|require)\w*\(.*\)$", r"\1pass", "a check that is skipped"),
    (rf"^ *@(?!{_KEPT})[\w.]+(?:\(.*\))?\n", "", "no decorator"),
    (r"if not (actor\.can\([^()]*\))", r"if \1", "a permission turned around"),
]
SQL = [
    (r"^CREATE POLICY [^;]*;", "", "no policy"),
    (r"^ *EXECUTE format\('CREATE POLICY .*;$", "    NULL;", "no policy"),
    (r", FORCE ROW LEVEL SECURITY", "", "not forced"),
    (r"^CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER [^;]*;", "", "no trigger"),
    (r"^REVOKE [^;]*;", "", "no revocation"),
    (r"^GRANT SELECT ON", "GRANT SELECT, UPDATE, DELETE ON", "a wider grant"),
    (r" WITH CHECK \([^()]*\)", "", "no check of what is written"),
    (r" FOR UPDATE\b", "", "no lock"),
    (r"^ *RAISE EXCEPTION [^;]*;", "    NULL;", "no refusal"),
    (r"(?<=[\w)]) >= (?=\w)", " > ", "a boundary"),
    (r"(?<=[\w)]) <> (?=\w)", " = ", "a comparison"),
    (r"\bNOT EXISTS\b", "EXISTS", "a condition turned around"),
]


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    stratum: str
    file: str
    operator: str
    number: int

    def text(self, before: str) -> str | None:
        """The file with this change; None if it is not there (any longer)."""
        own = dict[str, tuple[str, str]]()
        for pattern, after, name in SQL if self.file.endswith(".sql") else OWN:
            own.setdefault(name + pattern, (pattern, after))
        if self.operator in own:
            pattern, after = own[self.operator]
            found = list(re.finditer(pattern, before, re.MULTILINE))
            if self.number >= len(found):
                return None
            one = found[self.number]
            return before[: one.start()] + one.expand(after) + before[one.end() :]
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        operator, _, arguments = self.operator.partition(" ")
        try:
            return mutate_code(before, get_operator(operator)(**json.loads(arguments or "{}")), self.number)
        except AttributeError:  # `except a.b:` is a name that it cannot replace
            return None


def every(stratum: str) -> Iterator[Mutant]:
    """All mutants of a stratum, in the order of their files."""
    files = {file for pattern in STRATA[stratum] for file in (ROOT / SOURCE).glob(pattern)}
    for file in sorted(files):
        if file.name != "__init__.py":
            yield from _of_file(stratum, file)


def _of_file(stratum: str, file: Path) -> Iterator[Mutant]:
    text, name = file.read_text(encoding="utf-8"), file.relative_to(ROOT).as_posix()
    for pattern, _after, label in SQL if file.suffix == ".sql" else OWN:
        for number, _found in enumerate(re.finditer(pattern, text, re.MULTILINE)):
            yield Mutant(stratum, name, label + pattern, number)
    if file.suffix == ".py" and stratum != "pages":
        yield from _of_the_trade(stratum, name, text)


def _of_the_trade(stratum: str, name: str, text: str) -> Iterator[Mutant]:
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast(text)))
    for operator_name in sorted(operator_names()):
        operator_class = get_operator(operator_name)
        if operator_class.arguments() or operator_name.endswith("NoOp"):
            continue
        count = sum(sum(1 for _ in operator_class().mutation_positions(node)) for node in nodes)
        for number in range(count):
            yield Mutant(stratum, name, operator_name, number)


def draw() -> list[Mutant]:
    """The sample of this seed. Our own operators are a third of each stratum, where it has so many."""
    chosen = os.environ.get("MUTANTS", "")
    drawn = list[Mutant]()
    for stratum in chosen.split(",") if chosen else STRATA:
        pick = random.Random(f"{SEED} {stratum}")
        found = sorted(every(stratum), key=lambda _one: pick.random())
        own = (one for one in found if not one.operator.startswith("core/") and _means_something(one))
        mine = list(islice(own, EACH if stratum in ("sql", "pages") else EACH // 3))
        rest = (one for one in found if one not in set(mine) and _means_something(one))
        drawn += mine + list(islice(rest, EACH - len(mine)))
    return drawn


def _means_something(one: Mutant) -> bool:
    """Whether the change is in code that runs: annotations and imports for types are none."""
    before = (ROOT / one.file).read_text(encoding="utf-8")
    after = one.text(before)
    if after is None or after == before:
        return False
    if one.file.endswith(".sql"):
        return True
    try:
        compile(after, one.file, "exec")
    except SyntaxError:
        return False
    lines = [line[2:].strip() for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] == "-"]
    return not all(
        line.startswith(("def ", "async def ", "type ", '"""', "from ", "import ")) or re.match(r"\w+: [^=]+$", line)
        for line in lines
    )


def nearest(one: Mutant, tree: Path) -> list[list[str]]:
    """Steps of tests, the nearest first: of the module, its package, those who import it, attacks and access."""
    path = Path(one.file).relative_to(SOURCE)
    package, stem = path.parts[0], path.stem
    drills = set((tree / "tests/long_drills.txt").read_text(encoding="utf-8").splitlines())
    every_file = {file: file.relative_to(tree).as_posix() for file in (tree / "tests").rglob("test_*.py")}
    files = [file for file, name in every_file.items() if not name.startswith(NOT_KILLERS) and name not in drills]
    inside = [file for file in files if package in file.parts]
    own = [file for file in inside if stem in file.stem or file.parent.name == path.parent.name]
    dotted = "tutela." + ".".join(path.with_suffix("").parts)
    parent, _, name = dotted.rpartition(".")
    imported = re.compile(rf"{re.escape(dotted)}\b|from {re.escape(parent)} import [^\n]*\b{name}\b")
    users = [file for file in files if file not in own and imported.search(file.read_text(encoding="utf-8"))]
    unit, integration = ([tree / "tests" / kind / package] for kind in ("unit", "integration"))
    wide = [tree / "tests/attacks", tree / "tests/integration/test_access_matrix.py"]
    steps = [sorted(own), unit, sorted(users)[:USERS], integration, wide if one.stratum in ON_PAGES else []]
    steps = [[file for file in step if file.exists()] for step in steps]
    return [[str(file.relative_to(tree)) for file in step] for step in steps if step]


@dataclass
class Outcome:
    """What became of a mutant: the first test that failed, or none."""

    mutant: Mutant
    killed_by: str
    seconds: float
    difference: str


def try_one(one: Mutant, tree: Path) -> Outcome:
    """Apply a mutant in `tree`, run its tests, and take it back."""
    file = tree / one.file
    before = file.read_text(encoding="utf-8")
    after = one.text(before) or before
    shown = "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), one.file, one.file, "", "", 1, ""))
    began, killed = time.monotonic(), ""
    file.write_text(after, encoding="utf-8")
    try:
        for step in nearest(one, tree):
            killed = killed or _failed(step, tree, PATIENCE - (time.monotonic() - began), one.file.endswith(".sql"))
    finally:
        file.write_text(before, encoding="utf-8")
    return Outcome(one, killed, round(time.monotonic() - began, 1), shown)


def _env(tree: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tree / "src"), os.environ.get("PYTHONPATH", "")])}


def _failed(step: list[str], tree: Path, seconds: float, fresh: bool) -> str:
    """The first test that fails; none if there was no time. `fresh`: the database is migrated again."""
    if seconds <= 1:
        return ""
    env = _env(tree)
    if fresh:
        env.pop("MIGRATED_FOR_TESTS", None)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--tb=no", *step]
    try:
        done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return ""
    if done.returncode in (0, 5):
        return ""
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return found[1] if found else f"ended with {done.returncode}"


def tree_of(commit: str) -> Path:
    """A copy of the project to change, with its built parts; of another commit if one is named."""
    place = Path(tempfile.mkdtemp(prefix="mutants-"))
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    if commit:
        packed = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(place)], input=packed, check=True)
    else:
        for name in names:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    for built in (ROOT / SOURCE).rglob("*.so"):
        shutil.copy2(built, place / built.relative_to(ROOT))
    return place


def _tried(path: Path) -> dict[Mutant, Outcome]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    outcomes = [json.loads(line) for line in lines]
    return {one.mutant: one for one in (Outcome(**{**row, "mutant": Mutant(**row["mutant"])}) for row in outcomes)}


def survivors(path: Path) -> list[Mutant]:
    """Those that no test noticed, of a file that a run wrote."""
    return [one.mutant for one in _tried(path).values() if not one.killed_by]


def main() -> None:
    """Draw, try, and say which survived."""
    mutants = survivors(Path(sys.argv[1])) if sys.argv[1:] else draw()
    print(f"{len(mutants)} mutants, seed {SEED}")
    tree = tree_of(os.environ.get("MUTANTS_ON", ""))
    migrated = tempfile.mkdtemp(prefix="mutants-migrated-")
    subprocess.run([sys.executable, "-m", "tests.support.migrated", migrated], cwd=tree, env=_env(tree), check=True)
    os.environ["MIGRATED_FOR_TESTS"] = migrated
    written = Path(os.environ.get("MUTANTS_TO", "build/mutants.jsonl"))
    written.parent.mkdir(parents=True, exist_ok=True)
    died, all_of = dict[str, int](), dict[str, int]()
    try:
        tried = _tried(written)
        with written.open("a", encoding="utf-8") as file:
            for number, one in enumerate(mutants, 1):
                found = tried.get(one) or try_one(one, tree)
                all_of[one.stratum] = all_of.get(one.stratum, 0) + 1
                died[one.stratum] = died.get(one.stratum, 0) + bool(found.killed_by)
                if one not in tried:
                    file.write(json.dumps(asdict(found)) + "\n")
                    file.flush()
                said = found.killed_by or f"SURVIVED\n{found.difference}"
                print(f"{number}/{len(mutants)} {one.file} ({found.seconds} s): {said}", flush=True)
    finally:
        shutil.rmtree(tree, ignore_errors=True)
        shutil.rmtree(migrated, ignore_errors=True)
    for stratum, many in all_of.items():
        print(f"{stratum:14} {died[stratum]:4} of {many} died")


if __name__ == "__main__":
    main()
