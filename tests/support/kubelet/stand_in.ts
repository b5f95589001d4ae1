import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { formatDuration, systemClock } from "../../../mod/core/mod.ts";
import { connectRuntime, RuntimeService } from "../../../mod/cri/mod.ts";
import { type ApiOptions, type Endpoint, listen, type RouteAnswer } from "./api.ts";
import { podLogDirectory } from "./container_config.ts";
import { criRuntime } from "./cri_runtime.ts";
import { decodeManifest, DEFAULT_MINOR, mergePods } from "./decode.ts";
import { fetchManifest } from "./fetch_manifest.ts";
import { klog, type LogSink } from "./klog.ts";
import { logName, type Pod } from "./pod.ts";
import { servePodsApi } from "./pods_api.ts";
import { rotateLog } from "./rotate.ts";
import { UrlSource } from "./source.ts";
import { scaleTimings } from "./timings.ts";
import { PodWorkers } from "./workers.ts";

/** How a kubelet stand-in is set up; everything but `log` can come from JSON. */
export interface StandInOptions {
  /** `staticPodURL`. */
  readonly url: string;
  /** `staticPodURLHeader`. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** `httpCheckFrequency` in milliseconds, from the end of a poll to the next; 1000 where left out. */
  readonly pollIntervalMs?: number;
  readonly nodeName: string;
  /** The kubelet's version, 1.x: UIDs and some behaviour depend on it; 36 where left out. */
  readonly minor?: number;
  /** `unix:///run/containerd/containerd.sock` or another. */
  readonly criEndpoint: string;
  /** The pods' log directory, `/var/log/pods` on a node. */
  readonly logRoot: string;
  /** The kubelet's own directory, `/var/lib/kubelet` on a node. */
  readonly rootDir: string;
  readonly nodeIp?: string;
  /** `host` (the default) gives every pod the node's network, so that no CNI is needed. */
  readonly network?: "host" | "declared";
  /** Whether absent images are pulled; false where left out. */
  readonly pull?: boolean;
  /** 1 is as quick as a real kubelet, 0.1 ten times as quick. */
  readonly timeFactor?: number;
  /** The same for crash and pull back-offs; `timeFactor` where left out. */
  readonly crashFactor?: number;
  /** The API of port 10250. */
  readonly api?: ApiOptions;
  /** The API of port 10255; 0 for any free port, off where left out. */
  readonly readOnlyPort?: number;
  /** The `/healthz` of port 10248; 0 for any free port, off where left out. */
  readonly healthzPort?: number;
  /** Where tests steer the stand-in; 0 for any free port, off where left out. */
  readonly controlPort?: number;
  /** Whether the local pods API is served, in `rootDir`; from 1.37 on where left out. */
  readonly podsApi?: boolean;
  /** Whether its API server was there when it started; true where left out. */
  readonly otherSourcesReady?: boolean;
  /** Takes the log; standard error where left out. */
  readonly log?: LogSink;
}

/** The ports that a stand-in listens on; only those that were asked for. */
export interface StandInPorts {
  readonly api?: number;
  readonly readOnly?: number;
  readonly healthz?: number;
  readonly control?: number;
}

/** A running kubelet stand-in. */
export interface StandIn {
  readonly ports: StandInPorts;
  /** Polls the URL now, beside the regular polls. */
  poll(): Promise<void>;
  /**
   * Ends it: pods stay as they are, as with a real kubelet, or are ended and
   * cleared away first with `removePods`.
   */
  close(options?: { readonly removePods?: boolean }): Promise<void>;
}

/** The first minor in which the gate `PodsAPI` is on. */
const FIRST_WITH_PODS_API = 37;

/** How a Go program ends that panics. */
export const PANIC_EXIT_CODE = 2;

/** The client timeout of the kubelet's poller, in milliseconds. */
const HTTP_TIMEOUT_MS = 10_000;

/**
 * Starts a kubelet stand-in: it runs the pods of a manifest URL on a real
 * container runtime, by the rules and in the times of a real kubelet.
 *
 * @throws {Error} where a port is taken
 */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { url, nodeName, logRoot, rootDir, nodeIp = "127.0.0.1", pollIntervalMs = 1000 } = options;
  const { minor = DEFAULT_MINOR } = options;
  const log = klog(options.log ?? ((line) => process.stderr.write(`${line}\n`)));
  const runtime = connectRuntime({ endpoint: options.criEndpoint });
  await mkdir(join(rootDir, "pods"), { recursive: true });
  await mkdir(logRoot, { recursive: true });
  const workers = new PodWorkers({
    clock: systemClock,
    random: Math.random,
    timings: scaleTimings(options.timeFactor ?? 1, options.crashFactor),
    runtime: criRuntime({
      runtime,
      rootDir,
      logRoot,
      nodeIp,
      network: options.network ?? "host",
      pull: options.pull ?? false,
    }),
    log,
    nodeIp,
    minor,
    panic(message) {
      log.error(message);
      // As loud as the real one: whatever test this is part of ends here.
      process.exit(PANIC_EXIT_CODE);
    },
  });
  workers.otherSourcesReady = options.otherSourcesReady ?? true;
  const source = new UrlSource({
    url,
    fetch: () => fetchManifest(url, options.headers ?? {}, HTTP_TIMEOUT_MS),
    decode: (body) => decodeManifest(body, { url, nodeName, minor, nowMs: Date.now() }),
    update: (pods) =>
      workers.set(
        mergePods(pods, (pod) =>
          log.info("Pod failed validation due to duplicate pod name, ignoring", {
            pod: logName(pod),
          })),
      ),
    log,
  });

  const stop = new AbortController();
  let paused = false;
  let poll: Promise<unknown> = Promise.resolve();
  const polling = (async () => {
    while (!stop.signal.aborted) {
      if (!paused) await (poll = source.poll());
      await systemClock.sleep(pollIntervalMs, stop.signal).catch(() => undefined);
    }
  })();
  const working = workers.run();
  const statuses = () =>
    workers.configured().map(({ pod, worker }) => ({ ...pod, status: worker?.status() }));
  const localApi = options.podsApi ?? minor >= FIRST_WITH_PODS_API
    ? await servePodsApi({
      socket: join(rootDir, "pods-api/pods-api.sock"),
      pods: statuses,
      // 1.36 answers with what it has.
      ready: () =>
        minor < FIRST_WITH_PODS_API || (workers.sourceReady && workers.otherSourcesReady),
    })
    : undefined;
  log.info("Adding pod URL with HTTP header", { URL: url, header: options.headers ?? {} });

  const routes = (path: string): RouteAnswer | undefined => {
    switch (path) {
      case "/healthz":
        return { body: "ok" };
      case "/pods":
      case "/pods/":
        return {
          body: podList(
            statuses().map((pod) => ({ ...pod, status: pod.status ?? { phase: "Pending" } })),
          ),
        };
      case "/runningpods":
      case "/runningpods/":
        return { body: podList(workers.inRunningPods().map(runningPod)) };
      case "/metrics/probes":
        return {
          body: [
            "# TYPE prober_probe_total counter\n",
            ...workers.configured().flatMap(({ worker }) => worker?.probeMetrics() ?? []),
          ].join(""),
        };
      case "/configz":
        return { body: configz(options, pollIntervalMs) };
      default:
        return undefined;
    }
  };
  const close: StandIn["close"] = async ({ removePods = false } = {}) => {
    paused = true;
    if (removePods) {
      workers.set(new Map());
      await workers.drained();
      await workers.collectGarbage();
    }
    stop.abort();
    const stopped = workers.stop();
    // Ends calls that wait for a grace period: a kubelet that is told to stop does not wait for it.
    runtime.close();
    await Promise.all([polling, stopped, working]);
    await Promise.all(Object.values(endpoints).map((endpoint) => endpoint.close()));
    await localApi?.close();
  };
  const control = async (path: string, method: string, query: URLSearchParams) => {
    if (method !== "POST") return { status: 405, body: "POST only\n" };
    switch (path) {
      case "/poll": {
        const failure = await source.poll();
        return { body: { error: failure?.message ?? null } };
      }
      case "/pause":
      case "/resume":
        paused = path === "/pause";
        // A poll under way may yet bring a list that is made after the pause began.
        if (paused) await poll;
        return { body: { paused } };
      case "/sources-ready":
        workers.otherSourcesReady = true;
        return { body: {} };
      case "/rotate":
        return { body: { rotated: await rotate(query.get("pod"), query.get("container")) } };
      case "/shutdown":
        // Answered first; whoever asked waits for the process to end.
        setTimeout(() => void close({ removePods: query.has("remove-pods") }), 0);
        return { body: {} };
      default:
        return undefined;
    }
  };
  const rotate = async (podName: string | null, containerName: string | null) => {
    const rotated: string[] = [];
    const { containers } = await runtime.call(RuntimeService.method.listContainers, {});
    for (const { id, metadata, labels, state } of containers) {
      const namespace = labels["io.kubernetes.pod.namespace"] ?? "";
      const name = labels["io.kubernetes.pod.name"] ?? "";
      if (metadata === undefined || state !== 1 || name === "") continue;
      if (podName !== null && podName !== `${namespace}/${name}`) continue;
      if (containerName !== null && containerName !== metadata.name) continue;
      const uid = labels["io.kubernetes.pod.uid"] ?? "";
      const directory = join(podLogDirectory(logRoot, { namespace, name, uid }), metadata.name);
      const file = `${metadata.attempt}.log`;
      const files: readonly string[] = await readdir(directory).catch(() => []);
      if (!files.includes(file)) continue;
      rotated.push(
        await rotateLog(directory, file, async () => {
          await runtime.call(RuntimeService.method.reopenContainerLog, { containerId: id });
        }, Date.now()),
      );
    }
    return rotated;
  };

  const endpoints: Record<string, Endpoint> = {};
  if (options.api !== undefined) endpoints["api"] = await listen(options.api, routes);
  if (options.readOnlyPort !== undefined) {
    // Source: kubernetes pkg/kubelet/server/server.go, `InstallAuthNotRequiredHandlers`.
    const open = (path: string) =>
      /^\/(pods\/?|healthz|metrics\/probes)$/.test(path) ? routes(path) : undefined;
    endpoints["readOnly"] = await listen({ port: options.readOnlyPort }, open);
  }
  if (options.healthzPort !== undefined) {
    const open = (path: string) => path === "/healthz" ? routes(path) : undefined;
    endpoints["healthz"] = await listen({ port: options.healthzPort }, open);
  }
  if (options.controlPort !== undefined) {
    endpoints["control"] = await listen({ port: options.controlPort }, control);
  }
  return {
    ports: Object.fromEntries(
      Object.entries(endpoints).map(([name, endpoint]) => [name, endpoint.port]),
    ),
    poll: async () => {
      await source.poll();
    },
    close,
  };
}

/** `items` is null when there are none, and the items carry no kind: so answers the kubelet. */
function podList(items: readonly object[]): object {
  return {
    kind: "PodList",
    apiVersion: "v1",
    metadata: {},
    items: items.length === 0 ? null : items,
  };
}

/** `/runningpods/` knows a pod's name, UID and images only. */
function runningPod({ metadata: { name, namespace, uid }, spec }: Pod): object {
  return {
    metadata: { name, namespace, uid },
    spec: {
      containers: spec.containers.map((one) => ({
        name: one.name,
        image: one.image,
        resources: {},
      })),
    },
    status: {},
  };
}

function configz(options: StandInOptions, pollIntervalMs: number): object {
  return {
    kubeletconfig: {
      staticPodURL: options.url,
      staticPodURLHeader: options.headers ?? {},
      httpCheckFrequency: formatDuration(pollIntervalMs),
      readOnlyPort: options.readOnlyPort ?? 0,
      healthzPort: options.healthzPort ?? 10248,
      containerRuntimeEndpoint: options.criEndpoint,
      podLogsDir: options.logRoot,
      authentication: { anonymous: { enabled: options.api?.anonymous ?? false } },
      authorization: {
        mode: (options.api?.authorization ?? "AlwaysAllow") === "AlwaysAllow"
          ? "AlwaysAllow"
          : "Webhook",
      },
    },
  };
}
