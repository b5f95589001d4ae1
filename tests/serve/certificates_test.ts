import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createMetrics } from "../../mod/agent/metrics.ts";
import { defaultSettings, type Settings } from "../../mod/config/mod.ts";
import { withScope } from "../../mod/core/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { checkPki, pkiPlaceOf, renewalIsDue } from "../../mod/pki/look.ts";
import { nodeFs } from "../../mod/controlplane/mod.ts";
import { type CertificateDeps, keepCertificates } from "../../mod/serve/certificates.ts";
import { configOf, node } from "../controlplane/support.ts";
import { DAY, directoryWithPki, NOW } from "../pki/support.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { itUnless } from "../support/unless.ts";
import { UNLESS_ROOT } from "../support/as_root.ts";

function settingsFor(root: string, renew: "manual" | "auto"): Settings {
  const host = { hostname: node.name, address: node.address };
  const controlPlane = configOf({ pkiDirectory: join(root, "pki"), kubeconfigDirectory: root });
  return { ...defaultSettings(host), node: { ...node }, controlPlane, pki: { renew } };
}

/** A clock that stands still at a time. */
class ClockAt extends FakeClock {
  readonly #nowMs: number;

  constructor(nowMs: number) {
    super();
    this.#nowMs = nowMs;
  }

  override now(): number {
    return this.#nowMs;
  }
}

/** Runs the keeper at a time until it has looked once, and gives the metric's text. */
async function lookAt(
  nowMs: number,
  settings: Settings,
  done: () => boolean,
  more: Partial<CertificateDeps> = {},
): Promise<string> {
  const clock = new ClockAt(nowMs);
  const metrics = createMetrics("1.0.0");
  let text = "";
  await withScope(async (scope) => {
    keepCertificates(
      { clock, log: silentLogger, metrics, settings: () => settings, ...more },
      scope,
    );
    await eventually(async () => {
      text = await metrics.registry.getSingleMetricAsString(
        "podstead_certificate_expiry_timestamp_seconds",
      );
      assert.ok(text.includes("apiserver.crt") && done());
    });
  });
  return text;
}

const endOf = (root: string, name: string) =>
  Date.parse(new X509Certificate(readFileSync(join(root, "pki", `${name}.crt`))).validTo);

describe("keepCertificates()", () => {
  it("says in the metric when each certificate ends", async () => {
    using root = await directoryWithPki();
    const text = await lookAt(NOW, settingsFor(root.path, "manual"), () => true);
    const line = `path="${join(root.path, "pki/etcd/peer.crt")}"} ${(NOW + 365 * DAY) / 1000}`;
    assert.ok(text.includes(line), text);
    assert.ok(text.includes("kubelet.conf"), text);
  });

  itUnless(
    UNLESS_ROOT,
    "renews 30 days before the end with agent.pki.renew: auto, and keeps the old files",
    async () => {
      using root = await directoryWithPki();
      const nowMs = NOW + 336 * DAY;
      await lookAt(
        nowMs,
        settingsFor(root.path, "auto"),
        () => endOf(root.path, "apiserver") === nowMs + 365 * DAY,
      );
      assert.equal(
        readdirSync(root.path).filter((name) => name.startsWith("pki-before-")).length,
        1,
      );
    },
  );

  it("says at its start that it could not renew, long before it has to", async () => {
    using root = await directoryWithPki();
    const said: unknown[] = [];
    const refused = () => Promise.reject(Object.assign(new Error("no"), { code: "EROFS" }));
    const more = {
      log: { ...silentLogger, error: (...words: unknown[]) => void said.push(...words) },
      fs: { ...nodeFs, makeDirectory: refused },
    };
    await lookAt(NOW, settingsFor(root.path, "manual"), () => true, more);
    assert.deepEqual(said, []);
    await lookAt(NOW, settingsFor(root.path, "auto"), () => said.length > 0, more);
    assert.match(JSON.stringify(said), /could not be renewed.*ReadWritePaths=/);
  });

  it("renews nothing before that, and nothing by itself where it is manual", async () => {
    using root = await directoryWithPki();
    await lookAt(NOW + 334 * DAY, settingsFor(root.path, "auto"), () => true);
    await lookAt(NOW + 360 * DAY, settingsFor(root.path, "manual"), () => true);
    assert.equal(endOf(root.path, "apiserver"), NOW + 365 * DAY);
  });
});

describe("renewalIsDue()", () => {
  it("goes by a third of a short validity, and not by authorities", async () => {
    using root = await directoryWithPki();
    const { controlPlane } = settingsFor(root.path, "auto");
    assert.ok(controlPlane);
    const place = pkiPlaceOf(controlPlane, node);
    const { certificates } = await checkPki({ ...place, nowMs: NOW });
    const [authority, ...others] = certificates;
    assert.ok(authority);
    const at = (nowMs: number, list = others) =>
      renewalIsDue({ certificates: list }, { ...place, nowMs });
    assert.equal(at(NOW + 3649 * DAY, [authority]), false);
    const short = others.map((one) => ({ ...one, fromMs: NOW, toMs: NOW + 3 * DAY }));
    assert.deepEqual([at(NOW + DAY, short), at(NOW + 2.1 * DAY, short)], [false, true]);
  });
});
