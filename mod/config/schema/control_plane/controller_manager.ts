/** The schema of `cluster.controllerManager`. */
import * as v from "valibot";
import { setting } from "../leaf.ts";
import { component, kubeconfigClient, resources } from "./component.ts";

/** `cluster.controllerManager`. */
export const controllerManager = v.strictObject({
  ...component,
  ...kubeconfigClient,
  resources: setting(
    v.optional(resources, { requests: { cpu: "50m", memory: "256Mi" } }),
    "Requests and limits",
  ),
});
