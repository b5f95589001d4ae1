import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseProbeCounts } from "../../mod/kubelet/mod.ts";

const METRICS =
  `# HELP prober_probe_total [BETA] Cumulative number of a liveness, readiness or startup probe
# TYPE prober_probe_total counter
prober_probe_total{container="web",namespace="default",pod="web-node-1",pod_uid="u1",probe_type="Readiness",result="failed"} 12
prober_probe_total{container="web",namespace="default",pod="web-node-1",pod_uid="u1",probe_type="Readiness",result="successful"} 28
prober_probe_total{container="web",namespace="default",pod="web-node-1",pod_uid="u1",probe_type="Startup",result="successful"} 1
prober_probe_total{container="web",namespace="default",pod="web-node-1",pod_uid="u1",probe_type="Exotic",result="failed"} 1
prober_probe_duration_seconds_count{container="web"} 41
`;

describe("parseProbeCounts()", () => {
  it("counts by container and kind", () => {
    const web = { namespace: "default", pod: "web-node-1", container: "web" };
    assert.deepEqual(parseProbeCounts(METRICS), [
      { ...web, kind: "readiness", passed: 28, failed: 12 },
      { ...web, kind: "startup", passed: 1, failed: 0 },
    ]);
  });

  it("leaves out what is none", () => {
    for (const text of ["", "prober_probe_total 3\n", "<html>", 'prober_probe_total{pod="a} 1']) {
      assert.deepEqual(parseProbeCounts(text), []);
    }
  });
});
