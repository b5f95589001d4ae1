/** The composition root: puts the agent together and runs it. */
export { serve } from "./serve.ts";
