"""Processes of a node: supervisor, web, worker, own PostgreSQL, health, backup and doctor."""
