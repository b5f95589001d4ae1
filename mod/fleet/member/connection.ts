/** How a member stands to its fleet: told once, when it changes. */
import type { Clock, PodsteadError } from "../../core/mod.ts";
import type { Logger } from "../../os/mod.ts";

/** How a member stands to its fleet. */
export interface ConnectionStatus {
  /**
   * - `connecting`: etcd has not answered since the agent's start
   * - `connected`: it answers
   * - `lost`: it does not answer; roll-outs wait, pods do not
   * - `stopped`: it is not the etcd that this node knows, or went back in time: see `message`
   * - `detached`: a person has taken the node out
   */
  readonly connection: "connecting" | "connected" | "lost" | "stopped" | "detached";
  /** ISO 8601 */
  readonly since: string;
  readonly message?: string;
}

/** What a connection needs. */
export interface ConnectionDeps {
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
  /** The fleet's name in messages. */
  readonly fleet: string;
}

/** The connection of one member. */
export class Connection {
  readonly #deps: ConnectionDeps;
  #status: ConnectionStatus;

  /** @param detachedSince ISO 8601; undefined if the node takes part */
  constructor(deps: ConnectionDeps, detachedSince: string | undefined) {
    this.#deps = deps;
    this.#status = detachedSince === undefined
      ? { connection: "connecting", since: this.#now() }
      : { connection: "detached", since: detachedSince };
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get isLost(): boolean {
    return this.#status.connection === "lost";
  }

  detach(): void {
    this.#status = { connection: "detached", since: this.#now() };
  }

  attach(): void {
    this.#status = { connection: "connecting", since: this.#now() };
  }

  /** After an answer of the etcd that the node knows. */
  answered(): void {
    const { connection } = this.#status;
    if (connection === "connected" || connection === "detached") return;
    this.#status = { connection: "connected", since: this.#now() };
    this.#deps.log.info("etcd answers", { fleet: this.#deps.fleet });
  }

  /** After a question that etcd did not answer. */
  failed({ message }: PodsteadError): void {
    const { connection } = this.#status;
    if (connection === "detached" || connection === "stopped") return;
    const since = connection === "lost" ? this.#status.since : this.#now();
    if (connection !== "lost") this.#deps.log.warn("The fleet cannot be reached", { message });
    this.#status = { connection: "lost", since, message };
  }

  /** After an answer that must not be followed. */
  stop(why: string): void {
    const message = `etcd was restored or replaced: ${why}`;
    if (this.#status.connection === "stopped") return;
    this.#deps.log.error("Stopped taking part in the fleet", { message });
    this.#status = { connection: "stopped", since: this.#now(), message };
  }

  #now(): string {
    return new Date(this.#deps.clock.now()).toISOString();
  }
}
