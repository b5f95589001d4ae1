/** Which connections a server keeps when there are too many: who shows no right goes first. */
import type { Socket } from "node:net";

/** How many connections may be open, and how long one may wait. */
export interface ConnectionLimits {
  /** At one time. */
  readonly total: number;
  /** Of these, places that only root gets. */
  readonly forRoot: number;
  /** Of one user other than root. */
  readonly perUser: number;
  /** From the beginning to a whole request, in milliseconds. */
  readonly firstRequestMs: number;
  /** From an answer to the next request, in milliseconds. */
  readonly idleMs: number;
  /** From a request to the end of its answer, in milliseconds; undefined for streams. */
  readonly answerMs: number | undefined;
}

/** Why a connection was closed. */
export type CloseReason = "limit" | "user-limit" | "pipelined" | "slow";

/** What is needed to decide. */
export interface ConnectionsDeps {
  readonly limits: ConnectionLimits;
  /** The user at the other end; undefined if it cannot be known. */
  readonly findUser: (socket: Socket) => Promise<number | undefined>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly onClosed: (reason: CloseReason, uid: number | undefined) => void;
}

/** Who sent a request, as the routes see it. */
export interface Caller {
  /** The caller's user; undefined if it cannot be known. */
  uid(): Promise<number | undefined>;
  /** The caller has shown a right: its connection may stay open for further requests. */
  trust(): void;
}

/** One open connection. */
export interface Connection {
  readonly socket: Socket;
  readonly uid: Promise<number | undefined>;
  /** Undefined until the user is looked up; `null` where it cannot be known. */
  user: number | null | undefined;
  /** Its caller has shown a right. */
  isTrusted: boolean;
  /** A request of it is being answered. */
  isBusy: boolean;
  wasAnswered: boolean;
  /** When the last request or answer was, in monotonic milliseconds. */
  changedMs: number;
}

/** Until the users of new connections are known, there may be so many times more. */
const OVERFLOW_FACTOR = 8;

/** It is looked for connections that wait too long at most this often, in milliseconds. */
const SWEEP_MS = 2_500;

/**
 * The open connections of a server. A new one is always taken: at a limit the
 * one goes that has been quiet for the longest time, of those that answer no
 * trusted caller.
 */
export class Connections {
  readonly #deps: ConnectionsDeps;
  /** In the order of their last request or answer, the oldest first. */
  readonly #open = new Map<Socket, Connection>();
  /** How many of them each user has, of those whose user was looked up. */
  readonly #ofUser = new Map<number | null, number>();
  #sweeper: ReturnType<typeof setTimeout> | undefined;
  /** When the sweeper runs, in monotonic milliseconds. */
  #sweepAtMs = Infinity;

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes a new connection, and closes another one for it if there are too many. */
  accept(socket: Socket): Connection {
    const connection: Connection = {
      socket,
      uid: this.#deps.findUser(socket),
      user: undefined,
      isTrusted: false,
      isBusy: false,
      wasAnswered: false,
      changedMs: this.#deps.now(),
    };
    this.#open.set(socket, connection);
    socket.once("close", () => {
      this.#forget(connection);
      if (this.#open.size === 0) this.#stopSweeping();
    });
    socket.on("error", () => socket.destroy()); // whatever it is, it concerns this one alone
    this.#sweepBy(this.#deadlineMs(connection));
    void connection.uid.then((uid) => {
      connection.user = uid ?? null;
      if (socket.destroyed || !this.#open.has(socket)) return;
      this.#ofUser.set(connection.user, this.#count(connection.user) + 1);
      this.#enforce(connection);
    });
    while (this.#open.size > this.#deps.limits.total * OVERFLOW_FACTOR) {
      if (!this.#closeOne("limit", (other) => other !== connection)) break;
    }
    return connection;
  }

  /** The connection of a socket that was accepted and is still open. */
  of(socket: Socket): Connection | undefined {
    return this.#open.get(socket);
  }

  /**
   * A request has come.
   *
   * @returns false if the one before has no answer yet, or it is not read: no
   * client of ours sends two, and answers would pile up. The connection is closed then.
   */
  begin(connection: Connection): boolean {
    if (connection.isBusy || connection.socket.writableLength > 0) {
      this.#close(connection, "pipelined");
      return false;
    }
    connection.isBusy = true;
    this.#touch(connection);
    return true;
  }

  /** What it sent is no request, or several. */
  refuse(connection: Connection): void {
    this.#close(connection, "pipelined");
  }

  /** The answer has gone out. */
  end(connection: Connection): void {
    connection.isBusy = false;
    connection.wasAnswered = true;
    this.#touch(connection);
  }

  /** Closes those that wait for a request, or all of them. */
  close(which: "idle" | "all"): void {
    for (const { socket, isBusy } of this.#open.values()) {
      if (which === "all" || !isBusy) socket.destroy();
    }
  }

  #touch(connection: Connection): void {
    connection.changedMs = this.#deps.now();
    if (!this.#open.delete(connection.socket)) return;
    this.#open.set(connection.socket, connection);
    this.#sweepBy(this.#deadlineMs(connection));
  }

  /** How many there are whose user was looked up. */
  #known(): number {
    let known = 0;
    for (const count of this.#ofUser.values()) known += count;
    return known;
  }

  #count(user: number | null): number {
    return this.#ofUser.get(user) ?? 0;
  }

  /** It has no place any more. */
  #forget(connection: Connection): void {
    const { socket, user } = connection;
    if (!this.#open.delete(socket) || user === undefined) return;
    const left = this.#count(user) - 1;
    if (left > 0) this.#ofUser.set(user, left);
    else this.#ofUser.delete(user);
  }

  /** Holds the limits after the user of a new connection became known. */
  #enforce(newcomer: Connection): void {
    const { total, forRoot, perUser } = this.#deps.limits;
    const closeWhile = (
      isOver: () => boolean,
      reason: CloseReason,
      may: (connection: Connection) => boolean,
    ) => {
      const isOther = (one: Connection) => one !== newcomer && one.user !== undefined && may(one);
      while (isOver() && this.#closeOne(reason, isOther));
    };
    const { user } = newcomer;
    if (user !== 0) {
      closeWhile(
        () => this.#count(user ?? null) > perUser,
        "user-limit",
        (one) => one.user === user,
      );
    }
    closeWhile(
      () => this.#known() - this.#count(0) > total - forRoot,
      "limit",
      (one) => one.user !== 0,
    );
    closeWhile(() => this.#known() > total, "limit", () => true);
  }

  /**
   * Closes the one that has been quiet for the longest time, of those that may
   * go: first who shows no right, and root's own last.
   *
   * @returns false if there is none
   */
  #closeOne(reason: CloseReason, may: (connection: Connection) => boolean): boolean {
    let chosen: Connection | undefined;
    for (const one of this.#open.values()) {
      if (!isExpendable(one) || !may(one)) continue;
      if (chosen === undefined || rankOf(one) < rankOf(chosen)) chosen = one;
      if (rankOf(chosen) === 0) break; // the oldest of those that go first
    }
    if (chosen !== undefined) this.#close(chosen, reason);
    return chosen !== undefined;
  }

  #close(connection: Connection, reason: CloseReason): void {
    this.#forget(connection);
    connection.socket.destroy();
    this.#deps.onClosed(reason, connection.user ?? undefined);
  }

  /** Until when a connection may be as it is, in monotonic milliseconds. */
  #deadlineMs({ isBusy, wasAnswered, changedMs }: Connection): number {
    const { firstRequestMs, idleMs, answerMs = Infinity } = this.#deps.limits;
    return changedMs + (isBusy ? answerMs : wasAnswered ? idleMs : firstRequestMs);
  }

  /** Sees to it that the sweeper runs soon after `deadlineMs`. */
  #sweepBy(deadlineMs: number): void {
    const now = this.#deps.now();
    const atMs = Math.max(deadlineMs, now + SWEEP_MS);
    if (atMs >= this.#sweepAtMs || atMs === Infinity) return;
    this.#stopSweeping();
    this.#sweepAtMs = atMs;
    this.#sweeper = setTimeout(() => this.#sweep(), atMs - now);
  }

  #sweep(): void {
    this.#stopSweeping();
    const now = this.#deps.now();
    for (const connection of this.#open.values()) {
      const deadlineMs = this.#deadlineMs(connection);
      if (now < deadlineMs) {
        this.#sweepBy(deadlineMs);
        continue;
      }
      // A kubelet that is quiet for so long has been stopped, which is no fault of its own.
      if (connection.wasAnswered && !connection.isBusy) connection.socket.destroy();
      else this.#close(connection, "slow");
    }
  }

  #stopSweeping(): void {
    clearTimeout(this.#sweeper);
    this.#sweepAtMs = Infinity;
  }
}

/** Who goes first when there are too many: root's own last, and before them who has a right. */
function rankOf({ user, isTrusted }: Connection): number {
  return (user === 0 ? 2 : 0) + (isTrusted ? 1 : 0);
}

/** Whether it may go when there are too many. */
function isExpendable({ isTrusted, isBusy }: Connection): boolean {
  return !isTrusted || !isBusy;
}
