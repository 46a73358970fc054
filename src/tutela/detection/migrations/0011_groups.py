"""The planner is told that the figures of outcomes have few groups: else it sorts every report on the disk."""

from django.db import migrations

# Columns that hang together: their values multiplied are thousands of times what there is.
MAKE = """
CREATE STATISTICS detection_draft_groups (ndistinct)
ON sent_to, service_id, state, asked, why_not, given_back, lacking FROM detection_draft
"""
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("detection", "0010_reinstatement_told"),
    ]

    operations = [
        PATIENT,
        migrations.RunSQL(MAKE, "DROP STATISTICS detection_draft_groups"),
        migrations.RunSQL("ANALYZE detection_draft", migrations.RunSQL.noop),
    ]
