/** The schemas of `cluster.etcd` and `cluster.externalEtcd`, of which a config has one at most. */
import * as v from "valibot";
import { setting } from "../leaf.ts";
import { component, resources } from "./component.ts";
import { absolutePath, httpUrl } from "./values.ts";

/** `cluster.etcd`. */
export const etcd = v.strictObject({
  ...component,
  resources: setting(
    v.optional(resources, { requests: { cpu: "100m", memory: "100Mi" } }),
    "Requests and limits",
  ),
  dataDirectory: setting(v.optional(absolutePath, "/var/lib/etcd"), "Where etcd keeps its data"),
  initialCluster: setting(
    v.optional(
      v.array(
        v.pipe(
          v.string(),
          v.regex(/^[^=\s]+=https?:\/\/\S+$/, "Expected name=https://address:2380"),
        ),
      ),
      [],
    ),
    "Members a new member starts with, as name=URL; this node alone where absent",
  ),
  initialClusterState: setting(
    v.optional(v.picklist(["new", "existing"]), "new"),
    "Whether this member founds a cluster or joins one",
  ),
});

/** `cluster.externalEtcd`. */
export const externalEtcd = v.strictObject({
  endpoints: setting(
    v.pipe(v.array(httpUrl), v.minLength(1, "Expected at least one endpoint")),
    "Client URLs of the members",
  ),
  caFile: setting(v.optional(absolutePath), "CA of the members' certificates"),
  certFile: setting(
    v.optional(absolutePath),
    "The API server's client certificate; needs keyFile",
  ),
  keyFile: setting(v.optional(absolutePath), "Private key of certFile"),
});
