/** What the agent leaves for the kubelet's own pulls: the logins of pods, on a tmpfs. */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { errorText, PodsteadError } from "../core/mod.ts";
import { MAX_OWN_BYTES, readRegularText, writeFileAtomic } from "../os/mod.ts";
import type { PodCredentials } from "./find_logins.ts";

/** All that a credential provider needs to know. */
export interface LoginFile {
  readonly pods: readonly PodCredentials[];
  /** `agent.pull.credentialsFile`; it is read when it is needed. */
  readonly credentialsFile: string | null;
}

const LoginFileSchema = v.object({
  pods: v.array(v.object({
    from: v.string(),
    config: v.string(),
    images: v.array(v.string()),
  })),
  credentialsFile: v.nullable(v.string()),
});

/** Where it is if `agent.volumesDir` is the default. */
export const DEFAULT_LOGIN_FILE = "/run/podstead/registry-logins.json";

/** Where it is: beside the volumes, which are on a tmpfs. */
export function loginFileBeside(volumesDirectory: string): string {
  return join(dirname(volumesDirectory), "registry-logins.json");
}

/** Writes it, for root alone; without any login there is no file. @throws the file system's error */
export async function writeLoginFile(path: string, file: LoginFile): Promise<void> {
  if (file.pods.length === 0 && file.credentialsFile === null) {
    await rm(path, { force: true });
    return;
  }
  const text = `${JSON.stringify(file)}\n`;
  const before = await readRegularText(path, MAX_OWN_BYTES).catch(() => undefined); // a new one
  if (before === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, text, 0o600);
}

/** Reads it; undefined if it is not there. @throws {PodsteadError} if it cannot be used */
export async function readLoginFile(path: string): Promise<LoginFile | undefined> {
  try {
    return v.parse(LoginFileSchema, JSON.parse(await readRegularText(path, MAX_OWN_BYTES)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // absent if it is of the parser
    if (code === "ENOENT") return undefined;
    const why = code === undefined ? "it is not a file of the agent" : errorText(error);
    throw new PodsteadError(
      code === "EACCES" ? "permission" : "failed",
      `Cannot read the registry logins "${path}": ${why}`,
      { hint: "Only root may read it, and the agent writes it again when it starts" },
    );
  }
}
