-- Rows of an insert-only table (`insert_only` of the model) are never changed, by any role, the owner included: undo
-- adds a row. The runtime role has no right to change them, and triggers refuse everybody else.

CREATE OR REPLACE FUNCTION tutela_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: rows of this table are never changed', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

REVOKE ALL ON FUNCTION tutela_refuse() FROM PUBLIC, tutela_app;

DO $insert_only$
DECLARE
  one text;
BEGIN
  FOR one IN SELECT name FROM jsonb_to_recordset(current_setting('tutela.tables')::jsonb)
    AS t (name text, insert_only boolean) WHERE insert_only
  LOOP
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM tutela_app', one);
    EXECUTE format('CREATE OR REPLACE TRIGGER tutela_refuse_rows BEFORE UPDATE OR DELETE ON %I
      FOR EACH ROW EXECUTE FUNCTION tutela_refuse()', one);
    EXECUTE format('CREATE OR REPLACE TRIGGER tutela_refuse_all BEFORE TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION tutela_refuse()', one);
  END LOOP;
END $insert_only$;
