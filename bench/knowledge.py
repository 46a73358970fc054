"""Search of the prevention hub at 100,000 records: median and 95th percentile of searches, the worst kind named.

Rows are written by one statement, in six languages and with the facets of real entries. Asked are single words, several
words, words of other languages, facets alone, words with facets, a far page, and words that nothing has.
`SIZE=10000` for another size.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import figures
from tests.support import database

SIZE = int(os.environ.get("SIZE", "5000" if figures.QUICK else "100000"))
ROUNDS = 2 if figures.QUICK else 40
TARGET_MS = 100
# Neutral words with a long tail, as titles have them.
FILL = """
INSERT INTO prevention_hubentry (id, kind, subject_id, address, language, title, text, facets, rank, grade, checked,
  vector, updated_at)
SELECT gen_random_uuid(), CASE WHEN n %% 5 = 0 THEN 'programme' ELSE 'study' END, gen_random_uuid(), 'bench-' || n,
  said.language, said.title, said.text, said.facets, n %% 8, substr('XNABCUD-', 1 + n %% 8, 1), n %% 3 = 0,
  setweight(to_tsvector(said.configuration, said.title), 'A')
    || setweight(to_tsvector(said.configuration, said.text), 'C')
    || setweight(to_tsvector('simple', said.title), 'A'), now()
FROM generate_series(1, %s) n, LATERAL (
  SELECT (ARRAY['en','de','fr','es','sv','pl'])[1 + n %% 6] AS language,
    (ARRAY['english','german','french','spanish','swedish','simple'])[1 + n %% 6]::regconfig AS configuration,
    'harbour w' || n %% 997 || ' v' || n %% 4999 || ' therapy' AS title,
    'lighthouse u' || n %% 89 || ' school' || ' x' || n %% 9973 || ' y' || n || ' parents online' AS text,
    ARRAY['stage:' || (ARRAY['before','custody','after','children'])[1 + n %% 4],
      'country:' || (ARRAY['SE','DE','FR','MT','IE'])[1 + n %% 5],
      'grade:' || substr('XNABCUD-', 1 + n %% 8, 1)] AS facets
) said
"""


def main() -> None:
    """Fill the index, ask, and print the figures."""
    database.django()
    from django.db import connection

    from tutela.prevention.hub import search
    from tutela.prevention.hub.search import HubSearch

    figures.machine()
    with connection.cursor() as cursor:
        figures.note(f"{SIZE} entries written in {figures.seconds(lambda: cursor.execute(FILL, [SIZE])):.0f} s")
        cursor.execute("ANALYZE prevention_hubentry")
    asked = {
        "rare word": HubSearch("w17"),
        "common word": HubSearch("harbour"),
        "several words": HubSearch("harbour therapy lighthouses school"),
        "other language": HubSearch("behandlung eltern", "de"),
        "facets": HubSearch(facets={"stage": "before", "country": "SE"}),
        "words and facets": HubSearch("w17 harbour", facets={"stage": "before"}),
        "far page": HubSearch("harbour", page=40),
        "nothing": HubSearch("nothinghasthis"),
        "everything": HubSearch(),
    }
    taken = {name: list[float]() for name in asked}
    for turn in range(ROUNDS + 1):
        for name, wanted in asked.items():
            start = time.perf_counter()
            search.search(wanted)
            if turn:
                taken[name].append(1000 * (time.perf_counter() - start))
    p95 = {name: statistics.quantiles(times, n=20)[-1] for name, times in taken.items()}
    worst = max(p95, key=lambda name: p95[name])
    for name, times in taken.items():
        figures.note(f"{name}: median {statistics.median(times):.1f} ms, p95 {p95[name]:.1f} ms")
    everything = [one for times in taken.values() for one in times]
    target = "none" if figures.QUICK else f"<={TARGET_MS}"
    figures.figure("knowledge_search_p95", statistics.quantiles(everything, n=20)[-1], "ms", target)
    figures.figure(f"knowledge_search_p95_{worst.replace(' ', '_')}", p95[worst], "ms", target)
    figures.report()


if __name__ == "__main__":
    main()
