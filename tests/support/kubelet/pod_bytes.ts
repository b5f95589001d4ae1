/**
 * A Pod in the bytes of Kubernetes' own protobuf, written by hand from its numbers and not by
 * podstead's codec, which it is to prove.
 *
 * Source: k8s.io/api core/v1/generated.proto, k8s.io/apimachinery meta/v1/generated.proto.
 */
import { Buffer } from "node:buffer";

/** Name → number, and what the member is; a name that is not in a table is not written. */
interface Shape {
  readonly [name: string]: readonly [number, Kind];
}
type Kind = "text" | "number" | "map" | "time" | Shape;

const state: Shape = {
  waiting: [1, { reason: [1, "text"], message: [2, "text"] }],
  running: [2, { startedAt: [1, "time"] }],
  terminated: [3, {
    exitCode: [1, "number"],
    signal: [2, "number"],
    reason: [3, "text"],
    message: [4, "text"],
    startedAt: [5, "time"],
    finishedAt: [6, "time"],
    containerID: [7, "text"],
  }],
};
const container: Shape = {
  name: [1, "text"],
  state: [2, state],
  lastState: [3, state],
  ready: [4, "number"],
  restartCount: [5, "number"],
  image: [6, "text"],
  imageID: [7, "text"],
  containerID: [8, "text"],
  started: [9, "number"],
};
const pod: Shape = {
  metadata: [1, {
    name: [1, "text"],
    namespace: [3, "text"],
    uid: [5, "text"],
    labels: [11, "map"],
    annotations: [12, "map"],
  }],
  spec: [2, {
    containers: [2, { name: [1, "text"], image: [2, "text"] }],
    restartPolicy: [3, "text"],
    nodeName: [10, "text"],
  }],
  status: [3, {
    phase: [1, "text"],
    conditions: [2, {
      type: [1, "text"],
      status: [2, "text"],
      lastTransitionTime: [4, "time"],
      reason: [5, "text"],
      message: [6, "text"],
    }],
    message: [3, "text"],
    reason: [4, "text"],
    hostIP: [5, "text"],
    podIP: [6, "text"],
    startTime: [7, "time"],
    containerStatuses: [8, container],
    qosClass: [9, "text"],
    initContainerStatuses: [10, container],
  }],
};

/** `v1.Pod.Marshal()`: without the `k8s\0` magic. */
export function podBytes(value: object): Uint8Array {
  return message(pod, value as Readonly<Record<string, unknown>>); // members are looked up by name only
}

/** One length-delimited field. */
export function bytesField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** One field that is a number. */
export function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

function message(shape: Shape, value: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.concat(
    Object.entries(shape).flatMap(([name, [number, kind]]) => {
      const member = value[name];
      if (member === undefined || member === null) return [];
      const items: readonly unknown[] = Array.isArray(member) ? member : [member];
      return items.map((item) => field(number, kind, item));
    }),
  );
}

function field(number: number, kind: Kind, value: unknown): Buffer {
  switch (kind) {
    case "text":
      return bytesField(number, Buffer.from(String(value)));
    case "number":
      return numberField(number, Number(value));
    case "time":
      return bytesField(number, numberField(1, Date.parse(String(value)) / 1000));
    case "map":
      return Buffer.concat(
        Object.entries(value as Readonly<Record<string, string>>).map(([key, text]) =>
          bytesField(
            number,
            Buffer.concat([bytesField(1, Buffer.from(key)), bytesField(2, Buffer.from(text))]),
          )
        ),
      );
    default:
      return bytesField(number, message(kind, value as Readonly<Record<string, unknown>>));
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}
