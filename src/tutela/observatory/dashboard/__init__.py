"""What is due: returns whose date has passed, and claims whose review is overdue."""
