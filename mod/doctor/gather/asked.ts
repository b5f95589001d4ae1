import { errorText, PodsteadError } from "../../core/mod.ts";
import { KubeletFailure } from "../../kubelet/mod.ts";
import type { Asked } from "../facts.ts";

/** How long one question may take, in milliseconds. */
export const ASK_TIMEOUT_MS = 3_000;

/** The answer to a question, or why there is none. */
export async function asked<T>(question: Promise<T>): Promise<Asked<T>> {
  try {
    return { value: await question };
  } catch (error) {
    return {
      failure: {
        message: errorText(error),
        hint: error instanceof PodsteadError ? error.hint : undefined,
        problem: error instanceof KubeletFailure
          ? error.problem
          : error instanceof PodsteadError
          ? error.code
          : undefined,
      },
    };
  }
}
