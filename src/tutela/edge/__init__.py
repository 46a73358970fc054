"""The provider's own matching service: lists come in signed, pictures are matched where they are, candidates go out.

    settings      what an operator sets                        trust, store    what must hold before a list is used
    sync          fetching releases                            live            the lists in use, and whether to be ready
    service, app  the HTTP API                                 outbox, candidates   delivery that survives a kill
    walk, scan, formats, journal   the library behind `tutela scan`

Promises: a list is used only once it is verified; a removed entry stops matching with the next head; no bytes of an
upload reach a disk; an answer without a trusted list is an error, never "no match"; a candidate that was answered is
delivered.
"""
