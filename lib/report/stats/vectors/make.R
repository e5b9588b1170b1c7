# Makes classic.json: what R says of quantiles, tests and clustered errors. Needs the packages sandwich and jsonlite.
# In this folder: Rscript make.R && bunx biome format --write classic.json
library(jsonlite)
library(sandwich)
set.seed(20260113, kind = "Mersenne-Twister", sample.kind = "Rejection")

row <- function(...) lapply(list(...), unbox)
grid <- function(f, ...) t(unname(mapply(f, unname(expand.grid(...))[[1]], unname(expand.grid(...))[[2]])))

student <- grid(function(p, df) c(p, df, qt(p, df)),
  p = c(.5, .6, .9, .95, .975, .995, .025), df = c(1, 2, 3, 5, 11, 29, 100, 651))
binomial <- grid(function(x, n) c(x, n, pbinom(x, n, .5)),
  x = c(0, 1, 5, 17, 200), n = c(0, 1, 10, 45, 652))
mcnemar <- grid(function(b, c) c(b, c, if (b + c == 0) 1 else binom.test(b, b + c)$p.value),
  b = c(0, 1, 5, 9, 60), c = c(0, 1, 6, 9, 100))

holm <- lapply(list(.03, c(.01, .04, .03), c(.5, .5, .9), c(0, 1, .02, .02), c(.2, NA, .01, NA, .04), runif(12) / 10),
  function(p) list(p = p, adjusted = p.adjust(p, "holm")))
quartiles <- lapply(list(7, c(3, 1), c(1, 2, 4), rexp(10), rnorm(37), rep(2, 5)),
  function(x) list(values = x, quartiles = quantile(x, c(.25, .5, .75), type = 7, names = FALSE)))

# Values with a part in common inside a cluster, rounded to what a pair can show.
drawn <- function(sizes, from) {
  cluster <- rep(seq_along(sizes), sizes)
  shared <- rnorm(length(sizes), sd = .3)
  score <- findInterval(rnorm(length(cluster)) + shared[cluster], qnorm(seq_along(from)[-1] / length(from) - 1 / length(from)))
  list(value = from[score + 1], cluster = cluster)
}
# Two one-sided t tests: the larger p, with the p-values taken from the distribution, not from an interval.
tost <- function(m, se, df, margin) max(pt((m - margin) / se, df), 1 - pt((m + margin) / se, df))
clustered <- function(data, margin) {
  fit <- lm(value ~ 1, data = data)
  se <- sqrt(vcovCL(fit, cluster = data$cluster, type = "HC0", cadjust = TRUE)[1, 1])
  m <- unname(coef(fit))
  df <- length(unique(data$cluster)) - 1
  at <- function(level) m + c(-1, 1) * qt((1 + level) / 2, df) * se
  c(data, row(mean = m, se = se, margin = margin, p_tost = tost(m, se, df, margin), p_zero = 2 * pt(-abs(m / se), df)),
    list(interval95 = at(.95), interval90 = at(.9)))
}
rate <- c(0, 1); difference <- c(-1, 0, 1); thirds <- (-3:3) / 3
small <- list(value = c(.1, 0, -.1, 0, .1, -.1, 0, .05) / 4, cluster = c(1, 1, 2, 2, 3, 3, 4, 4))
clusters <- list(
  clustered(drawn(c(3, 5), rate), .05), clustered(drawn(c(1, 1, 9), difference), .05),
  clustered(drawn(1 + rpois(12, 6), difference), .1), clustered(drawn(rep(6, 12), thirds), .05),
  clustered(drawn(1 + rpois(30, 9), rate), .05), clustered(drawn(1 + rpois(30, 20), c(-1, 0, 0, 0, 0, 0, 0, 0, 0, 1)), .05),
  clustered(small, .05))

made <- row(program = "R with sandwich and jsonlite",
  version = sprintf("R %s, sandwich %s, jsonlite %s", getRversion(), packageVersion("sandwich"), packageVersion("jsonlite")),
  code = paste0(paste(readLines("make.R"), collapse = "\n"), "\n"))
write(toJSON(list(made_with = made, student = student, binomial = binomial, mcnemar = mcnemar, holm = holm,
  quartiles = quartiles, clusters = clusters), digits = I(17), na = "null", pretty = TRUE), "classic.json")
