"""The register: propose, certify, dispute, revoke, search and look up."""
