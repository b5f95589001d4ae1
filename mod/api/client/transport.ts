/** A request to an agent; paths begin with the contract's version. */
export interface AgentRequest {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  /** Whether the answer is read as it comes, and may never end. */
  readonly streams: boolean;
  readonly signal?: AbortSignal;
}

/** An answer that came; its body is read once, as bytes or as text. */
export interface AgentAnswer {
  readonly status: number;
  /** The agent's version; undefined for one that does not say. */
  readonly version: string | undefined;
  /** @throws {AgentUnreachable} if the answer broke off */
  bytes(): AsyncIterable<Uint8Array>;
  /** @throws {AgentUnreachable} if the answer broke off */
  text(): Promise<string>;
}

/** The way to one agent; each request is one connection. */
export interface Transport {
  /** What it leads to, for messages: `The agent on "/run/podstead/admin.sock"`. */
  readonly target: string;
  /** @throws {AgentUnreachable} if no agent answers */
  send(request: AgentRequest): Promise<AgentAnswer>;
}
