-- Which pairs does which run pass? One row per pair, one column per run: 1, 0, a share of its tries, or null.
SELECT *
FROM pairs_wide
ORDER BY repo, task_id, CAST(features AS INTEGER),
         CAST(substr(features, instr(features, ',') + 1) AS INTEGER), length(features), features;
