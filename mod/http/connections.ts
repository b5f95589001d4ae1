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
  /** The user at the other end; undefined where it cannot be known. */
  readonly findUser: (socket: Socket) => Promise<number | undefined>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly onClosed: (reason: CloseReason, uid: number | undefined) => void;
}

/** Who sent a request, as the routes see it. */
export interface Caller {
  /** The caller's user; undefined where it cannot be known. */
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
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#stopSweeping();
    });
    socket.on("error", () => socket.destroy()); // whatever it is, it concerns this one alone
    this.#sweepBy(this.#deadlineMs(connection));
    void connection.uid.then((uid) => {
      connection.user = uid ?? null;
      if (!socket.destroyed) this.#enforce(connection);
    });
    while (this.#open.size > this.#deps.limits.total * OVERFLOW_FACTOR) {
      if (!this.#closeOldest("limit", (other) => other !== connection && isExpendable(other))) {
        break;
      }
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
   * @returns false if the one before has no answer yet, or nobody reads it: no
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

  /** Holds the limits after the user of a new connection became known. */
  #enforce(newcomer: Connection): void {
    const { total, forRoot, perUser } = this.#deps.limits;
    const known = [...this.#open.values()].filter(({ user }) => user !== undefined);
    const others = known.filter(({ user }) => user !== 0);
    const ofUser = others.filter(({ user }) => user === newcomer.user);
    const excess = (count: number, limit: number) => Math.max(0, count - limit);
    this.#closeSome(ofUser, excess(ofUser.length, perUser), "user-limit", newcomer);
    const left = others.filter(({ socket }) => !socket.destroyed);
    this.#closeSome(left, excess(left.length, total - forRoot), "limit", newcomer);
    const all = known.filter(({ socket }) => !socket.destroyed);
    this.#closeSome(all, excess(all.length, total), "limit", newcomer);
  }

  #closeSome(
    oldestFirst: readonly Connection[],
    count: number,
    reason: CloseReason,
    newcomer: Connection,
  ): void {
    if (count === 0) return;
    const expendable = oldestFirst.filter((one) => one !== newcomer && isExpendable(one));
    // Root's own go last, and so do those with a right.
    const rank = ({ user, isTrusted }: Connection) => (user === 0 ? 2 : 0) + (isTrusted ? 1 : 0);
    const ranked = expendable.toSorted((left, right) => rank(left) - rank(right));
    for (const one of ranked.slice(0, count)) this.#close(one, reason);
  }

  #closeOldest(reason: CloseReason, may: (connection: Connection) => boolean): boolean {
    for (const connection of this.#open.values()) {
      if (!may(connection)) continue;
      this.#close(connection, reason);
      return true;
    }
    return false;
  }

  #close(connection: Connection, reason: CloseReason): void {
    this.#open.delete(connection.socket);
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

/** Whether it may go when there are too many. */
function isExpendable({ isTrusted, isBusy }: Connection): boolean {
  return !isTrusted || !isBusy;
}
