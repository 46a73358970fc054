"""Open infrastructure for the fight against child sexual abuse.

`ARCHITECTURE.md` describes every package. Import contracts enforce the order of the packages.
"""

__version__ = "0.1.0"
