/** The schema of `cluster.scheduler`. */
import * as v from "valibot";
import { setting } from "../leaf.ts";
import { component, kubeconfigClient, resources } from "./component.ts";
import { jsonObject } from "./values.ts";

/** `cluster.scheduler`. */
export const scheduler = v.strictObject({
  ...component,
  ...kubeconfigClient,
  resources: setting(
    v.optional(resources, { requests: { cpu: "10m", memory: "64Mi" } }),
    "Requests and limits",
  ),
  config: setting(
    v.optional(jsonObject),
    "Body of a KubeSchedulerConfiguration (profiles, extenders, …)",
  ),
});
