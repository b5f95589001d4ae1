/** Measures the defaults, and the predicted UIDs, against pods that kubelets hold. */
import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { predictUid } from "../../mod/pods/predict_uid.ts";
import { heldPodsDiffer, readHeldPods, uidOf } from "./vectors/held_pods.ts";
import { declaredPod, judgeLine, NO_VECTORS, readLines, say } from "./vectors/vectors.ts";
import { describeUnless } from "../support/unless.ts";

/** Where the kubelet of the vectors had its pods from. */
const URL_OF_VECTORS = "http://127.0.0.1/pods";
/** The others carry a status or a time. */
const MIN_PREDICTED_UIDS = 646;

/** Inputs with the pods that come of them, and the minor that holds those. */
const HELD = [
  { name: "harvest", minor: 36 },
  { name: "raw", minor: 36 },
  { name: "new-1.37/raw.1.36", minor: 36 },
  { name: "new-1.37/raw.1.37", minor: 37 },
] as const;

/** Vectors whose UID is made of something that is not in the values any more. */
const UID_EXCEPTIONS = new Set([
  // Go keeps the text of a quantity: this one is written 1e3, and served as 1000.
  "raw/quantity/cpu-raw/1e3",
]);

function idOf(line: string): string {
  const { id }: { readonly id: string } = JSON.parse(line);
  return id;
}

describeUnless(NO_VECTORS, "judgeBody() against pods that kubelets hold", () => {
  for (const { name, minor } of HELD) {
    it(`holds the pods of ${name} as 1.${minor} does`, () => {
      const held = readHeldPods(`${name}.normalized`);
      const options = { nodeName: "node-1", kubeletVersion: `1.${minor}.0` };
      const differences: string[] = [];
      for (const line of readLines(name)) {
        const pods = held.get(idOf(line));
        const difference = pods && heldPodsDiffer(pods, judgeLine(line, options), minor);
        if (difference !== undefined) differences.push(`${idOf(line)}: ${difference}`);
      }
      say(`${name} in 1.${minor}: ${held.size} inputs, different: ${differences.length}`);
      for (const difference of differences.slice(0, 40)) say(`  differs: ${difference}`);
      assert(held.size > 0);
      assert.equal(differences.length, 0);
    });
  }
});

describeUnless(NO_VECTORS, "predictUid() against a kubelet of 1.36", () => {
  it("predicts the UIDs that it gave", () => {
    let predicted = 0;
    for (const name of ["harvest", "raw"]) {
      const held = readHeldPods(`${name}.normalized`);
      for (const line of readLines(name)) {
        const pods = held.get(idOf(line));
        if (pods?.length !== 1 || UID_EXCEPTIONS.has(idOf(line))) continue;
        const uid = predictUid(declaredPod(line), URL_OF_VECTORS, "1.36.2");
        if (uid === undefined) continue;
        predicted += 1;
        assert.equal(uid, uidOf(pods[0]), idOf(line));
      }
    }
    say(`UIDs agreed: ${predicted}`);
    assert(predicted >= MIN_PREDICTED_UIDS, `only ${predicted} UIDs were predicted`);
  });
});
