"""Evidence grades by a published rule: facts of results, the rule, effect arithmetic, agreement of two judges."""
