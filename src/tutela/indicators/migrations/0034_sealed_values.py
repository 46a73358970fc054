"""What stands for hashes in a set is sealed by the node, and no row of it is written but by a function."""

from django.db import migrations, models

# No function of the database can verify a seal: `sealed_values` does, as it reads. So whoever calls this puts nothing in that
# counts; what he puts in the place of a value that does is computed again.
KEEP = """
CREATE FUNCTION indicators_keep_values(
  owner uuid, moment timestamptz, name text, ids uuid[], whose uuid[], made bytea[], seals bytea[]
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO indicators_hashvalue AS v (id, organisation_id, created_at, hash_id, key_id, value, seal)
    SELECT one.id, owner, moment, one.whose, name, one.value, one.seal
    FROM unnest(ids, whose, made, seals) AS one (id, whose, value, seal) ORDER BY one.whose
  ON CONFLICT (hash_id, key_id) DO UPDATE SET value = excluded.value, seal = excluded.seal
    WHERE (v.value, v.seal) IS DISTINCT FROM (excluded.value, excluded.seal)
$$;
CREATE FUNCTION indicators_keep_film_values(
  owner uuid, moment timestamptz, name text, ids uuid[], whose uuid[], made bytea[], seals bytea[]
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO indicators_filmvalues AS v (id, organisation_id, created_at, film_id, key_id, "values", seal)
    SELECT one.id, owner, moment, one.whose, name, one.value, one.seal
    FROM unnest(ids, whose, made, seals) AS one (id, whose, value, seal) ORDER BY one.whose
  ON CONFLICT (film_id, key_id) DO UPDATE SET "values" = excluded."values", seal = excluded.seal
    WHERE (v."values", v.seal) IS DISTINCT FROM (excluded."values", excluded.seal)
$$;
REVOKE ALL ON FUNCTION
  indicators_keep_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]),
  indicators_keep_film_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  indicators_keep_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]),
  indicators_keep_film_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]) TO tutela_app"""
# Of which hash and key a value is never changes; the value itself is what the seal is over.
PLACES = """
DROP TRIGGER indicators_keep_row ON indicators_hashvalue;
DROP TRIGGER indicators_keep_row ON indicators_filmvalues;
CREATE TRIGGER indicators_keep_row BEFORE UPDATE OF id, organisation_id, hash_id, key_id OR DELETE
  ON indicators_hashvalue FOR EACH ROW EXECUTE FUNCTION indicators_go_of_hash();
CREATE TRIGGER indicators_keep_row BEFORE UPDATE OF id, organisation_id, film_id, key_id OR DELETE
  ON indicators_filmvalues FOR EACH ROW EXECUTE FUNCTION indicators_go_of_film()"""
# Values that nobody sealed may be in it: it is made anew. The certified set is at the next release.
FORGET = "DO $$ BEGIN DELETE FROM indicators_lookupset; END $$"
UNDO = [
    "DROP TRIGGER indicators_keep_row ON indicators_filmvalues",
    "DROP TRIGGER indicators_keep_row ON indicators_hashvalue",
    """CREATE TRIGGER indicators_keep_row BEFORE UPDATE OR DELETE ON indicators_hashvalue
    FOR EACH ROW EXECUTE FUNCTION indicators_go_of_hash()""",
    """CREATE TRIGGER indicators_keep_row BEFORE UPDATE OR DELETE ON indicators_filmvalues
    FOR EACH ROW EXECUTE FUNCTION indicators_go_of_film()""",
    """DROP FUNCTION indicators_keep_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]),
    indicators_keep_film_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[])""",
]

# A register may have millions of values; a statement of a node's work has a minute.
PATIENT = migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0032_floods_of_words")]

    operations = [
        PATIENT,
        migrations.AddField("hashvalue", "seal", models.BinaryField(default=b"", max_length=16)),
        migrations.AddField("filmvalues", "seal", models.BinaryField(default=b"", max_length=16)),
        migrations.AddIndex(
            model_name="hashvalue",
            index=models.Index(condition=models.Q(("seal", b"")), fields=["key_id"], name="value_unsealed"),
        ),
        migrations.AddIndex(
            model_name="filmvalues",
            index=models.Index(condition=models.Q(("seal", b"")), fields=["key_id"], name="film_value_unsealed"),
        ),
        migrations.RunSQL([KEEP, PLACES, FORGET], UNDO),
    ]
