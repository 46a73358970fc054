"""An API key is for one recipient. Those of before: for the Centre, or for who issued one to a Centre elsewhere.

The others, with which a Centre speaks within its own node, are bound as their next message is sent (`delivery`).
"""

import django.db.models.deletion
from django.db import migrations, models

BIND = """
UPDATE organisations_apikey k SET recipient_id = c.id
FROM organisations_organisation c
WHERE c.kind = 'centre' AND k.recipient_id IS NULL
  AND k.scopes <@ ARRAY['reports:submit', 'outcomes:submit', 'referrals:read']::varchar[];
UPDATE organisations_apikey k SET recipient_id = f.id
FROM (SELECT id, kind FROM organisations_organisation ORDER BY created_at, id LIMIT 1) f,
  organisations_organisation h
WHERE h.id = k.organisation_id AND h.kind = 'centre' AND f.kind <> 'centre' AND k.recipient_id IS NULL
  AND k.scopes && ARRAY['referrals:submit', 'feedback:submit']::varchar[];
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0012_owner_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="recipient",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="organisations.organisation",
            ),
        ),
        migrations.RunSQL(BIND, migrations.RunSQL.noop),
    ]
