"""Survivors' voice: input with consent, what changed because of it, and the Victims' Rights Platform."""
