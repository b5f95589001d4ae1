/** The table of habits: what comes of the words of kubectl, crictl, podman, talosctl and systemctl. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { takeGlobals } from "../../../mod/cli/shell/globals.ts";
import { UsageError } from "../../../mod/core/mod.ts";
import { cli } from "../../../mod/cli/mod.ts";
import { readCommandLine } from "../../../mod/cli/shell/line/command_line.ts";
import { FLAG_HABITS } from "../../../mod/cli/shell/line/flag_habits.ts";
import { HABITS } from "../../../mod/cli/shell/line/habits.ts";
import { isCommand, loadRoutes } from "../../../mod/cli/shell/registry.ts";
import { textWorld } from "../../support/world.ts";

const read = (line: string) =>
  readCommandLine(line.split(" ").filter((word) => word !== ""), { isCommand, load: loadRoutes });

/** What is typed → the line that runs. */
const RUNS: readonly (readonly [typed: string, line: string, namespace?: string])[] = [
  // crictl, podman, docker
  ["ps", "containers -k"],
  ["ps -a", "containers -k -a"],
  ["ps -aq", "containers -k -aq"],
  ["pods", "get pods"],
  ["pod ls", "get pods"],
  ["container ls", "containers -k"],
  ["image ls", "images"],
  ["images -v", "images --output wide"],
  ["image pull nginx", "pull nginx"],
  ["pods --name web", "get pods web"],
  ["set image pod/web app=nginx:2", "set image web:app=nginx:2"],
  ["set image web a=b:1 c=d:2 --dry-run", "set image web:a=b:1 web:c=d:2 --dry-run"],
  ["set image web=nginx:2", "set image web=nginx:2"],
  ["apply web.yaml", "apply --filename web.yaml"],
  ["apply a.yaml b.yaml --yes", "apply --filename a.yaml --filename b.yaml --yes"],
  ["rollout apply web.yaml", "rollout apply --filename web.yaml"],
  ["statsp", "stats"],
  ["stats --sort cpu", "stats --sort-by cpu"],
  ["stats --no-stream", "stats"],
  ["ps -p web", "containers -k --pod web"],
  ["ps --name web", "containers -k --pod web"],
  ["services -A", "services"],
  ["get pods -l app!=web -A", "get pods -l app!=web -A"],
  ["inspectp web", "inspect --sandbox web"],
  ["info", "doctor"],
  ["cluster-info dump", "support"],
  ["logs --tail=-1 web", "logs web"],
  // kubectl
  ["get po", "get po"],
  ["get pods -A", "get pods -A"],
  ["get pods -ojson", "get pods -o json"],
  ["get pods -owide", "get pods -o wide"],
  ["get pods -nkube-system", "get pods -n kube-system"],
  ["get sp --selector app=web", "get sp --label app=web"],
  ["get sp --watch-only", "get sp --watch"],
  ["get events", "events"],
  ["describe pod web", "describe web"],
  ["describe pod", "describe pod"],
  ["describe -n apps web", "describe web", "apps"],
  ["describe web --namespace apps", "describe web", "apps"],
  ["logs -n apps web -f", "logs web -f", "apps"],
  ["logs -fn apps web", "logs -fn apps web"],
  ["logs web -t", "logs web --timestamps=utc"],
  ["logs -t web", "logs --timestamps=utc web"],
  ["logs --timestamps web", "logs --timestamps=utc web"],
  ["logs --timestamps local web", "logs --timestamps local web"],
  ["logs --timestamps=true web", "logs --timestamps=utc web"],
  ["logs web --since-time=2026-01-01T00:00:00Z", "logs web --since 2026-01-01T00:00:00Z"],
  ["logs web --since-time 2026-01-01T00:00:00Z", "logs web --since 2026-01-01T00:00:00Z"],
  ["logs web --all-containers", "logs web --all-containers"],
  ["top pods", "stats"],
  ["cluster-info", "overview"],
  ["validate -f pod.yaml", "validate pod.yaml"],
  ["validate -R -f pods", "validate pods"],
  ["apply -f pod.yaml --dry-run=client", "apply -f pod.yaml --dry-run"],
  ["exec -it web -- sh -c ls", "exec -it web -- sh -c ls"],
  ["exec -itc main web -- sh", "exec -it -c main web -- sh"],
  ["exec -n apps web -- sh -n", "exec web -- sh -n", "apps"],
  ["help logs", "logs --help"],
  ["help get", "get --help"],
  ["help ps", "containers --help"],
  ["help config", "help config"],
  ["get pods -v=6", "get pods --output wide"],
  ["get pods -o json -v", "get pods -o json"],
  ["reload -v", "reload"],
  // talosctl
  ["service", "services"],
  ["services kubelet", "services kubelet"],
  ["dashboard", "top"],
  // systemctl, journalctl
  ["status", "overview"],
  ["status web", "describe web"],
  ["is-active", "health"],
  ["stop -n apps web", "stop web", "apps"],
  ["stopp web", "stop web"],
  ["daemon-reload", "reload"],
  ["list-units", "services"],
  ["journalctl -u kubelet --no-pager", "logs -u kubelet"],
  ["journalctl -u kubelet --lines 5", "logs -u kubelet --tail 5"],
  ["is-failed web", "health web"],
  ["show web", "describe web"],
  ["reload-or-restart", "reload"],
  // one resource, as listings name it
  ["pod/web", "get pod/web"],
  ["sp/web -o yaml", "get sp/web -o yaml"],
  ["pod/default/web", "get pod/default/web"],
  ["secret/login", "get secret/login"],
  ["get containers", "containers -k"],
  ["get images", "images"],
  ["secret ls", "get secrets"],
  ["tail web", "logs -f web"],
  // podstead's own
  ["", "overview"],
  ["-o json", "overview -o json"],
  ["-ojson", "overview -o json"],
  ["-v", "version"],
  ["--version", "version"],
];

/** What is typed → what the error says. */
const SAYS: readonly (readonly [typed: string, error: RegExp])[] = [
  ["rm web", /^There is no "rm"; podstead remove POD .*podstead stop POD/],
  ["delete pod web", /^There is no "delete"; podstead remove POD/],
  ["kill web", /podstead restart POD/],
  ["run nginx", /podstead apply -f FILE/],
  ["create -f x.yaml", /podstead apply -f FILE/],
  ["play kube x.yaml", /podstead apply -f FILE/],
  ["scale deploy/web", /second name/],
  ["get deployments", /^There is no "get deployments"; /],
  ["get daemonsets", /API server/],
  ["get svc", /hostPort/],
  ["get nodes", /podstead health/],
  ["get ns", /podstead get pods -A/],
  ["port-forward web 80", /podstead inspect POD --sandbox/],
  ["label pod web a=b", /podstead patch POD/],
  ["rmi nginx", /the kubelet removes unused images/],
  ["build .", /podstead pull IMAGE/],
  ["login", /agent\.pull\.credentialsFile/],
  ["attach web", /podstead logs -f POD/],
  ["debug web", /podstead exec -it POD -- sh/],
  ["cp web:/a b", /podstead exec POD -- cat FILE/],
  ["wait pod/web", /podstead health --wait/],
  ["rollout restart deploy/web", /^There is no "rollout restart"; .*podstead restart POD/],
  ["rollout undo deploy/web", /podstead rollback REVISION/],
  ["set env pod/web A=b", /podstead edit POD/],
  ["get deploy/web", /second name/],
  ["get pvc", /API server/],
  ["get sa", /API server/],
  ["describe node node-1", /podstead health/],
  ["describe svc/web", /hostPort/],
  ["describe deploy web", /API server/],
  ["create secret generic a", /podstead add FILE/],
  ["kube down x.yaml", /podstead remove POD/],
  ["kube generate web", /podstead get sp POD/],
  ["generate kube web", /podstead get sp POD/],
  ["system prune -a", /the kubelet removes unused images/],
  ["volume ls", /podstead inspect POD/],
  ["network ls", /ip address/],
  ["get routes", /ip route/],
  ["pcap", /tcpdump/],
  ["bash web", /podstead exec -it POD -- sh/],
  ["is-enabled podstead", /systemctl/],
  ["whoami", /API server/],
  ["kubectl get pods -A", /^podstead takes the words without "kubectl"$/],
  ["crictl ps", /^podstead takes the words without "crictl"$/],
  ["drain node-1", /API server/],
  ["api-resources", /podstead get --help/],
  ["dmesg", /^There is no "dmesg"; the kernel's log: journalctl -k$/],
  ["processes", /ps aux/],
  ["netstat", /ss -tulpn/],
  ["memory", /podstead stats/],
  ["imagefsinfo", /df -h/],
  ["reboot", /systemctl reboot/],
  ["reset", /podstead uninstall/],
  ["enable", /systemctl enable podstead/],
  ["bootstrap", /podstead pki init/],
  ["kubeconfig", /podstead pki kubeconfig/],
  ["members", /etcdctl member list/],
  ["get mc", /config\.yaml/],
  ["get pods --show-labels", /^podstead get has no --show-labels; .*-l/],
  ["get events --for pod/web", /^podstead events has no --for; .*podstead events POD/],
  ["get events --field-selector=involvedObject.name=web", /podstead events POD/],
  ["services -n apps", /^podstead services has no -n; there are no namespaces here/],
  ["get pods --kubeconfig=/a", /^podstead get has no --kubeconfig; .*leave it out/],
  ["ps --runtime-endpoint unix:///a", /agent\.runtime\.endpoint/],
  ["ps --format json", /-o jsonpath/],
  ["-n kube-system get pods", /^-n is the namespace, .* after the command$/],
  ["--namespace=apps get pods", /^-n is the namespace, .* after the command$/],
  ["logs -n 50 web", /^-n is the namespace of the pod$/],
  ["exec web sh", /^The command to run stands behind --$/],
  ["exec web ls -l", /^The command to run stands behind --$/],
  ["exec -c main web ls", /^The command to run stands behind --$/],
];

describe("readCommandLine()", () => {
  for (const [typed, line, namespace] of RUNS) {
    it(`takes "podstead ${typed}" for "podstead ${line}"`, async () => {
      const meant = await read(typed);
      assert.equal(meant.line.join(" "), line);
      assert.equal(meant.namespace, namespace);
    });
  }

  for (const [typed, error] of SAYS) {
    it(`says what to do instead of "podstead ${typed}"`, async () => {
      await assert.rejects(read(typed), (thrown: unknown) => {
        assert.ok(thrown instanceof UsageError);
        assert.match(thrown.message, error);
        return true;
      });
    });
  }

  it("shows the line without another tool's name", async () => {
    await assert.rejects(
      read("kubectl get pods -A"),
      (thrown: unknown) => thrown instanceof UsageError && thrown.hint === "podstead get pods -A",
    );
  });

  it("shows the line with -- that is meant", async () => {
    await assert.rejects(
      read("exec -it web sh -c ls"),
      (thrown: unknown) =>
        thrown instanceof UsageError && thrown.hint === "podstead exec -it web -- sh -c ls",
    );
  });
});

describe("docs/habits.md", () => {
  const page = readFileSync(new URL("../../../docs/habits.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && line.includes("`"));
  const typed = rows.flatMap((row) => {
    const [, , cell = ""] = row.split(/(?<!\\) \| |^\| /);
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, line = ""]) => line);
  });

  it("has ten tasks of each of three tools", () => assert.equal(rows.length, 30));

  for (const line of typed) {
    it(`is right about "podstead ${line}"`, async () => {
      const outside = /^(journalctl|df) /.test(line); // what podstead names instead
      if (outside) return;
      const words = takeGlobals(line.split(" "), {}).rest;
      try {
        const meant = await readCommandLine(words, { isCommand, load: loadRoutes });
        assert.ok(isCommand(meant.line[0] ?? ""), `${meant.line[0]} is no command`);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(page, new RegExp(`\`${line}\` →`), error.message);
      }
    });
  }
});

describe("HABITS", () => {
  it("names a word once, and none that is a command", () => {
    const words = HABITS.flatMap((habit) =>
      habit.words.map((word) => `${word}${"withArgument" in habit ? " NAME" : ""}`)
    );
    assert.deepEqual(words.filter((word, at) => words.indexOf(word) !== at), []);
    assert.deepEqual(
      words.filter((word) => isCommand(word)),
      [],
      "it is a command: take it out of mod/cli/shell/line/habits.ts",
    );
  });

  it("leads to commands that exist", () => {
    const first = HABITS.flatMap((habit) => "runs" in habit ? [habit.runs.split(" ")[0]] : []);
    assert.deepEqual(first.filter((word) => word !== undefined && !isCommand(word)), []);
    const named = HABITS.flatMap((habit) => "says" in habit ? [habit.says] : [])
      .flatMap((text) => [...text.matchAll(/podstead ([a-z-]+)/g)].map(([, word = ""]) => word));
    const prose = ["makes", "leaves"]; // "podstead makes no images"
    assert.deepEqual(named.filter((word) => !isCommand(word) && !prose.includes(word)), []);
  });
});

describe("FLAG_HABITS", () => {
  it("is about commands that exist", () => {
    const commands = FLAG_HABITS.flatMap(({ on = [] }) => on);
    // Of groups: `podstead nodes list`.
    const members = ["list", "members", "check"];
    const known = (command: string) => isCommand(command) || members.includes(command);
    assert.deepEqual(commands.filter((command) => !known(command)), []);
  });
});

describe("cli(), given a word of another tool", () => {
  it("fails as wrong usage, with the one line that helps", async () => {
    const world = textWorld();
    assert.equal(await cli(["dmesg"], world), 64);
    assert.equal(
      world.written.stderr,
      'error: There is no "dmesg"; the kernel\'s log: journalctl -k\n',
    );
  });

  it("names an option that it does not know, and the nearest", async () => {
    const world = textWorld();
    assert.equal(await cli(["get", "pods", "--labl", "a=b"], world), 64);
    assert.match(
      world.written.stderr,
      /^error: There is no option --labl here\n {2}Did you mean --label\?/,
    );
    const spelt = textWorld();
    assert.equal(await cli(["apply", "--dry-rum", "-f", "x"], spelt), 64);
    assert.match(spelt.written.stderr, /Did you mean --dry-run\?/);
  });
});
