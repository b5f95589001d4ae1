import { findImage, findLogin, pullImage, type Runtime } from "../cri/mod.ts";
import type { ImageStore } from "./pre_pull.ts";

/** The images of a container runtime. @param credentialsFile asked for each pull */
export function runtimeImages(
  runtime: () => Runtime,
  credentialsFile: () => string | null,
): ImageStore {
  return {
    async has(name, signal) {
      return await findImage(runtime(), name, { signal }) !== undefined;
    },
    async pull(name, signal) {
      const login = await findLogin(name, credentialsFile());
      const { auth, file: authFile } = login ?? {};
      await pullImage(runtime(), name, { auth, authFile, signal });
    },
  };
}
