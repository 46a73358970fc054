"""The loop of practice and research: questions, their answers, and briefs for policy."""
