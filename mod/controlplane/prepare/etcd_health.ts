/** Whether etcd answers: for people to see, never a condition for serving a pod. */
import { Buffer } from "node:buffer";
import { errorText } from "../../core/mod.ts";
import { type ControlPlaneFs, nodeFs } from "./node_fs.ts";
import type { EtcdAccess } from "../plan.ts";

/** What one endpoint said. */
export interface EtcdHealth {
  readonly endpoint: string;
  readonly state: "healthy" | "unhealthy" | "unreachable";
  /** What is wrong; empty for a healthy one. */
  readonly detail: string;
}

/** Asks every endpoint for its health, as the API server would connect to it. Never throws. */
export async function checkEtcd(
  access: EtcdAccess,
  options: { readonly signal: AbortSignal; readonly fs?: ControlPlaneFs },
): Promise<readonly EtcdHealth[]> {
  const fs = options.fs ?? nodeFs;
  const read = async (path: string | undefined) =>
    path === undefined ? undefined : Buffer.from(await fs.read(path));
  let tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  try {
    const [ca, cert, key] = await Promise.all(
      [access.caFile, access.certFile, access.keyFile].map(read),
    );
    tls = {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    };
  } catch (error) {
    return access.endpoints.map((endpoint) => ({
      endpoint,
      state: "unreachable",
      detail: errorText(error),
    }));
  }
  return await Promise.all(access.endpoints.map(async (endpoint): Promise<EtcdHealth> => {
    try {
      const body = await get(new URL("/health", endpoint), tls, options.signal);
      // etcd 3.4 and 3.6: {"health":"true","reason":""}
      const healthy = /"health"\s*:\s*"?true/.test(body);
      return { endpoint, state: healthy ? "healthy" : "unhealthy", detail: healthy ? "" : body };
    } catch (error) {
      return { endpoint, state: "unreachable", detail: errorText(error) };
    }
  }));
}

/** The largest answer that is read; etcd's has some forty bytes. */
const MAX_ANSWER_BYTES = 4096;

async function get(url: URL, tls: object, signal: AbortSignal): Promise<string> {
  const { request } = url.protocol === "https:"
    ? await import("node:https")
    : await import("node:http");
  return await new Promise((resolve, reject) => {
    const call = request(url, { ...tls, signal, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) call.destroy(new Error("The answer is too long"));
      });
      response.on("end", () => resolve(text.trim()));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}
