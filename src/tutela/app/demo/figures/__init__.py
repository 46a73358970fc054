"""Figures in the demonstration: published, verified, filed, imported, and shown on public dashboards."""
