import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type LogFields, type Logger } from "../../../mod/os/mod.ts";
import { PodsteadError } from "../../../mod/core/mod.ts";
import { neededImages } from "../../../mod/pods/mod.ts";
import { PrePull } from "../../../mod/rollout/images/pre_pull.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";

/** A registry and a node, steered by a test. */
class Images {
  readonly present = new Set<string>();
  readonly pulls: string[] = [];
  readonly #open = new Map<string, { resolve(): void; reject(error: Error): void }>();

  has(name: string): Promise<boolean> {
    return Promise.resolve(this.present.has(name));
  }

  pull(name: string, signal: AbortSignal): Promise<void> {
    this.pulls.push(name);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#open.set(name, { resolve, reject });
    signal.addEventListener("abort", () => reject(signal.reason));
    return promise;
  }

  async arrive(name: string): Promise<void> {
    this.present.add(name);
    this.#open.get(name)?.resolve();
    await settle();
  }

  async fail(name: string, error: Error): Promise<void> {
    this.#open.get(name)?.reject(error);
    await settle();
  }
}

function setUp() {
  const clock = new FakeClock();
  const images = new Images();
  const logged: string[] = [];
  const write = (message: string, _fields?: LogFields) => void logged.push(message);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  let changes = 0;
  const prePull = new PrePull({
    clock,
    log,
    images,
    timeoutMs: () => 60_000,
    changed: () => changes += 1,
  });
  const check = (
    policy: "Always" | "IfNotPresent" | "Never" = "IfNotPresent",
    options: { pull?: boolean; retry?: boolean } = {},
  ) => prePull.check([{ name: "app:2", policy }], { pull: true, retry: true, ...options });
  return { clock, images, prePull, check, changes: () => changes };
}

describe("PrePull", () => {
  it("pulls what is missing once, and tells when it is there", async () => {
    const { images, check, changes } = setUp();
    assert.deepEqual(await check(), {
      state: "pulling",
      reason: 'image "app:2" is being pulled',
    });
    assert.equal((await check()).state, "pulling");
    assert.deepEqual(images.pulls, ["app:2"]);
    await images.arrive("app:2");
    assert.equal(changes(), 1);
    assert.equal((await check()).state, "present");
  });

  it("changes nothing when it is only asked", async () => {
    const { images, check } = setUp();
    assert.equal((await check("IfNotPresent", { pull: false })).state, "pulling");
    assert.deepEqual(images.pulls, []);
  });

  it("says why an image cannot be had, and tries again when asked, or later by itself", async () => {
    const { images, check, changes, clock } = setUp();
    await check();
    await images.fail("app:2", new PodsteadError("not-found", "The registry has no such image"));
    assert.equal(changes(), 1);
    assert.deepEqual(await check("IfNotPresent", { retry: false }), {
      state: "failed",
      reason: 'Image "app:2": The registry has no such image',
    });
    assert.equal((await check()).state, "pulling");
    await images.fail("app:2", new Error("again"));
    assert.equal(changes(), 2);
    await clock.advance(60_000);
    assert.equal(changes(), 3);
    assert.equal((await check("IfNotPresent", { retry: false })).state, "pulling");
    assert.equal(images.pulls.length, 3);
  });

  it("gives up a pull that takes too long", async () => {
    const { check, clock } = setUp();
    await check();
    await clock.advance(60_000);
    assert.deepEqual(await check("IfNotPresent", { retry: false }), {
      state: "failed",
      reason: 'Image "app:2" was not pulled within 1m',
    });
  });

  it("never pulls what must not be pulled", async () => {
    const { images, check } = setUp();
    assert.match(JSON.stringify(await check("Never")), /failed.*its pull policy is Never/);
    images.present.add("app:2");
    assert.equal((await check("Never")).state, "present");
    assert.deepEqual(images.pulls, []);
  });

  it("pulls once more what is always pulled, then takes it for a minute", async () => {
    const { images, check, clock } = setUp();
    images.present.add("app:2");
    assert.equal((await check("Always")).state, "pulling");
    await images.arrive("app:2");
    assert.equal((await check("Always")).state, "present");
    await clock.advance(61_000);
    assert.equal((await check("Always")).state, "pulling");
  });

  it("takes the image that is there when only the registry wants credentials", async () => {
    const { images, check } = setUp();
    images.present.add("app:2");
    await check("Always");
    await images.fail("app:2", new PodsteadError("permission", "The registry refuses"));
    assert.equal((await check("Always", { retry: false })).state, "present");
    images.present.delete("app:2");
    assert.equal((await check("Always", { retry: false })).state, "failed");
  });

  it("refuses what is always pulled where the registry does not answer: the kubelet would fail too", async () => {
    const { images, check } = setUp();
    images.present.add("app:2");
    await check("Always");
    await images.fail("app:2", new PodsteadError("failed", "connection refused"));
    assert.equal((await check("Always", { retry: false })).state, "failed");
  });

  it("holds nothing back without a runtime, and ends quietly", async () => {
    const { images, check, prePull, changes } = setUp();
    await check();
    prePull.close();
    await settle();
    assert.equal(changes(), 0);
    images.has = () => Promise.reject(new Error("no runtime"));
    assert.equal((await check()).state, "present");
  });
});

describe("neededImages()", () => {
  it("finds the images of containers, init containers and volumes, with their policies", () => {
    const pod = {
      spec: {
        initContainers: [{ image: "a:1" }, { image: "b" }],
        containers: [
          { image: "c:latest" },
          { image: "localhost:5000/d" },
          { image: "e@sha256:0123456789abcdef", imagePullPolicy: "Never" },
          { image: "a:1", imagePullPolicy: "Always" },
          { image: 7 },
        ],
        volumes: [{ image: { reference: "f:1", pullPolicy: "Always" } }, { emptyDir: {} }],
      },
    };
    assert.deepEqual(neededImages(pod).map(({ name, policy }) => `${name} ${policy}`), [
      "a:1 Always",
      "b Always",
      "c:latest Always",
      "localhost:5000/d Always",
      "e@sha256:0123456789abcdef Never",
      "f:1 Always",
    ]);
    assert.deepEqual(neededImages({}), []);
  });
});
