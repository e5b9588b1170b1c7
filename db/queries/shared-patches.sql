-- Which patches did agents hand in in more than one attempt, byte for byte? Gold runs share theirs by design; elsewhere look twice.
SELECT g.patch, p.size_bytes, count(DISTINCT g.attempt_key) AS attempts,
       count(DISTINCT a.run) AS runs, min(g.attempt_key) AS an_attempt, max(g.attempt_key) AS another
FROM agents g
JOIN attempts a ON a.attempt_key = g.attempt_key
JOIN patches p ON p.hash = g.patch
WHERE p.size_bytes > 0
GROUP BY g.patch
HAVING count(DISTINCT g.attempt_key) > 1
ORDER BY attempts DESC, g.patch;
