/** Runs one command on many nodes at the same time, and makes one output of theirs. */
import { errorText, PodsteadError, UsageError } from "../../../core/mod.ts";
import { type NodeEntry, nodesPath, readNodes, selectNodes } from "../../../fleet/nodes/mod.ts";
import { buildInfo } from "../../../os/runtime.ts";
import { oneLine } from "../../../text/mod.ts";
import type { NodesOptions } from "../nodes_policy.ts";
import { type CliContext, styleOf } from "../context.ts";
import { problemReports } from "../error_report.ts";
import { EXIT, exitCodeOf } from "../exit_codes.ts";
import { OutputClosed, type World } from "../world.ts";
import { widthOf } from "../direct_printer.ts";
import { formatGathered, NodeOutput } from "./gathered.ts";
import { type LinkedNode, type Links, MAX_AT_ONCE, openLinks, Places } from "./links.ts";
import { ManyPrinter } from "./many_printer.ts";
import { prefixedLines } from "./prefixed.ts";

/** A command that is run on nodes. */
export interface ManyOptions extends NodesOptions {
  /** As it was given; `yes`, `dryRun`, `follow` and `watch` mean the same in every command. */
  readonly flags: object;
}

type Run = (context: CliContext) => Promise<void>;

/**
 * Runs a command on the nodes that `-N` names: partial results are always printed, an error of a
 * node is one line on stderr, after what is wrong with the files that were given.
 *
 * @throws {UsageError} for nodes that nothing is known of, and commands that are not for nodes
 */
export async function runOnNodes(
  context: CliContext,
  options: ManyOptions,
  run: Run,
): Promise<void> {
  const { world, globals } = context;
  refuseHere(options);
  const file = await readNodes(nodesPath(world.env));
  const nodes = selectNodes(globals.nodes ?? "", file);
  const open = () => openLinks(file.connectTimeoutMs, world.interrupted);
  if (options.policy === "one") return await runOnOne(context, nodes, open, run);
  const asked = await mayBegin(context, options, nodes);
  if (asked === undefined) {
    context.process.exitCode = EXIT.failed;
    return;
  }
  const links = await open();
  try {
    await runOnEach(context, { nodes, links, run, asked, streams: streams(options) });
  } finally {
    await links.close();
  }
}

function refuseHere({ policy }: ManyOptions): void {
  if (policy !== "here") return;
  throw new UsageError("--nodes is not for this command: it is about files or this machine", {
    hint: "-N names other nodes; a namespace is -n. Run the command there: ssh NODE podstead …",
  });
}

/** One node, as if it was this one. */
async function runOnOne(
  context: CliContext,
  nodes: readonly NodeEntry[],
  open: () => Promise<Links>,
  run: Run,
): Promise<void> {
  const [node] = nodes;
  if (node === undefined || nodes.length > 1) {
    throw new UsageError(`This command is for one node at a time, not for ${nodes.length}`, {
      hint: "Name one with -N",
    });
  }
  const links = await open();
  try {
    const linked = await links.open(node).catch((error) => {
      if (!(error instanceof PodsteadError)) throw error;
      const { code, message, hint } = error;
      const named = `Node "${node.name}": ${message}`;
      throw new PodsteadError(code, named, {
        cause: error,
        ...(hint === undefined ? {} : { hint }),
      });
    });
    tellVersion(linked, (text) => context.world.stderr.write(text));
    await run({ ...context, node: linked });
  } finally {
    await links.close();
  }
}

/** Whether it was asked, and may begin; undefined if not. */
async function mayBegin(
  context: CliContext,
  { changes, flags }: ManyOptions,
  nodes: readonly NodeEntry[],
): Promise<boolean | undefined> {
  const { yes, dryRun }: { readonly yes?: unknown; readonly dryRun?: unknown } = flags;
  if (changes !== true || yes === true || dryRun === true || !context.world.stdinIsTTY) {
    return false;
  }
  const { confirm } = await import("../confirm.ts");
  const names = nodes.map(({ name }) => name).join(", ");
  const what = nodes.length === 1 ? names : `${nodes.length} nodes at once: ${names}`;
  return await confirm(context, `This changes ${what}. Go on?`) ? true : undefined;
}

/** Whether the command runs until it is ended: then it runs on all nodes at the same time. */
function streams({ flags }: ManyOptions): boolean {
  const { follow, watch }: { readonly follow?: unknown; readonly watch?: unknown } = flags;
  return follow === true || watch === true;
}

async function runOnEach(
  context: CliContext,
  { nodes, links, run, asked, streams }: {
    readonly nodes: readonly NodeEntry[];
    readonly links: Links;
    readonly run: Run;
    readonly asked: boolean;
    readonly streams: boolean;
  },
): Promise<void> {
  const { stdout, stderr, clock, interrupted } = context.world;
  const style = styleOf(context, stdout);
  const names = nodes.map(({ name }) => name);
  const printer = new ManyPrinter(names, { stdout, style, clock, live: streams });
  const once = oneReading(context.world);
  const told = new Set<string>();
  let readerGone = false;
  const places = new Places(streams ? Infinity : MAX_AT_ONCE);
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(new PodsteadError("failed", "stopped before its end"));
    if (interrupted.aborted) stop();
    interrupted.addEventListener("abort", stop, { once: true });
  });
  stopped.catch(() => {}); // each node's race sees it
  const ends = await Promise.all(nodes.map(async (node): Promise<NodeEnd> => {
    const output = new NodeOutput(node.name);
    await using _place = await places.take();
    try {
      const own = async () => {
        const linked = await links.open(node);
        return await runOnLinked({ ...context, world: once }, {
          linked,
          run,
          asked,
          output,
          printer,
        });
      };
      return { output, code: await Promise.race([own(), stopped]) };
    } catch (error) {
      readerGone ||= error instanceof OutputClosed;
      if (readerGone) throw error; // nothing more can be shown
      // A stream ends by being interrupted.
      if (interrupted.aborted && streams) return { output, code: EXIT.ok };
      const { message, hint, code = "failed" } = error instanceof PodsteadError
        ? error
        : { message: errorText(error), hint: undefined };
      output.error = { code, message, ...(hint === undefined ? {} : { hint }) };
      // The files are the same for every node, and so is most of what is wrong with them.
      for (const problem of problemReports(error).filter((one) => !told.has(one))) {
        told.add(problem);
        stderr.write(`${problem}\n`);
      }
      stderr.write(`error from node ${node.name}: ${oneLine(message)}\n`);
      return { output, code: exitCodeOf(error), error: true };
    } finally {
      printer.ended(node.name);
    }
  }));
  printer.close();
  const outputs = ends.map(({ output }) => output);
  stdout.write(await formatGathered(outputs, style, widthOf(stdout)));
  tellOnlyHint(context, outputs);
  context.process.exitCode = jointCode(ends);
}

/** Standard input is read once for all nodes. */
function oneReading(world: World): World {
  let read: Promise<Uint8Array> | undefined;
  const readStdin: World["readStdin"] = (maxBytes) => read ??= world.readStdin(maxBytes);
  return Object.create(world, { readStdin: { value: readStdin } });
}

/** With one node there is room for the next step. */
function tellOnlyHint({ world }: CliContext, outputs: readonly NodeOutput[]): void {
  const hint = outputs.length === 1 ? outputs[0]?.error?.hint : undefined;
  if (hint !== undefined) world.stderr.write(`  ${hint}\n`);
}

/** How the command ended on one node. */
interface NodeEnd {
  readonly output: NodeOutput;
  readonly code: number;
  /** Whether it failed with an error, rather than with its own exit code. */
  readonly error?: true;
}

/** 69 if no node was reached, 1 if any failed; otherwise what the nodes have in common. */
export function jointCode(ends: readonly Pick<NodeEnd, "code" | "error">[]): number {
  const codes = new Set(ends.map(({ code }) => code));
  const [only] = codes;
  if (only !== undefined && codes.size === 1) return only;
  const failed = ends.some(({ code, error }) => error === true || code === EXIT.failed);
  return failed ? EXIT.failed : Math.max(...codes);
}

/** Runs the command with the world of one node. @returns its exit code */
async function runOnLinked(
  context: CliContext,
  { linked, run, asked, output, printer }: {
    readonly linked: LinkedNode;
    readonly run: Run;
    readonly asked: boolean;
    readonly output: NodeOutput;
    readonly printer: ManyPrinter;
  },
): Promise<number> {
  const { world } = context;
  const decoder = new TextDecoder();
  const words = prefixedLines(`${linked.name}: `, (text) => world.stderr.write(text));
  tellVersion(linked, words.write);
  const stdout = {
    isTTY: false,
    columns: world.stdout.columns,
    rows: undefined,
    write: (data: string | Uint8Array) => {
      output.text += typeof data === "string" ? data : decoder.decode(data, { stream: true });
    },
  };
  const stderr = { isTTY: false, columns: undefined, rows: undefined, write: words.write };
  const process: CliContext["process"] = { stdout, stderr };
  const { isTTY } = world.stdout;
  try {
    await run({
      ...context,
      process,
      // Colour is decided by where all of it goes.
      globals: { ...context.globals, color: colorOf(context, isTTY) },
      world: Object.create(world, {
        stdout: { value: stdout },
        stderr: { value: stderr },
        stdinIsTTY: { value: asked },
      }),
      print: printer.of(output),
      node: linked,
      ...(asked ? { confirmed: true } : {}),
    });
  } finally {
    words.end();
  }
  return Number(process.exitCode ?? EXIT.ok);
}

function colorOf(context: CliContext, isTTY: boolean): CliContext["globals"]["color"] {
  const { color } = context.globals;
  if (color !== "auto") return color;
  return isTTY && styleOf(context, context.world.stdout)("bold", "x") !== "x" ? "always" : "never";
}

/** Agents of the next and the last minor work as usual; others may lack more. */
function tellVersion({ name, version }: LinkedNode, write: (text: string) => void): void {
  const own = buildInfo().version;
  if (minorsApart(own, version) <= 1) return;
  write(
    `warning: node ${name} has podstead ${version}, this is ${own}: more than one minor apart\n`,
  );
}

/** How many minors are between two versions; a whole lot between two majors. */
export function minorsApart(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split(".").map(Number));
  const [major = 0, minor = 0] = left ?? [];
  const [otherMajor = 0, otherMinor = 0] = right ?? [];
  return major === otherMajor ? Math.abs(minor - otherMinor) : 1000;
}
