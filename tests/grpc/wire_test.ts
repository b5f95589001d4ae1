import { describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ContainerStatusSchema,
  type LinuxContainerUser,
  LinuxContainerUserSchema,
  PodSandboxMetadataSchema,
  PodSandboxSchema,
  PodSandboxState,
} from "../../mod/cri/gen/runtime.ts";
import {
  decodeMessage,
  encodeMessage,
  messageToJson,
  type MessageType,
} from "../../mod/grpc/mod.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

/** Written by hand from the rules of the format, not by this code. */
const WRITTEN: readonly (readonly [string, string, () => Uint8Array])[] = [
  [
    "a text and a number",
    "0a 01 61 20 ac02",
    () => encodeMessage(PodSandboxMetadataSchema, { name: "a", attempt: 300 }),
  ],
  [
    "nothing for defaults",
    "",
    () => encodeMessage(PodSandboxMetadataSchema, { name: "", attempt: 0 }),
  ],
  [
    "a message inside, though it is empty",
    "12 00",
    () => encodeMessage(PodSandboxSchema, { metadata: {} }),
  ],
  [
    "an enum",
    "18 01",
    () => encodeMessage(PodSandboxSchema, { state: PodSandboxState.SANDBOX_NOTREADY }),
  ],
  [
    "a map",
    "2a 06 0a01 6b 12 01 76",
    () => encodeMessage(PodSandboxSchema, { labels: { k: "v" } }),
  ],
  [
    "a negative number in ten bytes",
    "08 ffffffffffffffffff01",
    () => encodeMessage(LinuxContainerUserSchema, { uid: -1n }),
  ],
  [
    "numbers packed",
    "1a 03 01 ac02",
    () => encodeMessage(LinuxContainerUserSchema, { supplementalGroups: [1n, 300n] }),
  ],
];

describe("encodeMessage()", () => {
  for (const [what, expected, encode] of WRITTEN) {
    it(`writes ${what}`, () => assert.equal(hex(encode()), expected.replaceAll(" ", "")));
  }
});

describe("decodeMessage()", () => {
  it("gives back what was written", () => {
    const user: fc.Arbitrary<LinuxContainerUser> = fc.record({
      uid: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      gid: fc.bigInt({ min: 0n, max: 2n ** 40n }),
      supplementalGroups: fc.array(fc.bigInt({ min: -5n, max: 2n ** 62n })),
    });
    const text = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.constantFrom("é", "日本語", "\u{1F600}", "\0", "\uFEFFa"),
    );
    fc.assert(
      fc.property(
        user,
        text,
        fc.dictionary(text, text),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (linux, id, labels, exitCode) => {
          const init = { id, labels, exitCode, user: { linux }, mounts: [{ containerPath: id }] };
          const read = decodeMessage(
            ContainerStatusSchema,
            encodeMessage(ContainerStatusSchema, init),
          );
          assert.equal(read.id, id);
          assert.equal(read.exitCode, exitCode);
          assert.deepEqual(Object.entries(read.labels), Object.entries(labels));
          assert.deepEqual(read.user?.linux, { ...linux });
          assert.equal(read.mounts[0]?.containerPath, id);
          assert.equal(read.reason, "");
        },
      ),
      { numRuns: 50 },
    );
  });

  it("takes __proto__ as a key like any other", () => {
    const labels = JSON.parse('{"__proto__":"x"}');
    const read = decodeMessage(PodSandboxSchema, encodeMessage(PodSandboxSchema, { labels }));
    assert.deepEqual(Object.entries(read.labels), [["__proto__", "x"]]);
    assert.equal(Object.getPrototypeOf(read.labels), Object.prototype);
  });

  it("takes numbers one by one where they could be packed", () => {
    const read = decodeMessage(LinuxContainerUserSchema, bytes("18 01 18 ac02"));
    assert.deepEqual(read.supplementalGroups, [1n, 300n]);
  });

  it("skips fields of every wire type that it does not know", () => {
    const unknown = "a006 ff01  a106 0102030405060708  a206 03 010203  a506 01020304";
    const read = decodeMessage(PodSandboxMetadataSchema, bytes(`${unknown} 0a 01 61`));
    assert.deepEqual(read, { name: "a", uid: "", namespace: "", attempt: 0 });
  });

  const BROKEN: readonly (readonly [string, MessageType<unknown>, string])[] = [
    ["ends in a text", PodSandboxMetadataSchema, "0a 05 61"],
    ["ends in a number", PodSandboxMetadataSchema, "20 ac"],
    ["ends in a message inside", PodSandboxSchema, "12 05 0a"],
    ["has a message inside that overruns its length", PodSandboxSchema, "12 02 0a 05 6161616161"],
    ["has an endless number", PodSandboxMetadataSchema, "20 ffffffffffffffffffffff01"],
    ["has a group", PodSandboxMetadataSchema, "a306"],
    ["ends in what is skipped", PodSandboxMetadataSchema, "a106 01"],
  ];
  for (const [what, type, text] of BROKEN) {
    it(`refuses what ${what}`, () => {
      assert.throws(() => decodeMessage(type, bytes(text)), RangeError);
    });
  }
});

describe("messageToJson()", () => {
  it("writes numbers of 64 bits as text and enums by name", () => {
    const sandbox = decodeMessage(
      PodSandboxSchema,
      encodeMessage(PodSandboxSchema, {
        id: "s",
        state: PodSandboxState.SANDBOX_NOTREADY,
        createdAt: 1_767_225_600_000_000_001n,
        labels: { a: "b" },
      }),
    );
    assert.deepEqual(messageToJson(PodSandboxSchema, sandbox), {
      id: "s",
      state: "SANDBOX_NOTREADY",
      createdAt: "1767225600000000001",
      labels: { a: "b" },
      annotations: {},
      runtimeHandler: "",
    });
  });
});
