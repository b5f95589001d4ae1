/** Answers of a runtime that speaks garbage: refused by the codec, never believed by accident. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { criMessages } from "../../mod/cri/mod.ts";
import {
  decodeMessage,
  encodeFrame,
  encodeMessage,
  FrameReader,
  GrpcError,
  messageToJson,
  type MessageType,
} from "../../mod/grpc/mod.ts";
import { fuzz, pick } from "./fuzz.ts";

const STATUS = encodeMessage(criMessages.ContainerStatusResponseSchema, {
  status: {
    id: "a".repeat(64),
    metadata: { name: "web", attempt: 3 },
    image: { image: "docker.io/library/nginx:1" },
    labels: { "io.kubernetes.pod.name": "web" },
    mounts: [{ containerPath: "/etc", hostPath: "/etc", readonly: true }],
  },
  info: { info: "{}" },
});
const LIST = encodeMessage(criMessages.ListContainersResponseSchema, {
  containers: Array.from({ length: 20 }, (_, attempt) => ({
    id: `${attempt}`.repeat(64),
    metadata: { name: "web", attempt },
    createdAt: 1_770_000_000_000_000_000n,
  })),
});
const TYPES: readonly MessageType<unknown>[] = [
  criMessages.ContainerStatusResponseSchema,
  criMessages.ListContainersResponseSchema,
  criMessages.ListPodSandboxResponseSchema,
  criMessages.ListContainerStatsResponseSchema,
  criMessages.ContainerEventResponseSchema,
  criMessages.ImageStatusResponseSchema,
  criMessages.StatusResponseSchema,
];

/** Runs what may refuse its input, with an error that the codec documents. */
function mayRefuse(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    const isRefused = error instanceof RangeError && !error.message.includes("call stack");
    if (!isRefused && !(error instanceof GrpcError)) throw error;
  }
}

describe("hostile answers of a runtime", () => {
  it("are decoded or refused", () =>
    fuzz({
      corpus: [STATUS, LIST],
      share: 5,
      take: (input, random) => {
        const type = pick(TYPES, random);
        mayRefuse(() => JSON.stringify(messageToJson(type, decodeMessage(type, input))));
      },
    }));

  it("are cut into frames or refused, in whatever pieces they come", () =>
    fuzz({
      corpus: [Buffer.concat([encodeFrame(STATUS), encodeFrame(LIST), encodeFrame(STATUS)])],
      take: (input, random) => {
        const frames = new FrameReader();
        mayRefuse(() => {
          for (let at = 0; at < input.length;) {
            const length = 1 + random(1_000);
            frames.push(input.subarray(at, at + length));
            at += length;
            let message: Uint8Array | undefined;
            while ((message = frames.next()) !== undefined) {
              assert.ok(message.length <= input.length);
            }
          }
        });
      },
    }));
});
