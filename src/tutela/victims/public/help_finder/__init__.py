"""Helplines, hotlines and emergency numbers by country, with sources and dates."""
