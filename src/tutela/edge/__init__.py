"""The provider's own matching service: lists come in, pictures are matched where they are, candidates go out.

    settings, sealing      what an operator sets           trust, store, sync, live    releases, verified before use
    sources, provider      lists with no Centre            shared, handover            one copy for all processes
    serving, holder, asgi  the processes                   app, boundary, limits       the HTTP API and its edges
    service, candidates    matching, and what comes of it  outbox, spool               delivery that survives a kill
    unscanned, rescanning  what went by, scanned later     fetching, events            bytes from elsewhere
    curation, hma          people's decisions, HMA         client, threatexchange      the Edge for others' programs
    walk, scan, formats, journal, objects, cluster         the library behind `tutela scan`

Promises: a list is used only once it is verified, and lies sealed; a removed entry stops matching with the next head;
no bytes of an upload reach a disk; an answer without a trusted list is an error, or says that nothing was scanned, and
never "no match"; a candidate that was answered is delivered; what passed unscanned is scanned; a list that is not about
child sexual abuse never feeds a report.
"""
