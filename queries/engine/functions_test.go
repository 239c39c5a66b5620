package engine

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/host"
)

// The results that osquery's own tests and documents name, and the corners that its source shows.
func TestFunctions(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, c := range []struct{ sql, want string }{
		{"split('/foo/bar', '/', 0)", "foo"},
		{"split('foo;;bar', ';;', 1)", "bar"},
		{"split(' a , b ,', ',', 1)", "b"},
		{"split('a,b;c', ',;', 2)", "c"},
		{"split('a,b', ',', 2)", "~"},
		{"split('a,b', ',', -1)", "~"},
		{"split('', ',', 0)", "~"},
		{"split(NULL, ',', 0)", "~"},
		{"split('a', NULL, 0)", "~"},
		{"split('a', ',', NULL)", "~"},
		{"split('größe,weit', ',', 0)", "größe"},
		{"regex_split('/foo/bar', '/', 0)", ""},
		{"regex_split('/foo/bar', '/', 1)", "foo"},
		{"regex_split('foo;bar//qux', '(;|/)+', 2)", "qux"},
		{"regex_split('foo;', ';', 1)", "~"},
		{"regex_split('foo', ';', 0)", "foo"},
		{"regex_split('foo', ';', 1)", "~"},
		{"regex_split(NULL, ';', 1)", "~"},
		{"regex_split('aXbXc', '(?=X)X', 1)", "b"},
		{"regex_match('hello world', '(l)(o).*', 1)", "l"},
		{"regex_match('hello world', '(l)(o).*', 0)", "lo world"},
		{"regex_match('hello world', '(l)(o).*', 2)", "o"},
		{"regex_match('hello world', '(l)(o).*', 3)", "~"},
		{"regex_match('hello world', '(l)(o).*', -1)", "~"},
		{"regex_match('hello', 'x', 0)", "~"},
		{"regex_match('hello', '', 0)", ""},
		{"regex_match('hello', '|', 0)", ""},
		{"regex_match('hello', NULL, 0)", "~"},
		{"regex_match('foobar', 'foo(?=bar)', 0)", "foo"},
		{"regex_match('foobaz', 'foo(?!bar)', 0)", "foo"},
		{"regex_match('abab', '(ab)\\1', 0)", "abab"},
		{"regex_match('xäöy', '(?=ä)(.)(.)', 2)", "ö"},
		{"regex_match('a1 b2', '[[:alpha:]][[:digit:]] (?=b)', 0)", "a1 "},
		{"regex_match('a1 b2', '[[:alpha:]]\\d\\s\\w', 0)", "a1 b"},
		{"regex_match('(a)|(b)', '(x)|(b)', 1)", "~"},
		{"concat(1, 2, 3, 'go')", "123go"},
		{"concat('a', NULL, 'b')", "ab"},
		{"concat()", "~"},
		{"concat(NULL)", ""},
		{"concat_ws(' ', 'hello', NULL, 'world')", "hello world"},
		{"concat_ws('x', '', '')", "x"},
		{"concat_ws(',', 'a', NULL)", "a,"},
		{"concat_ws(NULL, 'a', 'b')", "ab"},
		{"concat_ws(',')", "~"},
		{"inet_aton('1.0.1.5')", "16777477"},
		{"inet_aton('255.255.255.255')", "4294967295"},
		{"inet_aton('::1')", "~"},
		{"inet_aton('1.2.3')", "~"},
		{"inet_aton(NULL)", "~"},
		{"in_cidr_block('198.51.100.14/24', '198.51.100.14')", "1"},
		{"in_cidr_block('198.51.100.14/24', '198.51.101.14')", "0"},
		{"in_cidr_block('10.0.0.0/8', '10.0.0.0')", "0"},
		{"in_cidr_block('10.0.0.0/8', '10.255.255.255')", "0"},
		{"in_cidr_block('10.0.0.0/8', '10.255.255.254')", "1"},
		{"in_cidr_block('10.0.0.1/32', '10.0.0.1')", "1"},
		{"in_cidr_block('0.0.0.0/0', '8.8.8.8')", "1"},
		{"in_cidr_block('2001:db8::/48', '2001:db8::')", "1"},
		{"in_cidr_block('2001:db8::/48', '2001:db8:0:ffff::1')", "1"},
		{"in_cidr_block('2001:db8::/48', '2001:db8:1::')", "0"},
		{"version_compare('1.0', '1.0')", "0"},
		{"version_compare('1.2', '1.10')", "-1"},
		{"version_compare('1:1.0', '2.0', 'dpkg')", "1"},
		{"version_compare('', '1')", "-1"},
		{"version_compare('', '')", "0"},
		{"sqrt(4)", "2.0"},
		{"sqrt(NULL)", "~"},
		{"log(exp(1))", "1.0"},
		{"log10(1000)", "3.0"},
		{"sin(0) + cos(0) + tan(0)", "1.0"},
		{"round(cot(1), 6)", "0.642093"},
		{"round(asin(1) + acos(1) + atan(0), 6)", "1.570796"},
		{"degrees(pi())", "180.0"},
		{"round(radians(180), 6)", "3.141593"},
		{"power(2, 10)", "1024.0"},
		{"power(2, NULL)", "~"},
		{"ceil(1.2)", "2"},
		{"floor(-1.2)", "-2"},
		{"typeof(ceil(1.2)) || typeof(floor(3))", "integerinteger"},
		{"ceil(NULL)", "~"},
		{"ceil('2.5')", "3"},
		{"ceil(1e300)", "9223372036854775807"},
		{"md5('test')", "098f6bcd4621d373cade4e832627b4f6"},
		{"sha1('test')", "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"},
		{"sha256('test')", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
		{"md5('test' || char(0) || 'x')", "098f6bcd4621d373cade4e832627b4f6"},
		{"md5(NULL)", "~"},
		{"community_id_v1('66.35.250.204', '128.232.110.120', 80, 34855, 6)", "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"community_id_v1('128.232.110.120', '66.35.250.204', 34855, 80, 6)", "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"community_id_v1('66.35.250.204', '128.232.110.120', 80, 34855, 6, 1)", "1:3V71V58M3Ksw/yuFALMcW0LAHvc="},
		{"community_id_v1('x', '128.232.110.120', 80, 34855, 6)", "~"},
		{"community_id_v1('66.35.250.204', '128.232.110.120', 80, 70000, 6)", "~"},
		{"community_id_v1('66.35.250.204', '128.232.110.120', '80', 34855, 6)", "~"},
		{"to_base64('foobar')", "Zm9vYmFy"},
		{"to_base64('fo')", "Zm8="},
		{"to_base64('')", ""},
		{"to_base64(NULL)", "~"},
		{"from_base64('Zm9v' || char(10) || 'YmFy')", "foobar"},
		{"from_base64('Zm8=')", "fo"},
		{"from_base64('Zm8')", "fo"},
		{"from_base64('???')", ""},
		{"typeof(from_base64('Zm8'))", "text"},
		{"conditional_to_base64('悪因悪果')", "5oKq5Zug5oKq5p6c"},
		{"conditional_to_base64('plain ~')", "plain ~"},
		{"conditional_to_base64('tab' || char(9))", "dGFiCQ=="},
		{"sleep(0)", "0"},
		{"sleep(-3)", "0"},
		{"soundex('robert')", "R163"},
		{"json_extract('{\"a\":[1,2]}', '$.a[1]')", "2"},
		{"'{\"a\":1}' ->> 'a'", "1"},
		{"instr('größer', 'ß')", "4"},
		{"instr(x'0102', x'02')", "2"},
		{"instr('a', '')", "1"},
		{"instr('a', NULL)", "~"},
		{"replace('aXbX', 'X', '--')", "a--b--"},
		{"replace('a', '', 'x')", "a"},
		{"trim('  a ') || '|' || ltrim('xxa', 'x') || '|' || rtrim('aäxä', 'xä')", "a|a|a"},
		{"hex(unhex('00fF'))", "00FF"},
		{"hex(unhex('00-ff', '-'))", "00FF"},
		{"unhex('0')", "~"},
		{"unhex('0-0', '-')", "~"},
	} {
		expect(t, e, "SELECT "+c.sql, c.want)
	}
}

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, c := range []struct{ sql, text string }{
		{"split('a', '', 0)", "Invalid input to split function"},
		{"regex_split('a', '', 0)", "Invalid input to split function"},
		{"regex_split('a', '(', 0)", "Invalid regex"},
		{"regex_match('a', '(', 0)", "Invalid regex"},
		{"regex_match('a', '[', 0)", "Invalid regex"},
		{"regex_match('a', '(?<=b)a', 0)", "Invalid regex"},
		{"regex_match('a', '(?P<n>a)(?=b)', 0)", "Invalid regex"},
		{"regex_match('a', hex(zeroblob(129)), 0)", "Invalid regex: too big"},
		{"concat_ws()", "Missing separator to concat_ws"},
		{"in_cidr_block(1, '10.0.0.1')", "CIDR must be a string"},
		{"in_cidr_block('10.0.0.0/8', 1)", "IP address must be a string"},
		{"in_cidr_block('10.0.0.0/8', 'x')", "IP address cannot be parsed"},
		{"in_cidr_block('x', '10.0.0.1')", "CIDR for IP address v4 cannot be parsed"},
		{"in_cidr_block('::/0', '10.0.0.1')", "CIDR for IP address v4 cannot be parsed"},
		{"in_cidr_block('10.0.0.0/8', '::1')", "CIDR for IP address v6 cannot be parsed"},
		{"version_compare(1, '2')", "Must provide two version strings to compare."},
		{"version_compare('1', '2', 'x')", "unknown version flavor"},
		{"version_compare('1')", "wrong number of arguments to function version_compare()"},
		{"sqrt(-1)", "Numerical argument out of domain"},
		{"log(0)", "Numerical result out of range"},
		{"log(-1)", "Numerical argument out of domain"},
		{"asin(2)", "Numerical argument out of domain"},
		{"exp(1000)", "Numerical result out of range"},
		{"power(0, -1)", "Numerical result out of range"},
		{"power(-8, 0.5)", "Numerical argument out of domain"},
		{"community_id_v1_strict('x', '128.232.110.120', 80, 34855, 6)", "Community ID"},
		{"find_file_path_in_cmd(NULL)", "must not be NULL"},
		{"find_file_path_in_cmd('a', 0, 'xx')", "one character"},
		{"parent_directory(1)", "Invalid inputs to parent_directory"},
		{"'a' LIKE 'b' ESCAPE 'xx'", "ESCAPE expression must be a single character"},
		{"'a' REGEXP 'b'", "no such function: REGEXP"},
		{"carve('/etc/passwd')", "no such function: carve"}, // there is no carving in this product
	} {
		fails(t, e, "SELECT "+c.sql, c.text)
	}
	alive(t, e)
}

// The orders that osquery's tests name.
func TestVersionOrders(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, c := range []struct{ collation, flavor, a, order, b string }{
		{"version", "", "1:0.0", "=", "1.0.0"},
		{"version", "", "2.50^1a", "=", "2.50~1a"},
		{"version", "", "1.1", "<", "1.a"},
		{"version", "", "1.0.0", "<", "1.0.0-2"},
		{"version", "", "1.12.1", "<", "1.13"},
		{"version", "", "190.10a", ">", "20.10a"},
		{"version", "", "20.10a", ">", "20.102"},
		{"version", "", "57:4", ">", "6.87.5"},
		{"version", "", "8.11", ">", "8.10.24"},
		{"version_arch", "ARCH", "1.0", "=", "1.0-4"},
		{"version_arch", "ARCH", "4:2", "=", "4:2-1"},
		{"version_arch", "ARCH", "1.6.1-9", "<", "1.6.1-10"},
		{"version_arch", "ARCH", "2-2pre", "<", "2-2rc"},
		{"version_arch", "ARCH", "41.1-2", "<", "43alpha+r8+g1de47dbc-1"},
		{"version_arch", "ARCH", "6.0.12.arch1-1", ">", "5.18.14.arch1-1"},
		{"version_arch", "ARCH", "1:1.2.13-2", ">", "4.2.1"},
		{"version_dpkg", "DPKG", "22.07.5-2ubuntu1.3", "<", "22.07.5-2ubuntu1.4"},
		{"version_dpkg", "DPKG", "2.5.13+dfsg-0ubuntu0.22.04.1", "<", "2.5.14+dfsg-0ubuntu0.22.04.2"},
		{"version_dpkg", "DPKG", "3.0.2-0ubuntu1.10", ">", "3.0.2-0ubuntu1.8"},
		{"version_rhel", "RHEL", "1.0.0~rc2^2021", "<", "1.0.0"},
		{"version_rhel", "RHEL", "1.0.1", "<", "1.0.1^2021"},
		{"version_rhel", "RHEL", "1.0.1^2021", "<", "1.0.1.security1"},
		{"version_rhel", "RHEL", "1.0.1", "<", "pkg-1.0.1.security1"},
		{"version_rhel", "RHEL", "1.1.0~BETA2", "<", "1.1.0~CR1"},
		{"version_rhel", "RHEL", "1.0.0", ">", "1.0.0~rc2^20210101gf00fabd"},
	} {
		expect(t, e, "SELECT '"+c.a+"' "+c.order+" '"+c.b+"' COLLATE "+c.collation, "1")
		sign := map[string]string{"<": "-1", "=": "0", ">": "1"}
		flavor := ""
		if c.flavor != "" {
			flavor = ", '" + strings.ToLower(c.flavor) + "'"
		}
		expect(t, e, "SELECT version_compare('"+c.a+"', '"+c.b+"'"+flavor+"), version_compare('"+c.b+"', '"+c.a+"'"+flavor+")",
			sign[c.order]+"|"+sign[map[string]string{"<": ">", "=": "=", ">": "<"}[c.order]])
	}
	expect(t, e, "SELECT v FROM (SELECT '1.10' v UNION ALL SELECT '1.9' UNION ALL SELECT '1.2.3') ORDER BY v COLLATE VERSION", "1.2.3", "1.9", "1.10")
}

func TestPathFunctions(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{"bin/tool", "opt/my app/run", "opt/my"} {
		path := filepath.Join(root, name)
		if name == "opt/my" {
			path = filepath.Join(root, "srv/my")
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "srv/my app"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	machine, err := host.New(root, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := newEngineWith(t, Options{Host: machine, Platform: platformOf(t, "linux")})
	for _, c := range []struct{ sql, want string }{
		{"find_file_path_in_cmd('/bin/tool -v')", "/bin/tool"},
		{"find_file_path_in_cmd('  /bin/tool')", "/bin/tool"},
		{"find_file_path_in_cmd('/bin -v')", ""},
		{"find_file_path_in_cmd('/opt/my app/run -x')", "/opt/my app/run"},
		{"find_file_path_in_cmd('/opt/my\\ app/run -x')", "/opt/my app/run"},
		{"find_file_path_in_cmd('\"/opt/my app/run\" -x', 1)", "/opt/my app/run"},
		{"find_file_path_in_cmd('/opt/my^ app/run', 0, '^')", "/opt/my app/run"},
		{"find_file_path_in_cmd('/srv/my app')", "/srv/my"},
		{"is_path_deterministic('/srv/my app')", "0"},
		{"is_path_deterministic('\"/srv/my app\"', 1)", "1"},
		{"is_path_deterministic('/nothing here')", "1"},
		{"parent_directory('/usr/bin/env')", "/usr/bin"},
		{"parent_directory('/x')", ""},
		{"parent_directory('x')", "~"},
	} {
		expect(t, e, "SELECT "+c.sql, c.want)
	}
	windows := newEngineWith(t, Options{Platform: platformOf(t, "windows")})
	expect(t, windows, `SELECT parent_directory('C:\Windows\x.exe')`, `C:\Windows`)
}

// SECURITY-MODEL S40: patterns made to take for ever are ended or refused.
func TestPatternBombs(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	text := "hex(zeroblob(15000))"
	for _, c := range []struct{ pattern, text string }{
		{"(0+)+$", ""}, // linear
		{"(0+)+x", ""},
		{"(?=(0+)+x)0", "backtracks for more than 100 ms"},
		{"((0+)+)+\\1x", "backtracks for more than 100 ms"},
		{"((0{1,100}){1,100}){1,100}x", "backtracks for more than 100 ms"}, // too many repeats for the linear matcher
		{strings.Repeat("a", 10_000), "too big"},
	} {
		started := time.Now()
		_, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT regex_match(" + text + ", '" + c.pattern + "', 0)"})
		if c.text == "" && err != nil || c.text != "" && (err == nil || !strings.Contains(err.Error(), c.text)) {
			t.Errorf("%.40s: error is %v, want %q", c.pattern, err, c.text)
		}
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("%.40s took %v", c.pattern, took)
		}
		alive(t, e)
	}
}

// Our LIKE, GLOB, instr, replace and trims answer as SQLite's own do.
func TestSameAsSQLite(t *testing.T) {
	t.Parallel()
	stock, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stock.Close() }()
	e := newEngine(t)
	texts := []string{"", "a", "A", "abc", "ABC", "aXbXc", "a%c", "a_c", "äbc", "aäc", "ÄBC", "a-c", "a]c", "a^c", "[a]", "abcabc", "日本語", "12", "a*c", "aac"}
	patterns := []string{
		"", "%", "%%", "a%", "%c", "%b%", "a_c", "_", "___", "%_%", "A%C", "a\\%c", "a\\_c", "Ä%", "%ä%", "%bc%bc", "_本%",
		"*", "?", "a*", "*c", "a?c", "[a-c]*", "[^a]*", "a[]]c", "a[^]]c", "[a", "[]", "a[-]c", "a[a-]c", "*[b-c]", "[[]a]", "a**c", "ab%%c", "%a_", "?*", "a[ä]c",
	}
	for _, template := range []string{
		"%s LIKE %p", "%s LIKE %p ESCAPE '\\'", "%s GLOB %p", "instr(%s, %p)", "replace(%s, %p, 'zz')", "trim(%s, %p)", "ltrim(%s, %p)", "rtrim(%s, %p)", "hex(unhex(%s, %p))",
	} {
		for _, text := range texts {
			for _, pattern := range patterns {
				statement := "SELECT " + strings.NewReplacer("%s", "'"+text+"'", "%p", "'"+pattern+"'").Replace(template)
				var want sql.NullString
				if err := stock.QueryRow(statement).Scan(&want); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
				text := "~"
				if want.Valid {
					text = want.String
				}
				expect(t, e, statement, text)
			}
		}
	}
}

func TestSleepEndsWithTheStatement(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	started := time.Now()
	_, _, err := Collect(t.Context(), e, Statement{SQL: "SELECT sleep(60)", Limits: Limits{Time: 20 * time.Millisecond}})
	wantLimit(t, err, "time")
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("sleep ended after %v", took)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, c := range []struct{ sql, want string }{
		{"SELECT 1 AS a, 'x' AS b, NULL AS c, 1.5 AS d", `{"a":1,"b":"x","c":null,"d":1.5}`},
		{"SELECT 1 AS a, 2 AS a", `{"a":2}`},
		{`SELECT '"\/' || char(10, 13, 9, 1) || 'ä' AS "q""s"`, `{"q\"s":"\"\\/\n\r\t\u0001ä"}`},
		{"SELECT x'00ff' AS b, CAST(x'41ff42' AS TEXT) AS t", "{\"b\":\"AP8=\",\"t\":\"A\ufffdB\"}"},
		{"SELECT 3.0 AS a, 1e20 AS b, 1e300 AS c, 9e999 AS d, 1e-9 AS e", `{"a":3.0,"b":100000000000000000000.0,"c":1e+300,"d":null,"e":1e-09}`},
		{"SELECT -9223372036854775808 AS a, '' AS b", `{"a":-9223372036854775808,"b":""}`},
	} {
		var got string
		_, err := e.Query(t.Context(), Statement{SQL: c.sql}, sinkFunc(func(r *Row) error {
			got = string(AppendJSON(nil, r))
			return nil
		}))
		if err != nil || got != c.want {
			t.Errorf("%s gives %s, error %v, want %s", c.sql, got, err, c.want)
		}
	}
}
