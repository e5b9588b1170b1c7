-- Views for people. Applied on open whenever this file changed; db/views.ts has their types, docs/ledger.md what each column holds.
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
       w.steps, w.messages, a.wall_ms, b.fault, w.cost_usd AS known_usd, w.unpriced > 0 AS unpriced, a.pair_key
FROM attempts a
JOIN runs r ON r.run = a.run
LEFT JOIN work w ON w.attempt_key = a.attempt_key
LEFT JOIN merges m ON m.attempt_key = a.attempt_key AND m.strategy = 'naive'
LEFT JOIN scores s ON s.attempt_key = a.attempt_key AND s.policy = 'union'
LEFT JOIN broken b ON b.unit = a.attempt_key
UNION ALL
SELECT b.unit, b.run, b.repo, b.task_id, b.features, r.setting, r.agent, r.model, b.try,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, b.fault, NULL, NULL,
       b.repo || '/task' || b.task_id || '/features_' || REPLACE(b.features, ',', '_')
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

-- `verdicts`: one row an attempt and policy. Where the naive merge was tested its suites decide under all policies of ours.
DROP VIEW IF EXISTS verdicts;
CREATE VIEW verdicts AS
WITH given AS (
  SELECT attempt_key, policy, outcome, path, passed, cause, scored_at FROM scores
  UNION ALL
  SELECT attempt_key, policy, outcome, path, passed, cause, scored_at FROM imported_verdicts WHERE passed IS NOT NULL
), named AS (
  SELECT g.*, a.run, a.repo, a.task_id, a.features, a.try, a.pair_key, r.setting, r.agent, r.model,
         CAST(a.features AS INTEGER) AS feature_a,
         CAST(SUBSTR(a.features, INSTR(a.features, ',') + 1) AS INTEGER) AS feature_b,
         IIF(g.policy IN ('naive', 'union', 'agent1')
             AND EXISTS (SELECT 1 FROM attempt_suites t WHERE t.attempt_key = g.attempt_key AND t.tested = 'naive'),
             'naive', g.policy) AS tested
  FROM given g
  JOIN attempts a ON a.attempt_key = g.attempt_key
  JOIN runs r ON r.run = a.run
), told AS (
  SELECT *, CASE policy
    -- Their file counts features by their place, and says of each whether it passed.
    WHEN 'imported' THEN (
      SELECT JSON_OBJECT(CAST(feature_a AS TEXT), IIF(said ->> '$.feature1.passed', 'passed', 'failed'),
                         CAST(feature_b AS TEXT), IIF(said ->> '$.feature2.passed', 'passed', 'failed'))
      FROM (SELECT i.files -> '$."eval.json"' AS said FROM imported i WHERE i.attempt_key = named.attempt_key)
      WHERE said ->> '$.feature1.passed' IS NOT NULL AND said ->> '$.feature2.passed' IS NOT NULL AND path IS NOT NULL)
    ELSE (
      SELECT JSON_GROUP_OBJECT(CAST(t.feature_id AS TEXT), u.outcome)
      FROM attempt_suites t JOIN suite_results u ON u.suite_key = t.suite_key
      WHERE t.attempt_key = named.attempt_key AND t.tested = named.tested) END AS said
  FROM named
)
SELECT attempt_key, run, repo, task_id, features, setting, agent, model, try, pair_key,
       policy, outcome, path, passed, cause,
       feature_a, JSON_EXTRACT(said, '$."' || feature_a || '"') AS feature_a_outcome,
       feature_b, JSON_EXTRACT(said, '$."' || feature_b || '"') AS feature_b_outcome,
       COALESCE(said, '{}') AS suites, scored_at
FROM told;

-- `touched`: one row an agent and file of its patch.
DROP VIEW IF EXISTS touched;
CREATE VIEW touched AS
SELECT g.attempt_key, a.run, a.pair_key, g.agent_id, g.features, f.path, f.change, f.added, f.removed, g.patch
FROM agents g
JOIN attempts a ON a.attempt_key = g.attempt_key
JOIN patches p ON p.hash = g.patch AND p.size_bytes > 0
LEFT JOIN patch_files f ON f.patch = g.patch;

-- `commands`: one row a command. Of those that an agent program ran there is what it told its model. Of steps from before commands were kept there is the number, the last one's exit code, and
-- the time of a single one.
DROP VIEW IF EXISTS commands;
CREATE VIEW commands AS
WITH RECURSIVE counted AS (
  SELECT s.attempt_key, s.agent_id, s.step, s.commands, s.exit_code, s.exec_ms,
         SUM(s.commands) OVER (PARTITION BY s.attempt_key, s.agent_id ORDER BY s.step) - s.commands AS earlier
  FROM steps s
  WHERE NOT EXISTS (
    SELECT 1 FROM agent_commands c WHERE c.attempt_key = s.attempt_key AND c.agent_id = s.agent_id)
    AND NOT EXISTS (
    SELECT 1 FROM program_commands c WHERE c.attempt_key = s.attempt_key AND c.agent_id = s.agent_id)
), numbers (n) AS (
  SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < (SELECT MAX(commands) FROM steps)
), ran AS (
  SELECT attempt_key, agent_id, seq, step, command, exit_code, timed_out, duration_ms FROM agent_commands
  UNION ALL
  SELECT attempt_key, agent_id, seq, step, command, exit_code, NULL, NULL FROM program_commands
  UNION ALL
  SELECT c.attempt_key, c.agent_id, c.earlier + n, c.step, NULL, IIF(n = c.commands, c.exit_code, NULL), NULL,
         IIF(c.commands = 1, c.exec_ms, NULL)
  FROM counted c JOIN numbers ON n <= c.commands
)
SELECT c.attempt_key, a.run, a.pair_key, c.agent_id, c.seq, c.step, c.command, c.exit_code, c.timed_out, c.duration_ms
FROM ran c JOIN attempts a ON a.attempt_key = c.attempt_key;

-- `failed_tests`: one row a failed test of a suite's result.
DROP VIEW IF EXISTS failed_tests;
CREATE VIEW failed_tests AS
SELECT r.suite_key, r.repo, r.task_id, r.feature_id, t.value ->> '$.name' AS test, t.value ->> '$.status' AS status,
       r.outcome AS suite_outcome, r.tested_at
FROM suite_results r, JSON_EACH(r.tests) t
WHERE t.value ->> '$.status' IN ('failed', 'error');
