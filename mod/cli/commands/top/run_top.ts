/** Runs `podstead top`: data and keys into the state, the state onto the screen. */
import { errorText } from "../../../core/mod.ts";
import { type CliContext, styleOf, useColor } from "../../shell/context.ts";
import { frameOf, pageRowsOf } from "./frame.ts";
import { FullScreen } from "../../shell/full_screen.ts";
import { readKeys } from "./keys.ts";
import { initialState, reduce, type TopEvent, type TopSort, type TopState } from "./model.ts";
import { type TopSources, topSources } from "./sources.ts";

/** What the command line asks for. */
export interface TopOptions {
  readonly intervalMs: number;
  readonly sort: TopSort;
  readonly filter: string;
}

/** The least time between frames while data comes faster than anyone reads, in milliseconds. */
const FRAME_MS = 50;

/** How long a selection must rest before its log is read, in milliseconds. */
const SETTLE_MS = 120;

/**
 * Shows the live screen until it is ended: by a key, a signal or an error.
 *
 * @throws {PodsteadError} if there is nothing to be asked
 */
export async function runTop(context: CliContext, options: TopOptions): Promise<void> {
  const sources = await topSources(context);
  const top = new Top(context, sources, options);
  try {
    await top.run();
  } finally {
    sources.close();
  }
}

/** One live screen. */
class Top {
  readonly #context: CliContext;
  readonly #sources: TopSources;
  readonly #options: TopOptions;
  readonly #ending = new AbortController();
  #state: TopState;
  #screen: FullScreen | undefined;
  #isDue = false;
  #pane: AbortController | undefined;

  constructor(context: CliContext, sources: TopSources, options: TopOptions) {
    this.#context = context;
    this.#sources = sources;
    this.#options = options;
    this.#state = initialState(options);
  }

  async run(): Promise<void> {
    const { stdout, interrupted } = this.#context.world;
    const end = () => this.#ending.abort();
    interrupted.addEventListener("abort", end, { once: true });
    using screen = new FullScreen(stdout, {
      onInput: (text) => this.#keys(text),
      onResize: () => this.#draw(),
      onHangUp: end,
    });
    this.#screen = screen;
    try {
      this.#draw();
      // An unanswered question does not delay leaving.
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      this.#signal.addEventListener("abort", () => resolve(), { once: true });
      await Promise.race([Promise.all([this.#looks(), this.#measures()]), ended]);
    } finally {
      this.#ending.abort();
      this.#pane?.abort();
      interrupted.removeEventListener("abort", end);
    }
  }

  get #signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Asks for the verdict and the containers, again and again. */
  async #looks(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        const [pods, overview] = await Promise.all([
          this.#sources.pods().catch(() => undefined), // the verdict says that the runtime is down
          this.#sources.overview(),
        ]);
        if (pods !== undefined) this.#dispatch({ kind: "pods", pods });
        this.#dispatch({ kind: "overview", overview });
        if (this.#state.pane !== "logs") void this.#openPane();
      } catch (error) {
        this.#dispatch({ kind: "failed", message: errorText(error) });
      }
      await this.#sleep(this.#options.intervalMs);
    }
  }

  /** What containers use; starts again after it breaks off. */
  async #measures(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        const usages = this.#sources.usage(this.#options.intervalMs, this.#signal);
        for await (const usage of usages) this.#dispatch({ kind: "usage", usage });
      } catch {
        // The verdict says what is wrong; there is nothing to be measured as long.
      }
      await this.#sleep(this.#options.intervalMs);
    }
  }

  async #sleep(ms: number): Promise<void> {
    await this.#context.world.clock.sleep(ms, this.#signal).catch(() => undefined); // it is over
  }

  #keys(text: string): void {
    for (const key of readKeys(text)) {
      const pageRows = pageRowsOf(this.#state, this.#screen?.rows ?? 24);
      this.#dispatch({ kind: "key", key, pageRows });
    }
  }

  #dispatch(event: TopEvent): void {
    if (this.#signal.aborted) return;
    const before = this.#state;
    this.#state = reduce(before, event);
    if (this.#state.isOver) return this.#ending.abort();
    const { selected, pane } = this.#state;
    if (selected !== before.selected || pane !== before.pane) void this.#openPane();
    if (event.kind === "key") this.#draw();
    else this.#drawSoon();
  }

  /** Fills the pane with what it shows of the selected pod; a log is followed. */
  async #openPane(): Promise<void> {
    this.#pane?.abort();
    const opening = new AbortController();
    this.#pane = opening;
    const { selected: of, pane, paneOf } = this.#state;
    if (of === undefined) return;
    try {
      if (paneOf !== of) await this.#context.world.clock.sleep(SETTLE_MS, opening.signal);
      if (pane !== "logs") {
        const lines = await this.#sources[pane](of);
        if (!opening.signal.aborted) this.#dispatch({ kind: "lines", of, pane, lines });
        return;
      }
      await this.#followLog(of, opening.signal);
    } catch (error) {
      if (opening.signal.aborted) return;
      this.#dispatch({ kind: "lines", of, pane, lines: [errorText(error)] });
    }
  }

  async #followLog(of: string, signal: AbortSignal): Promise<void> {
    const chunks = await this.#sources.log(of, signal);
    this.#dispatch({ kind: "lines", of, pane: "logs", lines: [] });
    const decoder = new TextDecoder();
    let held = "";
    for await (const chunk of chunks) {
      const lines = (held + decoder.decode(chunk, { stream: true })).split("\n");
      held = lines.pop() ?? "";
      if (signal.aborted) return;
      if (lines.length > 0) this.#dispatch({ kind: "more", of, lines });
    }
  }

  #drawSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    // The first one at once: what comes while it is shown waits for the next.
    this.#draw();
    void this.#sleep(FRAME_MS).then(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw(): void {
    if (this.#screen === undefined || this.#signal.aborted) return;
    const { world } = this.#context;
    const { columns, rows } = this.#screen;
    this.#screen.draw(frameOf(this.#state, {
      columns,
      rows,
      style: styleOf(this.#context, world.stdout),
      hasColor: useColor(this.#context, world.stdout),
      nowMs: world.clock.now(),
    }));
  }
}
