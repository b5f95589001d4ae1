import { askingFailure } from "../../kubelet/mod.ts";
import type { Asked } from "../facts.ts";

/** How long one question may take, in milliseconds. */
export const ASK_TIMEOUT_MS = 3_000;

/** The answer to a question, or why there is none. */
export async function asked<T>(question: Promise<T>): Promise<Asked<T>> {
  try {
    return { value: await question };
  } catch (error) {
    return { failure: askingFailure(error) };
  }
}
