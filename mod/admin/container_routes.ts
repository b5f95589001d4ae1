import { Buffer } from "node:buffer";
import type { Hono } from "hono";
import * as v from "valibot";
import { parseJson, UsageError } from "../core/mod.ts";
import type { NodeActions } from "../node/mod.ts";
import { NODE_PATHS, type WireExecOutcome, type WireExecSession } from "./node_contract.ts";
import { answerJson, answerStream, ndjson } from "./server.ts";

/** More often the runtime would be busy with counting. */
const MIN_INTERVAL_MS = 200;
const MAX_INTERVAL_MS = 3_600_000;

/** Routes that look into containers and images, and act on them. */
export function containerRoutes(node: NodeActions): (app: Hono) => void {
  return (app) => {
    app.get(NODE_PATHS.find, async (c) => {
      const container = c.req.query("container");
      const reference = { reference: required(c.req.query("reference"), "reference") };
      return answerJson(
        await node.find(
          container === undefined ? reference : { ...reference, container },
          c.req.raw.signal,
        ),
      );
    });
    app.get(
      NODE_PATHS.otherContainers,
      async (c) => answerJson(await node.otherContainers(c.req.raw.signal)),
    );
    app.get(NODE_PATHS.images, async (c) => answerJson(await node.images(c.req.raw.signal)));
    app.get(NODE_PATHS.usage, (c) => {
      const reference = c.req.query("reference");
      const request = { intervalMs: interval(c.req.query("intervalMs")) };
      const source = node.usage(
        reference === undefined ? request : { ...request, reference },
        c.req.raw.signal,
      );
      return answerStream(ndjson(source), "application/x-ndjson");
    });
    app.get(NODE_PATHS.inspect, async (c) => {
      const kind = c.req.query("kind") === "sandbox" ? "sandbox" : "container";
      const id = required(c.req.query("id"), "id");
      return answerJson(await node.inspect(id, kind, c.req.raw.signal));
    });
    app.post(NODE_PATHS.stop, async (c) => {
      await node.stop(await body(c.req.raw, StopSchema), c.req.raw.signal);
      return answerJson({});
    });
    app.post(NODE_PATHS.pull, async (c) => {
      const steps = node.pull(await body(c.req.raw, PullSchema), c.req.raw.signal);
      return answerStream(ndjson(steps), "application/x-ndjson");
    });
    app.post(NODE_PATHS.exec, async (c) => {
      const outcome = await node.exec(await body(c.req.raw, ExecSchema), c.req.raw.signal);
      return answerJson(
        {
          stdout: Buffer.from(outcome.stdout).toString("base64"),
          stderr: Buffer.from(outcome.stderr).toString("base64"),
          exitCode: outcome.exitCode,
        } satisfies WireExecOutcome,
      );
    });
    app.post(NODE_PATHS.execSession, async (c) => {
      const request = await body(c.req.raw, ExecSessionSchema);
      const url = await node.openExec(request, c.req.raw.signal);
      return answerJson({ url } satisfies WireExecSession);
    });
  };
}

const Text = v.pipe(v.string(), v.minLength(1));
const Command = v.pipe(v.array(v.string()), v.minLength(1));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

const StopSchema = v.object({ containerId: Text, graceMs: v.exactOptional(Count) });
const PullSchema = v.object({
  image: Text,
  auth: v.exactOptional(v.object({
    username: v.exactOptional(v.string()),
    password: v.exactOptional(v.string()),
    identityToken: v.exactOptional(v.string()),
  })),
});
const ExecSchema = v.object({
  containerId: Text,
  command: Command,
  timeoutMs: v.exactOptional(Count),
});
const ExecSessionSchema = v.object({
  containerId: Text,
  command: Command,
  tty: v.boolean(),
  stdin: v.boolean(),
});

/** @throws {UsageError} when the body is not what the route wants */
async function body<Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  let value: unknown;
  try {
    value = parseJson(await request.text());
  } catch (error) {
    throw new UsageError("The request's body is not JSON", { cause: error });
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new UsageError(
    `The request is not as agreed: ${
      result.issues.map((issue) => `${v.getDotPath(issue) ?? "body"}: ${issue.message}`).join("; ")
    }`,
  );
}

function required(text: string | undefined, name: string): string {
  if (text !== undefined && text !== "") return text;
  throw new UsageError(`${name} must not be empty`);
}

function interval(text: string | undefined): number {
  const intervalMs = Number(text);
  if (intervalMs >= MIN_INTERVAL_MS && intervalMs <= MAX_INTERVAL_MS) return intervalMs;
  throw new UsageError(
    `intervalMs must be ${MIN_INTERVAL_MS}–${MAX_INTERVAL_MS}, current value is "${text}"`,
  );
}
