/** A roll-out over agents that are played: what is told of each, and who is touched. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type {
  ChangeOutcome,
  ChangeRequest,
  RevisionView,
  TrialEnd,
  TrialView,
} from "../../../mod/api/contract/mod.ts";
import { AgentUnreachable, PodsteadError, systemClock } from "../../../mod/core/mod.ts";
import {
  type Connection,
  driveRollout,
  resumed,
  type RolloutRecord,
  rolloutsPath,
  RolloutStore,
} from "../../../mod/fleet/drive/mod.ts";
import { parseBatches, rolloutTrigger } from "../../../mod/fleet/plan/mod.ts";
import { makeTempDir } from "../../support/temp_dir.ts";

const ID = "20261130-143007-5f3a";
const AT = "2026-11-30T14:30:07.000Z";

/** What an agent makes of the change. */
type Fate = "kept" | "reverted" | "failed" | "refused" | "unchanged" | "on-trial" | "blocked";

/** An agent as the driver sees it: a history, a trial, and a connection that may be cut. */
class PlayedAgent {
  readonly changes: ChangeRequest[] = [];
  history: RevisionView[] = [revision(1, "start")];
  fate: Fate;
  reachable = true;
  /** Cuts the connection at the first change, before or after the agent took it. */
  cutAt: "before" | "after" | undefined;
  #trial: TrialView = {};
  #ends = 0;
  /** Looks at the trial until it has ended. */
  looks = 2;

  constructor(fate: Fate) {
    this.fate = fate;
  }

  connect(): Promise<Connection> {
    if (!this.reachable) return Promise.reject(new AgentUnreachable("Not reachable: it is off"));
    return Promise.resolve({
      agent: {
        history: () => Promise.resolve(this.history.toReversed()),
        trial: () => Promise.resolve(this.#look()),
        change: (request) => this.#change(request),
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }

  #change(request: ChangeRequest): Promise<ChangeOutcome> {
    const cut = this.cutAt;
    this.cutAt = undefined;
    if (cut === "before") return Promise.reject(new AgentUnreachable("The connection ended"));
    this.changes.push(request);
    if (this.fate === "on-trial") {
      return Promise.reject(new PodsteadError("failed", "Revision 7 is on trial"));
    }
    const known = this.history.some(({ trigger }) => trigger === request.trigger);
    if (this.fate === "unchanged" || known && this.fate === "kept") {
      return Promise.resolve(outcome("unchanged"));
    }
    if (this.fate === "refused") return Promise.resolve(outcome("refused"));
    // A pod whose image cannot be pulled is never served: there is no revision of it.
    const number = this.history.length + (this.fate === "blocked" ? 0 : 1);
    if (this.fate !== "blocked") this.history.push(revision(number, request.trigger));
    const running = {
      revision: number,
      backTo: this.fate === "blocked" ? number : number - 1,
      trigger: request.trigger,
      startedMs: 0,
      timeoutMs: 1,
      settleMs: 1,
      confirm: "auto" as const,
    };
    this.#trial = { running };
    if (cut === "after") return Promise.reject(new AgentUnreachable("The connection ended"));
    return Promise.resolve({ ...outcome("applied"), trial: running });
  }

  #look(): TrialView {
    const { running } = this.#trial;
    if (running === undefined || (this.looks -= 1) > 0) return this.#trial;
    if (this.fate === "reverted") {
      this.history.push(revision(this.history.length + 1, "trial-reverted"));
    }
    // The others begin no trial.
    const result = this.fate === "blocked" ? "reverted" : this.fate as TrialEnd["result"];
    const cause = result === "kept" ? {} : { cause: "web: its image cannot be pulled" };
    const { revision: number, backTo, trigger = "" } = running;
    const at = new Date(Date.parse(AT) + (this.#ends += 1)).toISOString();
    this.#trial = { last: { revision: number, backTo, result, at, trigger, ...cause } };
    return this.#trial;
  }
}

function revision(number: number, trigger: string): RevisionView {
  return { number, current: false, at: AT, trigger, result: "applied", files: [], pods: [] };
}

function outcome(result: ChangeOutcome["result"]): ChangeOutcome {
  return {
    result,
    files: [],
    reload: {
      result: "applied",
      trigger: "request",
      revision: 2,
      at: AT,
      durationMs: 1,
      pods: [],
      problems: [],
      needRestart: [],
      served: { pods: 0, bytes: 0, etag: "" },
    },
  };
}

function recordOf(names: readonly string[], more: Partial<RolloutRecord> = {}): RolloutRecord {
  return {
    format: 1,
    id: ID,
    createdAt: AT,
    rules: {
      nodes: names,
      batches: parseBatches("1,100%"),
      maxFailures: 0,
      settleMs: 1,
      timeoutMs: 1,
    },
    targets: names.map((name) => ({ name, ssh: name, labels: {} })),
    operations: [],
    state: "running",
    nodes: {},
    ...more,
  };
}

/** A time that passes as fast as it is waited for. */
const HASTY = {
  ...systemClock,
  passedMs: 0,
  monotonicMs() {
    return this.passedMs;
  },
  async sleep(delayMs: number, signal?: AbortSignal) {
    signal?.throwIfAborted();
    this.passedMs += delayMs;
    await new Promise<void>((resolve) => setImmediate(resolve));
  },
};

async function drive(
  agents: Readonly<Record<string, PlayedAgent>>,
  options: {
    readonly record?: RolloutRecord;
    readonly told?: (record: RolloutRecord, store: RolloutStore) => void;
    readonly signal?: AbortSignal;
  } = {},
) {
  const directory = await makeTempDir("rollout");
  const store = new RolloutStore(directory.path);
  const record = options.record ?? recordOf(Object.keys(agents));
  await store.save(record);
  try {
    const end = await driveRollout(record, {
      store,
      clock: HASTY,
      connect: (node) => agents[node]?.connect() ?? Promise.reject(new Error(`no ${node}`)),
      told: (one) => options.told?.(one, store),
      signal: options.signal ?? new AbortController().signal,
    });
    assert.deepEqual(
      await store.read(ID),
      JSON.parse(JSON.stringify(end)),
      "on disk as at its end",
    );
    const states = Object.fromEntries(
      Object.entries(end.nodes).map(([name, { state }]) => [name, state]),
    );
    return { end, states };
  } finally {
    await directory.remove();
  }
}

describe("driveRollout()", () => {
  it("brings a good change to every node, the first one alone", async () => {
    const agents = {
      a: new PlayedAgent("kept"),
      b: new PlayedAgent("kept"),
      c: new PlayedAgent("kept"),
    };
    const updating: number[] = [];
    const { end, states } = await drive(agents, {
      told: ({ nodes }) => {
        const now = Object.values(nodes).filter(({ state }) => state === "updating").length;
        if (nodes.a?.state === "updating") assert.equal(now, 1, "the first node is alone");
        updating.push(now);
      },
    });
    assert.equal(end.state, "done");
    assert.deepEqual(states, { a: "ready", b: "ready", c: "ready" });
    assert.ok(updating.includes(2), "the others go together");
    const [request] = agents.b.changes;
    assert.equal(request?.trigger, rolloutTrigger(ID));
    assert.equal(request?.trial?.confirm, "auto");
  });
  for (const fate of ["reverted", "blocked", "failed", "refused", "on-trial"] as const) {
    it(`halts where the first node is ${fate}, and touches no other`, async () => {
      const agents = { a: new PlayedAgent(fate), b: new PlayedAgent("kept") };
      const { end, states } = await drive(agents);
      assert.equal(end.state, "halted");
      assert.match(end.reason ?? "", /failed on 1 node/);
      assert.deepEqual(states, {
        a: fate === "reverted" || fate === "blocked" ? "reverted" : "failed",
      });
      assert.equal(agents.b.changes.length, 0);
      assert.notEqual(end.nodes.a?.message, undefined);
    });
  }
  it("skips what it cannot reach, and lets the next node be the test", async () => {
    const agents = {
      a: new PlayedAgent("kept"),
      b: new PlayedAgent("reverted"),
      c: new PlayedAgent("kept"),
    };
    agents.a.reachable = false;
    const { end, states } = await drive(agents);
    assert.equal(end.state, "halted");
    assert.deepEqual(states, { a: "skipped", b: "reverted" });
    assert.match(end.nodes.a?.message ?? "", /it is off/);
    assert.equal(agents.c.changes.length, 0);
  });
  for (const cutAt of ["before", "after"] as const) {
    it(`finds out what became of a change whose connection was cut ${cutAt} it arrived`, async () => {
      const agents = { a: new PlayedAgent("kept") };
      agents.a.cutAt = cutAt;
      const { end, states } = await drive(agents);
      assert.equal(end.state, "done");
      assert.deepEqual(states, { a: "ready" });
      assert.equal(agents.a.changes.length, 1, "it is made once");
    });
  }
  it("takes a node that falls silent with the change for failed, after its deadline", async () => {
    const agents = { a: new PlayedAgent("kept"), b: new PlayedAgent("kept") };
    const { end, states } = await drive(agents, {
      told: ({ nodes }) => {
        if (nodes.a?.state !== "updating") return;
        agents.a.cutAt = "after";
        agents.a.reachable = false;
      },
    });
    assert.equal(end.state, "halted");
    assert.deepEqual(states, { a: "failed" });
    assert.match(end.nodes.a?.message ?? "", /nothing was heard of it for 60 s/);
    assert.equal(agents.b.changes.length, 0);
  });
  it("follows a node that had begun when the driver died, and changes it no second time", async () => {
    const agents = { a: new PlayedAgent("reverted"), b: new PlayedAgent("kept") };
    const { agent } = await agents.a.connect();
    await agent.change({ operations: [], trigger: rolloutTrigger(ID) });
    const record = recordOf(["a", "b"], {
      nodes: { a: { state: "updating", since: AT, base: { revision: 1 } } },
    });
    const { end, states } = await drive(agents, { record });
    assert.equal(end.state, "halted");
    assert.deepEqual(states, { a: "reverted" });
    assert.equal(agents.a.changes.length, 1);
  });
  it("tries the failed node again when it is resumed, and knows who has the change", async () => {
    const agents = { a: new PlayedAgent("reverted"), b: new PlayedAgent("kept") };
    const { end: halted } = await drive(agents);
    agents.a.fate = "kept";
    agents.a.looks = 2;
    // A kept change that its record has lost.
    const { agent } = await agents.b.connect();
    await agent.change({ operations: [], trigger: rolloutTrigger(ID) });
    const again = resumed(halted, AT);
    assert.deepEqual(again.nodes.a, { state: "pending", since: AT });
    agents.a.history = [revision(1, "start")];
    const { end, states } = await drive(agents, { record: again });
    assert.equal(end.state, "done");
    assert.deepEqual(states, { a: "ready", b: "ready" });
  });
  it("lets the nodes in the middle finish when another process asks for a pause", async () => {
    const agents = { a: new PlayedAgent("kept"), b: new PlayedAgent("kept") };
    agents.a.looks = Infinity;
    let asked: Promise<void> | undefined;
    const { end, states } = await drive(agents, {
      told: ({ nodes, id, state }, store) => {
        if (nodes.a?.state === "updating") asked ??= store.request(id, "pause");
        if (state === "paused") agents.a.looks = 1;
      },
    });
    await asked;
    assert.equal(end.state, "paused");
    assert.deepEqual(states, { a: "ready" });
    assert.equal(agents.b.changes.length, 0);
  });
});

describe("RolloutStore", () => {
  it("lists the newest first, and refuses IDs that lead elsewhere", async () => {
    const directory = await makeTempDir("rollouts");
    const store = new RolloutStore(directory.path);
    assert.deepEqual(await store.list(), []);
    await store.save(recordOf(["a"], { id: "20260101-000000-aaaa" }));
    await store.save(recordOf(["a"], { id: "20260102-000000-aaaa" }));
    assert.deepEqual((await store.list()).map(({ id }) => id), [
      "20260102-000000-aaaa",
      "20260101-000000-aaaa",
    ]);
    assert.equal((await store.find(undefined)).id, "20260102-000000-aaaa");
    for (const id of ["../x", "..", "a/b", ""]) {
      await assert.rejects(store.read(id), /is not the ID of a roll-out/);
    }
    await assert.rejects(store.read("20260103-000000-aaaa"), /There is no roll-out/);
    await directory.remove();
  });
  it("lets one process drive a roll-out", async () => {
    const directory = await makeTempDir("rollouts");
    const store = new RolloutStore(directory.path);
    await store.save(recordOf(["a"]));
    assert.equal(await store.isDriven(ID), false);
    const lock = await store.drive(ID);
    assert.equal(await store.isDriven(ID), true);
    await assert.rejects(store.drive(ID), /driven by another process/);
    await lock.release();
    assert.equal(await store.isDriven(ID), false);
    await directory.remove();
  });
  it("is in the user's own state directory", () => {
    assert.equal(rolloutsPath({ HOME: "/h" }), "/h/.local/state/podstead/rollouts");
    assert.equal(rolloutsPath({ XDG_STATE_HOME: "/s" }), "/s/podstead/rollouts");
  });
});
