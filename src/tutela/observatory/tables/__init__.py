"""Public tables of a week, protected and written once: dashboards read these alone, whatever the number of reports."""
