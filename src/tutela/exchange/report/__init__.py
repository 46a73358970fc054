"""The report: fields, sections, completeness, scoring rules, feedback and receipts."""
