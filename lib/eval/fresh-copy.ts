// Owns how git knows the unchanged files of a fresh copy: by time and size, since inodes and change times are new there.

const SETTINGS = [
  ["core.checkStat", "minimal"],
  ["core.trustctime", "false"],
] as const;

/** For our own git calls. */
export const FRESH_COPY_FLAGS = SETTINGS.map(([name, value]) => `-c ${name}=${value}`).join(" ");

/**
 * Lines of bash that configure every git called below, and nothing else: the repository's own settings stay as they
 * are. What the environment already tells git stays in front. git before 2.31 ignores it, and reads all files once.
 */
export const FRESH_COPY_ENV = `asked_n=\${GIT_CONFIG_COUNT:-0}
export GIT_CONFIG_COUNT=$((asked_n + ${SETTINGS.length}))
${SETTINGS.map(([name, value], at) => `export "GIT_CONFIG_KEY_$((asked_n + ${at}))=${name}" "GIT_CONFIG_VALUE_$((asked_n + ${at}))=${value}"`).join("\n")}
unset asked_n`;
