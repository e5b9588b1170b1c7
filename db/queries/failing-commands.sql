-- Which programs do agents call most often, and how often does a call of theirs fail? By the first word of each command.
SELECT run, substr(command || ' ', 1, instr(command || ' ', ' ') - 1) AS program, count(*) AS calls,
       sum(exit_code <> 0) AS failed, sum(timed_out) AS timed_out, round(sum(duration_ms) / 1000.0, 1) AS seconds
FROM commands
WHERE command IS NOT NULL
GROUP BY run, program
ORDER BY run, calls DESC, program;
