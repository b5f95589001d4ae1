/** What the kubelet takes but a person will regret, by table. */
import { ANNOTATION_RULES } from "./annotations.ts";
import { API_SERVER_RULES } from "./api_server.ts";
import { EDITOR_TEXT_RULES } from "./editor_text.ts";
import { IMAGE_RULES } from "./images.ts";
import { NODE_LABEL_RULES } from "./node_labels.ts";
import { OBJECT_RULES } from "./objects.ts";
import { PATH_RULES } from "./paths.ts";
import { POD_FIELD_RULES } from "./pod_fields.ts";
import { PORT_RULES } from "./ports.ts";
import { REFERENCE_RULES } from "./references.ts";
import { applyRules } from "./rule.ts";
import type { WarningContext, WarningRule } from "./rule.ts";
import { TEMPLATE_RULES } from "./templates.ts";
import { VIRTUAL_PATH_RULES } from "./virtual_paths.ts";
import { VOLUME_RULES } from "./volumes.ts";
import type { PodIssue } from "../issue.ts";

export { renderWarningDocs } from "./docs.ts";
export { ENV_NAME_SKIPPED, PULL_SECRET_UNUSABLE, SECRET_IN_ENV } from "./objects.ts";
export { latestDetail } from "./images.ts";
export { portTakenDetail } from "./ports.ts";
export type { NodeFacts, WarningContext, WarningRule } from "./rule.ts";
export { describeUnknown } from "./unknown_fields.ts";

/** Every rule, in the order in which warnings are shown. */
export const WARNING_RULES: readonly WarningRule[] = [
  ...TEMPLATE_RULES,
  ...EDITOR_TEXT_RULES,
  ...IMAGE_RULES,
  ...PATH_RULES,
  ...VOLUME_RULES,
  ...VIRTUAL_PATH_RULES,
  ...REFERENCE_RULES,
  ...OBJECT_RULES,
  ...API_SERVER_RULES,
  ...PORT_RULES,
  ...NODE_LABEL_RULES,
  ...ANNOTATION_RULES,
  ...POD_FIELD_RULES,
];

/** The warnings on a pod that decodes, whether it is valid or not. */
export function findWarnings(context: WarningContext): readonly PodIssue[] {
  return applyRules(WARNING_RULES, context);
}
