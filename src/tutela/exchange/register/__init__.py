"""Register messages: approvals, certifications, releases, policies, canaries and Edge alerts."""
