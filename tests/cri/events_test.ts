import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  type ContainerEvent,
  eventsBetween,
  type PodView,
  RuntimeService,
  stopContainer,
  watchEvents,
} from "../../mod/cri/mod.ts";
import { runPod } from "../support/cri_pod.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

const NOW = "2026-01-02T00:00:00.000Z";
const CREATED = "2026-01-01T00:00:00.000Z";

function podWith(state: PodView["containers"][number]["state"] | undefined): PodView[] {
  const container = state === undefined ? [] : [
    {
      id: "c1",
      name: "app",
      type: "container",
      attempt: 1,
      restartCount: 1,
      state,
      createdAt: CREATED,
      image: "",
      imageId: "",
      labels: {},
      annotations: {},
      ...(state === "CONTAINER_EXITED" &&
        { status: { finishedAt: NOW, exitCode: 3, reason: "Error", message: "", logPath: "" } }),
    } as const,
  ];
  return [{
    sandboxId: "s1",
    namespace: "default",
    name: "web",
    uid: "u",
    attempt: 0,
    state: "SANDBOX_READY",
    isStatic: false,
    labels: {},
    annotations: {},
    containers: container,
  }];
}

type State = Parameters<typeof podWith>[0];

const STEPS: readonly (readonly [State, State, readonly string[]])[] = [
  [undefined, "CONTAINER_CREATED", ["created"]],
  [undefined, "CONTAINER_RUNNING", ["created", "started"]],
  [undefined, "CONTAINER_EXITED", ["created", "started", "exited 3"]],
  ["CONTAINER_CREATED", "CONTAINER_RUNNING", ["started"]],
  ["CONTAINER_RUNNING", "CONTAINER_RUNNING", []],
  ["CONTAINER_RUNNING", "CONTAINER_EXITED", ["exited 3"]],
  ["CONTAINER_EXITED", "CONTAINER_EXITED", []],
  ["CONTAINER_EXITED", undefined, ["deleted"]],
];

describe("eventsBetween()", () => {
  for (const [before, after, expected] of STEPS) {
    it(`${before ?? "nothing"} → ${after ?? "nothing"}: ${expected.join(", ") || "nothing"}`, () => {
      const events = eventsBetween(podWith(before), podWith(after), NOW);
      assert.deepEqual(events.map(short), expected);
      assert.ok(
        events.every(({ pod, container, attempt }) =>
          pod === "web" && container === "app" && attempt === 1
        ),
      );
    });
  }
});

describeWithContainerd("watchEvents()", (containerd) => {
  it("tells what happens to a container, and what happened while containerd was down", async () => {
    const { runtime, stop, start } = containerd();
    const early = await runPod(containerd(), { name: "early", containers: [{ name: "main" }] });
    const controller = new AbortController();
    const events: ContainerEvent[] = [];
    let wake = () => {};
    const watching = (async () => {
      for await (const event of watchEvents(runtime, { signal: controller.signal })) {
        events.push(event);
        wake();
      }
    })().catch((error) => {
      if (!controller.signal.aborted) throw error;
    });
    const seen = async (text: string) => {
      const giveUp = setTimeout(() => controller.abort(), 60_000);
      while (!events.some((event) => `${event.pod} ${event.container} ${event.type}` === text)) {
        if (controller.signal.aborted) {
          assert.fail(`"${text}" is not among ${JSON.stringify(events)}`);
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
          controller.signal.addEventListener("abort", () => resolve(), { once: true });
        });
      }
      clearTimeout(giveUp);
    };

    // Nobody says when the subscription stands: a container a moment is made until one is seen.
    let made = 0;
    while (events.length === 0) {
      await runPod(containerd(), { name: `probe-${made++}`, containers: [] });
    }
    const pod = await runPod(containerd(), { name: "watched", containers: [{ name: "main" }] });
    const [containerId = ""] = pod.containerIds;
    await seen("watched undefined started");
    await seen("watched main created");
    await seen("watched main started");
    await stopContainer(runtime, containerId, { graceMs: 5000 });
    await seen("watched main exited");
    await runtime.call(RuntimeService.method.removeContainer, { containerId });
    await seen("watched main deleted");

    // The connection breaks; the container ends before it is there again.
    await stop();
    await start();
    await stopContainer(runtime, early.containerIds[0] ?? "", { graceMs: 5000 });
    await seen("early main exited");
    const told = events.map((event) => `${event.id} ${short(event)}`);
    assert.equal(new Set(told).size, told.length, "an event was told twice");
    controller.abort();
    await watching;
  });
});

function short({ type, exitCode }: ContainerEvent): string {
  return exitCode === undefined ? type : `${type} ${exitCode}`;
}
