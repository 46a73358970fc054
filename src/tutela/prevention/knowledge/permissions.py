"""Who reads and who curates the knowledge base, and the subjects of its events."""

from __future__ import annotations

READ, CURATE = "knowledge.read", "knowledge.curate"
PROGRAMME, STUDY, QUESTION, BRIEF = "programme", "study", "prevention_question", "policy_brief"
CAMPAIGN, MATERIAL = "campaign", "material"
MEMBER, GROUP, VOICE = "network_member", "working_group", "survivor_view"
