"""Human review of candidates: queue, decision, picture check and register feedback."""
