/** Measures the rules against kubelets whose feature gates are set to what is not their default. */
import { it } from "@std/testing/bdd";
import type { GateSettings } from "../../mod/pods/versions/feature_gates.ts";
import { NEWEST_MINOR, OLDEST_MINOR } from "../../mod/pods/versions/minors.ts";
import { Agreement, COMMON_INPUTS, judgeLine, NO_VECTORS, readLines } from "./vectors/vectors.ts";
import type { KubeletVerdict } from "./vectors/vectors.ts";
import { describeUnless } from "../support/unless.ts";

/** One input whose verdict a setting changes. */
interface GateVector {
  /** `A=true,B=false`. */
  readonly gates: string;
  readonly id: string;
  /** `defaults` where only the pod that the kubelet holds changes; what it becomes is not told. */
  readonly what: "verdict" | "defaults";
  readonly verdict: KubeletVerdict;
}

function gatesOf(text: string): GateSettings {
  return Object.fromEntries(
    text.split(",").map((one) => {
      const [name = "", value] = one.split("=");
      return [name, value === "true"];
    }),
  );
}

function linesById(...names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name) => readLines(name)).map((line) => {
      const { id }: { readonly id: string } = JSON.parse(line);
      return [id, line];
    }),
  );
}

describeUnless(NO_VECTORS, "judgeBody() with feature gates, against kubelets", () => {
  if (NO_VECTORS) return;
  const inputs = linesById(...COMMON_INPUTS, "new-1.37/both", "gates/probes");
  // Most gates change few verdicts: that they leave the others alone is seen on these.
  const others = linesById("raw", "gates/probes");

  for (let minor = OLDEST_MINOR; minor <= NEWEST_MINOR; minor++) {
    const vectors: readonly GateVector[] = readLines(`gates/1.${minor}`).map((line) =>
      JSON.parse(line)
    );
    const changed = Map.groupBy(
      vectors.filter(({ what }) => what === "verdict"),
      ({ gates }) => gates,
    );
    for (const [gates, ofGates] of changed) {
      it(`agrees with 1.${minor} and ${gates}`, () => {
        const options = { nodeName: "node-1", kubeletVersion: `1.${minor}.0` };
        const agreement = new Agreement();
        for (const { id, verdict } of ofGates) {
          const line = inputs.get(id);
          if (line === undefined) continue;
          agreement.add(id, verdict, judgeLine(line, { ...options, featureGates: gatesOf(gates) }));
        }
        agreement.assertComplete(`1.${minor}, ${gates}`);
      });

      it(`changes no other verdict of 1.${minor} by ${gates}`, () => {
        const options = { nodeName: "node-1", kubeletVersion: `1.${minor}.0` };
        const agreement = new Agreement();
        for (const [id, line] of others) {
          if (ofGates.some((vector) => vector.id === id)) continue;
          const wanted = { ...judgeLine(line, options), stage: "" };
          agreement.add(id, wanted, judgeLine(line, { ...options, featureGates: gatesOf(gates) }));
        }
        agreement.assertComplete(`1.${minor}, ${gates}, others`);
      });
    }
  }
});
