-- How often does each run pass? Rate and 95 % Wilson bounds in per cent, faults and unscored attempts beside it (policy union).
SELECT run, setting, agent, model, pairs, passed, pairs - faults - pending AS scored,
       round(100 * pass_rate, 1) AS pass_percent,
       round(100 * wilson_low, 1) AS low_percent,
       round(100 * wilson_high, 1) AS high_percent,
       faults, pending
FROM scoreboard
ORDER BY pass_rate DESC, run;
