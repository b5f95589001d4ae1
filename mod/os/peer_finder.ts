import { readTcpTable, type TcpEnd, tcpOwners, type TcpQuestion } from "./tcp_table.ts";

/** Finds the user at the other end of a connection; undefined if it cannot be known. */
export type FindPeer = (client: TcpEnd, server: TcpEnd) => Promise<number | undefined>;

/** The table of a node with 50,000 sockets takes 50 ms to write: this share of one core at most. */
const REST_FACTOR = 9;

/** What a finder needs; the table of this machine unless a test gives another. */
export interface PeerFinderDeps {
  readonly read: () => Promise<string>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Question extends TcpQuestion {
  readonly answer: (uid: number | undefined) => void;
}

/**
 * A finder that reads the kernel's table once for all who ask at that time,
 * and rests after it: however many connections come, it takes a tenth of a core.
 */
export function createPeerFinder(deps: Partial<PeerFinderDeps> = {}): FindPeer {
  const { read = readTcpTable, now = () => performance.now() } = deps;
  let waiting: Question[] = [];
  let running = false;
  const run = async () => {
    running = true;
    while (waiting.length > 0) {
      const questions = waiting;
      waiting = [];
      const startedAt = now();
      const table = await read();
      const users = tcpOwners(table, questions);
      for (const [index, { answer }] of questions.entries()) answer(users[index]);
      await new Promise((resolve) => setTimeout(resolve, (now() - startedAt) * REST_FACTOR));
    }
    running = false;
  };
  return (client, server) =>
    new Promise((answer) => {
      waiting.push({ client, server, answer });
      if (!running) void run();
    });
}
