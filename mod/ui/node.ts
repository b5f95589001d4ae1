/** A node as the pages see it: its agent, and what it said last. */
import type { AgentClient } from "../api/client/mod.ts";
import { AgentUnreachable, type Clock, errorText } from "../core/mod.ts";
import { FRESH_MS } from "./live.ts";
import { News } from "./news.ts";

/** The way to a node's agent. */
export interface Connection {
  readonly agent: AgentClient;
  /** Whether the caller may change something; else there is no button for it. */
  readonly mayAct: boolean;
  /** Ends it; absent if each request is a connection of its own. */
  readonly close?: () => void;
}

/** A node that can be looked at. */
export interface UiNode {
  readonly name: string;
  /** @throws {PodsteadError} if it cannot be reached; it is tried again later */
  readonly connect: () => Promise<Connection>;
}

/** How long an answer is good while the node is followed and tells nothing new, in milliseconds. */
const QUIET_MS = 4_000;
/** How long a node that could not be reached is left alone, in milliseconds. */
const RETRY_MS = 5_000;

interface Answer {
  readonly atMs: number;
  readonly value: Promise<unknown>;
  /** False while the agent is being asked. */
  isThere: boolean;
}

/**
 * One node, for every open page at once: however many pages ask, its agent is asked once a second
 * at most, and more rarely while nothing happens. A node that is away is a sentence and not an error.
 */
export class SeenNode {
  readonly name: string;
  readonly #node: UiNode;
  readonly #clock: Clock;
  #connection: Promise<Connection> | undefined;
  #open: Connection | undefined;
  #failed: { readonly atMs: number; readonly error: unknown } | undefined;
  readonly #answers = new Map<string, Answer>();
  #lastFailure: string | undefined;
  readonly #news: News;

  /** @param closing aborts when the command ends */
  constructor(node: UiNode, clock: Clock, closing: AbortSignal) {
    this.name = node.name;
    this.#node = node;
    this.#clock = clock;
    this.#news = new News({
      clock,
      closing,
      agent: async () => (await this.connection()).agent,
    });
  }

  /** Why it was not reached when it was last tried; undefined if it was. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /**
   * Only the first time is waited for: of a node that could not be reached, that is said at once
   * while it is tried again.
   *
   * @throws {PodsteadError} if it cannot be reached
   */
  async connection(): Promise<Connection> {
    const failed = this.#failed;
    if (failed === undefined) return await this.#connected();
    if (this.#clock.monotonicMs() - failed.atMs >= RETRY_MS) {
      this.#connected().catch(() => undefined); // told to who asks next
    }
    throw failed.error;
  }

  async #connected(): Promise<Connection> {
    this.#connection ??= this.#node.connect();
    try {
      const connection = this.#open = await this.#connection;
      this.#failed = undefined;
      return connection;
    } catch (error) {
      this.#connection = undefined;
      this.#failed = { atMs: this.#clock.monotonicMs(), error };
      this.#lastFailure = errorText(error);
      throw error;
    }
  }

  /** Asks the agent, or gives what it said to the same question just now. */
  async ask<T>(question: string, act: (agent: AgentClient) => Promise<T>): Promise<T> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#answers.get(question);
    this.#news.look();
    // The same question has an answer of the same type: each is asked at one place.
    if (known !== undefined && this.#isGood(known, nowMs)) return await known.value as T;
    const value = this.#use(act);
    const answer: Answer = { atMs: nowMs, value, isThere: false };
    this.#answers.set(question, answer);
    value.catch(() => undefined).finally(() => answer.isThere = true); // told to who asked
    if (this.#answers.size > 100) this.#forgetOld(nowMs);
    return await value;
  }

  /** Something was changed from here: what was said before is not known to be so. */
  forget(): void {
    this.#answers.clear();
  }

  /** One question at a time: an agent that takes long is not asked ever more. */
  #isGood({ atMs, isThere }: Answer, nowMs: number): boolean {
    if (!isThere) return true;
    const ageMs = nowMs - atMs;
    return ageMs < FRESH_MS || (ageMs < QUIET_MS && this.#news.isQuietSince(atMs));
  }

  /** A connection that broke is no connection: the next question makes another. */
  async #use<T>(act: (agent: AgentClient) => Promise<T>): Promise<T> {
    const connection = await this.connection();
    try {
      const value = await act(connection.agent);
      this.#lastFailure = undefined;
      return value;
    } catch (error) {
      if (error instanceof AgentUnreachable) this.#lastFailure = errorText(error);
      if (error instanceof AgentUnreachable && this.#open === connection) {
        this.#connection = this.#open = undefined;
        connection.close?.();
      }
      throw error;
    }
  }

  /** The same, with a failure as words: a part of a page says why it is empty. */
  async tryAsk<T>(
    question: string,
    act: (agent: AgentClient) => Promise<T>,
  ): Promise<{ readonly value: T } | { readonly failure: string }> {
    try {
      return { value: await this.ask(question, act) };
    } catch (error) {
      return { failure: errorText(error) };
    }
  }

  #forgetOld(nowMs: number): void {
    for (const [question, { atMs }] of this.#answers) {
      if (nowMs - atMs >= QUIET_MS) this.#answers.delete(question);
    }
  }
}
