import * as v from "valibot";
import { errorText, isJsonObject, type JsonObject } from "../core/mod.ts";
import { type CredentialFiles, readCredentials } from "./credentials.ts";
import { KubeletFailure } from "./failure.ts";
import {
  type KubeletPod,
  podListSchema,
  type RunningPod,
  runningPodListSchema,
  toKubeletPod,
} from "./pod_view.ts";
import type { PodsApi } from "./pods_api.ts";
import { parseProbeCounts, type ProbeCount } from "./probe_counts.ts";
import { ask } from "./request.ts";

/** Where the kubelet's API is, and what podstead shows to it. */
export interface KubeletOptions extends CredentialFiles {
  /** `https://127.0.0.1:10250`, or `http://127.0.0.1:10255` for the read-only port. */
  readonly endpoint: string;
  /** Where `/healthz` is asked; the kubelet's own default, `http://127.0.0.1:10248`, where left out. */
  readonly healthzEndpoint?: string;
  /** The certificate may be for this name too: it is what a kubelet puts into its own. */
  readonly nodeName?: string;
  /** The deadline of each question, in milliseconds; 5 s where left out. */
  readonly timeoutMs?: number;
  /** Asked for the pods before the endpoint is; without it, or where it has none, the endpoint alone. */
  readonly podsApi?: Pick<PodsApi, "pods">;
}

/** Settings of one question. */
export interface AskOptions {
  /** Ends the question when it aborts; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads the kubelet's own API. Keeps no connection and no timer. */
export interface KubeletClient {
  readonly endpoint: string;
  /**
   * How the kubelet's certificate is judged, for people: it is never skipped.
   * Such as `certificate checked against "/etc/podstead/kubelet-ca.crt"`.
   */
  readonly verification: string;
  /**
   * The pods that the kubelet has taken in, with their status; empty when it
   * has none, or has not had a good answer from any source yet.
   *
   * @throws {KubeletFailure}
   */
  pods(options?: AskOptions): Promise<readonly KubeletPod[]>;
  /**
   * The pods whose containers run or are being cleared away. A pod that was
   * removed is done with once it is gone from here.
   *
   * @throws {KubeletFailure}
   */
  runningPods(options?: AskOptions): Promise<readonly RunningPod[]>;
  /**
   * How its probes were answered so far; only on its port, with a certificate.
   *
   * @throws {KubeletFailure}
   */
  probeCounts(options?: AskOptions): Promise<readonly ProbeCount[]>;
  /** Resolves when the kubelet says that it is well. @throws {KubeletFailure} */
  healthz(options?: AskOptions): Promise<void>;
  /** The kubelet's current `KubeletConfiguration`. @throws {KubeletFailure} */
  configz(options?: AskOptions): Promise<JsonObject>;
}

const DEFAULT_HEALTHZ = "http://127.0.0.1:10248";
const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Prepares a client of the kubelet's API; nothing is opened or read before the
 * first question. The files are read again each time.
 */
export function kubeletClient(options: KubeletOptions): KubeletClient {
  const { endpoint, healthzEndpoint = DEFAULT_HEALTHZ, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const names = options.nodeName === undefined ? [] : [options.nodeName];
  const none = { certificate: undefined, key: undefined, authority: undefined, token: undefined };

  const readText = async (path: string, { signal }: AskOptions): Promise<string> => {
    const url = new URL(path, endpoint);
    const credentials = await readCredentials(options);
    return await ask({ url, credentials, names, timeoutMs, signal });
  };
  const read = async (path: string, asked: AskOptions): Promise<unknown> => {
    const url = new URL(path, endpoint);
    const text = await readText(path, asked);
    try {
      return JSON.parse(text);
    } catch (thrown) {
      throw unexpected(url, `no JSON: ${errorText(thrown)}`, thrown);
    }
  };
  const list = async <S extends v.GenericSchema>(
    path: string,
    schema: S,
    asked: AskOptions,
  ): Promise<v.InferOutput<S>> => {
    const parsed = v.safeParse(schema, await read(path, asked));
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? "the answer";
    throw unexpected(new URL(path, endpoint), `${where}: ${issue.message}`);
  };

  return {
    endpoint,
    verification: verification(options),
    async pods(asked = {}) {
      const { signal } = asked;
      const local = await options.podsApi?.pods(signal === undefined ? {} : { signal });
      return local ?? (await list("/pods", podListSchema, asked)).items.map(toKubeletPod);
    },
    async runningPods(asked = {}) {
      const { items } = await list("/runningpods/", runningPodListSchema, asked);
      return items.map(({ metadata: { namespace, name, uid } }) => ({ namespace, name, uid }));
    },
    async probeCounts(asked = {}) {
      return parseProbeCounts(await readText("/metrics/probes", asked));
    },
    async healthz({ signal } = {}) {
      const url = new URL("/healthz", healthzEndpoint);
      const text = await ask({ url, credentials: none, names, timeoutMs, signal });
      if (text.trim() !== "ok") throw unexpected(url, `"${text.trim().slice(0, 200)}", not "ok"`);
    },
    async configz(asked = {}) {
      const answer = await read("/configz", asked);
      const config = typeof answer === "object" && answer !== null && "kubeletconfig" in answer
        ? answer.kubeletconfig as JsonObject // parsed from JSON just now
        : undefined;
      if (!isJsonObject(config)) {
        throw unexpected(new URL("/configz", endpoint), "kubeletconfig is missing");
      }
      return config;
    },
  };
}

function verification({ endpoint, certificateAuthority }: KubeletOptions): string {
  if (endpoint.startsWith("http:")) return "no certificate: plain HTTP";
  return certificateAuthority === undefined || certificateAuthority === null
    ? "certificate checked against the authorities of the system"
    : `certificate checked against "${certificateAuthority}"`;
}

function unexpected(url: URL, what: string, cause?: unknown): KubeletFailure {
  return new KubeletFailure(
    "answer",
    `The kubelet's answer to ${url.host}${url.pathname} cannot be read: ${what}`,
    { cause, hint: "Is it a kubelet that listens there? See `agent.kubelet.endpoint`" },
  );
}
