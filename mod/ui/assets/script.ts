/** The pages' script, as the browser runs it: what changed is put in place, logs are followed. */
export const SCRIPT = String.raw`const main = document.getElementById("main");
const link = document.getElementById("link");

/* Puts the new tree in the place of the old one, node by node: focus, scrolling and what a person
   has typed or opened stay. */
function morph(old, now) {
  if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName || (old.id || "") !== (now.id || "")) {
    old.replaceWith(now.cloneNode(true));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue;
    return;
  }
  const kept = old.nodeName === "DETAILS" ? ["open"] : old.nodeName === "TR" ? ["hidden"] : [];
  for (const { name } of [...old.attributes]) {
    if (!now.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
  }
  for (const { name, value } of [...now.attributes]) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const before = [...old.childNodes];
  const after = [...now.childNodes];
  const byId = new Map(before.filter((one) => one.id).map((one) => [one.id, one]));
  let at = 0;
  for (const wanted of after) {
    let have = old.childNodes[at];
    const same = wanted.id ? byId.get(wanted.id) : undefined;
    if (same !== undefined && same !== have && same.parentNode === old) {
      old.insertBefore(same, have ?? null);
      have = same;
    }
    if (have === undefined) old.appendChild(wanted.cloneNode(true));
    else morph(have, wanted);
    at += 1;
  }
  while (old.childNodes.length > after.length) old.lastChild.remove();
}

function say(text) {
  link.textContent = text;
  link.classList.toggle("lost", text !== "");
}

/* The page as it is now: asked for again each second while it is seen. */
const live = main && main.dataset.live;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const seen = () =>
  new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
async function stayTrue() {
  let etag = "";
  for (;;) {
    await pause(1000);
    await seen();
    try {
      const answer = await fetch(live, { cache: "no-store", headers: { "If-None-Match": etag }, signal: AbortSignal.timeout(15000) });
      say("");
      if (answer.status === 304) continue;
      if (answer.status === 401) return say("Signed out: run podstead ui again");
      if (answer.status !== 200) {
        say("The page cannot be read: " + answer.status);
        continue;
      }
      etag = answer.headers.get("ETag") || "";
      const now = document.createElement("div");
      now.id = "live";
      now.innerHTML = await answer.text();
      if ("part" in main.dataset && !now.querySelector(":scope > .away")) return location.reload();
      const old = document.getElementById("live");
      if (old) morph(old, now);
      search();
    } catch {
      say("No connection: has podstead ui ended?");
    }
  }
}
if (live) stayTrue();

/* Rows of a table that have a text. */
function search() {
  const box = document.getElementById("search");
  if (!box) return;
  const wanted = box.value.toLowerCase();
  for (const row of document.querySelectorAll("#" + box.dataset.search + " tbody tr")) {
    row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
  }
}
document.addEventListener("input", ({ target }) => {
  if (target.id === "search") search();
  if (target.id === "log-search" || target.id === "log-stream") filter();
});

/* The log. */
const log = document.getElementById("log");
const MAX_LINES = 5000;
let source;
/* What is shown stays where a log ends, or is away for a while: what comes again is left out. */
let again = false;
let newest = "";
const control = (name) => document.getElementById("log-" + name);
function fits(line) {
  const wanted = control("search").value.toLowerCase();
  const stream = control("stream").value;
  return (stream === "" || line.dataset.stream === stream || line.className === "notice") &&
    (wanted === "" || line.textContent.toLowerCase().includes(wanted));
}
function filter() {
  for (const line of log.children) line.hidden = !fits(line);
  follow();
}
let due;
function follow() {
  /* Once a picture: laying a log out takes longer than adding to it. */
  due ||= requestAnimationFrame(() => {
    due = 0;
    if (control("follow").checked) log.scrollTop = log.scrollHeight;
  });
}
function add(text, kind, title) {
  const line = document.createElement("div");
  line.textContent = text;
  line.className = kind;
  line.dataset.stream = kind;
  if (title) line.title = title;
  line.hidden = !fits(line);
  log.append(line);
}
function open() {
  if (source) source.close();
  if (document.hidden) return;
  again = true;
  source = new EventSource(log.dataset.log + "?container=" + encodeURIComponent(control("container").value));
  source.addEventListener("lines", ({ data }) => {
    for (const { time = "", stream, message } of JSON.parse(data)) {
      const at = time.replace("Z", "");
      if (again && at <= newest) continue;
      again = false;
      newest = at;
      add(message, stream, time);
    }
    while (log.children.length > MAX_LINES) log.firstChild.remove();
    follow();
  });
  source.addEventListener("notice", ({ data }) => {
    const text = JSON.parse(data);
    const last = log.lastElementChild;
    if (last && last.className === "notice" && last.textContent === text) return;
    add(text, "notice");
    follow();
  });
  source.onerror = () => {
    source.close();
    setTimeout(open, 2000);
  };
}
if (log) {
  control("container").addEventListener("change", () => {
    log.replaceChildren();
    newest = "";
    open();
  });
  /* An open stream is one of the few connections that a browser has: only for who looks. */
  document.addEventListener("visibilitychange", () => document.hidden ? source && source.close() : open());
  open();
}

/* Keys, as long as nothing is typed. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, textarea, select")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const links = [...document.querySelectorAll("header nav a")];
  const to = (name) => links.find((one) => one.textContent === name);
  const wanted = { n: to("Node"), p: to("Pods"), c: to("Changes") }[event.key];
  if (wanted) wanted.click();
  if (event.key === "/") {
    const box = document.getElementById("search") || document.getElementById("log-search");
    if (box) {
      event.preventDefault();
      box.focus();
    }
  }
});
`;
