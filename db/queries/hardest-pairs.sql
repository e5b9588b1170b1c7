-- Which pairs are hard for one agent alone? Difficulty = 1 - mean over models of solo success (policy union).
WITH by_model AS (
  SELECT repo, task_id, features, model, avg(passed) AS success, count(*) AS attempts
  FROM outcomes
  WHERE setting = 'solo' AND fault IS NULL AND passed IS NOT NULL
  GROUP BY repo, task_id, features, model
)
SELECT repo, task_id, features, round(1 - avg(success), 3) AS difficulty,
       count(*) AS models, sum(attempts) AS attempts
FROM by_model
GROUP BY repo, task_id, features
ORDER BY difficulty DESC, repo, task_id, CAST(features AS INTEGER),
         CAST(substr(features, instr(features, ',') + 1) AS INTEGER), length(features), features;
