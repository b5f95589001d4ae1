import { Document, parseAllDocuments } from "yaml";

/**
 * A config's text with `agent.manifest.tokenFile` set in its first document;
 * comments and the other documents stay.
 *
 * @param text a config that can be used
 */
export function withTokenFile(text: string, tokenFile: string): string {
  const [first = new Document({}), ...others] = [...parseAllDocuments(text)];
  first.setIn(["agent", "manifest", "tokenFile"], tokenFile);
  // Long strings and keys stay on their lines.
  return [first, ...others].map((document) => document.toString({ lineWidth: 0 })).join("");
}
