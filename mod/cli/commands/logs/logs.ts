import { ConfigError, parseLabelSelector, PodsteadError, UsageError } from "../../../core/mod.ts";
import type { LogRequest } from "../../../api/contract/mod.ts";
import type { NodeReader } from "../../../node/mod.ts";
import { runningAgent } from "../../shell/agent.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import { notEither, sortNames, unitsAmong } from "./pod_or_unit.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, useColor } from "../../shell/context.ts";
import { withNode } from "../../shell/node.ts";
import { countOf, podReference, whenOf } from "../../shell/parsers.ts";

interface LogsFlags {
  readonly kubernetes: boolean;
  readonly unit?: readonly string[];
  readonly container?: string;
  readonly allContainers: boolean;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly attempt?: number;
  readonly tail?: number;
  readonly since?: bigint;
  readonly until?: bigint;
  readonly stream?: "stdout" | "stderr";
  readonly grep?: string;
  readonly ignoreCase: boolean;
  readonly invertMatch: boolean;
  readonly limitBytes?: number;
  readonly label?: readonly string[];
  readonly raw: boolean;
  readonly timestamps?: "utc" | "local";
  readonly output: "raw" | "text" | "json";
}

export const logsCommand = defineCommand<LogsFlags, string[]>({
  docs: {
    brief: "Read the logs of containers, or of a service",
    fullDescription: [
      'Logs of containers, named POD[:CONTAINER[:HASH]] as in "podstead containers -k", by a static',
      "pod's ID (default-nginx), or by the beginning of a container ID. A name may be cut short as",
      "long as it is unambiguous; without a hash it is the newest attempt. Rotated and compressed",
      "files are read too. Several at once, such as the containers of one pod, are interleaved by",
      "time.",
      "",
      "kubelet, containerd, crio and podstead are the journals of these services; another name that",
      "is no pod's is that of a unit. -k is always a pod, -u always a unit.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      kubernetes: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Containers of Kubernetes, where a name may be a unit's too",
      },
      unit: {
        kind: "parsed",
        parse: String,
        optional: true,
        variadic: true,
        brief: "The journal of this unit; may be repeated",
        placeholder: "UNIT",
      },
      container: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Container, where the name leaves it out",
        placeholder: "NAME",
      },
      allContainers: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Init containers too, and all of a pod that has a default container",
      },
      follow: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Continue with what is written later, over restarts of the container",
      },
      previous: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "The attempt before the newest",
      },
      attempt: {
        kind: "parsed",
        parse: countOf("--attempt"),
        optional: true,
        brief: "This attempt (restart count)",
        placeholder: "N",
      },
      tail: {
        kind: "parsed",
        parse: countOf("--tail"),
        optional: true,
        brief: "Only the last lines",
        placeholder: "N",
      },
      since: {
        kind: "parsed",
        parse: whenOf("--since"),
        optional: true,
        brief: 'Only lines since then: 10m, 1w, 04:25, yesterday, "2026-11-30 04:25:13"',
        placeholder: "WHEN",
      },
      until: {
        kind: "parsed",
        parse: whenOf("--until"),
        optional: true,
        brief: "Only lines before then",
        placeholder: "WHEN",
      },
      stream: {
        kind: "enum",
        values: ["stdout", "stderr"],
        optional: true,
        brief: "Only this stream",
      },
      grep: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Only lines whose message matches this regular expression",
        placeholder: "PATTERN",
      },
      ignoreCase: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "--grep in upper and lower case alike",
      },
      invertMatch: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "--grep shows the lines that do not match",
      },
      limitBytes: {
        kind: "parsed",
        parse: countOf("--limit-bytes"),
        optional: true,
        brief: "At most so many bytes of output",
        placeholder: "N",
      },
      label: {
        kind: "parsed",
        parse: selectorText,
        optional: true,
        variadic: true,
        brief: "Every container of the pods with these labels; may be repeated; 'app in (a,b)', " +
          "app!=web, app and !app too",
        placeholder: "KEY=VALUE",
      },
      raw: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "On a terminal, pass on escape sequences that are in the log",
      },
      timestamps: {
        kind: "enum",
        values: ["utc", "local"],
        optional: true,
        brief: "Put the time before each message (-o text), or its zone (-o json); alone: utc",
      },
      output: {
        kind: "enum",
        values: ["raw", "text", "json"],
        default: "raw",
        brief: "raw lines, the messages alone, or NDJSON",
      },
    },
    aliases: {
      k: "kubernetes",
      c: "container",
      u: "unit",
      t: "timestamps",
      f: "follow",
      p: "previous",
      i: "ignoreCase",
      v: "invertMatch",
      l: "label",
      o: "output",
    },
    positional: {
      kind: "array",
      parameter: {
        parse: podReference,
        brief: "POD[:CONTAINER[:HASH]], or a service",
        placeholder: "ID",
      },
    },
  },
  nodes: { policy: "many" },
  traits: { takesPods: true },
  examples: [
    ["podstead logs -k default/nginx-node-1:nginx:4183a7d7a771", "all of one container's log"],
    ["podstead logs nginx --tail 20 -f", "its last lines and what comes, over restarts"],
    ["podstead logs nginx --previous -o text", "the messages before the last restart"],
    ["podstead logs kubelet --since 10m", "the kubelet's own log"],
  ],
  async func(this: CliContext, flags, ...ids) {
    const { unit: units = [] } = flags;
    if (ids.length + units.length === 0 && flags.label === undefined) {
      throw new UsageError("Whose logs? Name a pod, or give --label", {
        hint: 'See the names with "podstead get pods"',
      });
    }
    if (flags.previous && flags.attempt !== undefined) {
      throw new UsageError("--previous and --attempt exclude each other", {
        hint: "--previous is the attempt before the newest, --attempt N any",
      });
    }
    if (units.length > 0) {
      if (ids.length > 0) throw mixed(ids, units);
      return await printUnits(this, flags, units);
    }
    const { services, undecided } = await sortNames(flags, ids);
    if (services.length > 0) {
      if (services.length < ids.length) throw mixed(ids.filter(notIn(services)), services);
      return await printUnits(this, flags, services);
    }
    await withLogSource(this, async (node) => {
      // The units of this node say nothing of another one.
      const found = this.node === undefined ? await unitsAmong(node, undecided) : [];
      if (found.length > 0) {
        if (found.length < ids.length) throw mixed(ids.filter(notIn(found)), found);
        return await printUnits(this, flags, found);
      }
      const read = (request: LogRequest) => printLog(this, node, flags, request);
      try {
        await read(requestOf(this, flags, ids));
      } catch (error) {
        const otherwise = asContainerOf(ids, flags, error);
        if (otherwise === undefined) throw notEither(error, undecided);
        const { pod, container } = otherwise;
        await read({ ...requestOf(this, flags, [pod]), container }).catch(() => {
          throw notEither(error, undecided);
        });
      }
    });
  },
});

async function printLog(
  context: CliContext,
  node: NodeReader,
  flags: LogsFlags,
  request: LogRequest,
): Promise<void> {
  const { stderr, interrupted } = context.world;
  const style = {
    format: flags.output,
    timestamps: flags.timestamps !== undefined,
    several: request.references.length > 1 || flags.label !== undefined,
    raw: flags.raw,
  };
  await context.print.log(
    style,
    (format) =>
      node.logs({ ...request, format }, {
        signal: interrupted,
        onNotice: (text) => stderr.write(`${text}\n`),
      }),
  );
}

/** As kubectl has it, a second name that is no pod's may be that of a container of the first. */
function asContainerOf(
  ids: readonly string[],
  { container }: LogsFlags,
  error: unknown,
): { readonly pod: string; readonly container: string } | undefined {
  const [pod, second, ...more] = ids;
  if (pod === undefined || second === undefined) return undefined;
  const isUnknown = error instanceof PodsteadError &&
    error.message === `No pod or container "${second}"`;
  if (!isUnknown || more.length > 0 || container !== undefined || pod.includes(":")) {
    return undefined;
  }
  return { pod, container: second };
}

/** A selector as it was written: the node reads it. @throws {UsageError} if it cannot be read */
function selectorText(text: string): string {
  parseLabelSelector(text);
  return text;
}

const notIn = (names: readonly string[]) => (name: string) => !names.includes(name);

function mixed(pods: readonly string[], services: readonly string[]): UsageError {
  return new UsageError(
    `${pods.join(", ")} and the service ${services.join(", ")} cannot be read together`,
    { hint: "Read them one after the other: -k POD, -u UNIT" },
  );
}

async function printUnits(
  context: CliContext,
  flags: LogsFlags,
  services: readonly string[],
): Promise<void> {
  const { printServiceLogs } = await import("./service_logs.ts");
  await printServiceLogs(context, {
    services,
    follow: flags.follow,
    selection: selectionOf(flags),
    raw: flags.raw,
    output: {
      format: flags.output,
      ...(flags.timestamps === undefined ? {} : { timestamps: flags.timestamps }),
    },
  });
}

/**
 * Root reads the files itself, which is quickest and needs no agent; everybody
 * else is served by the agent.
 */
async function withLogSource(
  context: CliContext,
  use: (node: NodeReader) => Promise<void>,
): Promise<void> {
  if (context.world.uid !== 0 || context.node !== undefined) return await withNode(context, use);
  const settings = await runningAgent(context) ??
    await clientSettings(context).catch((error: unknown) => {
      if (error instanceof ConfigError) return undefined; // an agent knows without it
      throw error;
    });
  if (settings === undefined) return await withNode(context, use);
  const { connectNode } = await import("../../../node/mod.ts");
  const { node: nodeFacts, runtime } = settings;
  const node = connectNode({ node: nodeFacts, ...runtime });
  try {
    await use(node);
  } finally {
    node.close();
  }
}

function requestOf(context: CliContext, flags: LogsFlags, ids: readonly string[]): LogRequest {
  const { container, attempt, timestamps } = flags;
  return {
    references: ids,
    previous: flags.previous,
    follow: flags.follow,
    format: flags.output,
    color: useColor(context, context.world.stdout),
    ...(flags.label === undefined ? {} : { selector: flags.label.join(",") }),
    ...(container === undefined ? {} : { container }),
    ...(flags.allContainers ? { allContainers: true } : {}),
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(timestamps === undefined ? {} : { timestamps }),
    selection: {
      ...selectionOf(flags),
      ...(flags.stream === undefined ? {} : { stream: flags.stream }),
    },
  };
}

/** What containers and services have in common. */
function selectionOf(flags: LogsFlags): Omit<LogRequest["selection"], "stream"> {
  const { tail, since, until, limitBytes, grep } = flags;
  return {
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { sinceNs: since }),
    ...(until === undefined ? {} : { untilNs: until }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(grep === undefined ? {} : {
      grep: { pattern: grep, ignoreCase: flags.ignoreCase, invert: flags.invertMatch },
    }),
  };
}
