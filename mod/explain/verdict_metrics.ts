/** The verdict as metrics: each link, and each pod. A scrape looks if the last look is too old. */
import { Counter, Gauge, type Registry } from "prom-client";
import { declaredName, type PodStatusRow } from "../status/mod.ts";
import { type CurrentVerdict, linkStates } from "./current_verdict.ts";

const POD_LABELS = ["namespace", "pod"] as const;

/** Registers the gauges; they cost nothing until they are scraped. */
export function registerVerdictMetrics(
  registry: Registry,
  current: () => Promise<CurrentVerdict>,
  nodeName: () => string,
): void {
  const registers = [registry];
  new Gauge({
    name: "podstead_node_link_ok",
    help:
      "1 while the link was seen to hold (config, agent, kubelet, polls, runtime, pods), 0 while it is broken or not confirmed",
    labelNames: ["link"] as const,
    registers,
    async collect() {
      for (const [link, state] of linkStates((await current()).verdict)) {
        this.set({ link }, state === "holds" ? 1 : 0);
      }
    },
  });
  const rows = async () =>
    (await current()).rows.map((row) => ({ row, labels: labelsOf(row, nodeName()) }));
  new Gauge({
    name: "podstead_pod_ready",
    help: "1 while a source says that the pod is ready now, 0 otherwise",
    labelNames: POD_LABELS,
    registers,
    async collect() {
      const seen = await rows();
      this.reset();
      for (const { row, labels } of seen) this.set(labels, row.ready === "True" ? 1 : 0);
    },
  });
  new Counter({
    name: "podstead_pod_restarts_total",
    help: "How often containers of the pod were started again",
    labelNames: POD_LABELS,
    registers,
    async collect() {
      const seen = await rows();
      this.reset();
      for (const { row, labels } of seen) this.inc(labels, row.restarts);
    },
  });
  new Gauge({
    name: "podstead_pod_last_exit_code",
    help: "Exit code of the pod's last container that ended; absent where none is known",
    labelNames: POD_LABELS,
    registers,
    async collect() {
      const seen = await rows();
      this.reset();
      for (const { row, labels } of seen) {
        const code = lastExitCode(row);
        if (code !== undefined) this.set(labels, code);
      }
    },
  });
  new Gauge({
    name: "podstead_pod_state",
    help:
      "State of each pod (holds, changing, broken, unknown), with the reason in a word; always 1",
    labelNames: ["namespace", "pod", "state", "reason"] as const,
    registers,
    async collect() {
      const { rows, verdict } = await current();
      this.reset();
      for (const [index, row] of rows.entries()) {
        const state = verdict.pods[index]?.state ?? "unknown";
        this.set({ ...labelsOf(row, nodeName()), state, reason: reasonWord(row.reason) }, 1);
      }
    },
  });
}

function labelsOf(
  { namespace, name, joined: { desired } }: PodStatusRow,
  nodeName: string,
): { readonly namespace: string; readonly pod: string } {
  return { namespace, pod: desired?.name ?? declaredName(name, nodeName) };
}

/** A reason is a word such as `CrashLoopBackOff`; a sentence would make a new series each time. */
function reasonWord(reason: string): string {
  return /^[A-Za-z]*/.exec(reason)?.[0] === reason || /^\w+ \(\d+\)$/.test(reason)
    ? reason.split(" ")[0] ?? ""
    : reason === ""
    ? ""
    : "Other";
}

function lastExitCode({ joined: { kubelet, sandboxes } }: PodStatusRow): number | undefined {
  const told = [
    ...(kubelet?.containers ?? []).map(({ state, lastTermination }) =>
      state.kind === "terminated" ? state : lastTermination
    ),
    ...sandboxes.flatMap(({ containers }) => containers)
      .filter(({ type, status }) => type === "container" && status?.exitCode !== undefined)
      .map(({ status }) => status),
  ].flatMap((end) =>
    end?.exitCode === undefined || end.finishedAt === undefined
      ? []
      : [{ code: end.exitCode, atMs: Date.parse(end.finishedAt) }]
  );
  return told.toSorted((left, right) => right.atMs - left.atMs)[0]?.code;
}
