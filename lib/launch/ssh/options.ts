// Owns the settings of the launcher for hosts that are reached by ssh.
import { GRACE, KEYS_FILE, type LaunchOptions } from "../options.ts";

export const SSH_OPTIONS = {
  hosts: {
    kind: { is: "text" },
    flag: "hosts",
    hint: "list",
    help: "hosts after commas ([user@]host[:port]), or a file with one per line",
  },
  ssh_config: {
    kind: { is: "file" },
    flag: "ssh-config",
    help: "configuration of the ssh client, in place of the user's (ssh -F)",
    otherwise: "the user's",
  },
  ...GRACE,
  ...KEYS_FILE,
} as const satisfies LaunchOptions;
