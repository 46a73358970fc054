"""Programmes, studies, judgements, and what follows from them: grades, coverage, overdue results, the public index."""
