import type { Settings } from "../../config/mod.ts";
import {
  type FeatureGates,
  findJudgedBy,
  findNodeKubelet,
  type JudgedBy,
  judgedBy,
} from "../../kubelet/mod.ts";
import type { UnknownFields } from "../../pods/mod.ts";
import type { CliContext } from "./context.ts";
import { DEFAULT_CONFIG_PATH } from "./globals.ts";

/** The kubelet that a command judges pods for, and what it does with fields that this one may know. */
export interface Judging {
  readonly by: JudgedBy;
  readonly unknownFields: UnknownFields;
}

/**
 * The kubelet that pods of this node are judged for, as the agent finds it: with the access
 * and the gates of the node's config, if there is a usable one.
 *
 * @param settings of that config, where the command has read it already
 * @param gates that count before all others
 */
export async function judgedByNode(
  context: CliContext,
  { settings, gates = {} }: {
    readonly settings?: Settings | undefined;
    readonly gates?: FeatureGates;
  } = {},
): Promise<Judging> {
  const known = settings ?? await settingsOf(context.globals.config ?? DEFAULT_CONFIG_PATH);
  if (known === undefined) {
    const by = judgedBy(await findNodeKubelet(), undefined, gates);
    return { by, unknownFields: "refuse" };
  }
  const { kubelet, node } = known;
  const by = await findJudgedBy(
    { ...kubelet, nodeName: node.name },
    { ...kubelet.featureGates, ...gates },
  );
  return { by, unknownFields: kubelet.unknownFields };
}

/** What is wrong with the config does not concern a caller that only asks for the kubelet. */
async function settingsOf(path: string): Promise<Settings | undefined> {
  const [{ loadConfig }, { defaultNodeAddress, defaultNodeName }] = await Promise.all([
    import("../../config/mod.ts"),
    import("../../os/mod.ts"),
  ]);
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  return (await loadConfig(path, host)).settings;
}
