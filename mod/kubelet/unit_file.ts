/**
 * As much of systemd's unit files as it takes to know how a service is started.
 *
 * Source: systemd.syntax(7), systemd.exec(5) (EnvironmentFile), systemd.service(5)
 * (command lines).
 */
import type { NodeFiles } from "../os/mod.ts";

/** Where units are, the strongest place first. Source: systemd.unit(5). */
const UNIT_DIRECTORIES = [
  "/etc/systemd/system",
  "/run/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/lib/systemd/system",
] as const;

/** One assignment of a unit, in the order in which systemd sees them. */
export interface UnitSetting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** A unit with its drop-ins. */
export interface Unit {
  /** The files it is made of, the unit itself first. */
  readonly files: readonly string[];
  readonly settings: readonly UnitSetting[];
}

/** A unit and its drop-ins from the files of a node; undefined if there is no such unit. */
export async function readUnit(files: NodeFiles, name: string): Promise<Unit | undefined> {
  let main: string | undefined;
  /** Drop-in name to path: a stronger directory hides the same name in a weaker one. */
  const dropIns = new Map<string, string>();
  for (const directory of UNIT_DIRECTORIES) {
    if (main === undefined && await files.text(`${directory}/${name}`) !== undefined) {
      main = `${directory}/${name}`;
    }
    for (const dropIn of await files.names(`${directory}/${name}.d`)) {
      if (dropIn.endsWith(".conf") && !dropIns.has(dropIn)) {
        dropIns.set(dropIn, `${directory}/${name}.d/${dropIn}`);
      }
    }
  }
  if (main === undefined) return undefined;
  const paths = [main, ...[...dropIns].sort(([a], [b]) => a < b ? -1 : 1).map(([, path]) => path)];
  const texts = await Promise.all(paths.map((path) => files.text(path)));
  return { files: paths, settings: texts.flatMap((text) => parseUnit(text ?? "")) };
}

/** The assignments of one unit file. */
export function parseUnit(text: string): readonly UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = "";
  for (const line of joinContinued(text)) {
    const trimmed = line.trim();
    if (trimmed === "" || /^[#;]/.test(trimmed)) continue;
    const header = /^\[(.+)\]$/.exec(trimmed);
    if (header !== null) section = header[1] ?? "";
    const equals = trimmed.indexOf("=");
    if (header !== null || equals <= 0) continue;
    settings.push({
      section,
      key: trimmed.slice(0, equals).trim(),
      value: trimmed.slice(equals + 1).trim(),
    });
  }
  return settings;
}

/** The values of a list setting of [Service]; an empty assignment starts the list again. */
export function listSetting(unit: Unit, key: string): readonly string[] {
  return unit.settings
    .filter((setting) => setting.section === "Service" && setting.key === key)
    .reduce<string[]>((list, { value }) => value === "" ? [] : [...list, value], []);
}

/** The environment of a service: what `Environment=` says, then each `EnvironmentFile=` in turn. */
export async function unitEnvironment(
  files: NodeFiles,
  unit: Unit,
): Promise<ReadonlyMap<string, { readonly value: string; readonly from: string }>> {
  const environment = new Map<string, { value: string; from: string }>();
  const set = (assignment: string, from: string) => {
    const equals = assignment.indexOf("=");
    if (equals > 0) {
      environment.set(assignment.slice(0, equals), { value: assignment.slice(equals + 1), from });
    }
  };
  for (const line of listSetting(unit, "Environment")) {
    for (const word of splitWords(line)) set(word, "the unit");
  }
  for (const file of listSetting(unit, "EnvironmentFile")) {
    const path = file.replace(/^-/, "");
    for (const line of joinContinued(await files.text(path) ?? "")) {
      const assignment = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
      if (assignment === null) continue;
      set(`${assignment[1]}=${splitWords(assignment[2] ?? "").join(" ")}`, path);
    }
  }
  return environment;
}

/**
 * The words of the command that the service runs, variables filled in: `${X}`
 * as one word, a word `$X` split at blanks.
 */
export function commandWords(
  commandLine: string,
  environment: ReadonlyMap<string, { readonly value: string }>,
): readonly string[] {
  const valueOf = (name: string | undefined) => environment.get(name ?? "")?.value ?? "";
  return splitWords(commandLine.replace(/^[-@:+!|]+/, "")).flatMap((word) => {
    const whole = /^\$([A-Za-z_]\w*)$/.exec(word);
    if (whole !== null) return splitWords(valueOf(whole[1]));
    return [word.replace(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => valueOf(name))];
  });
}

/** Splits at blanks outside of quotes; quotes and backslashes are taken off. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:"(?:\\.|[^"])*"?|'(?:\\.|[^'])*'?|\\.|[^\s"'\\])+/gs)) {
    words.push(word.replace(
      /"((?:\\.|[^"])*)"?|'((?:\\.|[^'])*)'?|\\(.)/gs,
      (_, double?: string, single?: string, escaped?: string) =>
        escaped ?? (double ?? single ?? "").replace(/\\(.)/gs, "$1"),
    ));
  }
  return words;
}

function joinContinued(text: string): readonly string[] {
  return text.replace(/\\\r?\n/g, " ").split(/\r?\n/);
}
