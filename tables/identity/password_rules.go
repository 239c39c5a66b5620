package identity

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// passwordRule is one demand on passwords, from whichever place sets it.
type passwordRule struct {
	Rule    string `col:"rule" doc:"What is demanded: min_length, min_classes, history, max_age_days, min_age_days, warn_days, hash_scheme, lockout_attempts, lockout_seconds, retries, empty_allowed, dictionary."`
	Value   string `col:"value" doc:"Value as written; 1 where the rule is a word alone."`
	Setting string `col:"setting" doc:"Name of the setting where it was found: minlen, PASS_MAX_DAYS."`
	Service string `col:"service" doc:"Service of PAM that it holds for; empty where it holds for all."`
	Source  string `col:"source" doc:"File that sets it."`
	Line    int64  `col:"line" doc:"Line in the file, from 1."`
}

// PasswordRules has a row for each setting. Where several set one rule, PAM's arguments take the place of its modules' files; the
// last line of a file counts. A rule that nothing sets has no row: the program's own default holds.
// Source: login.defs(5); pam.d(5) with pam_unix, pam_pwquality, pam_cracklib, pam_pwhistory, pam_faillock and pam_tally2; their files
// in /etc/security.
var PasswordRules = tables.DefineByPlatform(tables.Spec{
	Name: "password_rules", Doc: "What the system demands of passwords, from all places that set it, in one shape.",
	Category: tables.Identity, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{
		"SELECT rule, value, source, line FROM password_rules WHERE rule IN ('min_length', 'max_age_days', 'lockout_attempts')",
		"SELECT service, source FROM password_rules WHERE rule = 'empty_allowed'",
	},
}, tables.Generators[passwordRule]{Linux: generatePasswordRules})

var (
	// loginRules are settings of login.defs by their names.
	loginRules = map[string]string{
		"PASS_MAX_DAYS": "max_age_days", "PASS_MIN_DAYS": "min_age_days", "PASS_WARN_AGE": "warn_days", "PASS_MIN_LEN": "min_length",
		"ENCRYPT_METHOD": "hash_scheme", "LOGIN_RETRIES": "retries",
	}
	// moduleRules are arguments of PAM's modules, and settings of the modules' own files.
	moduleRules = map[string]map[string]string{
		"pam_unix": {
			"minlen": "min_length", "remember": "history", "nullok": "empty_allowed", "sha512": "hash_scheme", "sha256": "hash_scheme", "yescrypt": "hash_scheme",
			"blowfish": "hash_scheme", "md5": "hash_scheme", "gost_yescrypt": "hash_scheme", "bigcrypt": "hash_scheme",
		},
		"pam_pwquality": {"minlen": "min_length", "minclass": "min_classes", "retry": "retries", "dictcheck": "dictionary"},
		"pam_cracklib":  {"minlen": "min_length", "minclass": "min_classes", "retry": "retries"},
		"pam_pwhistory": {"remember": "history"},
		"pam_faillock":  {"deny": "lockout_attempts", "unlock_time": "lockout_seconds"},
		"pam_tally2":    {"deny": "lockout_attempts", "unlock_time": "lockout_seconds"},
	}
	// moduleFiles are the modules' own files.
	moduleFiles = [...]struct{ module, file string }{
		{"pam_pwquality", "/etc/security/pwquality.conf"}, {"pam_faillock", "/etc/security/faillock.conf"}, {"pam_pwhistory", "/etc/security/pwhistory.conf"},
	}
)

func generatePasswordRules(ctx context.Context, host tables.Host, q *tables.Query, emit func(*passwordRule) error) error {
	err := generateLoginDefs(ctx, host, q, func(d *loginDef) error {
		rule, ok := loginRules[d.Keyword]
		if !ok {
			return nil
		}
		return emit(&passwordRule{Rule: rule, Value: d.Value, Setting: d.Keyword, Source: d.Path, Line: int64(d.Line)})
	})
	if err != nil {
		return err
	}
	for _, f := range moduleFiles {
		files := []string{f.file}
		for _, dropin := range hostfile.Files(ctx, host, f.file+".d") {
			if path.Ext(dropin) == ".conf" {
				files = append(files, dropin)
			}
		}
		for _, file := range files {
			data, err := hostfile.Source(ctx, host, file)
			if err != nil {
				return err
			}
			for _, row := range parseModuleFile(data, moduleRules[f.module]) {
				row.Source = file
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	return generatePAMRules(ctx, host, q, func(r *pamRule) error {
		module := strings.TrimSuffix(path.Base(r.Module), ".so")
		for _, row := range argumentRules(moduleRules[module], r.Arguments) {
			row.Service, row.Source, row.Line = r.Service, r.Path, r.LineNumber
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

// argumentRules finds rules among the arguments of a module. A hashing scheme is named by a word alone, which is its value.
func argumentRules(rules map[string]string, arguments string) []passwordRule {
	var rows []passwordRule
	for word := range strings.FieldsSeq(arguments) {
		name, value, ok := strings.Cut(word, "=")
		rule, known := rules[name]
		if !known {
			continue
		}
		if !ok {
			value = "1"
			if rule == "hash_scheme" {
				value = name
			}
		}
		rows = append(rows, passwordRule{Rule: rule, Value: value, Setting: name})
	}
	return rows
}

// parseModuleFile reads lines name = value, or a name alone.
func parseModuleFile(data []byte, rules map[string]string) []passwordRule {
	var rows []passwordRule
	number := int64(0)
	for line := range strings.Lines(string(data)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		rule, known := rules[name]
		if !known {
			continue
		}
		if !ok {
			value = "1"
		}
		rows = append(rows, passwordRule{Rule: rule, Value: value, Setting: name, Line: number})
	}
	return rows
}
