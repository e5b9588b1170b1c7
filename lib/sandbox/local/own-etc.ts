// Owns the files of /etc that are a sandbox's own: only its own user, and no host except itself.

/** Files of /etc that list only the sandbox's own user. */
export function ownEtc(user: number, home: string): Readonly<Record<string, string>> {
  const agent = user === 0 ? "" : `agent:x:${user}:${user}:agent:${home}:/bin/bash\n`;
  const members = user === 0 ? "" : `agent:x:${user}:\n`;
  return {
    passwd: `root:x:0:0:root:${user === 0 ? home : "/root"}:/bin/bash\n${agent}nobody:x:65534:65534:nobody:/:/bin/false\n`,
    group: `root:x:0:\n${members}nogroup:x:65534:\n`,
    hosts: "127.0.0.1 localhost\n::1 localhost\n",
  };
}
