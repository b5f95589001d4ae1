import { readFile } from "node:fs/promises";
import { errorText, PodsteadError } from "../core/mod.ts";
import { findImage, pullImage, registryAuth, type Runtime } from "../cri/mod.ts";
import type { ImageStore } from "./pre_pull.ts";

/** The images of a container runtime. @param credentialsFile asked anew for each pull */
export function runtimeImages(
  runtime: () => Runtime,
  credentialsFile: () => string | null,
): ImageStore {
  return {
    async has(name, signal) {
      return await findImage(runtime(), name, { signal }) !== undefined;
    },
    async pull(name, signal) {
      const file = credentialsFile();
      const auth = file === null ? undefined : registryAuth(await readText(file), name, file);
      await pullImage(runtime(), name, { auth, signal });
    },
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new PodsteadError("config", `Cannot read the registry credentials: ${errorText(error)}`, {
      cause: error,
      hint: "See agent.pull.credentialsFile",
    });
  }
}
