-- Rights of the runtime role on tables: it uses all and owns none. Web, worker and tests are `tutela_app`.
--
-- All rights are revoked before they are granted, so that a right granted by hand is gone after the next `migrate`.
-- `insert_only.sql` revokes more. Rights on functions are in the file of each function.

REVOKE CREATE ON SCHEMA public FROM PUBLIC, tutela_app;
GRANT USAGE ON SCHEMA public TO tutela_app;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, tutela_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tutela_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, tutela_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO tutela_app;

-- Tables that no request writes. An event removed from the queue would never get a place in the chain.
REVOKE INSERT, UPDATE, DELETE ON django_migrations, accountability_waiting_event FROM tutela_app;

-- Tables that only functions write (`by_function` of the model).
DO $access$
DECLARE
  one text;
BEGIN
  FOR one IN SELECT name FROM jsonb_to_recordset(current_setting('tutela.tables')::jsonb)
    AS t (name text, by_function boolean) WHERE by_function
  LOOP
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON %I FROM tutela_app', one);
  END LOOP;
END $access$;
