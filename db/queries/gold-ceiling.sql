-- How do the merges of each coop run compare with merging the reference patches of the same pairs, written without talking?
SELECT o.run, o.agent, o.model, count(*) AS attempts,
       count(*) FILTER (WHERE p.gold_naive IN ('clean', 'conflicts')) AS gold_merged,
       round(100.0 * sum(p.gold_naive = 'conflicts')
             / nullif(sum(p.gold_naive IN ('clean', 'conflicts')), 0), 1) AS gold_conflict_percent,
       round(100.0 * sum(o.merge_status = 'conflicts')
             / nullif(sum(o.merge_status IN ('clean', 'conflicts')), 0), 1) AS conflict_percent,
       count(*) FILTER (WHERE p.gold_naive = 'conflicts' AND o.merge_status = 'clean') AS conflict_avoided,
       count(*) FILTER (WHERE p.gold_naive = 'clean' AND o.merge_status = 'conflicts') AS conflict_added,
       round(100.0 * sum(p.gold_union = 'clean')
             / nullif(sum(p.gold_union IN ('clean', 'conflicts')), 0), 1) AS gold_union_clean_percent,
       round(100.0 * avg(o.passed), 1) AS pass_percent
FROM outcomes o
JOIN pairs p ON p.repo = o.repo AND p.task_id = o.task_id AND p.features = o.features
WHERE o.setting = 'coop' AND o.fault IS NULL
GROUP BY o.run
ORDER BY o.run;
