-- Views for people. Applied on open whenever this file changed; README documents each column.
-- `outcomes`: one row an attempt, and one for each attempt that a fault kept from happening.
DROP VIEW IF EXISTS scoreboard;
DROP VIEW IF EXISTS outcomes;
CREATE VIEW outcomes AS
WITH work AS (
  SELECT attempt_key, SUM(cost_usd) AS cost_usd, SUM(cost_usd IS NULL) AS unpriced,
         SUM(steps) AS steps, SUM(messages_sent) AS messages
  FROM agents GROUP BY attempt_key
), broken AS (
  SELECT unit, run, repo, task_id, features, try, MAX(id) AS id, code AS fault
  FROM faults WHERE resolved_at IS NULL AND step IN ('run', 'merge', 'eval') GROUP BY unit
)
SELECT a.attempt_key, a.run, a.repo, a.task_id, a.features, r.setting, r.agent, r.model, a.try,
       m.status AS merge_status, s.policy, s.path, s.outcome, s.passed, s.cause,
       CASE WHEN w.unpriced > 0 THEN NULL ELSE w.cost_usd END AS cost_usd,
       w.steps, w.messages, a.wall_ms, b.fault
FROM attempts a
JOIN runs r ON r.run = a.run
LEFT JOIN work w ON w.attempt_key = a.attempt_key
LEFT JOIN merges m ON m.attempt_key = a.attempt_key AND m.strategy = 'naive'
LEFT JOIN scores s ON s.attempt_key = a.attempt_key AND s.policy = 'union'
LEFT JOIN broken b ON b.unit = a.attempt_key
UNION ALL
SELECT b.unit, b.run, b.repo, b.task_id, b.features, r.setting, r.agent, r.model, b.try,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, b.fault
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
         CASE WHEN SUM(fault IS NULL AND cost_usd IS NULL) > 0 THEN NULL
              ELSE SUM(CASE WHEN fault IS NULL THEN cost_usd END) END AS cost_usd
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
       cost_usd
FROM rates;
