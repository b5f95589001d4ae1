/** What the pages load besides their HTML; all of it is inside the executable. */
export { ICON } from "./icon.ts";
export { SCRIPT } from "./script.ts";
export { STYLE } from "./style.ts";
