/**
 * The REST API's types in the shape openapi-typescript writes. `npm run types` replaces this file from openapi.json, which the
 * running server gives; nothing else imports names of it but ./types.ts and ./client.ts.
 */
export interface components {
  schemas: {
    Problem: {
      type?: string;
      title?: string;
      status?: number;
      detail?: string;
      code?: string;
      request_id?: string;
      errors?: { location?: string; message?: string }[] | null;
    };
    Token: { access_token: string; expires_in: number; must_change_password: boolean };
    Me: {
      user: { id: string; email: string; name: string };
      tenant: { id: string; name: string; slug: string; plan: string };
      role: string;
      permissions: string[] | null;
      features: string[] | null;
    };
    Tenant: {
      id: string;
      parent_id?: string | null;
      name: string;
      slug: string;
      plan: string;
      status: string;
      depth: number;
      agents: number;
      created_at: string;
    };
    EnrollSecret: { id: string; secret: string; expires_at: string; max_uses: number; ca_fingerprint?: string };
    Agent: {
      id: string;
      tenant_id: string;
      tenant_name: string;
      hostname: string;
      platform: string;
      os_name: string;
      os_version: string;
      arch: string;
      version: string;
      status: "online" | "offline" | "pending" | "revoked";
      last_seen_at?: string | null;
      enrolled_at: string;
      tags: string[] | null;
      open_findings: number;
    };
    Collection: {
      collection: string;
      rows: number;
      last_batch_at?: string | null;
      status_code: number;
      error?: string | null;
    };
    Rows: { columns: string[] | null; rows: unknown[][] | null; next_cursor?: string };
    Table: {
      name: string;
      aliases?: string[] | null;
      doc: string;
      category: string;
      platforms: string[] | null;
      cost: string;
      privilege?: string;
      columns:
        | {
            name: string;
            type: string;
            doc: string;
            required?: boolean;
            index?: boolean;
            hidden?: boolean;
            platforms?: string[] | null;
            class?: string;
          }[]
        | null;
    };
    LintResult: {
      ok: boolean;
      error?: { message: string; offset: number; line: number; column: number } | null;
      tables?: string[] | null;
      columns?: string[] | null;
    };
    LiveQueryTarget: { agent_ids?: string[]; platforms?: string[]; tags?: string[] };
    LiveQueryCounts: {
      targets: number;
      with_rows: number;
      no_rows: number;
      failed: number;
      timed_out: number;
      running: number;
      offline: number;
      refused: number;
    };
    LiveQuery: {
      id: string;
      sql: string;
      state: "running" | "done" | "cancelled";
      created_at: string;
      created_by: string;
      counts: components["schemas"]["LiveQueryCounts"];
      rows: number;
    };
    Finding: {
      id: string;
      tenant_id: string;
      tenant_name: string;
      agent_id: string;
      hostname: string;
      kind: string;
      subject: string;
      title: string;
      severity: string;
      state: string;
      message: string;
      first_seen_at: string;
      last_seen_at: string;
    };
    FindingDetail: components["schemas"]["Finding"] & {
      evidence?: {
        columns: string[] | null;
        rows: unknown[][] | null;
        failing_columns?: string[] | null;
        failing_cells?: (string[] | null)[] | null;
        total?: number;
      } | null;
      expected?: string;
      sql?: string;
      pass?: string;
      fix?: { text: string; risk?: string } | null;
      controls?: { [framework: string]: string[] | null } | null;
      history?: { at: string; state: string; actor?: string; reason?: string }[] | null;
    };
  };
}

type Failure = { content: { "application/problem+json": components["schemas"]["Problem"] } };
type Answer<Body> = { responses: { 200: { content: { "application/json": Body } }; default: Failure } };
type List<Item> = Answer<{ items: Item[] | null; next_cursor?: string }>;
type Query<Q> = { parameters: { query?: Q } };
type Path<P, Q = never> = { parameters: { path: P; query?: Q } };
type Body<B> = { requestBody: { content: { "application/json": B } } };
type Scope = { tenant?: string; recursive?: boolean };
type Page = Scope & { limit?: number; cursor?: string };
type Schemas = components["schemas"];

export interface paths {
  "/api/v1/auth/login": { post: Query<never> & Body<{ email: string; password: string }> & Answer<Schemas["Token"]> };
  "/api/v1/auth/refresh": { post: Query<never> & Answer<Schemas["Token"]> };
  "/api/v1/auth/logout": { post: Query<never> & Answer<unknown> };
  "/api/v1/auth/password": {
    post: Query<never> & Body<{ current_password: string; new_password: string }> & Answer<unknown>;
  };
  "/api/v1/me": { get: Query<never> & Answer<Schemas["Me"]> };
  "/api/v1/tenants": { get: Query<Page> & List<Schemas["Tenant"]> };
  "/api/v1/enroll-secrets": {
    post: Query<Scope> &
      Body<{ expires_in_hours?: number; max_uses?: number; tags?: string[] }> &
      Answer<Schemas["EnrollSecret"]>;
  };
  "/api/v1/agents": {
    get: Query<Page & { status?: string; platform?: string; q?: string }> & List<Schemas["Agent"]>;
  };
  "/api/v1/agents/{id}": { get: Path<{ id: string }, Scope> & Answer<Schemas["Agent"]> };
  "/api/v1/agents/{id}/collections": { get: Path<{ id: string }, Scope> & List<Schemas["Collection"]> };
  "/api/v1/agents/{id}/collections/{name}/rows": {
    get: Path<{ id: string; name: string }, Page & { at?: string }> & Answer<Schemas["Rows"]>;
  };
  "/api/v1/tables": { get: Query<never> & List<Schemas["Table"]> };
  "/api/v1/queries/lint": {
    post: Query<Scope> & Body<{ sql: string; platform?: string }> & Answer<Schemas["LintResult"]>;
  };
  "/api/v1/live-queries": {
    get: Query<Page> & List<Schemas["LiveQuery"]>;
    post: Query<Scope> &
      Body<{ sql: string; target: Schemas["LiveQueryTarget"]; timeout_seconds?: number }> &
      Answer<{ id: string; targets: number; online: number }>;
  };
  "/api/v1/live-queries/{id}": { get: Path<{ id: string }, Scope> & Answer<Schemas["LiveQuery"]> };
  "/api/v1/live-queries/{id}/cancel": { post: Path<{ id: string }, Scope> & Answer<unknown> };
  "/api/v1/findings": {
    get: Query<
      Page & { state?: string; severity?: string; kind?: string; agent_id?: string; check?: string; q?: string }
    > &
      List<Schemas["Finding"]>;
  };
  "/api/v1/findings/{id}": { get: Path<{ id: string }, Scope> & Answer<Schemas["FindingDetail"]> };
  "/api/v1/findings/{id}/acknowledge": {
    post: Path<{ id: string }, Scope> & Body<{ reason?: string }> & Answer<unknown>;
  };
}
