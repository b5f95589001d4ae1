/**
 * Measures the rules against the verdicts of real kubelets of each minor.
 *
 * The vectors are data beside the checkout; a clone elsewhere has none and says so.
 */
import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { NEWEST_MINOR, OLDEST_MINOR } from "../../mod/pods/versions/minors.ts";
import { Agreement, COMMON_INPUTS, judgeLine, NO_VECTORS, readLines } from "./vectors/vectors.ts";
import type { KubeletVerdict } from "./vectors/vectors.ts";
import { describeUnless } from "../support/unless.ts";

/** The minor whose verdicts stand with the inputs. */
const MINOR_OF_INPUTS = 36;
/** The minors whose verdicts on the newest fields are known. */
const MINORS_OF_NEW_FIELDS = [36, 37];

const MINORS = Array.from(
  { length: NEWEST_MINOR - OLDEST_MINOR + 1 },
  (_, index) => OLDEST_MINOR + index,
);

function optionsOf(minor: number) {
  return { nodeName: "node-1", kubeletVersion: `1.${minor}.0` };
}

/** The verdicts of a minor on the common inputs, by id. */
function verdictsOf(minor: number): ReadonlyMap<string, KubeletVerdict> {
  const lines = minor === MINOR_OF_INPUTS
    ? COMMON_INPUTS.flatMap(readLines)
    : readLines(`1.${minor}/verdicts`);
  return new Map(lines.map((line) => {
    const verdict: KubeletVerdict & { readonly id: string } = JSON.parse(line);
    return [verdict.id, verdict];
  }));
}

describeUnless(NO_VECTORS, "judgeBody() against kubelets", () => {
  for (const minor of MINORS) {
    it(`agrees with 1.${minor} on every verdict, field and type`, () => {
      const verdicts = verdictsOf(minor);
      const agreement = new Agreement();
      for (const line of COMMON_INPUTS.flatMap(readLines)) {
        const { id }: { readonly id: string } = JSON.parse(line);
        const wanted = verdicts.get(id);
        if (wanted !== undefined) agreement.add(id, wanted, judgeLine(line, optionsOf(minor)));
      }
      agreement.assertComplete(`1.${minor}`);
    });

    it(`agrees with 1.${minor} on the inputs made for feature gates`, () => {
      const agreement = new Agreement();
      for (const line of readLines("gates/probes")) {
        const probe: {
          readonly id: string;
          readonly verdicts: Readonly<Record<string, KubeletVerdict>>;
        } = JSON.parse(line);
        const wanted = probe.verdicts[`1.${minor}`];
        assert(wanted !== undefined);
        agreement.add(probe.id, wanted, judgeLine(line, optionsOf(minor)));
      }
      agreement.assertComplete(`1.${minor}, made for gates`);
    });
  }

  for (const minor of MINORS_OF_NEW_FIELDS) {
    it(`agrees with 1.${minor} on the fields that 1.37 brought`, () => {
      const agreement = new Agreement();
      for (const line of readLines(`new-1.37/raw.1.${minor}`)) {
        const vector: KubeletVerdict & { readonly id: string } = JSON.parse(line);
        agreement.add(vector.id, vector, judgeLine(line, optionsOf(minor)));
      }
      agreement.assertComplete(`1.${minor}, new fields`);
    });
  }
});
