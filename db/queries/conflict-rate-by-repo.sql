-- In which repositories do the two patches of a coop run conflict? Naive conflicts over pairs whose patches apply and are not empty.
SELECT run, repo, count(*) AS merged,
       sum(merge_status = 'conflicts') AS conflicts,
       round(100.0 * sum(merge_status = 'conflicts')
             / nullif(sum(merge_status IN ('clean', 'conflicts')), 0), 1) AS conflict_percent,
       sum(merge_status = 'apply_failed') AS apply_failed,
       sum(merge_status = 'empty') AS empty
FROM outcomes
WHERE setting = 'coop' AND merge_status IS NOT NULL
GROUP BY run, repo
ORDER BY run, conflict_percent DESC, repo;
