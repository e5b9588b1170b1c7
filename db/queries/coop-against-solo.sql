-- Do two agents do worse than one on the same pairs? Coop and solo runs of the same agent and model, scored in both (policy union).
WITH scored AS (
  SELECT run, setting, agent, model, repo, task_id, features, try, passed
  FROM outcomes
  WHERE fault IS NULL AND passed IS NOT NULL
)
SELECT c.run AS coop_run, s.run AS solo_run, c.agent, c.model, count(*) AS attempts,
       sum(c.passed AND s.passed) AS both_passed,
       sum(c.passed AND NOT s.passed) AS only_coop_passed,
       sum(s.passed AND NOT c.passed) AS only_solo_passed,
       sum(NOT c.passed AND NOT s.passed) AS neither_passed,
       round(100.0 * avg(c.passed), 1) AS coop_percent,
       round(100.0 * avg(s.passed), 1) AS solo_percent,
       round(100.0 * (avg(s.passed) - avg(c.passed)), 1) AS gap_points
FROM scored c
JOIN scored s
  ON s.repo = c.repo AND s.task_id = c.task_id AND s.features = c.features AND s.try = c.try
 AND s.agent = c.agent AND s.model IS c.model
WHERE c.setting = 'coop' AND s.setting = 'solo'
GROUP BY c.run, s.run
ORDER BY c.run, s.run;
