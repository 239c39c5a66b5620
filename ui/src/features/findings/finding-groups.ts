import type { Finding } from "@/lib/api/types";
import { compareSeverities } from "@/lib/severity";

export type GroupedBy = "check" | "agent";

/** Findings of one check, or on one agent. */
export interface FindingGroup {
  id: string;
  title: string;
  /** The worst of its findings. */
  severity: string;
  findings: Finding[];
  /** How many different agents, or checks, they are of. */
  spread: number;
  firstSeen: string;
  lastSeen: string;
}

/** Puts findings together by what failed or by where, the worst and then the largest group first. */
export function groupFindings(findings: Finding[], by: GroupedBy): FindingGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const id = by === "agent" ? finding.agent_id : whatOf(finding);
    const group = groups.get(id);
    if (group) group.push(finding);
    else groups.set(id, [finding]);
  }
  return [...groups]
    .map(([id, members]): FindingGroup => ({
      id,
      title: by === "agent" ? members[0].hostname : members[0].title,
      severity: members.map(({ severity }) => severity).sort(compareSeverities)[0],
      findings: members,
      spread: new Set(members.map(by === "agent" ? whatOf : ({ agent_id }) => agent_id)).size,
      firstSeen: members.map(({ first_seen_at }) => first_seen_at).sort()[0],
      lastSeen: members
        .map(({ last_seen_at }) => last_seen_at)
        .sort()
        .reverse()[0],
    }))
    .sort((a, b) => compareSeverities(a.severity, b.severity) || b.findings.length - a.findings.length);
}

/** What failed: of kind check its id is the subject, of others only the title is the same everywhere. */
function whatOf({ kind, subject, title }: Finding): string {
  return `${kind}:${kind === "check" ? subject : title}`;
}

/**
 * Does to every finding of groups what `act` does to one. A group whose findings did not all go through fails with the first
 * reason; tried again, it goes on with those that remain, and only what was done is taken back.
 */
export function onGroups(
  act: (finding: Finding) => Promise<unknown>,
  undo: (finding: Finding) => Promise<unknown>,
  allows: (finding: Finding) => boolean,
) {
  const done = new Set<string>();
  return {
    allows: ({ findings }: FindingGroup) => findings.some(allows),
    act: ({ findings }: FindingGroup) =>
      each(
        findings.filter((finding) => allows(finding) && !done.has(finding.id)),
        async (finding) => {
          await act(finding);
          done.add(finding.id);
        },
      ),
    undo: ({ findings }: FindingGroup) =>
      each(
        findings.filter(({ id }) => done.has(id)),
        async (finding) => {
          await undo(finding);
          done.delete(finding.id);
        },
      ),
  };
}

/** One after the other: the bulk bar has several groups under way already. */
async function each(findings: Finding[], act: (finding: Finding) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  for (const finding of findings) {
    await act(finding).catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}
