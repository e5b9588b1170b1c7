-- Views for people. Applied on open whenever this file changed; README documents each column.
-- `imported_verdicts`: what came with other systems' logs, one row an attempt that was imported, in our words: its verdict
-- (NULL where it has none), the path that its strategy means, where a failure began, and how its merge went.
-- `fault`: its evaluation broke.
DROP VIEW IF EXISTS imported_verdicts;
CREATE VIEW imported_verdicts AS
WITH theirs AS (
  SELECT i.attempt_key, i.passed, i.merge_status AS said, i.strategy, i.error, i.alone, i.content_sha256 AS inputs_hash,
         COALESCE(i.evaluated_at, i.imported_at) AS scored_at, r.setting, a.outcome AS ended,
         LENGTH(a.features) - LENGTH(REPLACE(a.features, ',', '')) + 1 AS features,
         i.merge_status IS 'empty'
         OR EXISTS (SELECT 1 FROM agents g WHERE g.attempt_key = i.attempt_key AND g.patch_source = 'none') AS empty
  FROM imported i
  JOIN attempts a ON a.attempt_key = i.attempt_key
  JOIN runs r ON r.run = a.run
), told AS (
  SELECT *,
         CASE WHEN setting = 'solo' THEN NULL
              WHEN said IN ('missing_input', 'apply_failed') THEN 'apply_failed'
              WHEN said = 'conflicts' THEN 'conflicts'
              WHEN said IN ('clean', 'identical', 'empty') THEN IIF(empty, 'empty', 'clean') END AS merge_status,
         -- A conflict, or a patch that does not apply, left nothing to test.
         NOT passed AND strategy = 'naive' AND said IN ('conflicts', 'missing_input', 'apply_failed') AS untested
  FROM theirs
), ended AS (
  SELECT *,
         CASE WHEN passed IS NULL THEN NULL
              WHEN passed THEN 'passed'
              WHEN merge_status = 'apply_failed' THEN 'patch does not apply'
              WHEN empty THEN IIF(ended = 'limit reached', 'limit reached', 'empty patch')
              WHEN untested THEN 'conflict'
              ELSE 'failed' END AS outcome,
         CASE WHEN passed IS NULL OR untested THEN NULL
              WHEN setting = 'solo' THEN 'solo'
              WHEN said = 'identical' OR strategy = 'skip-merge-identical' THEN 'identical'
              WHEN strategy LIKE 'solo-%' THEN 'one patch'
              WHEN strategy = 'union' THEN 'union'
              WHEN strategy = 'naive' THEN 'clean' END AS path,
         EXISTS (SELECT 1 FROM json_each(alone) WHERE NOT json_extract(value, '$.passed')) AS broken,
         COALESCE(json_array_length(alone), 0) >= features AS all_tested
  FROM told
)
SELECT attempt_key, 'imported' AS policy, inputs_hash, outcome, path, passed,
       CASE WHEN passed IS NULL OR passed THEN NULL
            WHEN outcome = 'patch does not apply' OR empty THEN 'patch lost'
            WHEN setting = 'solo' OR broken THEN 'own feature broken'
            WHEN merge_status = 'conflicts' AND (all_tested OR outcome = 'conflict') THEN 'conflict'
            WHEN all_tested THEN 'broken by merging' END AS cause,
       scored_at, merge_status,
       CASE WHEN passed IS NULL AND error IS NOT NULL THEN 'foreign_fault' END AS fault
FROM ended;

-- `outcomes`: one row an attempt, and one for each attempt that a fault kept from happening.
DROP VIEW IF EXISTS scoreboard;
DROP VIEW IF EXISTS outcomes;
CREATE VIEW outcomes AS
WITH work AS (
  SELECT attempt_key, SUM(COALESCE(cost_usd, known_usd)) AS cost_usd,
         SUM(cost_usd IS NULL) AS unpriced, SUM(steps) AS steps, SUM(messages_sent) AS messages
  FROM agents GROUP BY attempt_key
), broken AS (
  SELECT unit, run, repo, task_id, features, try, MAX(id) AS id, code AS fault
  FROM faults WHERE resolved_at IS NULL AND step IN ('run', 'merge', 'eval') GROUP BY unit
)
SELECT a.attempt_key, a.run, a.repo, a.task_id, a.features, r.setting, r.agent, r.model, a.try,
       m.status AS merge_status, s.policy, s.path, s.outcome, s.passed, s.cause,
       CASE WHEN w.unpriced = 0 THEN w.cost_usd END AS cost_usd,
       w.steps, w.messages, a.wall_ms, b.fault, w.cost_usd AS known_usd, w.unpriced > 0 AS unpriced
FROM attempts a
JOIN runs r ON r.run = a.run
LEFT JOIN work w ON w.attempt_key = a.attempt_key
LEFT JOIN merges m ON m.attempt_key = a.attempt_key AND m.strategy = 'naive'
LEFT JOIN scores s ON s.attempt_key = a.attempt_key AND s.policy = 'union'
LEFT JOIN broken b ON b.unit = a.attempt_key
UNION ALL
SELECT b.unit, b.run, b.repo, b.task_id, b.features, r.setting, r.agent, r.model, b.try,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, b.fault, NULL, NULL
FROM broken b
JOIN runs r ON r.run = b.run
WHERE NOT EXISTS (SELECT 1 FROM attempts a WHERE a.attempt_key = b.unit);

-- `scoreboard`: one row a run and setting. The rate is passed / scored; attempts with a fault or still
-- waiting for a verdict are counted beside it. Wilson score interval, 95 % (z = 1.959963984540054);
-- at the two ends a bound is exactly 0 or 1, which rounding would miss by a hair.
CREATE VIEW scoreboard AS
WITH counts AS (
  SELECT run, setting, agent, model, COUNT(*) AS pairs,
         COALESCE(SUM(fault IS NULL AND passed), 0) AS passed,
         SUM(merge_status = 'conflicts') AS conflicts,
         SUM(fault IS NOT NULL) AS faults,
         SUM(fault IS NULL AND passed IS NULL) AS pending,
         SUM(fault IS NULL AND passed IS NOT NULL) AS scored,
         SUM(known_usd) AS cost_usd, COALESCE(SUM(unpriced), 0) AS unpriced
  FROM outcomes GROUP BY run, setting
), rates AS (
  SELECT *, 1.0 * passed / NULLIF(scored, 0) AS p, 1.0 * scored AS n, 3.841458820694124 AS zz FROM counts
)
SELECT run, setting, agent, model, pairs, passed, COALESCE(conflicts, 0) AS conflicts, faults, pending,
       p AS pass_rate,
       CASE p WHEN 0 THEN 0.0
       ELSE (p + zz / (2 * n) - sqrt(zz) * sqrt(p * (1 - p) / n + zz / (4 * n * n))) / (1 + zz / n) END AS wilson_low,
       CASE p WHEN 1 THEN 1.0
       ELSE (p + zz / (2 * n) + sqrt(zz) * sqrt(p * (1 - p) / n + zz / (4 * n * n))) / (1 + zz / n) END AS wilson_high,
       cost_usd, unpriced
FROM rates;
