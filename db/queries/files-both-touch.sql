-- Which files do both agents of a coop attempt change, and do their patches then conflict?
SELECT t.attempt_key, t.path, count(DISTINCT t.agent_id) AS agents, sum(t.added) AS added, sum(t.removed) AS removed,
       o.merge_status
FROM touched t
JOIN outcomes o ON o.attempt_key = t.attempt_key
WHERE o.setting = 'coop' AND t.path IS NOT NULL
GROUP BY t.attempt_key, t.path
HAVING count(DISTINCT t.agent_id) > 1
ORDER BY o.run, o.repo, o.task_id, CAST(o.features AS INTEGER),
         CAST(substr(o.features, instr(o.features, ',') + 1) AS INTEGER), length(o.features), o.features, t.attempt_key, t.path;
