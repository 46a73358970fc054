"""Published figures for programs: releases, definitions, and the public tables of a week."""
