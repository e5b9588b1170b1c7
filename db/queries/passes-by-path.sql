-- Which way did the passed attempts of each run come to their tested tree: a clean merge, a union, one patch alone?
SELECT run, setting, path, count(*) AS passed,
       round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY run), 1) AS percent
FROM outcomes
WHERE passed = 1 AND fault IS NULL
GROUP BY run, setting, path
ORDER BY run, passed DESC, path;
