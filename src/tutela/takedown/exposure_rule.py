"""Exposure rule of takedown: what an analyst views on the own machine counts in that person's budget."""

from __future__ import annotations

from datetime import timedelta

from tutela.casework.exposure.rules import ExposureRule
from tutela.takedown.case_rows import SUBJECT

RULE = ExposureRule(SUBJECT, timedelta(hours=1), read="takedown.read")
