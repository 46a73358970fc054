"""What triggers and capabilities keep on rows, computed at once: benches fill tables with the triggers switched off."""

from __future__ import annotations

# How far every report came: the steps that an outcome proves, as `reports.state.progress` has them.
REACHED = """
UPDATE reports_report SET reached = found.reached, released = found.released
FROM (
  SELECT f.report_id, bit_or(1 | coalesce(p.bits, 0))::smallint AS reached,
    bit_or(CASE WHEN o.release = 'statistics' THEN coalesce(p.bits, 0) ELSE 0 END)::smallint AS released
  FROM reports_referral f LEFT JOIN reports_outcome o ON o.referral_id = f.id
  LEFT JOIN (VALUES ('taken_up', 2), ('person_identified', 2 | 4), ('victim_identified', 2 | 8),
    ('charged', 2 | 4 | 16), ('convicted', 2 | 4 | 16 | 32)) p (kind, bits) ON p.kind = o.kind
  WHERE NOT EXISTS (SELECT FROM reports_referralreturn t WHERE t.referral_id = f.id)
    AND NOT EXISTS (SELECT FROM reports_assessment a WHERE a.report_id = f.report_id AND a.decision = 'erroneous'
                    AND a.created_at >= f.created_at)
  GROUP BY f.report_id
) found WHERE found.report_id = reports_report.id"""

# The counts of `reports/sql/progress_counts.sql`.
PROGRESS_COUNTS = """
DELETE FROM reports_tally;
INSERT INTO reports_tally (
  id, created_at, organisation_id, span, begin, provider_id, country, kind, reached, released, reports)
SELECT gen_random_uuid(), max(created_at), organisation_id, span, begin, provider_id, country, kind, reached, released,
  count(*)
FROM reports_report CROSS JOIN LATERAL (VALUES
  ('month', date_trunc('month', created_at AT TIME ZONE 'UTC')::date),
  ('week', date_trunc('week', created_at AT TIME ZONE 'UTC')::date)) spans (span, begin)
CROSS JOIN LATERAL (VALUES (coalesce(kinds[1], ''))) first (kind) WHERE duplicate_of_id IS NULL
GROUP BY organisation_id, span, begin, provider_id, country, kind, reached, released"""

# The state of `investigations/sql/referral_state.sql`.
REFERRAL_STATES = """
UPDATE investigations_referral r SET
  acknowledged = EXISTS (SELECT FROM investigations_acknowledgement a WHERE a.referral_id = r.id),
  given_back = EXISTS (SELECT FROM investigations_returned t WHERE t.referral_id = r.id),
  withdrawn = EXISTS (SELECT FROM investigations_withdrawn w WHERE w.referral_id = r.id),
  closed = EXISTS (SELECT FROM investigations_outcome o WHERE o.referral_id = r.id AND o.kind = 'closed'),
  newest_outcome = coalesce((SELECT o.kind FROM investigations_outcome o WHERE o.referral_id = r.id
                             ORDER BY o.created_at DESC, o.id DESC LIMIT 1), '')"""

# Whom a provider has to inform, and whether it did, on the row of the draft.
USERS_INFORMED = """
UPDATE detection_draft d SET tell_from = (SELECT min(at) FROM detection_informationdue i WHERE i.draft_id = d.id),
  told_at = (SELECT u.created_at FROM detection_userinformed u WHERE u.draft_id = d.id)"""

# The states and counts of `indicators/sql/state_machine.sql`.
INDICATOR_STATES = """
INSERT INTO indicators_indicatornow
  (id, organisation_id, created_at, indicator_id, state, proposed_at, held, media_type)
SELECT i.id, i.organisation_id, i.created_at, i.id, CASE
    WHEN EXISTS (SELECT 1 FROM indicators_revocation r WHERE r.indicator_id = i.id) THEN 'revoked'
    WHEN EXISTS (SELECT 1 FROM indicators_suspension s WHERE s.indicator_id = i.id
      AND NOT EXISTS (SELECT 1 FROM indicators_suspensionend e WHERE e.suspension_id = s.id)) THEN 'suspended'
    WHEN EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = i.id
      AND NOT EXISTS (SELECT 1 FROM indicators_suspension s
        WHERE s.indicator_id = a.indicator_id AND s.round >= a.round)) THEN 'active'
    ELSE 'proposed'
  END, i.created_at, indicators_is_held(i.id, i.run_id), i.media_type
FROM indicators_indicator i;
INSERT INTO indicators_statetally (id, organisation_id, created_at, state, n)
SELECT gen_random_uuid(), organisation_id, now(), state, count(*) FROM indicators_indicatornow
GROUP BY organisation_id, state"""
