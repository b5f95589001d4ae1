/** What each route takes, checked: all that comes over the socket passes through here. */
import * as v from "valibot";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  UsageError,
} from "../../core/mod.ts";
import { type InputOf, RESOURCE_TYPES, type RouteName } from "../contract/mod.ts";

const Text = v.pipe(v.string(), v.minLength(1, "must not be empty"));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Command = v.pipe(v.array(v.string()), v.minLength(1));
/** A boolean of a query. */
const Flag = v.pipe(v.picklist(["true", "false"]), v.transform((text) => text === "true"));

const NOTHING = v.object({});

/** Longest wait for pods, in milliseconds: a client that has gone is noticed anyway. */
const MAX_WAIT_MS = 3_600_000;
const WaitMs = v.pipe(
  v.number("must be a number of milliseconds"),
  v.minValue(0, "must not be negative"),
  v.maxValue(MAX_WAIT_MS, `must be at most ${MAX_WAIT_MS}`),
);

/** More often the runtime would be busy with counting. */
const MIN_INTERVAL_MS = 200;
const MAX_INTERVAL_MS = 3_600_000;
const IntervalMs = v.pipe(
  v.string(),
  v.transform(Number),
  v.check(
    (ms) => ms >= MIN_INTERVAL_MS && ms <= MAX_INTERVAL_MS,
    `must be ${MIN_INTERVAL_MS}–${MAX_INTERVAL_MS}`,
  ),
);

const Resources = v.object({
  type: v.picklist(RESOURCE_TYPES, `must be one of ${RESOURCE_TYPES.join(", ")}`),
  showSecrets: v.exactOptional(Flag),
});

const Nanoseconds = v.union([
  v.bigint(),
  v.pipe(v.number(), v.integer(), v.transform((value) => BigInt(value))),
]);

const Logs = v.object({
  references: v.array(v.string()),
  selector: v.exactOptional(v.string()),
  namespace: v.exactOptional(v.string()),
  container: v.exactOptional(v.string()),
  allContainers: v.exactOptional(v.boolean()),
  previous: v.boolean(),
  attempt: v.exactOptional(v.number()),
  follow: v.boolean(),
  selection: v.object({
    tail: v.exactOptional(v.number()),
    sinceNs: v.exactOptional(Nanoseconds),
    untilNs: v.exactOptional(Nanoseconds),
    stream: v.exactOptional(v.picklist(["stdout", "stderr"])),
    grep: v.exactOptional(v.object({
      pattern: v.string(),
      ignoreCase: v.exactOptional(v.boolean()),
      invert: v.exactOptional(v.boolean()),
    })),
    limitBytes: v.exactOptional(v.number()),
  }),
  format: v.picklist(["raw", "text", "json"]),
  timestamps: v.exactOptional(v.picklist(["utc", "local"])),
  color: v.boolean(),
});

const Pod = v.object({ namespace: Text, name: Text });
// Parsed JSON throughout; only that it is an object is left to say.
const AnObject = v.custom<JsonObject>((value) => isJsonObject(value as JsonValue));
const AnyValue = v.custom<JsonValue>((value) => value !== undefined);

const Operation = v.variant("kind", [
  v.object({
    kind: v.literal("apply"),
    pods: v.array(v.object({ ...Pod.entries, pod: AnObject, text: v.exactOptional(v.string()) })),
    objects: v.exactOptional(v.array(v.object({
      kind: v.picklist(["ConfigMap", "Secret"]),
      ...Pod.entries,
      object: AnObject,
      text: v.exactOptional(v.string()),
      beside: v.exactOptional(Pod),
    }))),
  }),
  v.object({ kind: v.literal("config"), text: v.string() }),
  v.object({
    kind: v.literal("write"),
    file: Text,
    text: v.string(),
    baseSha256: v.exactOptional(v.string()),
  }),
  v.object({
    kind: v.literal("patch"),
    pod: Pod,
    type: v.picklist(["strategic", "json"]),
    patch: AnyValue,
  }),
  v.object({
    kind: v.literal("set-image"),
    pod: Pod,
    container: v.exactOptional(Text),
    image: Text,
  }),
  v.object({ kind: v.picklist(["remove", "start"]), pod: Pod }),
  v.object({ kind: v.literal("stop"), pod: Pod, for: v.exactOptional(v.literal("take-over")) }),
  v.object({
    kind: v.literal("remove-object"),
    object: v.object({ kind: v.picklist(["ConfigMap", "Secret"]), ...Pod.entries }),
  }),
]);

const Trial = v.object({
  timeoutMs: WaitMs,
  settleMs: WaitMs,
  confirm: v.picklist(["auto", "manual"]),
  replace: v.exactOptional(v.boolean()),
});

const Change = v.object({
  operations: v.array(Operation),
  rollbackTo: v.exactOptional(Count),
  dryRun: v.exactOptional(v.boolean()),
  partial: v.exactOptional(v.boolean()),
  ifRevision: v.exactOptional(Count),
  trigger: Text,
  message: v.exactOptional(v.string()),
  trial: v.exactOptional(Trial),
});

/** A number in a query. */
const CountText = v.pipe(v.string(), v.transform(Number), Count);

/** A schema for each route that takes something. */
type InputSchemas = {
  readonly [Name in RouteName as keyof InputOf<Name> extends never ? never : Name]: v.GenericSchema<
    unknown,
    InputOf<Name>
  >;
};

const INPUTS: InputSchemas = {
  reload: v.object({
    allowRemovals: v.exactOptional(v.boolean()),
    trial: v.exactOptional(v.union([v.boolean(), Trial])),
    message: v.exactOptional(v.string()),
  }),
  change: Change,
  restart: Pod,
  revision: v.object({ number: v.exactOptional(CountText) }),
  compare: v.object({ from: CountText, to: CountText }),
  plan: v.object({ allowRemovals: v.exactOptional(Flag) }),
  resources: Resources,
  watch: Resources,
  describe: v.object({ pod: Text }),
  events: v.object({ pod: v.exactOptional(v.string()), follow: v.exactOptional(Flag) }),
  wait: v.object({
    timeoutMs: WaitMs,
    settleMs: WaitMs,
    pods: v.array(v.object({
      namespace: v.string(),
      name: v.string(),
      hash: v.exactOptional(v.string()),
    })),
  }),
  containers: v.object({
    statuses: v.exactOptional(v.picklist(["none", "exited", "all"])),
    labels: v.exactOptional(Flag),
  }),
  find: v.object({ reference: Text, container: v.exactOptional(v.string()) }),
  inspect: v.object({ id: Text, kind: v.picklist(["container", "sandbox"]) }),
  usage: v.object({ reference: v.exactOptional(v.string()), intervalMs: IntervalMs }),
  logs: Logs,
  stop: v.object({ containerId: Text, graceMs: v.exactOptional(Count) }),
  pull: v.object({
    image: Text,
    auth: v.exactOptional(v.object({
      username: v.exactOptional(v.string()),
      password: v.exactOptional(v.string()),
      identityToken: v.exactOptional(v.string()),
    })),
    authFile: v.exactOptional(v.string()),
  }),
  exec: v.object({ containerId: Text, command: Command, timeoutMs: v.exactOptional(Count) }),
  execSession: v.object({
    containerId: Text,
    command: Command,
    tty: v.boolean(),
    stdin: v.boolean(),
  }),
};

/**
 * The input of a route, from its query or its body.
 *
 * @throws {UsageError} that names every member that is not as agreed
 */
export function readInput<Name extends RouteName>(name: Name, value: unknown): InputOf<Name> {
  const schemas: Readonly<Partial<Record<RouteName, v.GenericSchema>>> = INPUTS;
  const result = v.safeParse(schemas[name] ?? NOTHING, value);
  if (result.success) return result.output as InputOf<Name>; // its schema gives it, by their types
  const wrong = result.issues.map((issue) => {
    return `${v.getDotPath(issue) ?? "The request"}: ${issue.message}`;
  });
  throw new UsageError(`The request is not as agreed: ${wrong.join("; ")}`);
}

/** The body of a request; an empty one is an empty object. @throws {UsageError} if it is not JSON */
export function readBody(text: string): unknown {
  try {
    return text === "" ? {} : parseJson(text);
  } catch (error) {
    throw new UsageError("The request's body is not JSON", { cause: error });
  }
}
