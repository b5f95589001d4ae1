/**
 * The kubelet stand-in as a process of its own:
 *
 *     deno run -A tests/support/kubelet/main.ts --config options.json
 *     deno run -A tests/support/kubelet/main.ts --url http://127.0.0.1:10261/manifests \
 *       --node-name node-1 --cri unix:///run/containerd/containerd.sock \
 *       --log-root /var/log/pods --root-dir /var/lib/kubelet
 *
 * `--config` takes the JSON of `StandInOptions`, from a file or in place; single
 * flags go before it. When it is ready it prints `{"pid":…,"ports":{…}}` on
 * standard output; the log goes to standard error. SIGTERM and SIGINT end it and
 * leave the pods running.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseDuration } from "../../../mod/core/mod.ts";
import { type StandInOptions, startStandIn } from "./stand_in.ts";

/** Reads the command line. @throws {Error} that says what is missing */
export function parseOptions(argv: readonly string[]): StandInOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      config: { type: "string" },
      url: { type: "string" },
      header: { type: "string", multiple: true },
      "poll-interval": { type: "string" },
      "node-name": { type: "string" },
      cri: { type: "string" },
      "log-root": { type: "string" },
      "root-dir": { type: "string" },
      "time-factor": { type: "string" },
      "crash-factor": { type: "string" },
      pull: { type: "boolean" },
      "pods-api": { type: "boolean" },
      "sources-not-ready": { type: "boolean" },
      "api-port": { type: "string" },
      "read-only-port": { type: "string" },
      "healthz-port": { type: "string" },
      "control-port": { type: "string" },
      minor: { type: "string" },
    },
  });
  const config = values.config ?? "{}";
  const options: Partial<StandInOptions> = JSON.parse(
    config.trimStart().startsWith("{") ? config : readFileSync(config, "utf8"),
  );
  const headers: Record<string, string[]> = {};
  for (const header of values.header ?? []) {
    const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(header) ?? [];
    headers[name] = [...headers[name] ?? [], value];
  }
  const number = (text: string | undefined) => text === undefined ? undefined : Number(text);
  const given = {
    url: values.url,
    headers: values.header === undefined ? undefined : headers,
    pollIntervalMs: values["poll-interval"] === undefined
      ? undefined
      : parseDuration(values["poll-interval"]),
    nodeName: values["node-name"],
    criEndpoint: values.cri,
    logRoot: values["log-root"],
    rootDir: values["root-dir"],
    timeFactor: number(values["time-factor"]),
    crashFactor: number(values["crash-factor"]),
    pull: values.pull,
    podsApi: values["pods-api"],
    otherSourcesReady: values["sources-not-ready"] === true ? false : undefined,
    api: values["api-port"] === undefined ? undefined : { port: Number(values["api-port"]) },
    readOnlyPort: number(values["read-only-port"]),
    healthzPort: number(values["healthz-port"]),
    controlPort: number(values["control-port"]),
    minor: number(values.minor),
  };
  const merged = {
    ...options,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const { url, nodeName, criEndpoint, logRoot, rootDir } = merged;
  for (const [name, value] of Object.entries({ url, nodeName, criEndpoint, logRoot, rootDir })) {
    if (typeof value !== "string") throw new Error(`The stand-in needs ${name}`);
  }
  // The five that have no default are there: checked just now.
  return merged as StandInOptions;
}

if (import.meta.main) {
  const kubelet = await startStandIn(parseOptions(process.argv.slice(2)));
  process.stdout.write(`${JSON.stringify({ pid: process.pid, ports: kubelet.ports })}\n`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void kubelet.close());
  }
}
