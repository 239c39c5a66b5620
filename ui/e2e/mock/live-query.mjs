import { agents, answerRows, hostileRow, resultColumns } from "./data.mjs";

const runs = new Map();
let nextRun = 1;
/** A statement with this comment in it gives 100,000 rows, for tests of speed. */
const bigMark = "-- big";
/** With this one, an agent answers with text that tries to be more than text. */
const hostileMark = "-- hostile";

const countsOf = (answers, targets) => {
  const counts = {
    targets,
    with_rows: 0,
    no_rows: 0,
    failed: 0,
    timed_out: 0,
    running: 0,
    waiting: 0,
    offline: 0,
    refused: 0,
  };
  for (const { outcome } of answers.values()) counts[outcome]++;
  return counts;
};

export function startRun(sql, target) {
  const chosen = agents.filter(
    (agent) =>
      agent.status !== "revoked" &&
      (!target.platforms?.length || target.platforms.includes(agent.platform)) &&
      (!target.tags?.length || target.tags.some((tag) => agent.tags.includes(tag))) &&
      (!target.agent_ids?.length || target.agent_ids.includes(agent.id)),
  );
  const run = {
    id: `e0000000-0000-7000-8000-${String(nextRun++).padStart(12, "0")}`,
    sql,
    state: "running",
    created_at: new Date().toISOString(),
    created_by: "Mara Reyes",
    answers: new Map(),
    targets: chosen.length,
    rows: 0,
    lines: [],
    watchers: new Set(),
  };
  const say = (event) => {
    const line = `${JSON.stringify(event)}\n`;
    run.lines.push(line);
    for (const watcher of run.watchers) watcher.write(line);
  };
  const online = chosen.filter(({ status }) => status === "online");
  for (const agent of chosen) {
    const outcome = agent.status === "online" ? "running" : "offline";
    const answer = {
      agent_id: agent.id,
      hostname: agent.hostname,
      outcome,
      rows: 0,
      duration_ms: 0,
      error: null,
    };
    run.answers.set(agent.id, answer);
    say({ type: "agent", ...answer });
  }
  let next = 0;
  const big = sql.includes(bigMark);
  const step = () => {
    for (let count = 0; count < 12 && next < online.length; count++, next++) answerOne(online[next], next);
    say({ type: "progress", counts: countsOf(run.answers, run.targets) });
    if (next < online.length && run.state === "running") run.timer = setTimeout(step, big ? 250 : 60);
    else finish(run.state === "running" ? "done" : run.state);
  };
  const answerOne = (agent, place) => {
    const number = agents.indexOf(agent);
    const failed = place % 83 === 21;
    const late = place % 191 === 57;
    let rows = failed ? [] : answerRows(number);
    if (number === 3 && sql.includes(hostileMark)) rows = [hostileRow, ...rows];
    if (big) {
      const each = Math.ceil(100_000 / online.length);
      rows = Array.from({ length: each }, (_, row) => [
        `proc-${(row * 7919) % 997}`,
        (row * 31) % 65536,
        `10.${number % 256}.${row % 256}.1`,
        `user${row % 40}`,
        `/usr/lib/app/${row % 4000}/bin/worker`,
        ((number * each + row) * 2654435761).toString(16),
      ]);
    }
    const outcome = failed ? "failed" : late ? "timed_out" : rows.length ? "with_rows" : "no_rows";
    if (rows.length) {
      run.rows += rows.length;
      say({ type: "rows", agent_id: agent.id, hostname: agent.hostname, columns: resultColumns, rows });
    }
    const answer = {
      agent_id: agent.id,
      hostname: agent.hostname,
      outcome,
      rows: rows.length,
      duration_ms: late ? 10_000 : 120 + ((number * 97) % 700) + (number % 19 === 0 ? 1800 : 0),
      error: failed
        ? "no table named hash: agent 1.2.0 lacks it, update to 1.4"
        : late
          ? `stopped at the limit of 10 s after ${rows.length} rows`
          : null,
    };
    run.answers.set(agent.id, answer);
    say({ type: "agent", ...answer });
  };
  const finish = (state) => {
    run.state = state;
    for (const [agentId, answer] of run.answers) {
      if (answer.outcome !== "running") continue;
      const timedOut = { ...answer, outcome: "timed_out", error: "stopped" };
      run.answers.set(agentId, timedOut);
      say({ type: "agent", ...timedOut });
    }
    say({ type: "done", counts: countsOf(run.answers, run.targets) });
    for (const watcher of run.watchers) watcher.end();
    run.watchers.clear();
  };
  runs.set(run.id, run);
  run.timer = setTimeout(step, 60);
  return { id: run.id, targets: chosen.length, online: online.length };
}

export const describeRun = (run) => ({
  id: run.id,
  sql: run.sql,
  state: run.state,
  created_at: run.created_at,
  created_by: run.created_by,
  counts: countsOf(run.answers, run.targets),
  rows: run.rows,
});
export const findRun = (id) => runs.get(id);
export const listRuns = () => [...runs.values()].reverse().map(describeRun);

export function streamRun(run, response) {
  for (const line of run.lines) response.write(line);
  if (run.state === "running") {
    run.watchers.add(response);
    response.on("close", () => run.watchers.delete(response));
  } else response.end();
}

export function cancelRun(run) {
  if (run.state === "running") run.state = "cancelled";
}
