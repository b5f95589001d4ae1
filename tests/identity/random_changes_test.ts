/** Random pairs of pods: what may keep its UID is safe for the kubelet, told by rules of their own. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, type JsonObject } from "../../mod/core/mod.ts";
import { judgeChange } from "../../mod/identity/mod.ts";

const PAIRS = 100_000;

interface Shape {
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly env?: string | undefined;
    readonly probe?: boolean | undefined;
    readonly limit?: string | undefined;
  }[];
  readonly init: readonly {
    readonly name: string;
    readonly image: string;
    readonly side: boolean;
  }[];
  readonly hostNetwork: boolean;
  readonly grace: number;
  readonly wish?: string | undefined;
}

const image = fc.constantFrom("x:1", "x:2");
const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const shape: fc.Arbitrary<Shape> = fc.record({
  labels: fc.dictionary(fc.constantFrom("l", "m"), fc.constantFrom("1", "2"), { maxKeys: 2 }),
  containers: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      image,
      env: option(fc.constant("1")),
      probe: option(fc.constant(true)),
      limit: option(fc.constant("1Gi")),
    }),
    { minLength: 1, maxLength: 3, selector: ({ name }) => name },
  ),
  init: fc.uniqueArray(
    fc.record({ name: fc.constantFrom("i", "j"), image, side: fc.boolean() }),
    { maxLength: 2, selector: ({ name }) => name },
  ),
  hostNetwork: fc.boolean(),
  grace: fc.constantFrom(5, 6),
  wish: option(fc.constant("quick")),
});

/** Two pods that have most in common. */
const pair = fc.tuple(
  shape,
  shape,
  fc.array(
    fc.constantFrom(
      ...["labels", "containers", "init", "hostNetwork", "grace", "wish"] as const,
    ),
    { maxLength: 2 },
  ),
).map(([before, other, differ]): readonly [Shape, Shape] => [
  before,
  { ...before, ...Object.fromEntries(differ.map((field) => [field, other[field]])) },
]);

function podOf({ labels, containers, init, hostNetwork, grace, wish }: Shape): JsonObject {
  return {
    metadata: {
      name: "web",
      labels,
      ...(wish === undefined ? {} : { annotations: { "podstead.dev/replace": wish } }),
    },
    spec: {
      hostNetwork,
      terminationGracePeriodSeconds: grace,
      containers: containers.map(({ name, image, env, probe, limit }) => ({
        name,
        image,
        ...(env === undefined ? {} : { env: [{ name: "E", value: env }] }),
        ...(probe === undefined ? {} : { livenessProbe: { exec: { command: ["true"] } } }),
        ...(limit === undefined ? {} : { resources: { limits: { memory: limit } } }),
      })),
      initContainers: init.map(({ name, image, side }) => ({
        name,
        image,
        ...(side ? { restartPolicy: "Always" } : {}),
      })),
    },
  };
}

/** Everything but labels, and images of containers that run as long as the pod. */
function fixedText({ labels: _, containers, init, ...rest }: Shape, count: number): string {
  return canonicalJson(JSON.parse(JSON.stringify({
    ...rest,
    containers: containers.slice(0, count).map(({ image: _, ...one }) => one),
    init: init.map(({ image, ...one }) => one.side ? one : { ...one, image }),
  })));
}

describe("judgeChange(), over random pairs", () => {
  it(`keeps a UID only where a kubelet applies all of the change (${PAIRS} pairs)`, () => {
    let [kept, begun] = [0, 0];
    fc.assert(
      fc.property(pair, ([before, after]) => {
        const judged = judgeChange(podOf(before), podOf(after), 36);
        const count = before.containers.length;
        const added = after.containers.slice(count);
        const safe = fixedText(before, count) === fixedText(after, count) &&
          added.every(({ probe, limit }) =>
            limit === undefined && !before.containers.every((one) => one.limit !== undefined) &&
            !(probe === true && before.containers.some((one) => one.probe === true))
          );
        // An init container without a limit leaves the pod without one.
        const looser = before.init.length > 0;
        if (judged.inPlace) {
          kept += 1;
          assert.equal(fixedText(before, count), fixedText(after, count));
          const names = after.containers.map(({ name }) => name);
          assert.deepEqual(names.slice(0, count), before.containers.map(({ name }) => name));
          assert.deepEqual(
            judged.restarted.map(({ name }) => name).sort(),
            [...before.init, ...before.containers].filter(({ name, image }) =>
              [...after.init, ...after.containers].some((one) =>
                one.name === name && one.image !== image
              )
            ).map(({ name }) => name).sort(),
          );
          assert.deepEqual(judged.added.map(({ name }) => name), names.slice(count));
        } else {
          begun += 1;
          assert.ok(judged.fields.length > 0);
          if (!looser) assert.ok(!safe, "begins again without need");
        }
      }),
      { numRuns: PAIRS },
    );
    assert.ok(kept > PAIRS / 20 && begun > PAIRS / 20, `${kept} kept, ${begun} begun`);
  });
});
