import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ContainerEvent, ContainerView, PodView } from "../../mod/cri/mod.ts";
import { ContainerLife, type NewPodEvent, type PodEvent } from "../../mod/observe/mod.ts";
import { container, NOW, sandbox } from "../status/samples.ts";

const iso = (ms: number) => new Date(ms).toISOString();

function recorder(recorded: readonly PodEvent[] = []) {
  const events: NewPodEvent[] = [];
  const life = new ContainerLife({
    record: (event) => events.push(event),
    recorded,
    ownerOf: (namespace, fullName) =>
      fullName === "web-node-1" ? { namespace, name: "web" } : undefined,
  });
  const told = () =>
    events.map(({ type, message, atMs }) => `${(atMs ?? 0) - NOW} ${type}: ${message}`);
  return { life, events, told };
}

function happened(
  type: ContainerEvent["type"],
  id: string,
  atMs: number,
  change: Partial<ContainerEvent> = {},
): ContainerEvent {
  const names = { namespace: "default", pod: "web-node-1", container: "main", attempt: 0 };
  return { type, id, time: iso(atMs), ...names, ...change };
}

describe("ContainerLife", () => {
  it("records a kill and the restart after it at their own times, from the stream alone", () => {
    const { life, told } = recorder();
    life.onEvent(happened("started", "c1", NOW));
    life.onEvent(happened("exited", "c1", NOW + 5_000, { exitCode: 137 }));
    life.onEvent(happened("started", "c2", NOW + 5_800, { attempt: 1 }));
    assert.deepEqual(told(), [
      "0 started: Container main runs",
      "5000 ended: Container main ended with exit code 137",
      "5800 restarted: Container main was started again, restart 1",
    ]);
  });

  it("says that a container was killed for its memory", () => {
    const { life, told } = recorder();
    life.onEvent(happened("oom", "c1", NOW));
    life.onEvent(happened("exited", "c1", NOW + 1, { exitCode: 137 }));
    assert.match(told().at(-1) ?? "", /exit code 137 \(OOMKilled\)/);
  });

  it("tells from a list what happened while nothing was heard, and nothing twice", () => {
    const { life, told } = recorder();
    life.onEvent(happened("started", "c1", NOW));
    const dead = container({
      id: "c1",
      state: "CONTAINER_EXITED",
      status: {
        startedAt: iso(NOW),
        finishedAt: iso(NOW + 900),
        exitCode: 3,
        reason: "Error",
        message: "",
        logPath: "",
      },
    });
    const alive = container({ id: "c2", attempt: 1, restartCount: 1, createdAt: iso(NOW + 1_500) });
    for (let look = 0; look < 3; look += 1) life.onList([sandbox({ containers: [dead, alive] })]);
    life.onEvent(happened("exited", "c1", NOW + 900, { exitCode: 3 }));
    assert.deepEqual(told(), [
      "0 started: Container main runs",
      "900 ended: Container main ended with exit code 3",
      "1500 restarted: Container main was started again, restart 1",
    ]);
  });

  it("tells nothing again after a restart of podstead, and what it missed", () => {
    const before: PodEvent = {
      at: iso(NOW),
      type: "started",
      namespace: "default",
      name: "web",
      message: "",
      container: { id: "c1", name: "main" },
    };
    const { life, told } = recorder([before]);
    const ended = { finishedAt: iso(NOW + 7), exitCode: 0, reason: "Completed" };
    life.onList([sandbox({
      containers: [container({
        id: "c1",
        state: "CONTAINER_EXITED",
        status: { ...ended, message: "", logPath: "" },
      })],
    })]);
    assert.deepEqual(told(), ["7 ended: Container main ended with exit code 0"]);
  });

  it("takes no notice of pods of others, sandboxes and containers that only were made", () => {
    const { life, told } = recorder();
    life.onEvent(happened("started", "x", NOW, { pod: "other-node-1" }));
    const { container: _, ...ofSandbox } = happened("exited", "s", NOW);
    life.onEvent(ofSandbox);
    life.onList([
      sandbox({ containers: [container({ state: "CONTAINER_CREATED" })] }),
      sandbox({ name: "other-node-1" }),
    ]);
    assert.deepEqual(told(), []);
  });

  it("gives each start and each end exactly one event, whatever the stream loses or says twice", () => {
    const step = fc.record({
      kind: fc.constantFrom("start", "end", "list", "list"),
      heard: fc.constantFrom(0, 1, 1, 2),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: "max" }), (steps) => {
        const { life, events } = recorder();
        const all: ContainerView[] = [];
        const list = (): readonly PodView[] => [sandbox({ containers: all })];
        let nowMs = NOW;
        for (const { kind, heard } of steps) {
          nowMs += 1_000;
          const newest = all.at(-1);
          const runs = newest?.state === "CONTAINER_RUNNING";
          const tell = (event: ContainerEvent) => {
            for (let time = 0; time < heard; time += 1) life.onEvent(event);
          };
          if (kind === "start" && !runs) {
            const attempt = all.length;
            const id = `c${attempt}`;
            all.push(container({ id, attempt, restartCount: attempt, createdAt: iso(nowMs) }));
            tell(happened("started", id, nowMs, { attempt }));
          } else if (kind === "end" && newest !== undefined && runs) {
            const status = { startedAt: newest.createdAt, finishedAt: iso(nowMs), exitCode: 1 };
            all[all.length - 1] = {
              ...newest,
              state: "CONTAINER_EXITED",
              status: { ...status, reason: "Error", message: "", logPath: "" },
            };
            tell(happened("exited", newest.id, nowMs, { exitCode: 1, attempt: newest.attempt }));
          } else if (kind === "list") {
            life.onList(list());
          }
        }
        life.onList(list());
        const count = (ended: boolean, id: string) =>
          events.filter(({ type, container }) =>
            container?.id === id && (type === "ended") === ended
          )
            .length;
        for (const { id, state } of all) {
          assert.equal(count(false, id), 1, `starts of ${id}`);
          assert.equal(count(true, id), state === "CONTAINER_EXITED" ? 1 : 0, `ends of ${id}`);
        }
      }),
      { numRuns: 200 },
    );
  });
});
