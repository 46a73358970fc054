"""Whether a picture that a browser shows can go by unhashed: 5,000 damaged and unusual files, against Chromium.

The files are mutants of generated pictures in eight formats, and of videos in two (`tests/support/mutations`): chunks,
markers, boxes and fields, each in each way, lengths, checksums, order, cuts, what is put behind or around; the picture
in its alpha, with little contrast, enlarged beyond a hundred megapixels, and in animations and films with others that
are shown for a moment. Chromium draws each on a white page, or a black one, and of what moves what it shows longest.
One is alike if the PDQ of what is drawn lies within 31 bits of that of the original as it draws it. Then a hash of
ours, of any frame or window, must lie within 31 bits of the hash of the original file, or the file must be refused or
incomplete, which an Edge does not take for scanned. An escape is alike, hashed and not found. Rates are shares of what
is alike. What escapes is written outside the repository: to the path given as argument, or below the folder for
temporary files.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, figure, machine, note, report
from tests.support import browser
from tests.support.mutations import FORMATS, mutants
from tests.support.mutations.judging import Judged, Verdict, judged

from tutela.media import HasherPool

MUTANTS, SEED = 100 if QUICK else 5_000, 0
WANTED = (Verdict.REFUSED, Verdict.ESCAPED)


def line(one: Judged) -> str:
    """One file that was not found."""
    return f"{one.verdict}: {one.mutant.format} {one.mutant.picture}: {one.mutant.kind}"


def main(out: Path) -> int:
    """Show, hash, compare, count. Ends with 1 where a target is missed."""
    machine()
    counts: Counter[tuple[str, Verdict]] = Counter()
    missed: list[str] = []
    with browser.chromium() as running, HasherPool(workers=1) as pool:
        note(f"Chromium {running.version}, {MUTANTS} mutants, {sum(len(f.kinds(f.write(0))) for f in FORMATS)} kinds")
        files = list(mutants(MUTANTS, SEED))
        for one in judged(running, files, lambda data: pool.hash_bytes(data, tenant="bench")):
            counts[one.mutant.format, one.verdict] += 1
            missed += [line(one)] if one.verdict in WANTED else []
    out.write_text("\n".join(missed) + "\n")
    print(f"What was not found: {out}", file=sys.stderr)
    for form in FORMATS:
        found, refused, escaped = (counts[form.name, v] for v in (Verdict.FOUND, *WANTED))
        note(f"{form.name}: {found + refused + escaped} alike, {refused} of them refused, {escaped} escaped")
    total: Counter[Verdict] = Counter()
    for (_, verdict), count in counts.items():
        total[verdict] += count
    alike = total[Verdict.FOUND] + total[Verdict.REFUSED] + total[Verdict.ESCAPED]
    escapes, refusals = total[Verdict.ESCAPED] / alike, total[Verdict.REFUSED] / alike
    figure("evasion_mutants", MUTANTS, "files", "=100" if QUICK else ">=5000")
    figure("evasion_alike", alike, "files", "none")
    figure("evasion_rate", escapes, "share", "=0")
    figure("evasion_not_scanned", refusals, "share", "<=0.03")
    report()
    return int(escapes > 0 or refusals > 0.03)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "tutela-evasion.txt"))
