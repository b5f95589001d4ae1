/**
 * The version of the contract, in every path. It changes when a client of before could
 * not read an answer any more; what is only added does not change it.
 */
export const API_VERSION = "v1";

/** Header of every answer: the version of the agent that gives it, such as `0.1.0`. */
export const VERSION_HEADER = "Podstead-Version";
