/** The schema of `cluster.apiServer`. */
import * as v from "valibot";
import { setting } from "../leaf.ts";
import { component, resources } from "./component.ts";
import { certificateName, jsonObject } from "./values.ts";

/** `cluster.apiServer`. */
export const apiServer = v.strictObject({
  ...component,
  resources: setting(
    v.optional(resources, { requests: { cpu: "200m", memory: "512Mi" } }),
    "Requests and limits",
  ),
  certSANs: setting(
    v.optional(v.array(certificateName), []),
    "Further names and addresses the serving certificate must have; `pki init` and `pki renew` put them in",
  ),
  admissionControl: setting(
    v.optional(
      v.array(v.strictObject({
        name: setting(v.string(), "Name of the admission plugin"),
        configuration: setting(jsonObject, "Its configuration, as it is"),
      })),
      [],
    ),
    "Configuration of admission plugins",
  ),
  auditPolicy: setting(
    v.optional(jsonObject),
    "An audit.k8s.io Policy; turns the audit log on, in /var/log/audit/kube",
  ),
  authorizationConfig: setting(
    v.optional(v.array(jsonObject), []),
    "Authorizers (type, name, webhook); Node and RBAC are put first where they are not among them",
  ),
  authenticationConfig: setting(
    v.optional(jsonObject),
    "Body of an AuthenticationConfiguration (jwt, anonymous)",
  ),
  startupProbes: setting(
    v.optional(v.boolean(), true),
    "Whether a startup probe holds the liveness probe off while the API server starts",
  ),
  disablePodSecurityPolicy: setting(
    v.optional(v.boolean()),
    "Accepted from old Talos configs; has no effect",
  ),
});
