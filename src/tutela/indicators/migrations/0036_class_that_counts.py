"""The class that counts, by votes of two countries: the one place that says so, which an activation asks too."""

from django.db import migrations

CLASS = """
CREATE FUNCTION indicators_class(one uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT v.classification FROM (
      SELECT DISTINCT ON (organisation_id) classification, country, created_at FROM indicators_vote
      WHERE indicator_id = one AND kind = 'reclassify' ORDER BY organisation_id, created_at DESC, id DESC
    ) v GROUP BY v.classification HAVING count(DISTINCT v.country) >= 2
    ORDER BY max(v.created_at) DESC, v.classification LIMIT 1
  ), (SELECT i.classification FROM indicators_indicator i WHERE i.id = one))
$$"""
PROPOSED = "indicators_permitted(classification) FROM indicators_indicator WHERE id = NEW.indicator_id"
COUNTING = "indicators_permitted(indicators_class(NEW.indicator_id))"
# The rest of the function stays as the last migration that made it left it.
ASKS = """
DO $$
DECLARE
  body text := pg_get_functiondef('indicators_two_jurisdictions()'::regprocedure);
BEGIN
  IF strpos(body, '{before}') = 0 THEN
    RAISE EXCEPTION 'the function that activates asks for the class otherwise';
  END IF;
  EXECUTE replace(body, '{before}', '{after}');
END $$"""


class Migration(migrations.Migration):
    dependencies = [("indicators", "0035_queues")]

    operations = [
        migrations.RunSQL(CLASS, "DROP FUNCTION indicators_class(uuid)"),
        migrations.RunSQL(ASKS.format(before=PROPOSED, after=COUNTING), ASKS.format(before=COUNTING, after=PROPOSED)),
    ]
