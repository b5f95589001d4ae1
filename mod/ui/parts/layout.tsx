/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** The frame of every page. */
import type { Child, FC } from "hono/jsx";
import { shown } from "./format.ts";

/** The pages of one node, in the order of the navigation. */
export const PAGES = [
  ["", "Node"],
  ["pods", "Pods"],
  ["changes", "Changes"],
  ["control-plane", "Control plane"],
] as const;

/** What every page is told. */
export interface Frame {
  readonly title: string;
  /** The node that is looked at; undefined on the page of all nodes. */
  readonly node?: string;
  /** The path of the page below its node, to mark where one is. */
  readonly place?: string;
  /** Whether there is a page of all nodes. */
  readonly hasNodes: boolean;
  /** Where the page's changes come from; undefined for a page that does not change. */
  readonly live?: string;
  /** Whether more than what changes is missing: once there is something, the page is loaded again. */
  readonly isPart?: boolean;
  readonly children?: Child;
}

/** The path of a node's page. */
export function pathOf(node: string, page = ""): string {
  return `/n/${encodeURIComponent(node)}${page === "" ? "" : `/${page}`}`;
}

export const Layout: FC<Frame> = ({ title, node, place, hasNodes, live, isPart, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title} · podstead</title>
      <link rel="icon" href="/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/style.css" />
      <script type="module" src="/script.js"></script>
    </head>
    <body>
      <a class="skip" href="#main">Skip to the page</a>
      <header>
        <a class="brand" href="/">podstead</a>
        <nav aria-label="Pages">
          {hasNodes && <a href="/nodes" aria-current={current(place === "nodes")}>Nodes</a>}
          {node !== undefined &&
            PAGES.map(([page, name]) => (
              <a href={pathOf(node, page)} aria-current={current(place === page)}>{name}</a>
            ))}
        </nav>
        {node !== undefined && <span class="at">{shown(node)}</span>}
        <span id="link" role="status"></span>
      </header>
      <main id="main" tabindex={-1} data-live={live} data-part={isPart === true ? "" : undefined}>
        {children}
      </main>
      <footer>
        <kbd>n</kbd> node <kbd>p</kbd> pods <kbd>c</kbd> changes <kbd>/</kbd> search
      </footer>
    </body>
  </html>
);

function current(is: boolean): "page" | undefined {
  return is ? "page" : undefined;
}

/** A word with a mark besides its colour: colour alone says nothing. */
export const Mark: FC<{ readonly state: string; readonly word?: string }> = ({ state, word }) => (
  <span class={`mark ${state}`}>
    <span aria-hidden="true">{MARKS[state] ?? "?"}</span> {word ?? state}
  </span>
);

const MARKS: Readonly<Record<string, string>> = {
  holds: "●",
  well: "●",
  broken: "✖",
  unwell: "✖",
  unknown: "?",
  unconfirmed: "?",
  changing: "◐",
  waiting: "○",
};

/** A part of a page that could not be read, and why. */
export const Away: FC<{ readonly word: string; readonly failure: string }> = (
  { word, failure },
) => (
  <p class="away">
    <Mark state="unknown" word={word} /> {shown(failure)}
  </p>
);
