"""Register of indicators of known material: proposed, certified by another organisation, released.

Terms:
- An *indicator* represents an item by its digests alone.
- A *proposal* is the first certification; a *certification* comes from another organisation.
- *Activation* follows when two organisations in two countries have certified the indicator.
- A *dispute* suspends an indicator; a *revocation* ends it.
- A *release* is a signed list of all active indicators; a *grant* lets an organisation fetch releases.

Guarantees:
- No indicator is active without two organisations in two jurisdictions; the database itself enforces this.
- Providers run exactly what was released.
- A revoked indicator stops matching within seconds.
- Hashes are stored encrypted.
"""
