import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import process from "node:process";
import * as v from "valibot";
import { clusterSchema } from "../../mod/config/schema/control_plane/cluster.ts";
import { controlPlaneSchema } from "../../mod/config/schema/control_plane/machine.ts";
import type { ControlPlaneConfig, ControlPlaneDocument } from "../../mod/controlplane/mod.ts";

export const fixtures = join(import.meta.dirname!, "../../fixtures/controlplane");

export const node = { name: "cp-1", address: "192.0.2.10" } as const;

/** A config as it comes out of the schema, defaults filled in. */
export function configOf(
  cluster: Record<string, unknown> = {},
  options: {
    readonly controlPlane?: unknown;
    readonly documents?: readonly ControlPlaneDocument[];
  } = {},
): ControlPlaneConfig {
  return {
    cluster: v.parse(clusterSchema, { kubernetesVersion: "v1.36.2", ...cluster }),
    controlPlane: v.parse(controlPlaneSchema, options.controlPlane ?? {}),
    documents: options.documents ?? [],
  };
}

/** Compares with a golden file; UPDATE_GOLDEN=1 writes it instead. */
export function assertGolden(name: string, value: unknown): void {
  const path = join(fixtures, "golden", name);
  const text = JSON.stringify(value, null, 2) + "\n";
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return;
  }
  assert.ok(existsSync(path), `Golden file "${path}" is missing; UPDATE_GOLDEN=1 writes it`);
  assert.equal(text, readFileSync(path, "utf8"));
}
