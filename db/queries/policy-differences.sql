-- Which attempts get another verdict under `union` than under `naive`, and by which path?
SELECT a.attempt_key, n.outcome AS naive_outcome, u.outcome AS union_outcome, u.path AS union_path
FROM attempts a
JOIN scores n ON n.attempt_key = a.attempt_key AND n.policy = 'naive'
JOIN scores u ON u.attempt_key = a.attempt_key AND u.policy = 'union'
WHERE n.outcome <> u.outcome
ORDER BY a.run, a.repo, a.task_id, CAST(a.features AS INTEGER),
         CAST(substr(a.features, instr(a.features, ',') + 1) AS INTEGER), length(a.features), a.features, a.try;
