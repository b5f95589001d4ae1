/** What the agent leaves for the kubelet's own pulls: the logins of pods, on a tmpfs. */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { errorText, PodsteadError } from "../core/mod.ts";
import { writeFileAtomic } from "../os/mod.ts";
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

/** Writes it, for root alone. @throws the file system's error */
export async function writeLoginFile(path: string, file: LoginFile): Promise<void> {
  const text = `${JSON.stringify(file)}\n`;
  const before = await readFile(path, "utf8").catch(() => undefined); // a new one
  if (before === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, text, 0o600);
}

/** Reads it. @throws {PodsteadError} if it is not there, not readable, or not such a file */
export async function readLoginFile(path: string): Promise<LoginFile> {
  try {
    return v.parse(LoginFileSchema, JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // absent if it is of the parser
    const why = code === "ENOENT"
      ? "there is no such file"
      : code === undefined
      ? "it is not a file of the agent"
      : errorText(error);
    throw new PodsteadError(
      code === "EACCES" ? "permission" : "failed",
      `Cannot read the registry logins "${path}": ${why}`,
      { hint: "The agent writes it when it starts; see systemctl status podstead" },
    );
  }
}
