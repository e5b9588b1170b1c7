// Owns the certificates of a connection to an engine: read from their files, and looked at before they are shown.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { errorMessage, UsageError } from "../../core/fault.ts";
import type { TlsFiles } from "./address.ts";

export type Certificates = {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
};

const WHAT = {
  ca: "the authority's certificate",
  cert: "the client's certificate",
  key: "the client's key",
} as const satisfies Record<keyof TlsFiles, string>;

/** Throws UsageError naming the file that is missing, not a certificate, or out of date, and `whose` it is. */
export function readCertificates(files: TlsFiles, whose: string): Certificates {
  const read = (part: keyof typeof WHAT) => {
    const path = files[part];
    return path === undefined ? undefined : readPart(part, path, whose);
  };
  if ((files.cert === undefined) !== (files.key === undefined))
    throw new UsageError(`${whose}: ${WHAT.cert} and its key go together: name both, or neither`);
  return { ca: read("ca"), cert: read("cert"), key: read("key") };
}

function readPart(part: keyof typeof WHAT, path: string, whose: string): Buffer {
  const refuse = (why: string) => new UsageError(`${whose}: ${WHAT[part]} ${path} ${why}`);
  const bytes = bytesOf(path, refuse);
  if (part === "key") return bytes;
  const until = endOf(bytes, refuse);
  if (until >= Date.now()) return bytes;
  const day = new Date(until).toISOString().slice(0, 10);
  throw refuse(`has expired on ${day}: make a new one for this engine`);
}

function bytesOf(path: string, refuse: (why: string) => UsageError): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw refuse("does not exist: DOCKER_CERT_PATH, or the engine's own settings, name it");
    throw refuse(`cannot be read: ${errorMessage(error)}`);
  }
}

/** Milliseconds since 1970 at which the first certificate of the file ends. */
function endOf(bytes: Buffer, refuse: (why: string) => UsageError): number {
  try {
    return Date.parse(new X509Certificate(bytes).validTo);
  } catch {
    throw refuse("is not a certificate in PEM form");
  }
}
