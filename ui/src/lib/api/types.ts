import type { paths } from "./schema";

/** The JSON body that an operation answers with; names follow the paths, which outlive the schema's own names. */
type Answer<Operation> = Operation extends { responses: infer Responses }
  ? Responses[keyof Responses & (200 | 201)] extends { content: { "application/json": infer Body } }
    ? Body
    : never
  : never;
type Item<Operation> = Answer<Operation> extends { items: (infer Element)[] | null } ? Element : never;

export type Token = Answer<paths["/api/v1/auth/login"]["post"]>;
export type Me = Answer<paths["/api/v1/me"]["get"]>;
export type Tenant = Item<paths["/api/v1/tenants"]["get"]>;
export type EnrollSecret = Answer<paths["/api/v1/enroll-secrets"]["post"]>;
export type Agent = Item<paths["/api/v1/agents"]["get"]>;
export type Collection = Item<paths["/api/v1/agents/{id}/collections"]["get"]>;
export type CollectionRows = Answer<paths["/api/v1/agents/{id}/collections/{collection}/rows"]["get"]>;
export type Table = Item<paths["/api/v1/tables"]["get"]>;
export type LintResult = Answer<paths["/api/v1/queries/lint"]["post"]>;
export type LiveQuery = Answer<paths["/api/v1/live-queries/{id}"]["get"]>;
export type LiveQueryCounts = LiveQuery["counts"];
export type Finding = Item<paths["/api/v1/findings"]["get"]>;
export type FindingDetail = Answer<paths["/api/v1/findings/{id}"]["get"]>;
export type FindingState = Finding["state"];
export type Platform = Agent["platform"];
export type AuditEntry = Item<paths["/api/v1/audit"]["get"]>;
export type Person = Item<paths["/api/v1/users"]["get"]>;
export type Role = Person["role"];
export type Member = Item<paths["/api/v1/members"]["get"]>;
export type Pack = Item<paths["/api/v1/packs"]["get"]>;
export type PackDetail = Answer<paths["/api/v1/packs/{name}"]["get"]>;
export type CollectionCost = Item<paths["/api/v1/collection-costs"]["get"]>;
export type ConfigLayer = Item<paths["/api/v1/config-layers"]["get"]>;
export type AgentConfig = Answer<paths["/api/v1/agent-config/{id}"]["get"]>;
export type Schedule = Item<paths["/api/v1/schedules"]["get"]>;
export type Session = Item<paths["/api/v1/me/sessions"]["get"]>;
export type ApiToken = Item<paths["/api/v1/me/tokens"]["get"]>;
export type CheckSummary = Item<paths["/api/v1/compliance/checks"]["get"]>;
export type Verdict = Item<paths["/api/v1/compliance/verdicts"]["get"]>;
export type Plan = Tenant["plan"];
export type Alert = Item<paths["/api/v1/alerts"]["get"]>;
export type AlertDetail = Answer<paths["/api/v1/alerts/{id}"]["get"]>;
export type Rule = Item<paths["/api/v1/rules"]["get"]>;
export type RuleCheck = Answer<paths["/api/v1/rules/check"]["post"]>;
export type RuleVocabulary = Answer<paths["/api/v1/rule-vocabulary"]["get"]>;
export type DryRun = Answer<paths["/api/v1/rules/dry-run"]["post"]>;
export type Notification = Item<paths["/api/v1/notifications"]["get"]>;
export type Channel = Item<paths["/api/v1/channels"]["get"]>;
export type Module = Item<paths["/api/v1/modules"]["get"]>;
export type Grant = Item<paths["/api/v1/impersonations"]["get"]>;
export type Client = Item<paths["/api/v1/msp/clients"]["get"]>;
export type View = Item<paths["/api/v1/views"]["get"]>;
export type Scores = Answer<paths["/api/v1/compliance/scores"]["get"]>;
export type FrameworkScore = NonNullable<Scores["frameworks"]>[number];
export type Gain = Item<paths["/api/v1/compliance/gains"]["get"]>;
export type ScoreDay = Item<paths["/api/v1/compliance/trend"]["get"]>;
export type Risk = Answer<paths["/api/v1/risk"]["get"]>;
export type RiskDay = Item<paths["/api/v1/risk/trend"]["get"]>;
export type DriftChange = Item<paths["/api/v1/drift"]["get"]>;
export type FrameworkDetail = Answer<paths["/api/v1/compliance/frameworks/{framework}"]["get"]>;
export type Control = NonNullable<FrameworkDetail["items"]>[number];
export type Waiver = Item<paths["/api/v1/compliance/waivers"]["get"]>;
export type DriftComparison = Answer<paths["/api/v1/drift/compare"]["get"]>;
export type Rare = Answer<paths["/api/v1/drift/rare"]["get"]>;
export type Baseline = Item<paths["/api/v1/baselines"]["get"]>;
export type Estimate = Answer<paths["/api/v1/queries/estimate"]["post"]>;
export type Group = Item<paths["/api/v1/groups"]["get"]>;
export type SavedQuery = Item<paths["/api/v1/saved-queries"]["get"]>;
export type AgentDetail = Answer<paths["/api/v1/agents/{id}"]["get"]>;
export type AgentLogEntry = Item<paths["/api/v1/agents/{id}/log"]["get"]>;
export type DriftItem = Item<paths["/api/v1/drift"]["get"]>;
export type Scan = Item<paths["/api/v1/scans"]["get"]>;
export type ScanAgent = Item<paths["/api/v1/scans/{id}/agents"]["get"]>;
export type ScanResult = Item<paths["/api/v1/scans/{id}/results"]["get"]>;
export type Standing = Item<paths["/api/v1/usage"]["get"]>;
export type UsagePeriod = Item<paths["/api/v1/usage/history"]["get"]>;
