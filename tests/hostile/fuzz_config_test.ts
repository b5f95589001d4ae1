/** Configs and pods that mean harm: read and judged, never thrown at. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfigText } from "../../mod/config/mod.ts";
import { judgeBody } from "../../mod/pods/mod.ts";
import { decodeText } from "../../mod/yaml/mod.ts";
import { fuzz } from "./fuzz.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));

function filesIn(folder: string): readonly Uint8Array[] {
  const path = join(FIXTURES, folder);
  return readdirSync(path).filter((name) => !name.endsWith(".expected"))
    .map((name) => readFileSync(join(path, name)));
}

const CONFIGS = [...filesIn("config/valid"), ...filesIn("config/invalid")];
const PODS = [
  readFileSync(join(FIXTURES, "golden/pods.yaml")),
  readFileSync(join(FIXTURES, "golden/pods.served.json")),
  ...filesIn("controlplane/kubeadm-v1.36"),
];

describe("hostile configs and pods", () => {
  it("are read as a config, with problems that have a place", () =>
    fuzz({
      corpus: [...CONFIGS, ...PODS],
      take: (input) => {
        const decoded = decodeText(input, "f.yaml");
        if (!decoded.ok) return;
        const { problems } = parseConfigText(decoded.text, "f.yaml", "any");
        for (const { message } of problems) assert.ok(message !== "");
      },
    }));

  it("are judged as the kubelet does, with a reason for each refusal", () =>
    fuzz({
      corpus: PODS,
      take: (input) => {
        const verdict = judgeBody(input, { nodeName: "node-1" });
        assert.equal(verdict.valid, verdict.errors.length === 0);
      },
    }));
});
