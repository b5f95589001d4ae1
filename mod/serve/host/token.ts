import { type Clock, errorText, type Problem, systemClock } from "../../core/mod.ts";
import { writableProblem } from "../../config/mod.ts";
import { BoundedFiles, type FileFacts, type Files } from "../../os/mod.ts";

/**
 * The bearer token that the kubelet must bring: the file's content without
 * surrounding white space. It is read again on each reload, and, as long as none is known,
 * by the requests themselves: a mount may come after the agent.
 */
export class ManifestToken {
  #token: string | undefined;
  #required = false;
  #file: string | null = null;
  #triedMs = Number.NEGATIVE_INFINITY;
  readonly #files: Pick<Files, "readFile">;
  readonly #clock: Pick<Clock, "monotonicMs">;

  /** @param files what asks the file system */
  constructor(
    files: Pick<Files, "readFile"> = new BoundedFiles(),
    clock: Pick<Clock, "monotonicMs"> = systemClock,
  ) {
    this.#files = files;
    this.#clock = clock;
  }

  /** Undefined if none is required; a token that no client can have if the file is unusable. */
  get current(): string | undefined {
    if (!this.#required) return undefined;
    if (this.#token === undefined && this.#clock.monotonicMs() - this.#triedMs >= RETRY_MS) {
      void this.read(this.#file); // for the next request; it never fails
    }
    return this.#token ?? UNKNOWN_TOKEN;
  }

  /**
   * Reads the file. A file that is unreadable or empty keeps the last token: to
   * serve without one would show pods to everybody, and a wrong one shuts the
   * kubelet out, which keeps its pods. `tokenProblems` tells of it.
   */
  async read(file: string | null): Promise<void> {
    this.#required = file !== null;
    this.#file = file;
    if (file === null) return;
    this.#triedMs = this.#clock.monotonicMs();
    const read = await readToken(file, this.#files).then(({ token }) => token, () => undefined);
    // Another file may have been named meanwhile.
    if (this.#file === file && read !== undefined) this.#token = read;
  }
}

/** What is wrong with the token file that a config names, for the report of its reload. */
export async function tokenProblems(
  file: string | null,
  files: Pick<Files, "readFile"> = new BoundedFiles(),
): Promise<readonly Problem[]> {
  if (file === null) return [];
  try {
    const { facts } = await readToken(file, files);
    const problem = writableProblem("The manifest token", file, facts);
    return problem === undefined ? [] : [problem];
  } catch (error) {
    return [{
      severity: "error",
      code: "unusable-token",
      file,
      path: [],
      message: `The manifest token cannot be read: ${errorText(error)}`,
      hint: "Until it can be, the last token is used; it is read on every reload",
    }];
  }
}

/** Far more than any token has. */
const MAX_TOKEN_BYTES = 64 * 1024;

async function readToken(
  file: string,
  files: Pick<Files, "readFile">,
): Promise<{ readonly token: string; readonly facts: FileFacts }> {
  const { bytes, after: facts } = await files.readFile(file, MAX_TOKEN_BYTES);
  const token = new TextDecoder().decode(bytes).trim();
  if (token === "") throw new Error("the file is empty");
  return { token, facts };
}

/** How long a token that could not be read is not read again, however many requests come. */
const RETRY_MS = 1_000;

/** No request can bring it: it is made again for each process and never shown. */
const UNKNOWN_TOKEN = crypto.randomUUID();
