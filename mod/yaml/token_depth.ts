import type { CST } from "yaml";

/**
 * Offset of the first token nested deeper than `maxDepth`, or undefined. It runs
 * before anything recursive touches the tokens, so that no depth can exhaust the stack.
 */
export function tokenDepth(token: CST.Token, maxDepth: number): number | undefined {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [{ token, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token: current, depth } = next;
    if (depth > maxDepth) return current.offset;
    const push = (child: CST.Token | null | undefined) => {
      if (child !== null && child !== undefined) open.push({ token: child, depth: depth + 1 });
    };
    if (current.type === "document") push(current.value);
    else if ("items" in current) {
      for (const item of current.items) {
        push(item.key);
        push(item.value);
      }
    }
  }
  return undefined;
}
