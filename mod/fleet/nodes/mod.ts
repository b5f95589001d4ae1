/** The nodes that people name: the file of them, and what `-N` means. */
export {
  NO_NODES,
  NODE_NAME,
  type NodeEntry,
  type NodesFile,
  parseNodesFile,
} from "./nodes_file.ts";
export { selectNodes } from "./select.ts";
export { addNode, nodesPath, readNodes, removeNode } from "./store.ts";
