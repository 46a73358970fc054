-- A row belongs to one organisation. The acting organisation is set for each transaction (`events.acting`) and does not
-- see rows of others. The model states by its `tenancy` who else may read; only the owner writes.
--
--   own       the owner
--   register  the owner, and every member of the register
--   audit     the owner, and auditors
--   given     the owner, and the organisation that the row names as `grantee_id`
--
-- FORCE, because otherwise the owner of a table is exempt. Tables without a tenancy (sign-in, sessions, keys: they are
-- read before an organisation is known) have no policies.

DO $row_security$
DECLARE
  one record;
  mine constant text := $$organisation_id = nullif(current_setting('tutela.organisation', true), '')::uuid$$;
  readers text;
BEGIN
  FOR one IN SELECT c.relname AS name, t.tenancy, c.relrowsecurity OR c.relforcerowsecurity AS closed FROM pg_class c
    LEFT JOIN jsonb_to_recordset(current_setting('tutela.tables')::jsonb) AS t (name text, tenancy text)
      ON t.name = c.relname
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relowner = current_user::regrole
  LOOP
    IF one.tenancy IS NULL THEN
      CONTINUE WHEN NOT one.closed;
      EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', one.name);
      CONTINUE;
    END IF;
    readers := CASE one.tenancy
      WHEN 'own' THEN mine
      WHEN 'register' THEN format($$(%s) OR current_setting('tutela.register', true) = 'on'$$, mine)
      WHEN 'audit' THEN format($$(%s) OR current_setting('tutela.audit', true) = 'on'$$, mine)
      WHEN 'given' THEN format('(%s) OR %s', mine, replace(mine, 'organisation_id', 'grantee_id'))
    END;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', one.name);
    EXECUTE format('CREATE POLICY tutela_read ON %I FOR SELECT USING (%s)', one.name, readers);
    EXECUTE format('CREATE POLICY tutela_insert ON %I FOR INSERT WITH CHECK (%s)', one.name, mine);
    EXECUTE format('CREATE POLICY tutela_update ON %I FOR UPDATE USING (%s) WITH CHECK (%2$s)', one.name, mine);
    EXECUTE format('CREATE POLICY tutela_delete ON %I FOR DELETE USING (%s)', one.name, mine);
  END LOOP;
END $row_security$;
