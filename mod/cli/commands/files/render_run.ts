import { loadConfig } from "../../../config/mod.ts";
import { joinDeclared, proposeControlPlane } from "../../../controlplane/mod.ts";
import { ConfigError, isJsonObject, parseJson } from "../../../core/mod.ts";
import { judgeResolved, objectSource } from "../../../materialize/mod.ts";
import { formatProblem } from "../../../text/mod.ts";
import { defaultNodeAddress, defaultNodeName } from "../../../os/mod.ts";
import {
  compareKeys,
  declareObjects,
  declarePods,
  judgeServed,
  renderManifest,
  stampPod,
  verdictProblems,
} from "../../../pods/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { agentEnvironment } from "../../shell/agent.ts";
import { DEFAULT_CONFIG_PATH } from "../../shell/globals.ts";
import { judgedByNode } from "../../shell/judged_by.ts";
import { formatYaml } from "../../output/yaml.ts";

/**
 * Prints the list; what is left out is named on stderr.
 *
 * @returns whether nothing was left out
 * @throws {ConfigError} if the config cannot be used as a whole
 */
export async function renderConfig(context: CliContext, output: "json" | "yaml"): Promise<boolean> {
  const path = context.globals.config ?? DEFAULT_CONFIG_PATH;
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const loaded = await loadConfig(path, { ...host, env: agentEnvironment(context) });
  const { settings } = loaded;
  if (settings === undefined) {
    throw new ConfigError(`Cannot use the config "${path}"`, loaded.problems, {
      hint: "Nothing of it can be served before that is fixed",
    });
  }
  const { controlPlane: config, node } = settings;
  const source = { config, node, file: loaded.path, placeOf: loaded.placeOf };
  const controlPlane = await proposeControlPlane(source, context.world.clock.now());
  const own = joinDeclared(declarePods(loaded.entries), controlPlane);
  const ready = controlPlane.pods.filter(({ held }) => held === undefined);
  const { by, unknownFields } = await judgedByNode(context, { settings });
  const judging = {
    nodeName: node.name,
    kubeletVersion: by.version,
    featureGates: by.gates,
    standAlone: by.standAlone,
    unknownFields,
  };
  const declared = [...ready.map((component) => component.declared), ...own.pods];
  declared.sort((left, right) => compareKeys(left.key, right.key));
  const objects = declareObjects(loaded.objects, new Map(), {
    sealedOnly: settings.secrets === "sealed-only",
  });
  const servable = judgeResolved(declared.map(({ pod }) => pod), {
    objects: objectSource(objects.objects.map(({ object }) => object)),
    nodeName: node.name,
    volumesDirectory: settings.volumesDir,
  }, (pods) => pods.map((pod) => judgeServed(pod, judging)));
  const judged = declared.flatMap((one, at) => {
    const served = servable[at];
    if (served === undefined) return [];
    const { errors, warnings, pod } = served;
    const hash = pod === one.pod ? one.hash : served.hash;
    const verdict = { valid: errors.length === 0, errors, warnings };
    return [{ pod: { ...one, pod, hash }, verdict }];
  });
  const problems = [
    ...loaded.problems,
    ...own.problems,
    ...objects.problems,
    ...controlPlane.problems,
    ...judged.flatMap(({ pod, verdict }) => verdictProblems(pod.entry, verdict)),
  ];
  for (const problem of problems) {
    context.world.stderr.write(`${formatProblem(problem, { color: false })}\n`);
  }
  const bytes = renderManifest(
    judged.filter(({ verdict }) => verdict.valid).map(({ pod }) => stampPod(pod.pod, pod.hash)),
  );
  context.world.stdout.write(output === "json" ? bytes : asYaml(bytes));
  return problems.every(({ severity }) => severity !== "error");
}

function asYaml(bytes: Uint8Array): string {
  const list = parseJson(new TextDecoder().decode(bytes));
  if (!isJsonObject(list)) throw new TypeError("The rendered list is no object");
  const { apiVersion, kind, items } = list;
  return formatYaml({ apiVersion, kind, items }); // in the order that people expect
}
