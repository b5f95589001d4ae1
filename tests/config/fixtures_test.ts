/**
 * Every file of fixtures/config with what podstead says about it beside it.
 * `UPDATE_GOLDENS=1` writes the expected files anew.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig, patientFs } from "../../mod/config/mod.ts";
import type { ConfigFs, LoadedConfig } from "../../mod/config/mod.ts";
import type { FileFacts } from "../../mod/os/mod.ts";
import { formatProblem } from "../../mod/text/mod.ts";

const UPDATE = process.env["UPDATE_GOLDENS"] === "1";

function fixtures(directory: string) {
  const root = fileURLToPath(new URL(`../../fixtures/config/${directory}/`, import.meta.url));
  const names = readdirSync(root).filter((name) => /\.(yaml|json)$/.test(name));
  // Files are named without their directory, so that the output is the same everywhere.
  const own = patientFs();
  // Whoever has checked them out, and however.
  const owned = (facts: FileFacts) => ({ ...facts, mode: 0o644, uid: 0, gid: 0 });
  const fs: ConfigFs = {
    async readFile(path, maxBytes) {
      const { bytes, before, after } = await own.readFile(join(root, path), maxBytes);
      return { bytes, before: owned(before), after: owned(after) };
    },
    readdir: (path) => own.readdir(join(root, path)),
    stat: (path) => own.stat(join(root, path)),
    isThere: (path) => own.isThere(join(root, path)),
  };
  const load = (name: string) => loadConfig(name, { fs, hostname: "Node-1", address: "192.0.2.1" });
  return { names, load, goldenOf: (name: string) => join(root, `${name}.expected`) };
}

function compare(goldenPath: string, actual: string): void {
  if (UPDATE) writeFileSync(goldenPath, actual);
  assert.ok(existsSync(goldenPath), `There is no ${goldenPath}; run with UPDATE_GOLDENS=1`);
  assert.equal(actual, readFileSync(goldenPath, "utf8"));
}

function problemsText(config: LoadedConfig): string {
  return config.problems.map((problem) => `${formatProblem(problem, { color: false })}\n`).join("");
}

describe("loadConfig() invalid fixtures", () => {
  const { names, load, goldenOf } = fixtures("invalid");
  for (const name of names) {
    it(`says what is wrong with ${name}`, async () => {
      const config = await load(name);
      assert.equal(config.files[0]?.state, "failed");
      assert.ok(config.problems.some((problem) => problem.severity === "error"));
      compare(goldenOf(name), problemsText(config));
    });
  }
});

describe("loadConfig() valid fixtures", () => {
  const { names, load, goldenOf } = fixtures("valid");
  for (const name of names) {
    it(`takes ${name}`, async () => {
      const config = await load(name);
      assert.equal(config.files[0]?.state, "ok");
      assert.ok(config.problems.every((problem) => problem.severity === "warning"));
      const pods = config.entries.map(({ source, pod }) => ({ source, pod }));
      assert.ok(config.settings !== undefined);
      const { controlPlane, ...agent } = config.settings;
      // The defaults of the control plane have their own tests.
      const settings = { ...agent, controlPlane: controlPlane?.documents ?? null };
      const shown = JSON.stringify({ settings, pods }, undefined, 2);
      compare(goldenOf(name), `${problemsText(config)}${shown}\n`);
    });
  }
});
