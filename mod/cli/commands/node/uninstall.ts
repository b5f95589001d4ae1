import { resolve } from "node:path";
import { errorText, PodsteadError } from "../../../core/mod.ts";
import type { KeepPodStep, RemovalPlan, RemovalStep } from "../../../install/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { confirm } from "../../shell/confirm.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { formatData, isDataOutput, type Output } from "../../output/mod.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { removalLine, removalReport } from "./install_report.ts";
import { defaultEndpointSettings, endpointSettings, readToken } from "./install_settings.ts";

interface UninstallFlags {
  readonly output: Output<"text">;
  readonly dryRun: boolean;
  readonly root: string;
  readonly keepPods: boolean;
  readonly purge: boolean;
  readonly yes: boolean;
}

/** How long the agent may take to answer with the list of its pods, in milliseconds. */
const LIST_TIMEOUT_MS = 5_000;

export const uninstallCommand = defineCommand<UninstallFlags>({
  docs: {
    brief: 'Take back what "podstead install" made',
    fullDescription: [
      "Unlinks and restarts the kubelet, stops the service, and removes exactly what install",
      "made. The pods that podstead serves stop with it. With --keep-pods they are written",
      "into the kubelet's own staticPodPath first, and restart once.",
      "",
      "A config that was changed since is kept, unless --purge is given.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      dryRun: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Show what would be removed, change nothing",
      },
      root: {
        kind: "parsed",
        parse: String,
        default: "/",
        brief: "The root of another system that was installed into",
        placeholder: "DIR",
      },
      keepPods: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Hand the pods over to the kubelet's staticPodPath",
      },
      purge: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Remove a changed config and all pod files as well",
      },
      yes: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Do not ask",
      },
    },
    aliases: { o: "output", y: "yes" },
  },
  examples: [
    ["sudo podstead uninstall --dry-run", "show what it would do"],
    ["sudo podstead uninstall --keep-pods", "go back to pods in a directory"],
  ],
  async func(this: CliContext, flags) {
    const install = await import("../../../install/mod.ts");
    const { stdout, stderr } = this.world;
    const style = styleOf(this, stdout);
    const root = resolve(flags.root);
    const data = isDataOutput(flags.output) ? flags.output : undefined;
    const tell = async (plan: RemovalPlan) => {
      if (data === undefined) return;
      stdout.write(await formatData(data, removalReport(plan, flags.dryRun)));
    };
    const line = (step: RemovalStep) =>
      data === undefined ? stdout.write(`${removalLine(step, style)}\n`) : undefined;
    const record = await install.readRecord(root);
    if (record === undefined) {
      stderr.write("There is nothing to take back: podstead install did not run here.\n");
      return await tell({ steps: [], notes: [] });
    }
    const list = root === "/" ? await servedList(install.LAYOUT.config) : undefined;
    const plan = install.planUninstall(record, {
      purge: flags.purge,
      live: root === "/",
      packaged: !record.files.some((file) => file.path === install.LAYOUT.binary),
      keep: flags.keepPods ? await keptPods(root, list) : [],
      ...await install.inspectRecord(root, record),
    });
    if (flags.dryRun) {
      for (const step of plan.steps) line(step);
      for (const note of plan.notes) stderr.write(`\n${note}\n`);
      stderr.write("\nNothing was changed.\n");
      return await tell(plan);
    }
    const what = fateOfPods(list, flags.keepPods);
    if (what !== undefined && !flags.yes) {
      if (!await confirm(this, `${what} Go on?`)) {
        stderr.write("Nothing was changed.\n");
        return;
      }
    } else if (what !== undefined) stderr.write(`${what}\n`);
    await install.executeUninstall(plan, {
      root,
      onStep: line,
    });
    for (const note of plan.notes) stderr.write(`\n${note}\n`);
    await tell(plan);
  },
});

/** What happens to the pods, as a sentence; undefined when there are none. */
function fateOfPods(list: string | Error | undefined, keep: boolean): string | undefined {
  if (list === undefined) return undefined;
  if (typeof list !== "string") return "The pods that podstead serves will stop.";
  const count = (list.match(/"podstead\.dev\/spec-hash"/g) ?? []).length;
  if (count === 0) return undefined;
  const pods = count === 1 ? "1 pod" : `${count} pods`;
  return keep
    ? `${pods} will restart once, from the kubelet's own directory.`
    : `${pods} will stop: nothing else tells the kubelet about them.`;
}

/** The list as the kubelet gets it, or why it cannot be read. */
async function servedList(configPath: string): Promise<string | Error> {
  try {
    const { url, tokenFile } = await endpointSettings(configPath) ??
      await defaultEndpointSettings();
    const headers: Record<string, string> = tokenFile === undefined
      ? {}
      : { Authorization: `Bearer ${await readToken("/", tokenFile)}` };
    const { localGet } = await import("../../../os/mod.ts");
    const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
    const { status, text } = await localGet(url, { headers, signal });
    if (status !== 200) throw new Error(`The endpoint answers ${status}`);
    return text;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function keptPods(
  root: string,
  list: string | Error | undefined,
): Promise<readonly KeepPodStep[]> {
  const { keepPodSteps } = await import("../../../install/mod.ts");
  const { discoverKubelet } = await import("../../../kubelet/mod.ts");
  const { nodeFiles } = await import("../../../os/mod.ts");
  const kubelet = await discoverKubelet(nodeFiles(root));
  const path = kubelet.kind === "unit" ? kubelet.facts.settings.staticPodPath : undefined;
  if (path === undefined) {
    throw new PodsteadError("failed", "Cannot keep the pods: the kubelet has no staticPodPath", {
      hint: "Add staticPodPath: /etc/kubernetes/manifests to its config, or leave --keep-pods out",
    });
  }
  if (typeof list !== "string") {
    const why = list === undefined ? "another root has no agent" : errorText(list);
    throw new PodsteadError("agent-unreachable", `Cannot keep the pods: ${why}`, {
      hint: "Start it first: systemctl start podstead",
    });
  }
  return keepPodSteps(list, path);
}
