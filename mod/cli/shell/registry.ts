import type { Command, RouteMap } from "@stricli/core";
import type { CliContext, Routes } from "./context.ts";
import { inColumns } from "./help_text.ts";

type Target = Command<CliContext> | RouteMap<CliContext>;

/** Every command by its name, in the order of the help; each is loaded when it is wanted. */
export const COMMANDS: Readonly<Record<string, () => Promise<Target>>> = {
  overview: async () => (await import("../commands/status/overview.ts")).overviewCommand,
  health: async () => (await import("../commands/status/health.ts")).healthCommand,
  get: async () => (await import("../commands/status/get.ts")).getCommand,
  describe: async () => (await import("../commands/status/describe.ts")).describeCommand,
  events: async () => (await import("../commands/status/events.ts")).eventsCommand,
  doctor: async () => (await import("../commands/status/doctor.ts")).doctorCommand,
  support: async () => (await import("../commands/node/support.ts")).supportCommand,
  containers: async () => (await import("../commands/containers/containers.ts")).containersCommand,
  logs: async () => (await import("../commands/logs/logs.ts")).logsCommand,
  services: async () => (await import("../commands/logs/services.ts")).servicesCommand,
  stats: async () => (await import("../commands/containers/stats.ts")).statsCommand,
  top: async () => (await import("../commands/top/top.ts")).topCommand,
  ui: async () => (await import("../commands/ui/ui.ts")).uiCommand,
  restart: async () => (await import("../commands/containers/restart.ts")).restartCommand,
  inspect: async () => (await import("../commands/containers/inspect.ts")).inspectCommand,
  exec: async () => (await import("../commands/containers/exec.ts")).execCommand,
  images: async () => (await import("../commands/containers/images.ts")).imagesCommand,
  pull: async () => (await import("../commands/containers/pull.ts")).pullCommand,
  validate: async () => (await import("../commands/files/validate.ts")).validateCommand,
  seal: async () => (await import("../commands/files/seal.ts")).sealCommand,
  explain: async () => (await import("../commands/files/explain.ts")).explainCommand,
  render: async () => (await import("../commands/files/render.ts")).renderCommand,
  apply: async () => (await import("../commands/change/apply.ts")).applyCommand,
  add: async () => (await import("../commands/change/add.ts")).addCommand,
  diff: async () => (await import("../commands/change/diff.ts")).diffCommand,
  edit: async () => (await import("../commands/change/edit.ts")).editCommand,
  patch: async () => (await import("../commands/change/patch.ts")).patchCommand,
  set: async () => (await import("../commands/change/set.ts")).setCommands,
  remove: async () => (await import("../commands/change/remove.ts")).removeCommand,
  stop: async () => (await import("../commands/change/stop.ts")).stopCommand,
  start: async () => (await import("../commands/change/stop.ts")).startCommand,
  history: async () => (await import("../commands/change/history.ts")).historyCommand,
  rollback: async () => (await import("../commands/change/rollback.ts")).rollbackCommand,
  confirm: async () => (await import("../commands/change/trial.ts")).confirmCommand,
  cancel: async () => (await import("../commands/change/trial.ts")).cancelCommand,
  reload: async () => (await import("../commands/change/reload.ts")).reloadCommand,
  fleet: async () => (await import("../commands/fleet/fleet.ts")).fleetCommands,
  serve: async () => (await import("../commands/node/serve.ts")).serveCommand,
  install: async () => (await import("../commands/node/install.ts")).installCommand,
  import: async () => (await import("../commands/controlplane/import.ts")).importCommand,
  pki: async () => (await import("../commands/controlplane/pki.ts")).pkiCommands,
  uninstall: async () => (await import("../commands/node/uninstall.ts")).uninstallCommand,
  "kubelet-config": async () =>
    (await import("../commands/node/kubelet_config.ts")).kubeletConfigCommand,
  "credential-provider": async () =>
    (await import("../commands/node/credential_provider.ts")).credentialProviderCommand,
  nodes: async () => (await import("../commands/nodes/nodes.ts")).nodesCommands,
  rollout: async () => (await import("../commands/rollout/rollout.ts")).rolloutCommands,
  "dial-stdio": async () => (await import("../commands/nodes/dial_stdio.ts")).dialStdioCommand,
  "read-files": async () => (await import("../commands/node/read_files.ts")).readFilesCommand,
  completion: async () => (await import("../commands/help/completion.ts")).completionCommand,
  help: async () => (await import("../commands/help/help.ts")).helpCommand,
  version: async () => (await import("../commands/help/version.ts")).versionCommand,
};

/** Commands that podstead alone runs: no help and no page shows them. */
export const HIDDEN_COMMANDS: readonly string[] = ["dial-stdio", "read-files"];

const ALIASES: Readonly<Record<string, string>> = {
  g: "get",
  c: "containers",
  log: "logs",
  why: "describe",
};

/**
 * Loads the command that is meant: loading all of them takes longer than most
 * of them run. Any other word, or none, asks about all of them.
 */
export async function loadRoutes(word?: string): Promise<Routes> {
  const name = word === undefined ? undefined : ALIASES[word] ?? word;
  const one = name !== undefined && Object.hasOwn(COMMANDS, name);
  const wanted = Object.entries(COMMANDS).filter(([command]) => !one || command === name);
  const commands = await Promise.all(
    wanted.map(async ([command, load]) => [command, inOurForm(await load())]),
  );
  const aliases = Object.entries(ALIASES).filter(([, command]) => !one || command === name);
  return { commands: Object.fromEntries(commands), aliases: Object.fromEntries(aliases) };
}

/** A group's help comes from stricli; a command has its own. */
function inOurForm(target: Target): Target {
  return "getRoutingTargetForInput" in target ? inColumns(target) : target;
}

/** Whether a word is the name or an alias of a command. */
export function isCommand(word: string): boolean {
  return Object.hasOwn(COMMANDS, word) || Object.hasOwn(ALIASES, word);
}
