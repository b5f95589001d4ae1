import type { Overview } from "../../../api/contract/mod.ts";
import { PodsteadError } from "../../../core/mod.ts";
import { isDataOutput, type Output } from "../../output/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { podReference } from "../../shell/parsers.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { oneLine, type Style } from "../../../text/mod.ts";
import { WAIT_FLAG } from "../../shell/wait_flag.ts";
import { overviewDocument, overviewReport } from "./overview_report.ts";

interface HealthFlags {
  readonly output: Output<"text">;
  /** Milliseconds. */
  readonly wait?: number;
}

/** How often the agent is asked while it is waited for, in milliseconds. */
const LOOK_INTERVAL_MS = 500;

export const healthCommand = defineCommand<HealthFlags, readonly string[]>({
  docs: {
    brief: "Say whether the node or some pods are well, link by link",
    fullDescription: [
      "Each link from the config to the pods: config and last reload, agent, kubelet, its polls,",
      "container runtime, pods. A link holds only if it was seen to hold recently. With names of pods",
      "only those count, besides the links. With --wait it returns when everything is well.",
      "",
      "Exit code 0: well, or pods are on their way within their time (with --wait: well). 1: something",
      "is broken or not confirmed. 69: no agent answers.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      wait: { ...WAIT_FLAG, brief: "Wait until all is well, up to DURATION (default 60s)" },
    },
    aliases: { o: "output" },
    positional: {
      kind: "array",
      parameter: {
        parse: podReference,
        brief: "Only these pods, and the links",
        placeholder: "POD",
      },
    },
  },
  nodes: { policy: "many" },
  traits: { takesPods: true },
  examples: [
    ["podstead health", "each link, and what is wrong"],
    ["podstead health --wait=2m web", "for scripts: until the pod web is well"],
  ],
  async func(this: CliContext, flags, ...names) {
    const { stdout, clock, interrupted } = this.world;
    const agent = await agentOf(this);
    const endMs = clock.monotonicMs() + (flags.wait ?? 0);
    let overview: Overview;
    for (;;) {
      overview = onlyPods(await agent.overview({}), names);
      const waits = flags.wait !== undefined && overview.state !== "well";
      if (!waits || clock.monotonicMs() >= endMs || interrupted.aborted) break;
      await clock.sleep(LOOK_INTERVAL_MS, interrupted).catch(() => undefined); // the loop sees it
    }
    if (isDataOutput(flags.output)) await this.print.data(flags.output, overviewDocument(overview));
    else {
      const style = styleOf(this, stdout);
      const { columns, rows } = stdout;
      const nowMs = clock.now();
      const links = linkLines(overview, style);
      const left = rows === undefined ? undefined : rows - links.length;
      stdout.write(
        links.map((line) => `${line}\n`).join("") +
          overviewReport(overview, { style, nowMs, columns, rows: left }),
      );
    }
    const good = overview.state === "well" ||
      (overview.state === "changing" && flags.wait === undefined);
    this.process.exitCode = good ? EXIT.ok : EXIT.failed;
  },
});

/** The overview with only the named pods in it; the links stay. @throws {PodsteadError} `not-found` */
export function onlyPods(overview: Overview, names: readonly string[]): Overview {
  if (names.length === 0) return overview;
  const wanted = new Set(names.map((name) => idOf(overview, name)));
  const pods = overview.pods.filter(({ id }) => wanted.has(id));
  const causes = overview.causes.map((line) => ({
    ...line,
    pods: line.pods.filter((id) => wanted.has(id)),
  })).filter((line) => line.link !== undefined || line.pods.length > 0);
  const states = new Set<string>([...overview.links, ...pods].map(({ state }) => state));
  const state = states.has("broken")
    ? "unwell"
    : states.has("unknown")
    ? "unconfirmed"
    : states.has("changing")
    ? "changing"
    : "well";
  return { ...overview, state, pods, causes };
}

function idOf({ pods }: Overview, name: string): string {
  const short = name.includes("/") ? name : undefined;
  const fits = (id: string) => {
    const [namespace = "", pod = ""] = id.split("/");
    const given = short?.slice(namespace.length + 1) ?? name;
    const here = short === undefined || short.startsWith(`${namespace}/`);
    return here && (pod === given || pod.startsWith(`${given}-`));
  };
  const exact = pods.find(({ id }) => id === name);
  const hits = exact === undefined ? pods.filter(({ id }) => fits(id)) : [exact];
  const [first] = hits;
  if (first !== undefined && hits.length === 1) return first.id;
  throw new PodsteadError(
    first === undefined ? "not-found" : "ambiguous",
    first === undefined
      ? `There is no static pod "${name}" on this node`
      : `"${name}" may mean ${hits.map(({ id }) => id).join(", ")}`,
    { hint: 'See them with "podstead get staticpodstatus"' },
  );
}

const WORDS = {
  holds: ["ok", "green"],
  broken: ["BROKEN", "red"],
  unknown: ["unknown", "yellow"],
} as const;

function linkLines({ links, pods }: Overview, style: Style): readonly string[] {
  const of = (state: string) => pods.filter((pod) => pod.state === state).length;
  const bad = of("broken");
  const podsState = bad > 0 ? "broken" : of("unknown") > 0 ? "unknown" : "holds";
  const stopped = pods.filter((pod) => pod.stopped && pod.state === "holds").length;
  const counts = [
    `${of("holds") - stopped} of ${pods.length - stopped} ready`,
    ...(stopped > 0 ? [`${stopped} stopped`] : []),
    ...(of("changing") > 0 ? [`${of("changing")} on the way`] : []),
  ].join(", ");
  const all = [
    ...links.map(({ name, state, text, confirmedMs }) => ({ name, state, text, confirmedMs })),
    { name: "pods", state: podsState, text: counts } as const,
  ];
  return all.map(({ name, state, text }) => {
    const [word, look] = WORDS[state];
    // What is broken is reported below, with its cause.
    return `${name.padEnd(8)} ${style(look, word.padEnd(8))} ${
      state === "broken" ? "" : oneLine(text)
    }`
      .trimEnd();
  });
}
