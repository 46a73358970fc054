"""Packages for police: a message that an integrator maps to SIENA, STIX 2.1, and an archive of both.

SIENA's own specification is restricted, so no conformance is claimed; the boundaries of entities follow UMF. Promises:
no media is ever in a package. Attachments are text, or ciphertext for its addressee alone.
"""
