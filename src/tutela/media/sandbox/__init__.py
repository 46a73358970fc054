"""Sandbox: a pool of caged worker processes that decode hostile bytes."""
