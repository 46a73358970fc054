"""Access to the register: grants and quotas."""
