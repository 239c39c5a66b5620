package postgres_test

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/fleet/postgres/pgtest"
)

// rules: the catalogue of a migrated database is held to the rules of isolation, so that a migration that forgets one fails here.
// Each query lists offenders; the exceptions are named with their reason.
var rules = []struct {
	name   string
	sql    string
	except map[string]string
}{
	{
		name: "every table has forced row-level security",
		sql: `SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'tenantra'::regnamespace AND c.relkind IN ('r', 'p')
		       AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
		except: map[string]string{"schema_versions": "the migrations' own; the app role has no grant on it"},
	},
	{
		name: "the app role's policies go by the scope",
		sql: `SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'tenantra'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
		       AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*'
		            AND pg_get_expr(p.polqual, p.polrelid) IN (
		                '(tenant_id = ANY (( SELECT keeper.visible() AS visible)::integer[]))', '(id = ANY (( SELECT keeper.visible() AS visible)::integer[]))')
		            AND pg_get_expr(p.polwithcheck, p.polrelid) = replace(pg_get_expr(p.polqual, p.polrelid), 'visible', 'writable'))`,
	},
	{
		name: "nothing is deleted but in tenants that may be written",
		sql: `SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'tenantra'::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity
		       AND (c.relispartition OR has_table_privilege('tenantra_app', c.oid, 'DELETE'))
		       AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = 'd' AND NOT p.polpermissive AND p.polroles = ARRAY['tenantra_app'::regrole::oid]
		            AND pg_get_expr(p.polqual, p.polrelid) = '(tenant_id = ANY (( SELECT keeper.writable() AS writable)::integer[]))')`,
	},
	{
		name: "no other policy is for the app role",
		sql: `SELECT c.relname || '.' || p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
		       WHERE p.polname NOT IN ('tenant', 'tenant_deletes') AND p.polroles <> ARRAY['tenantra_keeper'::regrole::oid]`,
	},
	{
		name: "partitions have no grants",
		sql: `SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'tenantra'::regnamespace AND c.relispartition AND c.relkind IN ('r', 'p')
		       AND (has_table_privilege('tenantra_app', c.oid, 'SELECT') OR has_table_privilege('tenantra_app', c.oid, 'INSERT')
		            OR has_table_privilege('tenantra_app', c.oid, 'UPDATE') OR has_table_privilege('tenantra_app', c.oid, 'DELETE'))`,
	},
	{
		name: "the app role owns nothing and has neither TRUNCATE, REFERENCES nor TRIGGER",
		sql: `SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace IN ('tenantra'::regnamespace, 'keeper'::regnamespace)
		       AND (c.relowner = 'tenantra_app'::regrole OR has_table_privilege('tenantra_app', c.oid, 'TRUNCATE')
		            OR has_table_privilege('tenantra_app', c.oid, 'REFERENCES') OR has_table_privilege('tenantra_app', c.oid, 'TRIGGER'))`,
	},
	{
		name: "the keeper's tables are out of the app role's reach",
		sql: `SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'keeper'::regnamespace AND c.relkind IN ('r', 'p', 'v')
		       AND (has_table_privilege('tenantra_app', c.oid, 'SELECT') OR has_table_privilege('tenantra_app', c.oid, 'INSERT')
		            OR has_table_privilege('tenantra_app', c.oid, 'UPDATE') OR has_table_privilege('tenantra_app', c.oid, 'DELETE'))`,
	},
	{
		name: "no role of ours is above row-level security",
		sql: `SELECT rolname FROM pg_roles WHERE rolname LIKE 'tenantra\_%' AND rolname <> 'tenantra_admin'
		       AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`,
	},
	{
		name: "only the app role signs in",
		sql:  `SELECT rolname FROM pg_roles WHERE rolname LIKE 'tenantra\_%' AND rolcanlogin AND rolname NOT IN ('tenantra_app', 'tenantra_admin')`,
	},
	{
		name: "the app role is a member of nothing",
		sql:  `SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'tenantra_app'::regrole`,
	},
	{
		name: "no materialised view",
		sql:  `SELECT relname FROM pg_class WHERE relkind = 'm'`,
	},
	{
		name: "views run with the rights of who reads",
		sql: `SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'tenantra'::regnamespace
		       AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)`,
	},
	{
		name: "definer functions have a fixed search path",
		sql: `SELECT p.proname FROM pg_proc p WHERE p.pronamespace IN ('tenantra'::regnamespace, 'keeper'::regnamespace) AND p.prosecdef
			       AND (p.proconfig IS NULL OR NOT 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig))`,
	},
	{
		name: "definer functions belong to the keeper",
		sql: `SELECT p.proname FROM pg_proc p WHERE p.pronamespace IN ('tenantra'::regnamespace, 'keeper'::regnamespace) AND p.prosecdef
			       AND p.proowner <> 'tenantra_keeper'::regrole`,
		except: map[string]string{
			"make_row_partitions": "only the owner of a table makes its partitions",
			"drop_row_partitions": "only the owner of a table drops its partitions",
		},
	},
	{
		name: "no function of ours is leakproof, and none is for everybody",
		sql: `SELECT p.proname FROM pg_proc p WHERE p.pronamespace IN ('tenantra'::regnamespace, 'keeper'::regnamespace)
		       AND (p.proleakproof OR has_function_privilege('public', p.oid, 'EXECUTE'))`,
	},
	{
		name: "primary keys and unique indexes start with the tenant",
		sql: `SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
		        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		       WHERE c.relnamespace = 'tenantra'::regnamespace AND i.indisunique AND a.attname IS DISTINCT FROM 'tenant_id'`,
		except: map[string]string{
			"tenantra.schema_versions_pkey": "the migrations' own",
			"tenantra.tenants_pkey":         "the id is the tenant",
			"tenantra.tenants_slug":         "addresses and command lines use slugs alone",
			"tenantra.tenants_public_id":    "ids are random; only the keeper inserts",
			"tenantra.tenants_one_root":     "there is one installation",
			"tenantra.users_email":          "people sign in without naming a tenant",
		},
	},
	{
		name: "foreign keys start with the tenant on both sides",
		sql: `SELECT con.conname FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
		        JOIN pg_attribute here ON here.attrelid = con.conrelid AND here.attnum = con.conkey[1]
		        JOIN pg_attribute there ON there.attrelid = con.confrelid AND there.attnum = con.confkey[1]
		       WHERE con.contype = 'f' AND c.relnamespace = 'tenantra'::regnamespace AND con.conparentid = 0
		         AND NOT (here.attname = 'tenant_id' AND there.attname = 'tenant_id')
		         AND NOT (here.attname = 'tenant_id' AND con.confrelid = 'tenantra.tenants'::regclass)`,
		except: map[string]string{
			"tenants_parent_id_fkey":                    "the tree itself; rows come through keeper.create_tenant alone",
			"memberships_user_tenant_id_user_id_fkey":   "a person may be a member of a tenant that is not their own",
			"access_denies_user_tenant_id_user_id_fkey": "a person may be a member of a tenant that is not their own",
			"api_tokens_user_tenant_id_user_id_fkey":    "a person may be a member of a tenant that is not their own",
		},
	},
	{
		name: "nobody else may connect, and only the app role may have temporary tables",
		sql: `SELECT current_database() WHERE has_database_privilege('public', current_database(), 'CONNECT')
		         OR has_database_privilege('public', current_database(), 'TEMP') OR has_database_privilege('tenantra_app', current_database(), 'CREATE')`,
	},
	{
		name: "the app role creates nothing in a schema",
		sql: `SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_temp%' AND nspname NOT LIKE 'pg\_toast%'
		       AND has_schema_privilege('tenantra_app', oid, 'CREATE')`,
	},
}

// offenders lists what breaks the rules, "rule: offender".
func offenders(t *testing.T, admin *pgx.Conn) []string {
	t.Helper()
	var found []string
	for _, rule := range rules {
		rows, err := admin.Query(t.Context(), rule.sql)
		if err != nil {
			t.Fatalf("%s: %v", rule.name, err)
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", rule.name, err)
		}
		for _, name := range names {
			if rule.except[name] == "" {
				found = append(found, rule.name+": "+name)
			}
		}
	}
	return found
}

func TestCatalogueHoldsTheRules(t *testing.T) {
	t.Parallel()
	_, admin := pgtest.NewWithAdmin(t)
	for _, offender := range offenders(t, admin) {
		t.Error(offender)
	}
}

// A database that breaks the rules must be found out: a scan that never finds anything proves nothing.
func TestCatalogueScanFindsOffenders(t *testing.T) {
	t.Parallel()
	_, admin := pgtest.NewWithAdmin(t)
	for _, test := range []struct{ sql, want string }{
		{`CREATE TABLE tenantra.bad (id int PRIMARY KEY, tenant_id int)`, "every table has forced row-level security: bad"},
		{`ALTER TABLE tenantra.bad ENABLE ROW LEVEL SECURITY; ALTER TABLE tenantra.bad FORCE ROW LEVEL SECURITY`, "the app role's policies go by the scope: bad"},
		{`CREATE POLICY wide ON tenantra.bad TO tenantra_app USING (true)`, "no other policy is for the app role: bad.wide"},
		{`GRANT DELETE ON tenantra.bad TO tenantra_app`, "nothing is deleted but in tenants that may be written: bad"},
		{`GRANT TRUNCATE ON tenantra.bad TO tenantra_app`, "the app role owns nothing and has neither TRUNCATE, REFERENCES nor TRIGGER: bad"},
		{`CREATE TABLE tenantra.worse (tenant_id int, bad_id int REFERENCES tenantra.bad)`, "foreign keys start with the tenant on both sides: worse_bad_id_fkey"},
		{`CREATE MATERIALIZED VIEW tenantra.copy AS SELECT * FROM tenantra.users`, "no materialised view: copy"},
		{`CREATE VIEW tenantra.window AS SELECT * FROM tenantra.users`, "views run with the rights of who reads: window"},
		{`CREATE FUNCTION keeper.open() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`, "definer functions have a fixed search path: open"},
		{`CREATE TABLE tenantra.parts (tenant_id int, at int) PARTITION BY RANGE (at);
		  CREATE TABLE tenantra.part PARTITION OF tenantra.parts FOR VALUES FROM (0) TO (9); GRANT SELECT ON tenantra.part TO tenantra_app`, "partitions have no grants: part"},
		{`GRANT SELECT ON keeper.scope_keys TO tenantra_app`, "the keeper's tables are out of the app role's reach: scope_keys"},
		{`GRANT CREATE ON SCHEMA tenantra TO tenantra_app`, "the app role creates nothing in a schema: tenantra"},
	} {
		if _, err := admin.Exec(t.Context(), test.sql); err != nil {
			t.Fatalf("%s: %v", test.sql, err)
		}
		if !slices.Contains(offenders(t, admin), test.want) {
			t.Errorf("not found: %s", test.want)
		}
	}
}
