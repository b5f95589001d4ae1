import { type AgentClient, agentClient, unixTransport } from "../../../api/client/mod.ts";
import type { AgentFacts, Finding } from "../../../doctor/mod.ts";
import { agentEnvironment, socketPath } from "../../shell/agent.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { DEFAULT_CONFIG_PATH } from "../../shell/globals.ts";
import { documentOf, isDataOutput, type Output } from "../../output/mod.ts";
import { type Look, oneLine, type Style } from "../../../text/mod.ts";
import { remoteJson } from "../../shell/many/remote_json.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";

interface DoctorFlags {
  readonly output: Output<"text">;
  readonly all: boolean;
}

export const doctorCommand = defineCommand<DoctorFlags>({
  docs: {
    brief: "Check the node, and say how to fix what is wrong",
    fullDescription: [
      "Looks at the config, the agent, its endpoint with and without token, the kubelet (whether it",
      "runs, polls this URL with the right header and interval, and calls the node by the same",
      "name), the container runtime, pods, disks, secrets, clock and service. Runs with or without",
      "an agent; it changes nothing.",
      "",
      "Exit code 0: nothing has failed. 1: something has.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      all: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Show what cannot be checked here too",
      },
    },
    aliases: { o: "output", a: "all" },
  },
  nodes: { policy: "many" },
  examples: [
    ["sudo podstead doctor", "everything that can be wrong between a config and a running pod"],
    ["podstead doctor -o json", "the same for a monitoring system"],
  ],
  async func(this: CliContext, flags) {
    const { stdout } = this.world;
    const findings = await findingsOf(this);
    const failed = findings.some(({ status }) => status === "failed");
    if (isDataOutput(flags.output)) {
      await this.print.data(
        flags.output,
        documentOf("DoctorReport", { healthy: !failed, findings }),
      );
    } else stdout.write(doctorReport(findings, { all: flags.all, style: styleOf(this, stdout) }));
    this.process.exitCode = failed ? EXIT.failed : EXIT.ok;
  },
});

/** Another node looks at itself. */
async function findingsOf(context: CliContext): Promise<readonly Finding[]> {
  const { node, world: { clock, uid } } = context;
  if (node !== undefined) {
    return (await remoteJson<{ readonly findings: readonly Finding[] }>(node, ["doctor"])).findings;
  }
  const { gatherDoctorFacts, diagnose } = await import("../../../doctor/mod.ts");
  const { findNodeKubelet } = await import("../../../kubelet/mod.ts");
  const lenient: CliContext = { ...context, globals: { ...context.globals, config: undefined } };
  const fallback = await clientSettings(context).catch(() => clientSettings(lenient));
  const socket = await socketPath(context, { reads: false }).catch(() => fallback.admin.socket);
  return diagnose(
    await gatherDoctorFacts({
      configPath: context.globals.config ?? DEFAULT_CONFIG_PATH,
      fallback,
      socket,
      agent: () => agentFacts(agentClient(unixTransport(socket))),
      kubelet: findNodeKubelet,
      nowMs: clock.now(),
      root: (uid ?? 0) === 0,
      env: agentEnvironment(context),
    }),
  );
}

async function agentFacts(agent: AgentClient): Promise<AgentFacts> {
  const [info, fetches, { pods }] = await Promise.all([
    agent.agent({}),
    agent.fetches({}),
    agent.overview({}),
  ]);
  const { pid, version, configPath, manifestUrl, node } = info;
  return { pid, version, configPath, nodeName: node.name, manifestUrl, fetches, pods };
}

const SIGNS: Readonly<Record<Finding["status"], readonly [word: string, look: Look]>> = {
  ok: ["ok", "green"],
  warning: ["warning", "yellow"],
  failed: ["FAILED", "red"],
  skipped: ["skipped", "dim"],
};

/** The findings, each with its fix under it. */
export function doctorReport(
  findings: readonly Finding[],
  { all, style }: { readonly all: boolean; readonly style: Style },
): string {
  const shown = findings.filter(({ status, needsRoot }) =>
    all || status !== "skipped" || needsRoot === true
  );
  const lines = shown.flatMap(({ check, status, summary, fix }) => {
    const [word, look] = SIGNS[status];
    const head = `${style(look, word.padEnd(7))}  ${check.padEnd(16)}  ${oneLine(summary)}`;
    return fix === undefined ? [head] : [head, `${" ".repeat(27)}Fix: ${oneLine(fix)}`];
  });
  const count = (wanted: Finding["status"]) =>
    findings.filter(({ status }) => status === wanted).length;
  const [failed, warnings] = [count("failed"), count("warning")];
  const blind = findings.filter(({ needsRoot }) => needsRoot === true).length;
  lines.push(
    "",
    failed + warnings === 0 && blind > 0
      ? `Nothing is known to be wrong; ${blind} checks need root: sudo podstead doctor`
      : failed + warnings === 0
      ? style("green", "Nothing is wrong")
      : `${failed} failed, ${warnings} warning${warnings === 1 ? "" : "s"}`,
  );
  return `${lines.join("\n")}\n`;
}
