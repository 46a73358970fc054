-- The pseudorandom values that represent hashes in a set are sealed by the node, and only functions write them.
--
-- The database cannot verify a seal; `hashes/sealed_values.py` verifies it when it reads. A caller of these functions
-- therefore cannot insert a valid value; a replaced value is computed again.

CREATE OR REPLACE FUNCTION indicators_keep_values(
  owner uuid, moment timestamptz, name text, ids uuid[], whose uuid[], made bytea[], seals bytea[]
)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO indicators_hashvalue AS v (id, organisation_id, created_at, hash_id, key_id, value, seal)
    SELECT one.id, owner, moment, one.whose, name, one.value, one.seal
    FROM unnest(ids, whose, made, seals) AS one (id, whose, value, seal) ORDER BY one.whose
  ON CONFLICT (hash_id, key_id) DO UPDATE SET value = excluded.value, seal = excluded.seal
    WHERE (v.value, v.seal) IS DISTINCT FROM (excluded.value, excluded.seal)
$$;

CREATE OR REPLACE FUNCTION indicators_keep_film_values(
  owner uuid, moment timestamptz, name text, ids uuid[], whose uuid[], made bytea[], seals bytea[]
)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO indicators_filmvalues AS v (id, organisation_id, created_at, film_id, key_id, "values", seal)
    SELECT one.id, owner, moment, one.whose, name, one.value, one.seal
    FROM unnest(ids, whose, made, seals) AS one (id, whose, value, seal) ORDER BY one.whose
  ON CONFLICT (film_id, key_id) DO UPDATE SET "values" = excluded."values", seal = excluded.seal
    WHERE (v."values", v.seal) IS DISTINCT FROM (excluded."values", excluded.seal)
$$;

REVOKE ALL ON FUNCTION indicators_keep_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]),
  indicators_keep_film_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]) FROM PUBLIC, tutela_app;
GRANT EXECUTE ON FUNCTION indicators_keep_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]),
  indicators_keep_film_values(uuid, timestamptz, text, uuid[], uuid[], bytea[], bytea[]) TO tutela_app;
