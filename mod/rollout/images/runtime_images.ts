import { findImage, pullImage, type Runtime } from "../../cri/mod.ts";
import { findLogins, type LoginSources } from "../../registry/mod.ts";
import type { ImageStore } from "./pre_pull.ts";

/** The images of a container runtime. @param sources of logins, asked for each pull */
export function runtimeImages(
  runtime: () => Runtime,
  sources: () => LoginSources,
): ImageStore {
  return {
    async has(name, signal) {
      return await findImage(runtime(), name, { signal }) !== undefined;
    },
    async pull(name, signal) {
      await pullImage(runtime(), name, { logins: await findLogins(name, sources()), signal });
    },
  };
}
