-- How far is each run through each subset: pairs finished, and pairs scored?
SELECT s.subset, r.run, count(*) AS pairs,
       sum(EXISTS (SELECT 1 FROM attempts a WHERE a.run = r.run AND a.pair_key = s.pair_key)) AS finished,
       sum(EXISTS (SELECT 1 FROM attempts a JOIN scores c ON c.attempt_key = a.attempt_key
                   WHERE a.run = r.run AND a.pair_key = s.pair_key)) AS scored
FROM subset_pairs s
CROSS JOIN runs r
GROUP BY s.subset, r.run
ORDER BY s.subset, r.run;
