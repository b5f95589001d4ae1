/** How often a probe was asked, and how it was answered, since its container started. */
export interface ProbeCount {
  readonly namespace: string;
  /** With the node's name. */
  readonly pod: string;
  readonly container: string;
  readonly kind: "startup" | "readiness" | "liveness";
  readonly passed: number;
  readonly failed: number;
}

/** Source: kubernetes pkg/kubelet/prober/prober_manager.go, `ProberResults`. */
const SAMPLE = /^prober_probe_total\{(.*)\} (\S+)/gm;

/** Reads the kubelet's `/metrics/probes`; what is no count of a probe is left out. */
export function parseProbeCounts(text: string): readonly ProbeCount[] {
  const counts = new Map<string, ProbeCount>();
  for (const [, labelText = "", value] of text.matchAll(SAMPLE)) {
    const labels = new Map(
      [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((
        [, name = "", text = ""],
      ) => [name, text]),
    );
    const kind = kindOf(labels.get("probe_type"));
    const { namespace, pod, container } = Object.fromEntries(labels);
    if (
      kind === undefined || namespace === undefined || pod === undefined || container === undefined
    ) {
      continue;
    }
    const key = `${namespace}/${pod}/${labels.get("pod_uid")}/${container}/${kind}`;
    const before = counts.get(key) ?? { namespace, pod, container, kind, passed: 0, failed: 0 };
    const number = Number(value);
    const result = labels.get("result");
    if (result === "successful") counts.set(key, { ...before, passed: number });
    if (result === "failed") counts.set(key, { ...before, failed: number });
  }
  return [...counts.values()];
}

function kindOf(text: string | undefined): ProbeCount["kind"] | undefined {
  const kind = text?.toLowerCase();
  return kind === "startup" || kind === "readiness" || kind === "liveness" ? kind : undefined;
}
