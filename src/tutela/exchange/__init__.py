"""Messages between organisations, each with one canonical form and signed for one purpose.

Every message is a closed pydantic model (`base.Wire`); its JSON Schema is published in `docs/schemas/`.

    signed        the envelope, its contexts and its errors         canonical   the bytes that are signed
    release       lists, from the register to an Edge               receipt     an acknowledged report
    report        the canonical report (Annex III)                  completeness  what a draft still lacks
    referral      from a Centre to an authority                     outcome, feedback   the way back
    problem       errors over HTTP

Guarantees:
- Unknown fields are never dropped.
- A duplicate name is refused, and neither value is chosen.
- Every time has a zone.
- No error repeats the submitted content.
- A signature of one kind of message is never valid for another.
"""
