/** What `add` is given, as pods and objects to declare. */
import { readdir } from "node:fs/promises";
import type { AgentClient } from "../../../api/client/mod.ts";
import type { ChangeOperation } from "../../../api/contract/mod.ts";
import { renderDocument } from "../../../change/mod.ts";
import { parsePodFile } from "../../../config/mod.ts";
import {
  canonicalJson,
  ConfigError,
  type JsonValue,
  PodsteadError,
  type Position,
  type Problem,
} from "../../../core/mod.ts";
import { formatKey, objectKey, podKey } from "../../../pods/mod.ts";
import {
  type Conversion,
  convert,
  Findings,
  type NotKept,
  otherDirectory,
  type Publication,
  readManifests,
} from "../../../workloads/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { readPodFiles } from "../files/pod_files.ts";

/** Options of `add`. */
export interface AddOptions {
  readonly paths: readonly string[];
  readonly namespace?: string;
  readonly volumes?: string;
  readonly publish?: readonly Publication[];
  readonly replicas: boolean;
  readonly replace: boolean;
}

/** What will be declared, and what will not. */
export interface Additions extends Conversion {
  readonly operation: ChangeOperation;
  readonly notKept: readonly NotKept[];
}

/**
 * Reads files, directories and `-`, and converts what is in them.
 *
 * @throws {ConfigError} with everything that is wrong with the files
 * @throws {PodsteadError} if there is nothing to add
 */
export async function readAdditions(
  context: CliContext,
  agent: AgentClient,
  options: AddOptions,
): Promise<Additions> {
  const { volumes, publish = [], replicas, replace } = options;
  const { manifests, findings } = await readAll(context, options);
  const nodeAddress = publish.length === 0 ? undefined : (await agent.agent({})).node.address;
  // With an error in the files themselves, what is converted of the rest misleads.
  const conversion = findings.problems.some(isError) ? { pods: [], objects: [] } : convert(
    manifests,
    findings,
    {
      replicas,
      publications: publish,
      ...(volumes === undefined ? {} : { volumesDirectory: volumes }),
      ...(nodeAddress === undefined ? {} : { nodeAddress }),
    },
  );
  const problems = [...findings.problems];
  if (!replace) problems.push(...await declaredAlready(agent, conversion));
  if (problems.some(isError)) {
    throw new ConfigError("Nothing was added: what was given cannot be used", problems);
  }
  if (conversion.pods.length === 0 && conversion.objects.length === 0) {
    throw nothingToAdd(findings.notKept);
  }
  const notKept = findings.notKept.toSorted((left, right) =>
    left.file !== right.file
      ? 0
      : left.position.line - right.position.line || left.position.column - right.position.column
  );
  return { ...conversion, notKept, operation: operationOf(conversion) };
}

async function readAll({ world }: CliContext, { paths, namespace }: AddOptions) {
  const findings = new Findings();
  const manifests: Parameters<typeof convert>[0][number][] = [];
  const plain: string[] = [];
  for (const path of paths) {
    if (/^https?:\/\//.test(path)) {
      findings.problems.push(addressProblem(path));
      continue;
    }
    const names = await readdir(path).catch(() => undefined); // no directory
    const other = names === undefined ? undefined : otherDirectory(path, names);
    if (other === undefined) plain.push(path);
    else findings.problems.push({ severity: "error", file: path, path: [], ...other });
  }
  for await (const file of readPodFiles(plain, (maxBytes) => world.readStdin(maxBytes))) {
    if (!("text" in file)) {
      findings.problems.push(file.problem);
      continue;
    }
    const read = readManifests(file.text, file.path, namespace);
    manifests.push(...read.manifests);
    findings.problems.push(...read.findings.problems);
    findings.notKept.push(...read.findings.notKept);
  }
  return { manifests, findings };
}

/** What comes over the network, a person looks at first. */
function addressProblem(url: string): Problem {
  return {
    severity: "error",
    code: "address",
    file: url,
    path: [],
    message: "Files are not read from the network",
    hint: `curl -fsSL ${url} | podstead add -`,
  };
}

/** The pods and objects that are declared already, and not the same. */
async function declaredAlready(
  agent: AgentClient,
  { pods, objects }: Conversion,
): Promise<readonly Problem[]> {
  if (pods.length === 0 && objects.length === 0) return [];
  const declared = await agent.revision({});
  const knownPods = new Map(declared.pods.map((one) => [formatKey(one), one]));
  const knownObjects = new Map(
    declared.files.flatMap(({ path, text }) =>
      parsePodFile(text, path).objects.flatMap(({ kind, entry }) => {
        const key = podKey(entry.pod);
        if (key === undefined) return [];
        const { position } = entry.source;
        return [[objectKey({ kind, ...key }), { file: path, value: entry.pod, position }] as const];
      })
    ),
  );
  return [
    ...pods.flatMap((one) => {
      const known = knownPods.get(formatKey(one));
      if (known === undefined || isSame(known.pod, one.pod)) return [];
      const at = one.placeOf(["metadata", "name"]);
      return [clash(`The pod "${formatKey(one)}"`, one.file, at, known)];
    }),
    ...objects.flatMap((one) => {
      const known = knownObjects.get(objectKey(one));
      if (known === undefined || isSame(known.value, one.object)) return [];
      return [clash(`The ${objectKey(one)}`, one.file, one.placeOf([]), known)];
    }),
  ];
}

function clash(
  what: string,
  file: string,
  position: Position,
  known: { readonly file: string; readonly position?: Position },
): Problem {
  return {
    severity: "error",
    code: "declared-already",
    file,
    position,
    path: [],
    message: `${what} is declared already, and is not the same`,
    hint: "Add --replace to change it, or choose another name or namespace (-n)",
    related: {
      file: known.file,
      ...(known.position === undefined ? {} : { position: known.position }),
    },
  };
}

function isSame(left: JsonValue, right: JsonValue): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}

function operationOf({ pods, objects }: Conversion): ChangeOperation {
  return {
    kind: "apply",
    // As text, since the order of keys is lost on the wire.
    pods: pods.map(({ namespace, name, pod }) => ({
      namespace,
      name,
      pod,
      text: renderDocument(pod),
    })),
    objects: objects.map(({ kind, namespace, name, object, usedBy }) => ({
      kind,
      namespace,
      name,
      object,
      text: renderDocument(object),
      ...(usedBy === undefined ? {} : { beside: usedBy }),
    })),
  };
}

/** Nothing is left: what was given, and why, is the error. */
function nothingToAdd(notKept: readonly NotKept[]): PodsteadError {
  if (notKept.length === 0) {
    return new PodsteadError("config", "There is nothing to add in what was given", {
      hint: "Give files with a Deployment, StatefulSet, DaemonSet, Job, Pod, ConfigMap or Secret",
    });
  }
  return new ConfigError(
    "There is nothing to add in what was given",
    notKept.map(({ file, position, of, field, why, hint }) => ({
      severity: "error",
      code: "not-kept",
      file,
      position,
      path: [],
      message: `${of}${field === "" ? "" : `, ${field}`}: ${why}`,
      ...(hint === undefined ? {} : { hint }),
    })),
  );
}
