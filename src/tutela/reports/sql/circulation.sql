-- The number of accounts that sent an item recently, from its newest sightings.

-- The planner assumes an average number of sightings per item; for an item with 10,000 sightings it would read and sort
-- all of them, so the query is written to use the index. An account is the first name in a report (the first of its
-- traits). Reports without a name count once per sender. Accounts of the report's own sender count up to the threshold
-- of circulation, those of each other sender up to a lower limit.
CREATE OR REPLACE FUNCTION reports_arrivals(
  items uuid[], own uuid, most_own integer, most_others integer, newest integer, but uuid
)
RETURNS TABLE(item uuid, accounts integer)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off AS $$
BEGIN
  RETURN QUERY SELECT counted.item, sum(least(counted.names,
      CASE WHEN counted.provider_id = own THEN most_own ELSE most_others END))::integer
    FROM (
      SELECT one.id AS item, r.provider_id, count(DISTINCT r.name) AS names
      FROM unnest(items) AS one (id)
      CROSS JOIN LATERAL (
        SELECT s.report_id FROM reports_sighting s WHERE s.item_id = one.id ORDER BY s.id DESC LIMIT newest) came
      CROSS JOIN LATERAL (
        SELECT f.provider_id, CASE WHEN get_byte(f.traits[1], 0) = ascii('a') THEN f.traits[1] ELSE '' END AS name
        FROM reports_report f WHERE f.id = came.report_id OFFSET 0) r
      WHERE came.report_id IS DISTINCT FROM but
      GROUP BY one.id, r.provider_id) counted
    GROUP BY counted.item;
END $$;

GRANT EXECUTE ON FUNCTION reports_arrivals(uuid[], uuid, integer, integer, integer, uuid) TO PUBLIC;
