# Makes kappa.json: what R's package vcd says of Cohen's kappa and its standard error. Needs vcd and jsonlite.
# In this folder: Rscript make.R && bunx biome format --write kappa.json
suppressMessages(library(vcd))
library(jsonlite)
set.seed(20260113, kind = "Mersenne-Twister", sample.kind = "Rejection")

drawn <- function(k, n, agree) {
  truth <- sample(k, n, replace = TRUE, prob = seq_len(k))
  other <- ifelse(runif(n) < agree, truth, sample(k, n, replace = TRUE))
  unclass(table(factor(truth, seq_len(k)), factor(other, seq_len(k))))
}
tables <- list(
  matrix(c(20, 10, 5, 15), 2), matrix(c(0, 7, 9, 0), 2), matrix(c(40, 1, 1, 0), 2), matrix(c(3, 0, 0, 2, 4, 0, 1, 0, 0), 3),
  drawn(2, 30, .2), drawn(3, 80, .7), drawn(5, 250, .8), drawn(5, 60, .1), drawn(8, 500, .5), drawn(11, 300, .9))
made <- lapply(tables, function(x) {
  found <- Kappa(x)$Unweighted
  list(counts = unname(x), kappa = unbox(found[["value"]]), se = unbox(found[["ASE"]]))
})
write(toJSON(list(
  program = unbox("R with vcd and jsonlite"),
  version = unbox(sprintf("R %s, vcd %s, jsonlite %s", getRversion(), packageVersion("vcd"), packageVersion("jsonlite"))),
  tables = made), digits = NA), "kappa.json")
