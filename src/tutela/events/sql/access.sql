-- What the runtime role may do with tables: use all, own none. Web, worker and tests are `tutela_app`.
--
-- Rights are taken away before they are given, so that a right somebody gave by hand is gone after the next `migrate`.
-- `insert_only.sql` takes more away; functions stand with their rights in the file of their topic.

REVOKE CREATE ON SCHEMA public FROM PUBLIC, tutela_app;
GRANT USAGE ON SCHEMA public TO tutela_app;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, tutela_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO tutela_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, tutela_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO tutela_app;

-- Tables that no request writes. An event that is taken out of the queue would have no place in the chain.
REVOKE INSERT, UPDATE, DELETE ON django_migrations, accountability_waiting_event FROM tutela_app;

-- Tables that functions alone write (`by_function` of the model).
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
