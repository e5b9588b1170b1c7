// Owns how git knows the unchanged files of a fresh copy: by time and size, since inodes and change times are new there.

const SETTINGS = [
  ["core.checkStat", "minimal"],
  ["core.trustctime", "false"],
] as const;

/** For git calls of our own. */
export const FRESH_COPY_FLAGS = SETTINGS.map(([name, value]) => `-c ${name}=${value}`).join(" ");

/**
 * Lines of bash that tell every git called below, and nothing else: the repository's own settings stay as they are. What
 * the environment tells git already stays in front. git before 2.31 does not hear it, and reads all files once.
 */
export const FRESH_COPY_ENV = `asked_n=\${GIT_CONFIG_COUNT:-0}
export GIT_CONFIG_COUNT=$((asked_n + ${SETTINGS.length}))
${SETTINGS.map(([name, value], at) => `export "GIT_CONFIG_KEY_$((asked_n + ${at}))=${name}" "GIT_CONFIG_VALUE_$((asked_n + ${at}))=${value}"`).join("\n")}
unset asked_n`;
