/**
 * Probes of control plane pods, asked as the kubelet asks them: those that answer on this node, of
 * pods made from settings or declared as they are.
 */
import { type IncomingMessage, request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { errorText, isJsonObject, type JsonObject } from "../core/mod.ts";

/** How long one may take, in milliseconds: a person waits. */
const TIMEOUT_MS = 1_500;

/** As much of an answer as says what is wrong; an API server's `/readyz` lists each check. */
const ANSWER_BYTES = 4_096;

/** What a pod's probes say. */
export interface OwnProbeAnswer {
  /** Undefined if all of them pass. */
  readonly failure: string | undefined;
}

/** Which probe of a container is asked: the first of these that it has. */
const PROBES = {
  // Without a readiness probe, a container is ready as soon as it has started.
  readiness: ["readiness", "startup"],
  liveness: ["liveness", "startup", "readiness"],
} as const;

/**
 * Asks each probe that decides whether a control plane pod is ready, or lives.
 *
 * @param address of the node, besides loopback
 * @returns undefined if it is no such pod, or one of its probes cannot be asked from here
 */
export async function askOwnProbes(
  pod: JsonObject,
  address: string,
  of: keyof typeof PROBES = "readiness",
): Promise<OwnProbeAnswer | undefined> {
  const probes = probesOf(pod, address, PROBES[of]);
  if (probes === undefined) return undefined;
  const failures = await Promise.all(probes.map((probe) => failureOf(probe)));
  const at = failures.findIndex((failure) => failure !== undefined);
  return {
    failure: at < 0 ? undefined : `${probes[at]?.text} does not pass: ${failures[at]}`,
  };
}

interface Probe {
  /** What is asked; a `tcp:` URL only for a connection. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** `readiness probe (http-get https://127.0.0.1:6443/readyz)` */
  readonly text: string;
}

/** Components by their names: a pod written by hand may carry no label of kubeadm's. */
const COMPONENTS: readonly unknown[] = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
];

/** The probes of a control plane pod, one for each container; undefined if it is none, or one cannot be asked from here. */
function probesOf(
  pod: JsonObject,
  address: string,
  kinds: readonly string[],
): readonly Probe[] | undefined {
  const { metadata, spec } = pod;
  if (!isJsonObject(metadata) || !isJsonObject(spec) || spec["hostNetwork"] !== true) {
    return undefined;
  }
  const labels = isJsonObject(metadata["labels"]) ? metadata["labels"] : {};
  const isComponent = labels["tier"] === "control-plane" || COMPONENTS.includes(metadata["name"]);
  if (metadata["namespace"] !== "kube-system" || !isComponent) return undefined;
  // Another process answers those.
  if (Array.isArray(spec["readinessGates"]) && spec["readinessGates"].length > 0) return undefined;
  const containers = Array.isArray(spec["containers"]) ? spec["containers"] : [];
  const probes = containers.flatMap((container) => {
    if (!isJsonObject(container)) return [];
    for (const kind of kinds) {
      const declared = container[`${kind}Probe`];
      if (isJsonObject(declared)) return [probeOf(kind, declared, container, address)];
    }
    return [];
  });
  const known = probes.filter((probe) => probe !== undefined);
  return known.length === 0 || known.length < probes.length ? undefined : known;
}

/** Undefined for what is asked neither by HTTP nor by a connection, or does not answer on this very node. */
function probeOf(
  kind: string,
  declared: JsonObject,
  container: JsonObject,
  address: string,
): Probe | undefined {
  const { httpGet, tcpSocket } = declared;
  const action = isJsonObject(httpGet) ? httpGet : tcpSocket;
  if (!isJsonObject(action)) return undefined;
  // Of a pod in the node's network, its own address is the node's.
  const host = action["host"] ?? address;
  const port = portOf(action["port"], container);
  if (typeof host !== "string" || port === undefined) return undefined;
  if (!/^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host) && host !== address) return undefined;
  const origin = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (action !== httpGet) {
    const url = URL.parse(`tcp://${origin}`);
    return url === null
      ? undefined
      : { url, headers: {}, text: `${kind} probe (tcp-socket ${origin})` };
  }
  const { path = "/", scheme = "HTTP", httpHeaders } = action;
  if (typeof path !== "string" || typeof scheme !== "string") return undefined;
  const url = URL.parse(`${scheme.toLowerCase()}://${origin}${path}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const headers = headersOf(httpHeaders);
  return { url, headers, text: `${kind} probe (http-get ${url.href})` };
}

/** A probe's port: a number, or the name of one of its container's ports. */
function portOf(port: unknown, { ports }: JsonObject): number | undefined {
  if (typeof port === "number") return port;
  if (typeof port !== "string") return undefined;
  // Source: kubernetes pkg/probe/util.go, `ResolveContainerPort`.
  const named = Array.isArray(ports)
    ? ports.find((one) => isJsonObject(one) && one["name"] === port)
    : undefined;
  const number = isJsonObject(named) ? named["containerPort"] : Number(port);
  return typeof number === "number" && number >= 1 && number <= 65_535 ? number : undefined;
}

function headersOf(declared: unknown): Readonly<Record<string, string>> {
  const headers = Array.isArray(declared) ? declared.filter(isJsonObject) : [];
  return Object.fromEntries(headers.map(({ name, value }) => [String(name), String(value ?? "")]));
}

/** Why a probe does not pass; undefined if it does: any answer from 200 to 399. */
async function failureOf({ url, headers }: Probe): Promise<string | undefined> {
  try {
    if (url.protocol === "tcp:") return void await reach(url);
    const { status, text } = await ask(url, headers);
    if (status >= 200 && status < 400) return undefined;
    const checks = text.split("\n").filter((line) => line.startsWith("[-]")).join(" ");
    return `HTTP status ${status}${checks === "" ? "" : `, ${checks.slice(0, 300)}`}`;
  } catch (error) {
    return errorText(error);
  }
}

/** @throws when nothing accepts a connection */
function reach({ hostname, port }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("no answer")));
    socket.on("error", reject);
    socket.on("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

function ask(
  url: URL,
  declared: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      agent: false,
      headers: { "User-Agent": "kube-probe/podstead", ...declared },
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
