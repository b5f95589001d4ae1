/** The schema of `machine.controlPlane`: which components a node does without. */
import * as v from "valibot";
import type { MachineControlPlane } from "../../../controlplane/mod.ts";
import { setting } from "../leaf.ts";
import type { Assignable } from "./assignable.ts";

const disabled = v.optional(
  v.strictObject({
    disabled: setting(v.optional(v.boolean(), false), "Whether this node does without it"),
  }),
  {},
);

/** `machine.controlPlane`. */
export const controlPlaneSchema = v.pipe(
  v.strictObject({
    controllerManager: setting(disabled, "kube-controller-manager on this node"),
    scheduler: setting(disabled, "kube-scheduler on this node"),
  }),
  v.description("Which components this node does without"),
);

/** The schema and the type that rendering reads must not drift apart: only ever checked. */
export type MachineSchemaFits = Assignable<
  MachineControlPlane,
  v.InferOutput<typeof controlPlaneSchema>
>;
