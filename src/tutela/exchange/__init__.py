"""What organisations say to each other: messages with one canonical form, signed for one purpose each.

Every message is a closed pydantic model (`base.Wire`); its JSON Schema is published in `docs/schemas/`.

    signed        the envelope, its contexts and its errors         canonical   the bytes that are signed
    release       lists, from the register to an Edge               receipt     an acknowledged report
    report        the canonical report (Annex III)                  completeness  what a draft still lacks
    referral      from a Centre to an authority                     outcome, feedback   the way back
    problem       errors over HTTP

Promises: nothing unknown is dropped, nothing twice is chosen between, no time is without a zone, no error repeats what
was sent, and a signature of one kind of message is never one of another.
"""
