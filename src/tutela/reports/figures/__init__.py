"""Figures of the Centre: funnel, progress, volumes, quality and surges."""
