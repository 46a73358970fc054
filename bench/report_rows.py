"""A million reports with all that hangs on them, by a few statements a desk: `fill(url, values)`.

Two in five are reports of their own, the others repeat one. One item circulates in one of a hundred reports, some
hundred in a tenth of what is left, every other report has its own. Of a hundred that repeat nothing one is urgent,
thirty wait for a decision, two for a provider's answer, two for a referral, twenty-eight were referred, the others are
unfounded or were withdrawn. Each has nine keys to be searched by, one in a hundred a tenth that they share. They came
in the course of a year, one after the other. Bodies lie sealed, at their usual length: nobody opens these. Every
authority has what was referred to it; the first provider has its desk here too.
"""

from __future__ import annotations

import derived_rows
import psycopg

# Of one report: its own number `g`, that of the one it repeats `o`, and what chance says of both.
BASE = """
CREATE TEMP TABLE made AS
SELECT g, o, g = o AS single, at, state, urgent, place, provider, country, bundle, a, b, c, d,
  (at_hex || '70008' || lpad(to_hex(g), 15, '0'))::uuid AS pk,
  (at_hex || '70009' || lpad(to_hex(g), 15, '0'))::uuid AS rid,
  ('019000000000' || '7000a' || lpad(to_hex(bundle), 15, '0'))::uuid AS bundle_id,
  CASE state WHEN 'open' THEN '' WHEN 'asked' THEN 'ask' WHEN 'unfounded' THEN 'unfounded'
    WHEN 'erroneous' THEN 'erroneous' ELSE 'forward' END AS decision,
  at + (1 + a %% 60) * interval '1 hour' AS decided
FROM (
  SELECT g, o, at, a, b, c, d, b < 10 AS urgent,
    lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS at_hex,
    CASE WHEN b < 10 THEN (CASE WHEN a < 50 THEN 'open' WHEN a < 400 THEN 'referred' WHEN a < 700 THEN 'answered'
           ELSE 'unfounded' END)
         WHEN a < 300 THEN 'open' WHEN a < 320 THEN 'asked' WHEN a < 340 THEN 'forward' WHEN a < 520 THEN 'referred'
         WHEN a < 620 THEN 'answered' WHEN a < 980 THEN 'unfounded' ELSE 'erroneous' END AS state,
    CASE WHEN c < 200 THEN 1 WHEN c < 230 THEN 0 ELSE 2 + c %% (cardinality(%(countries)s::text[]) - 1) END AS place,
    (%(countries)s::text[])[CASE WHEN c < 200 THEN 1 WHEN c < 230 THEN 0
      ELSE 2 + c %% (cardinality(%(countries)s::text[]) - 1) END] AS country,
    CASE WHEN e < 125 THEN 1 ELSE 2 + e %% (cardinality(%(providers)s::uuid[]) - 1) END AS provider,
    CASE WHEN o %% 400 = 1 THEN 0 WHEN o %% 10 = 0 THEN 1 + o %% 997 ELSE 1000 + o END AS bundle
  FROM (SELECT g, o, %(begin)s::timestamptz + g * (interval '365 days' / %(rows)s) AS at,
          (hashint8extended(o, 1) & 2147483647) %% 1000 AS a, (hashint8extended(o, 2) & 2147483647) %% 1000 AS b,
          (hashint8extended(o, 3) & 2147483647) %% 1000 AS c, (hashint8extended(g, 4) & 2147483647) %% 1000 AS d,
          (hashint8extended(o, 5) & 2147483647) %% 1000 AS e
        FROM (SELECT g, CASE WHEN g %% 5 < 2 THEN g ELSE g / 5 * 5 + 1 END AS o
              FROM generate_series(1, %(rows)s::bigint) g) numbers) drawn
) found;
CREATE INDEX ON made (g);
ANALYZE made"""
CENTRE = """
INSERT INTO reports_bundle (id, organisation_id, created_at, number)
SELECT bundle_id, %(centre)s, min(at), 'B-' || lpad(bundle::text, 9, '0') FROM made GROUP BY bundle_id, bundle;
INSERT INTO reports_item (id, organisation_id, created_at, blind, bundle_id, relevant, not_relevant)
SELECT bundle_id, %(centre)s, min(at), sha256(('item ' || bundle)::bytea), bundle_id, 0, 0
FROM made GROUP BY bundle_id, bundle;
INSERT INTO organisations_subjectkey (id, organisation_id, created_at, subject_kind, subject_id, wrapped)
SELECT pk, %(centre)s, at, 'report', rid, %(wrapped)s FROM made;
INSERT INTO reports_report (id, organisation_id, created_at, report_id, number, provider_id, provider_name, sealed_body,
  sha256, receipt, bundle_id, duplicate_of_id, country, empty, lane, certified, look_by, identity, kinds, service,
  items, urgent, urgency, relevance, relevance_order, completeness, reasons, entries, carried, traits, found_by,
  state, decision, decided_at, reached, released, undelivered)
SELECT m.pk, %(centre)s, m.at, m.rid, 'R-' || lpad(m.g::text, 9, '0'), (%(providers)s::uuid[])[m.provider],
  (%(names)s::text[])[m.provider], %(body)s, encode(sha256(m.rid::text::bytea), 'hex'), %(receipt)s, m.bundle_id,
  CASE WHEN NOT m.single THEN f.pk END, coalesce(m.country, ''), m.d < 5, CASE WHEN m.d < 3 THEN 1 ELSE 0 END,
  m.c %% 10 = 1 AND NOT m.urgent, CASE WHEN m.single THEN m.at + CASE WHEN m.urgent THEN interval '2 hours'
  ELSE interval '72 hours' END END, sha256(('who ' || m.o)::bytea),
  ARRAY[CASE WHEN m.urgent THEN 'solicitation' WHEN m.b < 60 THEN 'new' ELSE 'known' END], 'Albums', 1, m.urgent,
  CASE WHEN m.urgent THEN 60 + m.a %% 41 ELSE 10 + m.b %% 50 END,
  CASE WHEN m.c %% 10 > 0 THEN 30 + (m.a + m.c) %% 71 END,
  CASE WHEN m.c %% 10 > 0 THEN 30 + (m.a + m.c) %% 71 ELSE 70 END, 40 + m.d %% 61, %(reasons)s, '{}', '{}',
  ARRAY['\\x61'::bytea || substr(sha256(('account ' || m.o %% 300000)::bytea), 1, 15),
        '\\x61'::bytea || substr(sha256(('mail ' || m.o %% 300000)::bytea), 1, 15),
        '\\x6e'::bytea || substr(sha256(('place ' || m.g)::bytea), 1, 15)],
  (ARRAY(SELECT '\\x61'::bytea || substr(sha256(('key ' || n || ' ' || m.g)::bytea), 1, 15)
         FROM generate_series(1, 8) n)
   || ARRAY['\\x61'::bytea || substr(sha256(('name ' || m.o %% 300000)::bytea), 1, 15)])
   || CASE WHEN m.g %% 100 = 0 THEN ARRAY[%(common)s::bytea] ELSE '{}'::bytea[] END,
  m.state, m.decision, CASE WHEN m.single AND m.state NOT IN ('open', 'asked') THEN m.decided END, 0, 0, 0
FROM made m JOIN made f ON f.g = m.o ORDER BY m.g;
INSERT INTO reports_sighting (id, organisation_id, created_at, item_id, report_id)
SELECT pk, %(centre)s, at, bundle_id, pk FROM made;
INSERT INTO reports_feedbacksent (id, organisation_id, created_at, report_id, kind, cause, reason)
SELECT pk, %(centre)s, at, pk, 'received', NULL, '' FROM made;
INSERT INTO reports_assessment (id, organisation_id, created_at, report_id, decision, reason, reason_code, by, by_name)
SELECT pk, %(centre)s, decided, pk, decision, '', CASE decision WHEN 'unfounded' THEN 'other_item' ELSE '' END,
  'system:bench', 'Bench' FROM made WHERE single AND decision <> '';
INSERT INTO reports_jurisdiction (id, organisation_id, created_at, report_id, country, countries, ground, rule, basis,
  edition, by)
SELECT pk, %(centre)s, decided, pk, country, ARRAY[country], 'place_of_offence', 'Bench', '', '', 'system:bench'
FROM made WHERE single AND decision = 'forward' AND country IS NOT NULL;
INSERT INTO reports_referral (id, organisation_id, created_at, referral_id, number, report_id, authority_id,
  authority_name, sealed_body, sha256, codes, by)
SELECT pk, %(centre)s, decided + interval '1 hour', pk, 'F-' || lpad(g::text, 9, '0'), pk,
  (%(authorities)s::uuid[])[place], 'Authority ' || country, %(body)s, '', '{H0}', 'system:bench'
FROM made WHERE single AND state IN ('referred', 'answered') AND place > 0;
INSERT INTO reports_acknowledgement (id, organisation_id, created_at, referral_id, received_at, acknowledged_at,
  file_reference)
SELECT pk, %(centre)s, decided + interval '2 hours', pk, decided + interval '1 hour', decided + interval '9 hours', ''
FROM made WHERE single AND state IN ('referred', 'answered') AND place > 0 AND d < 900;
INSERT INTO reports_outcome (id, organisation_id, created_at, outcome_id, referral_id, kind, reason, release, at)
SELECT gen_random_uuid(), %(centre)s, decided + n * interval '5 days', gen_random_uuid(), pk, kind, '',
  CASE WHEN d %% 2 = 0 THEN 'statistics' ELSE 'centre_only' END, decided + n * interval '5 days'
FROM made, (VALUES ('taken_up', 1, 1000), ('person_identified', 2, 400), ('victim_identified', 3, 40),
  ('charged', 4, 120), ('convicted', 5, 60), ('closed', 6, 500)) k(kind, n, among)
WHERE single AND state = 'answered' AND place > 0 AND d < among;
INSERT INTO reports_safeguardedchild (id, organisation_id, created_at, outcome_id, authority_id, pseudonym)
SELECT gen_random_uuid(), %(centre)s, o.created_at, o.id, r.authority_id, md5(r.number)
FROM reports_outcome o JOIN reports_referral r ON r.id = o.referral_id WHERE o.kind = 'victim_identified';
INSERT INTO casework_alert (id, organisation_id, created_at, subject_kind, subject_id, reason)
SELECT pk, %(centre)s, at, 'report', rid, 'new' FROM made WHERE single AND urgent;
INSERT INTO casework_alertanswer (id, organisation_id, created_at, subject_kind, subject_id, answers, by, by_name)
SELECT pk, %(centre)s, at + interval '9 minutes', 'report', rid, 1, 'system:bench', 'Bench'
FROM made WHERE single AND urgent AND (state <> 'open' OR d < 500);
INSERT INTO reports_draw (id, organisation_id, created_at, report_id, day, "of", language, account_language, residence,
  account_age, account_gender, child_age, child_gender)
SELECT pk, %(centre)s, at + interval '1 day', pk, at::date, 1000, (ARRAY['en', 'de', 'fr'])[1 + a %% 3], '', '',
  '', '', '', ''
FROM made WHERE single AND NOT urgent AND d < 2;
INSERT INTO reports_examination (id, organisation_id, created_at, draw_id, urgent, reason, by, by_name)
SELECT pk, %(centre)s, at + interval '2 days', pk, a < 20, '', 'system:bench', 'Bench'
FROM made WHERE single AND NOT urgent AND d < 2 AND a < 900;
INSERT INTO reports_evidence (id, organisation_id, created_at, report_id, provider_id, source, file_id, addressee_id,
  key_id, name, size, sha256, sealed_facts, gone_at, gone_as)
SELECT pk, %(centre)s, at, rid, (%(providers)s::uuid[])[provider], 'cybertip', 'f', (%(authorities)s::uuid[])[place],
  'k', md5(rid::text), 100000, '', %(wrapped)s, CASE WHEN state <> 'open' THEN decided END,
  CASE WHEN state <> 'open' THEN 'arrived' ELSE '' END
FROM made WHERE single AND place > 0 AND d < 100;
INSERT INTO reports_bundlemove (id, organisation_id, created_at, kind, source_id, target_id, items, reports, distance,
  reason, by, by_name)
SELECT pk, %(centre)s, at, 'near', %(first)s, bundle_id, '{}', '{}', 12, '', 'system:bench', 'Bench'
FROM made WHERE single AND bundle > 1000 AND d < 10;
INSERT INTO law_clock (id, organisation_id, created_at, kind, subject_kind, subject_id, deadline, state)
SELECT pk, %(centre)s, at, 'relevance', 'report', rid, at + interval '72 hours',
  CASE WHEN state = 'open' THEN 'running' WHEN state = 'asked' THEN 'paused' ELSE 'stopped' END FROM made WHERE single;
INSERT INTO law_clock (id, organisation_id, created_at, kind, subject_kind, subject_id, deadline, state)
SELECT gen_random_uuid(), %(centre)s, at, 'urgent_referral', 'report', rid, at + interval '2 hours',
  CASE WHEN state = 'open' THEN 'running' ELSE 'stopped' END FROM made WHERE single AND urgent;
INSERT INTO law_clockstep (id, organisation_id, created_at, clock_id, step, at, seconds, reason, by)
SELECT gen_random_uuid(), %(centre)s, created_at, id, 'start', created_at, 0, '', 'system:bench' FROM law_clock
WHERE organisation_id = %(centre)s;
INSERT INTO organisations_outboxmessage (id, organisation_id, created_at, recipient_id, kind, path, sealed_body, key,
  subject_id, urgent, attempts, next_attempt_at, answered_at, answer_status, answer, last_error)
SELECT pk, %(centre)s, decided, (%(providers)s::uuid[])[provider], 'feedback', '/api/v1/feedback', '', rid, rid, false,
  1, decided, decided, 200, '{}', '' FROM made WHERE single AND decision <> '';
INSERT INTO events_event (id, at, xact, kind, actor, actor_name, organisation_id, purpose, subject_kind, subject_id,
  legal_basis, commitment)
SELECT pk, at, 1, 'report.received', 'key:bench', 'Bench', %(centre)s, 'reports.intake', 'report', rid, '',
  sha256('') FROM made
UNION ALL SELECT gen_random_uuid(), decided, 1, 'report.assessed', 'system:bench', 'Bench', %(centre)s,
  'reports.triage', 'report', rid, '', sha256('') FROM made WHERE single AND decision <> '';
INSERT INTO events_eventfacts (event_id, organisation_id, salt, facts)
SELECT id, organisation_id, sha256('salt'), '{}' FROM events_event WHERE actor_name = 'Bench'"""
AUTHORITIES = """
INSERT INTO investigations_team (id, organisation_id, created_at, name, level, by, ended_by)
SELECT ('019000000000' || '7000b' || lpad(to_hex(n), 15, '0'))::uuid, %(authority)s, now(), 'Team ' || n, 'regional',
  'system:bench', '' FROM generate_series(1, 12) n;
INSERT INTO investigations_referral (id, organisation_id, created_at, referral_id, number, centre_id, centre_name,
  sealed_body, sha256, urgent, urgency_codes, kinds, reports, team_id, expires_at, expires_by,
  acknowledged, closed, withdrawn, given_back, newest_outcome)
SELECT r.id, r.authority_id, r.created_at, r.referral_id, r.number, %(centre)s, 'EU Centre', %(body)s, '', m.urgent,
  '[]',
  'known', 1, CASE WHEN m.place = 1 AND m.d < 800
    THEN ('019000000000' || '7000b' || lpad(to_hex(1 + m.a %% 12), 15, '0'))::uuid END,
  CASE WHEN m.b < 300 THEN now() + (m.a %% 90) * interval '1 day' - interval '30 days' END,
  '', false, false, false, false, ''
FROM reports_referral r JOIN made m ON m.pk = r.id;
INSERT INTO investigations_reportindex (id, organisation_id, created_at, report_id, referral_id)
SELECT r.id, r.organisation_id, r.created_at, m.rid, r.id FROM investigations_referral r JOIN made m ON m.pk = r.id;
INSERT INTO investigations_acknowledgement (id, organisation_id, created_at, referral_id, file_reference, by, by_name)
SELECT r.id, r.organisation_id, a.acknowledged_at, r.id, 'File ' || r.number, 'system:bench', 'Bench'
FROM investigations_referral r JOIN reports_acknowledgement a ON a.referral_id = r.id;
INSERT INTO investigations_outcome (id, organisation_id, created_at, referral_id, kind, reason, release, by, by_name,
  children)
SELECT o.id, r.organisation_id, o.created_at, r.id, o.kind, '', o.release, 'system:bench', 'Bench', 0
FROM reports_outcome o JOIN investigations_referral r ON r.id = o.referral_id;
INSERT INTO investigations_returned (id, organisation_id, created_at, referral_id, reason, country, by, by_name)
SELECT id, organisation_id, created_at + interval '1 day', id, '', '', 'system:bench', 'Bench'
FROM investigations_referral r WHERE hashtext(number) %% 100 = 0
  AND NOT EXISTS (SELECT FROM investigations_acknowledgement a WHERE a.referral_id = r.id);
INSERT INTO investigations_withdrawn (id, organisation_id, created_at, referral_id, reason)
SELECT id, organisation_id, created_at + interval '9 days', id, '' FROM investigations_referral
WHERE hashtext(number) %% 200 = 1;
INSERT INTO investigations_assignment (id, organisation_id, created_at, referral_id, team_id, by, by_name)
SELECT id, organisation_id, created_at + interval '1 hour', id, team_id, 'system:bench', 'Bench'
FROM investigations_referral WHERE team_id IS NOT NULL;
INSERT INTO law_clock (id, organisation_id, created_at, kind, subject_kind, subject_id, deadline, state)
SELECT gen_random_uuid(), r.organisation_id, r.created_at, 'acknowledgement', 'referral', r.referral_id,
  r.created_at + interval '72 hours', CASE WHEN a.id IS NULL THEN 'running' ELSE 'stopped' END
FROM investigations_referral r LEFT JOIN investigations_acknowledgement a ON a.referral_id = r.id"""
# The first provider's desk: what it filed, from candidates that were confirmed; and what waits there.
PROVIDER = """
CREATE TEMP TABLE ours AS SELECT * FROM made WHERE provider = 1;
INSERT INTO detection_draft (id, organisation_id, created_at, number, service_id, origin, candidate_ref, how, by, state,
  sent_at, sent_to, lacking, asked, why_not, given_back)
SELECT rid, %(provider)s, at, 'D-' || lpad(g::text, 9, '0'), %(service)s, 'candidate', pk, 'viewed', 'system:bench',
  CASE decision WHEN '' THEN 'received' WHEN 'ask' THEN 'received' WHEN 'forward' THEN 'relevant' ELSE 'not_relevant'
  END, at, %(centre)s, CASE WHEN d %% 3 = 0 THEN '{victims}' ELSE '{geography,victims}' END::varchar[],
  decision = 'ask', CASE decision WHEN 'unfounded' THEN 'other_item' WHEN 'erroneous' THEN 'centre_error' ELSE '' END,
  CASE WHEN d %% 4 > 0 THEN 'reinstated' ELSE '' END FROM ours;
INSERT INTO detection_draft (id, organisation_id, created_at, number, service_id, origin, how, by, state, asked,
  why_not, given_back)
SELECT ('019000000000' || '7000c' || lpad(to_hex(g), 15, '0'))::uuid, %(provider)s, at, 'N-' || lpad(g::text, 9, '0'),
  %(service)s, 'manual', 'viewed', 'system:bench', CASE WHEN d %% 10 > 0 THEN 'drafted' ELSE 'refused' END, false,
  '', '' FROM ours WHERE d < 20;
INSERT INTO detection_revision (id, organisation_id, created_at, draft_id, number, wrapped, by, by_name)
SELECT id, organisation_id, created_at, id, 1, %(body)s, by, 'Bench' FROM detection_draft WHERE by = 'system:bench';
INSERT INTO detection_sending (id, organisation_id, created_at, draft_id, number, recipient_id, wrapped, sha256, by)
SELECT rid, %(provider)s, at, rid, 1, %(centre)s, %(body)s, '', 'system:bench' FROM ours;
INSERT INTO detection_answer (id, organisation_id, created_at, draft_id, sending_number, kind, status, detail, errors)
SELECT rid, %(provider)s, at, rid, 1, 'received', 201, '', '[]' FROM ours;
INSERT INTO detection_receipt (id, organisation_id, created_at, draft_id, envelope, received_at, key_id, centre_id)
SELECT rid, %(provider)s, at, rid, %(receipt)s, at, '', %(centre)s FROM ours;
INSERT INTO detection_receivedfeedback (id, organisation_id, created_at, draft_id, feedback_id, kind, reason,
  reason_code, at, centre)
SELECT rid, %(provider)s, decided, rid, rid, CASE decision WHEN 'forward' THEN 'relevant' ELSE 'not_relevant' END, '',
  CASE decision WHEN 'forward' THEN '' ELSE 'other_item' END, decided, 'EU Centre' FROM ours
WHERE decision NOT IN ('', 'ask');
INSERT INTO detection_userinformed (id, organisation_id, created_at, draft_id, language, audience, way, sha256, by,
  by_name)
SELECT rid, %(provider)s, decided + interval '90 days', rid, 'en', 'adult', '', '', 'system:bench', 'Bench'
FROM ours WHERE g < %(rows)s * 0.7;
INSERT INTO law_clock (id, organisation_id, created_at, kind, subject_kind, subject_id, deadline, state)
SELECT rid, %(provider)s, at, 'user_information', 'report', rid, at + interval '3 months',
  CASE WHEN g < %(rows)s * 0.7 THEN 'stopped' ELSE 'running' END FROM ours;
INSERT INTO law_clockstep (id, organisation_id, created_at, clock_id, step, at, seconds, reason, by)
SELECT rid, %(provider)s, at, rid, 'start', at, 0, '', 'system:bench' FROM ours;
INSERT INTO detection_candidate (id, organisation_id, created_at, service_id, fingerprint, account, media_type, seen_at,
  legal_basis, wrapped, state, urgent)
SELECT pk, %(provider)s, at, %(service)s, encode(sha256(pk::text::bytea), 'hex'), 'account ' || g, 'image/jpeg', at, '',
  %(wrapped)s, 'confirmed', false FROM ours;
INSERT INTO detection_candidate (id, organisation_id, created_at, service_id, fingerprint, account, media_type, seen_at,
  legal_basis, wrapped, state, urgent)
SELECT ('019000000000' || '7000d' || lpad(to_hex(g), 15, '0'))::uuid, %(provider)s, at, %(service)s,
  encode(sha256(rid::text::bytea), 'hex'), 'account ' || g, 'image/jpeg', at, '', %(wrapped)s,
  CASE WHEN d < 160 THEN 'open' WHEN d < 190 THEN 'second' ELSE 'disputed' END, d %% 50 = 0 FROM ours WHERE d < 200;
INSERT INTO detection_match (id, organisation_id, created_at, candidate_id, place, list_id, list_version, entry_id,
  in_public_register, rule, families, weak, corroborated, by_window, distance)
SELECT id, organisation_id, created_at, id, 0,
  CASE WHEN hashtext(account) %% 5 = 0 THEN 'own-list' ELSE 'eu-register' END, 1, id, true,
  CASE WHEN hashtext(account) %% 3 = 0 THEN 'pdq-31' ELSE 'exact-sha256' END, '{sha256}', false, true, false, NULL
FROM detection_candidate WHERE legal_basis = '';
INSERT INTO detection_outcome (id, organisation_id, created_at, subject_id, service_id, kind, rule, list_id,
  reason_code, how, received_at, by)
SELECT pk, %(provider)s, at + (a %% 30) * interval '1 hour', pk, %(service)s,
  CASE WHEN d < 900 THEN 'confirmed' ELSE 'rejected' END, 'exact-sha256', 'eu-register', 'known_item', 'viewed', at,
  'system:bench' FROM ours"""


def fill(url: str, values: dict[str, object]) -> None:
    """Write all of it as the database's own user: no trigger runs, and no reference is looked up."""
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        for desk in (BASE, CENTRE, AUTHORITIES, PROVIDER):
            for statement in desk.split(";\n"):
                connection.execute(statement.encode(), values)
        for statement in (
            derived_rows.REACHED,
            derived_rows.PROGRESS_COUNTS,
            derived_rows.REFERRAL_STATES,
            derived_rows.USERS_INFORMED,
        ):
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
