/** The typed client of the admin API: one method for each route of the contract. */
import {
  AgentUnreachable,
  canonicalJson,
  type JsonValue,
  parseJson,
  PodsteadError,
} from "../../core/mod.ts";
import {
  type AnswerKind,
  type Frame,
  type InputOf,
  type OutputOf,
  readFrames,
  type Route,
  ROUTES,
  type RoutesWith,
  type WireError,
} from "../contract/mod.ts";
import { readNdjson } from "./ndjson.ts";
import { sendWatched } from "./sign_of_life.ts";
import type { AgentAnswer, Transport } from "./transport.ts";

/** What goes with a call. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Talks to one agent. A method fails with {@linkcode AgentUnreachable} if no agent answers, and
 * with the `PodsteadError` that the agent itself reports, code and hint kept.
 */
export type AgentClient =
  & {
    readonly [Name in RoutesWith<"json">]: (
      input: InputOf<Name>,
      options?: CallOptions,
    ) => Promise<OutputOf<Name>>;
  }
  & {
    readonly [Name in RoutesWith<"lines">]: (
      input: InputOf<Name>,
      options?: CallOptions,
    ) => AsyncIterable<OutputOf<Name>>;
  }
  & {
    readonly [
      /** Resolves when the agent has accepted the request. */
      Name in RoutesWith<"frames">
    ]: (
      input: InputOf<Name>,
      options?: CallOptions,
    ) => Promise<AsyncIterable<Frame>>;
  };

/** How a client behaves apart from its calls. */
export interface ClientOptions {
  /** Called once, when an answer shows that the agent is of another version than this one. */
  readonly onOtherVersion?: (agentVersion: string) => void;
  /** The version of this program. */
  readonly version?: string;
  /** How long a JSON answer may take, in milliseconds, instead of what its route allows. */
  readonly limitMs?: number;
}

/** A client for the agent at the end of `transport`. */
export function agentClient(transport: Transport, options: ClientOptions = {}): AgentClient {
  const check = versionCheck(options);
  const limit = options.limitMs === undefined ? {} : { limitMs: options.limitMs };
  const methods = Object.entries(ROUTES).map(([name, route]) => [
    name,
    // Its types are those of the map.
    methodOf({ ...route as Route<unknown, unknown>, ...limit }, transport, check),
  ]);
  return Object.fromEntries(methods) as AgentClient; // a method for each route, made by its kind
}

type Method = (input: object, options?: CallOptions) => unknown;

function methodOf(
  route: Route<unknown, unknown>,
  transport: Transport,
  check: (answer: AgentAnswer) => void,
): Method {
  const send = async (input: object, signal: AbortSignal | undefined) => {
    const answer = await sendWatched(transport, {
      method: route.method,
      ...addressed(route, input),
      streams: route.answer !== "json",
      ...(signal === undefined ? {} : { signal }),
    });
    check(answer);
    if (answer.status < 300) return answer;
    throw reportedError(await answer.text(), answer.status);
  };
  const byKind: Readonly<Record<AnswerKind, Method>> = {
    json: (input, { signal } = {}) =>
      withLimit(route.limitMs, signal, transport, async (limited) => {
        return parseAnswer(await (await send(input, limited)).text());
      }),
    async *lines(input, { signal } = {}) {
      yield* readNdjson((await send(input, signal)).bytes());
    },
    async frames(input, { signal } = {}) {
      return readFrames((await send(input, signal)).bytes());
    },
  };
  return byKind[route.answer];
}

/** The path with its parameters, and the rest of the input: in the query, or as a body. */
function addressed(
  { method, path }: Route<unknown, unknown>,
  input: object,
): { readonly path: string; readonly body?: string } {
  const values = new Map<string, unknown>(Object.entries(input));
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(values.get(name));
    values.delete(name);
    return encodeURIComponent(value);
  });
  if (method === "POST") {
    // Plain data, by the types of the contract.
    return { path: filled, body: canonicalJson(Object.fromEntries(values) as JsonValue) };
  }
  const query = new URLSearchParams(
    [...values].flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]]),
  );
  return { path: query.size === 0 ? filled : `${filled}?${query}` };
}

async function withLimit<T>(
  limitMs: number | undefined,
  signal: AbortSignal | undefined,
  { target }: Transport,
  act: (limited: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (limitMs === undefined) return await act(signal);
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await act(signal === undefined ? limit : AbortSignal.any([limit, signal]));
  } catch (error) {
    if (!limit.aborted || signal?.aborted === true) throw error;
    throw new AgentUnreachable(`${target} did not answer within ${limitMs / 1000} s`, {
      cause: error,
      hint: 'It says who it is, but is busy: see "systemctl status podstead"',
    });
  }
}

function versionCheck({ version, onOtherVersion }: ClientOptions): (answer: AgentAnswer) => void {
  let said = version === undefined || onOtherVersion === undefined;
  return (answer) => {
    if (said || answer.version === undefined || answer.version === version) return;
    said = true;
    onOtherVersion?.(answer.version);
  };
}

function parseAnswer(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw new AgentUnreachable("The agent broke off its answer", {
      cause: error,
      hint: 'See "systemctl status podstead"',
    });
  }
}

function reportedError(text: string, status: number): PodsteadError {
  const { error } = parseWireError(text);
  if (error === undefined) {
    return new PodsteadError("failed", `The agent answered ${status}: ${text.slice(0, 200)}`, {
      hint: "Agent and command may be of different versions; restart the agent after an upgrade",
    });
  }
  return new PodsteadError(
    error.code,
    error.message,
    error.hint === undefined ? {} : { hint: error.hint },
  );
}

function parseWireError(text: string): Partial<WireError> {
  try {
    return JSON.parse(text) as Partial<WireError>; // checked by the caller
  } catch {
    return {}; // not from our agent: the text itself is shown
  }
}
