/**
 * Probes that podstead asks itself while the kubelet cannot be asked: those of its control plane
 * pods, which answer on this node. Of a broken control plane it must be known what answers.
 */
import { type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { type Clock, errorText, isJsonObject, type JsonObject } from "../core/mod.ts";
import { type DesiredPod, type ProbeAnswer, staticPodName } from "../status/mod.ts";

/** Where this node is, besides loopback. */
export interface OwnProbeOptions {
  readonly clock: Clock;
  readonly nodeName: string;
  readonly address: string;
}

/** How long one may take, in milliseconds: a person waits. */
const TIMEOUT_MS = 1_500;

/** As much of an answer as says what is wrong; an API server's `/readyz` lists each check. */
const ANSWER_BYTES = 4_096;

/** Asks each probe that decides over a pod's readiness; the answers by `namespace/name` with the node's name. */
export async function askOwnProbes(
  pods: readonly DesiredPod[],
  options: OwnProbeOptions,
): Promise<ReadonlyMap<string, ProbeAnswer>> {
  const answers = await Promise.all(pods.map(async (pod) => {
    const probes = probesOf(pod.pod, options.address);
    if (probes === undefined) return undefined;
    const failures = await Promise.all(probes.map((probe) => failureOf(probe)));
    const at = failures.findIndex((failure) => failure !== undefined);
    const answer: ProbeAnswer = {
      atMs: options.clock.now(),
      failure: at < 0 ? undefined : `${probes[at]?.text} does not pass: ${failures[at]}`,
    };
    return [`${pod.namespace}/${staticPodName(pod.name, options.nodeName)}`, answer] as const;
  }));
  return new Map(answers.filter((answer) => answer !== undefined));
}

interface Probe {
  readonly url: URL;
  /** `readiness probe (http-get https://127.0.0.1:6443/readyz)` */
  readonly text: string;
}

/** The probes of a control plane pod, one for each container; undefined where it is none, or one cannot be asked from here. */
function probesOf(pod: JsonObject, address: string): readonly Probe[] | undefined {
  const { metadata, spec } = pod;
  if (!isJsonObject(metadata) || !isJsonObject(spec) || spec["hostNetwork"] !== true) {
    return undefined;
  }
  const labels = isJsonObject(metadata["labels"]) ? metadata["labels"] : {};
  if (metadata["namespace"] !== "kube-system" || labels["tier"] !== "control-plane") {
    return undefined;
  }
  const containers = Array.isArray(spec["containers"]) ? spec["containers"] : [];
  const probes = containers.flatMap((container) => {
    if (!isJsonObject(container)) return [];
    // Without a readiness probe, a container is ready as soon as it has started.
    for (const kind of ["readiness", "startup"] as const) {
      const declared = container[`${kind}Probe`];
      if (isJsonObject(declared)) return [urlOf(kind, declared["httpGet"], address)];
    }
    return [];
  });
  const known = probes.filter((probe) => probe !== undefined);
  return known.length === 0 || known.length < probes.length ? undefined : known;
}

/** Undefined for what is not asked by HTTP, or does not answer on this very node. */
function urlOf(kind: string, httpGet: unknown, address: string): Probe | undefined {
  if (typeof httpGet !== "object" || httpGet === null) return undefined;
  const { host, port, path = "/", scheme = "HTTP" } = httpGet as Readonly<Record<string, unknown>>; // its members are checked below
  if (typeof host !== "string" || typeof port !== "number" || typeof path !== "string") {
    return undefined;
  }
  if (!/^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host) && host !== address) return undefined;
  const inUrl = host.includes(":") ? `[${host}]` : host;
  const url = URL.parse(`${String(scheme).toLowerCase()}://${inUrl}:${port}${path}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return { url, text: `${kind} probe (http-get ${url.href})` };
}

/** Why a probe does not pass; undefined where it does: any answer from 200 to 399. */
async function failureOf({ url }: Probe): Promise<string | undefined> {
  try {
    const { status, text } = await ask(url);
    if (status >= 200 && status < 400) return undefined;
    const checks = text.split("\n").filter((line) => line.startsWith("[-]")).join(" ");
    return `HTTP status ${status}${checks === "" ? "" : `, ${checks.slice(0, 300)}`}`;
  } catch (error) {
    return errorText(error);
  }
}

function ask(url: URL): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      agent: false,
      headers: { "User-Agent": "kube-probe/podstead" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const onAnswer = (incoming: IncomingMessage) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => {
        if (text.length < ANSWER_BYTES) text += chunk;
      });
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, text }));
    };
    const outgoing = url.protocol === "https:"
      // As the kubelet does: a probe shows no secret, and its certificate is for the cluster.
      // Source: kubernetes pkg/probe/http/http.go, `InsecureSkipVerify`.
      ? httpsRequest(url, { ...options, rejectUnauthorized: false }, onAnswer)
      : httpRequest(url, options, onAnswer);
    outgoing.on("error", reject);
    outgoing.end();
  });
}
