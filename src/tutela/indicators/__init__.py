"""The register of indicators of known material: proposed by one organisation, certified by another, released to all.

Words: an *indicator* stands for an item, by its digests alone; a *proposal* is its first certification; a
*certification* is another organisation's; *activation* follows when two organisations in two countries stand behind
it; a *dispute* suspends, a *revocation* ends; a *release* is a signed list of all active indicators; a *grant* lets an
organisation fetch releases.

Promises: nothing is active without two organisations in two jurisdictions, and the database itself refuses otherwise;
what a provider runs is what was released; a revoked indicator stops matching within seconds; hashes lie encrypted.
"""
