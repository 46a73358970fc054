"""Examination of addresses on analysts' own machines (`tutela examine`): machines, tasks out, results in."""
