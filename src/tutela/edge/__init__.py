"""Matching service run by the provider: fetch lists, match pictures locally, deliver candidates.

    settings, sealing      operator settings, encryption    trust, store, sync, live    releases, verified before use
    sources, provider      lists without a Centre           shared, handover            one copy for all processes
    serving, holder, asgi  the processes                    app, boundary, limits       the HTTP API and its limits
    service, candidates    matching and candidates          outbox, spool               delivery that survives a kill
    unscanned, rescanning  unscanned items, scanned later   fetching, events            bytes from remote stores
    curation, hma          people's decisions, HMA          client, threatexchange      clients for other programs
    walk, scan, formats, journal, objects, cluster          the library behind `tutela scan`

Guarantees:
- A list is used only after verification and is stored sealed.
- A removed entry stops matching with the next head.
- No bytes of an upload reach a disk.
- Without a trusted list, the answer is an error or states that nothing was scanned, and is never "no match".
- A candidate that was answered is delivered.
- An item that passed unscanned is scanned later.
- A list that is not about child sexual abuse never feeds a report.
"""
