import type { Command, RouteMap } from "@stricli/core";
import type { CliContext, Routes } from "./context.ts";
import { inColumns } from "./help_text.ts";

type Target = Command<CliContext> | RouteMap<CliContext>;

type Loaders = Readonly<Record<string, () => Promise<Target>>>;

/** What a command is for → commands, each loaded on demand; in the order of the help. */
const GROUPS: Readonly<Record<string, Loaders>> = {
  "See what runs": {
    overview: async () => (await import("../commands/status/overview.ts")).overviewCommand,
    health: async () => (await import("../commands/status/health.ts")).healthCommand,
    get: async () => (await import("../commands/status/get.ts")).getCommand,
    describe: async () => (await import("../commands/status/describe.ts")).describeCommand,
    events: async () => (await import("../commands/status/events.ts")).eventsCommand,
    logs: async () => (await import("../commands/logs/logs.ts")).logsCommand,
    top: async () => (await import("../commands/top/top.ts")).topCommand,
    stats: async () => (await import("../commands/containers/stats.ts")).statsCommand,
    containers: async () =>
      (await import("../commands/containers/containers.ts")).containersCommand,
    inspect: async () => (await import("../commands/containers/inspect.ts")).inspectCommand,
    images: async () => (await import("../commands/containers/images.ts")).imagesCommand,
    services: async () => (await import("../commands/logs/services.ts")).servicesCommand,
    ui: async () => (await import("../commands/ui/ui.ts")).uiCommand,
  },
  "Change pods": {
    apply: async () => (await import("../commands/change/apply.ts")).applyCommand,
    add: async () => (await import("../commands/change/add.ts")).addCommand,
    edit: async () => (await import("../commands/change/edit.ts")).editCommand,
    set: async () => (await import("../commands/change/set.ts")).setCommands,
    patch: async () => (await import("../commands/change/patch.ts")).patchCommand,
    remove: async () => (await import("../commands/change/remove.ts")).removeCommand,
    stop: async () => (await import("../commands/change/stop.ts")).stopCommand,
    start: async () => (await import("../commands/change/stop.ts")).startCommand,
    restart: async () => (await import("../commands/containers/restart.ts")).restartCommand,
    reload: async () => (await import("../commands/change/reload.ts")).reloadCommand,
  },
  "Look at changes, and go back": {
    diff: async () => (await import("../commands/change/diff.ts")).diffCommand,
    history: async () => (await import("../commands/change/history.ts")).historyCommand,
    rollback: async () => (await import("../commands/change/rollback.ts")).rollbackCommand,
    confirm: async () => (await import("../commands/change/trial.ts")).confirmCommand,
    cancel: async () => (await import("../commands/change/trial.ts")).cancelCommand,
  },
  "Check files before they are served": {
    validate: async () => (await import("../commands/files/validate.ts")).validateCommand,
    explain: async () => (await import("../commands/files/explain.ts")).explainCommand,
    render: async () => (await import("../commands/files/render.ts")).renderCommand,
    seal: async () => (await import("../commands/files/seal.ts")).sealCommand,
  },
  "Find a fault": {
    doctor: async () => (await import("../commands/status/doctor.ts")).doctorCommand,
    support: async () => (await import("../commands/node/support.ts")).supportCommand,
    exec: async () => (await import("../commands/containers/exec.ts")).execCommand,
  },
  "Set this node up": {
    install: async () => (await import("../commands/node/install.ts")).installCommand,
    import: async () => (await import("../commands/controlplane/import.ts")).importCommand,
    uninstall: async () => (await import("../commands/node/uninstall.ts")).uninstallCommand,
    serve: async () => (await import("../commands/node/serve.ts")).serveCommand,
    "kubelet-config": async () =>
      (await import("../commands/node/kubelet_config.ts")).kubeletConfigCommand,
    "credential-provider": async () =>
      (await import("../commands/node/credential_provider.ts")).credentialProviderCommand,
    pull: async () => (await import("../commands/containers/pull.ts")).pullCommand,
    pki: async () => (await import("../commands/controlplane/pki.ts")).pkiCommands,
  },
  "Many nodes": {
    nodes: async () => (await import("../commands/nodes/nodes.ts")).nodesCommands,
    rollout: async () => (await import("../commands/rollout/rollout.ts")).rolloutCommands,
    fleet: async () => (await import("../commands/fleet/fleet.ts")).fleetCommands,
  },
  Help: {
    help: async () => (await import("../commands/help/help.ts")).helpCommand,
    completion: async () => (await import("../commands/help/completion.ts")).completionCommand,
    version: async () => (await import("../commands/help/version.ts")).versionCommand,
  },
};

/** Commands that podstead alone runs: no help and no page shows them. */
const HIDDEN: Loaders = {
  "dial-stdio": async () => (await import("../commands/nodes/dial_stdio.ts")).dialStdioCommand,
  "read-files": async () => (await import("../commands/node/read_files.ts")).readFilesCommand,
};

/** The commands of the help by what they are for. */
export const COMMAND_GROUPS = Object.entries(GROUPS)
  .map(([title, loaders]) => ({ title, names: Object.keys(loaders) }));

export const HIDDEN_COMMANDS: readonly string[] = Object.keys(HIDDEN);

/** Every command by its name. */
export const COMMANDS: Loaders = Object.assign({}, ...Object.values(GROUPS), HIDDEN);

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
