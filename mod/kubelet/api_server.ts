/** The API server that a kubelet belongs to, reached as the kubelet reaches it. */
import { request } from "node:https";
import { dirname, resolve } from "node:path";
import { errorText, isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import { readSettingFile } from "../os/mod.ts";
import { parseYaml } from "../yaml/mod.ts";
import type { KubeletFound } from "./discover.ts";

/** Whether a kubelet has an API server, and by which file it is reached. */
export type ApiServerOfKubelet =
  | { readonly kind: "none" }
  | { readonly kind: "kubeconfig"; readonly path: string }
  /** It has one, and keeps to itself how it is reached. */
  | { readonly kind: "unknown"; readonly why: string };

/**
 * Whether a kubelet with this command line has an API server. Without
 * `--kubeconfig` it runs stand-alone (kubelet: cmd/kubelet/app/server.go).
 */
export function apiServerOf(
  flags: Readonly<Record<string, string>> | undefined,
  found: KubeletFound,
): ApiServerOfKubelet {
  const path = flags?.["kubeconfig"];
  if (path !== undefined && path !== "" && path !== "true") return { kind: "kubeconfig", path };
  if (found.kind !== "embedded") return { kind: "none" };
  return {
    kind: "unknown",
    why: `${found.by} keeps the kubelet's access to the API server to itself`,
  };
}

/** How the API server is reached, and what is shown to it. */
export interface ApiServerIdentity {
  readonly server: URL;
  readonly authority: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly token: string | undefined;
}

/**
 * Reads a kubelet's kubeconfig, and the files that it names.
 *
 * @throws {Error} that says why podstead cannot be what the kubelet is
 */
export async function readIdentity(path: string): Promise<ApiServerIdentity> {
  const [document] = parseYaml(await readSettingFile(path), path).documents;
  const config = objectOf(document?.value);
  const context = objectOf(named(config, "contexts", textOf(config["current-context"]))["context"]);
  const cluster = objectOf(named(config, "clusters", textOf(context["cluster"]))["cluster"]);
  const user = objectOf(named(config, "users", textOf(context["user"]))["user"]);
  const member = async (owner: JsonObject, name: string) => {
    const data = textOf(owner[`${name}-data`]);
    if (data !== "") return Buffer.from(data, "base64").toString("utf8");
    const file = textOf(owner[name]);
    return file === "" ? undefined : await readSettingFile(resolve(dirname(path), file));
  };
  if (cluster["insecure-skip-tls-verify"] === true) {
    throw new Error(`"${path}" asks not to verify the API server`);
  }
  const server = textOf(cluster["server"]);
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== "https:") throw new Error(`"${path}" names no API server over HTTPS`);
  const identity = {
    server: url,
    authority: await member(cluster, "certificate-authority"),
    certificate: await member(user, "client-certificate"),
    key: await member(user, "client-key"),
    token: textOf(user["token"]) || undefined,
  };
  if (identity.certificate === undefined && identity.token === undefined) {
    throw new Error(`"${path}" has neither a client certificate nor a token`);
  }
  return identity;
}

/** An answer of the API server. */
export interface ApiAnswer {
  readonly status: number;
  /** An empty object where it is none. */
  readonly body: JsonObject;
}

/** How long one question may take, in milliseconds. */
const ASK_TIMEOUT_MS = 5_000;

/** Asks once. @throws {Error} if the API server does not answer */
export function askApiServer(
  { server, authority, certificate, key, token }: ApiServerIdentity,
  method: "GET" | "DELETE",
  path: string,
  body?: JsonObject,
): Promise<ApiAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((done, fail) => {
    const outgoing = request(new URL(path, server), {
      method,
      agent: false,
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      headers: {
        Accept: "application/json",
        ...(text === undefined ? {} : {
          "Content-Type": "application/json",
          "Content-Length": Buffer.byteLength(text),
        }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      // Its default comes from the environment (NODE_TLS_REJECT_UNAUTHORIZED).
      rejectUnauthorized: true,
      ...(authority === undefined ? {} : { ca: authority }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    }, (incoming) => {
      const chunks: Uint8Array[] = [];
      incoming.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      incoming.on("error", fail);
      incoming.on("end", () => {
        const answer = Buffer.concat(chunks).toString("utf8");
        done({ status: incoming.statusCode ?? 0, body: jsonOf(answer) });
      });
    });
    outgoing.on("error", fail);
    outgoing.end(text);
  });
}

function jsonOf(text: string): JsonObject {
  try {
    return objectOf(JSON.parse(text));
  } catch (error) {
    return { message: `not JSON: ${errorText(error)}` };
  }
}

function named(config: JsonObject, list: string, name: string): JsonObject {
  const items = config[list];
  const found = Array.isArray(items)
    ? items.find((item: JsonValue) => objectOf(item)["name"] === name)
    : undefined;
  return objectOf(found);
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
