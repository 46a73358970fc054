"""Packages for police: a structured message that an integrator maps to SIENA, STIX 2.1, and an archive of all of it.

SIENA's own specification is restricted, so no conformance is claimed; the boundaries of entities follow UMF.
Promises: no media is ever in a package; what is attached is text, or ciphertext for its addressee alone.
"""
