package mask

import (
	"strings"
	"testing"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{"", ""},
		{"/usr/sbin/sshd -D", "/usr/sbin/sshd -D"},
		{"app --password=hunter2 --port 80", "app --password=[masked] --port 80"},
		{"app --password hunter2 --port 80", "app --password [masked] --port 80"},
		{"app --token abc", "app --token [masked]"},
		{"app --token --verbose", "app --token --verbose"},
		{"app -password hunter2 x", "app -password [masked] x"},
		{"app --PASSWORD=hunter2", "app --PASSWORD=[masked]"},
		{"app --db.password='two words' next", "app --db.password='[masked]' next"},
		{`app --api-key="abc" -v`, `app --api-key="[masked]" -v`},
		{"java -Djavax.net.ssl.keyStorePassword=changeit Main", "java -Djavax.net.ssl.keyStorePassword=[masked] Main"},
		{"java -DclientSecret=abc Main", "java -DclientSecret=[masked] Main"},
		{"env PGPASSWORD=abc AWS_SECRET_ACCESS_KEY=def psql", "env PGPASSWORD=[masked] AWS_SECRET_ACCESS_KEY=[masked] psql"},
		{"net use /password:abc", "net use /password:[masked]"},
		{"openssl rsa -passin pass:abc -in key.pem", "openssl rsa -passin [masked] -in key.pem"},
		{`curl -H "Authorization: Bearer abc.def" https://x`, `curl -H "Authorization: Bearer [masked] https://x`},
		{`curl -H Authorization:Basic abc= https://x`, `curl -H Authorization:Basic [masked] https://x`},
		{`curl -H "Authorization: abc" x`, `curl -H "Authorization: [masked] x`},
		{`curl -H "X-Api-Key: abc" x`, `curl -H "X-Api-Key: [masked] x`},
		{"curl -u alice:abc https://x", "curl -u alice:[masked] https://x"},
		{"curl -ualice:abc https://x", "curl -ualice:[masked] https://x"},
		{"curl --user alice:abc https://x", "curl --user alice:[masked] https://x"},
		{"curl -u alice https://x", "curl -u alice https://x"},
		{"git clone https://alice:abc@example.com/r.git", "git clone https://alice:[masked]@example.com/r.git"},
		{"git clone https://abc@example.com/r.git", "git clone https://[masked]@example.com/r.git"},
		{"git clone ssh://git@example.com/r.git", "git clone ssh://git@example.com/r.git"},
		{"psql postgres://u:p:q@db/x?sslmode=off", "psql postgres://u:[masked]@db/x?sslmode=off"},
		{"wget http://x/?a=1&token=abc&b=2", "wget http://x/?a=1&token=[masked]&b=2"},
		{"app Server=db;Password=abc;Database=x", "app Server=db;Password=[masked];Database=x"},
		{`app {"user":"a","password":"abc","n":1}`, `app {"user":"a","password":[masked],"n":1}`},
		{`app {"password": "abc"}`, `app {"password": [masked]`},
		{"mysql -uroot -pabc db", "mysql -uroot -p[masked] db"},
		{"mysql -uroot -p db", "mysql -uroot -p db"},
		{"sshpass -p abc ssh -p 22 host", "sshpass -p [masked] ssh -p 22 host"},
		{"/usr/bin/sshpass -pabc ssh -p 22 host", "/usr/bin/sshpass -p[masked] ssh -p 22 host"},
		{"redis-cli -a abc ping", "redis-cli -a [masked] ping"},
		{"ldapsearch -x -w abc -b dc=x", "ldapsearch -x -w [masked] -b dc=x"},
		{"smbclient //s/c -U alice%abc", "smbclient //s/c -U alice%[masked]"},
		{"gh auth login ghp_0123456789abcdefghijABCDEFGHIJ", "gh auth login [masked]"},
		{"app eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2lnbmF0dXJl", "app [masked]"},
		{"app -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x",
			"app -----BEGIN RSA PRIVATE KEY-----[masked]-----END RSA PRIVATE KEY----- x"},
		{"app -----BEGIN PRIVATE KEY-----\nMIIE", "app -----BEGIN PRIVATE KEY-----[masked]"},
		{"app -----BEGIN CERTIFICATE-----\nMIIE", "app -----BEGIN CERTIFICATE-----\nMIIE"},

		// Names that only speak of a credential.
		{"app --password-file=/run/x --token-ttl=5m", "app --password-file=/run/x --token-ttl=5m"},
		{"llm --max-tokens=4096 tokenizer=bpe", "llm --max-tokens=4096 tokenizer=bpe"},
		{"psql --no-password -h db", "psql --no-password -h db"},
		{"docker run -v /run/secrets/token:/token -p 80:80", "docker run -v /run/secrets/token:/token -p 80:80"},
		{"passenger --bypass=1 key=/etc/k.pem", "passenger --bypass=1 key=/etc/k.pem"},
		{"app --key-store=/x http://host:80/", "app --key-store=/x http://host:80/"},
		{"app password= next", "app password= next"},
	} {
		if got := CommandLine(c.line); got != c.want {
			t.Errorf("CommandLine(%q)\n got %q\nwant %q", c.line, got, c.want)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, want string }{
		{"", ""},
		{"\x00\x00", ""},
		{"/bin/sleep\x0060\x00", "/bin/sleep 60"},
		{"a\x00\x00b\x00", "a  b"},
		{"app\x00--password\x00two words\x00--port\x0080\x00", "app --password [masked] --port 80"},
		{"app\x00--password=two words\x00x\x00", "app --password=[masked] x"},
		{"app\x00API_TOKEN=two words\x00x\x00", "app API_TOKEN=[masked] x"},
		{"sh\x00-c\x00mysql -pabc db && echo done\x00", "sh -c mysql -p[masked] db && echo done"},
		{"curl\x00-H\x00Authorization: Bearer abc\x00https://x\x00", "curl -H Authorization: Bearer [masked] https://x"},
		{"postgres: alice token [local] idle", "postgres: alice token [local] idle"},
	} {
		if got := Arguments([]byte(c.raw)); got != c.want {
			t.Errorf("Arguments(%q)\n got %q\nwant %q", c.raw, got, c.want)
		}
	}
}

// FuzzCommandLine checks that hostile text neither breaks the masking nor brings a password through.
func TestVariable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, value, want string }{
		{"PGPASSWORD", "x1", Hidden},
		{"AWS_SECRET_ACCESS_KEY", "a/b=", Hidden},
		{"GITHUB_TOKEN", "", ""},
		{"TOKEN_FILE", "/run/token", "/run/token"},
		{"LD_PRELOAD", "/tmp/x.so", "/tmp/x.so"},
		{"DATABASE_URL", "postgres://ann:x1@db/x", "postgres://ann:" + Hidden + "@db/x"},
		{"JAVA_OPTS", "-Xmx1g -Dkeystore.password=x1", "-Xmx1g -Dkeystore.password=" + Hidden},
		{"PATH", "/usr/bin:/bin", "/usr/bin:/bin"},
	} {
		if got := Variable(test.name, test.value); got != test.want {
			t.Errorf("%s=%s: %s, want %s", test.name, test.value, got, test.want)
		}
	}
}

func FuzzCommandLine(f *testing.F) {
	for _, seed := range []string{"app --password=x y", `a "b: 'c`, "://@:@", "-----BEGIN PRIVATE KEY-----", "curl -u", `{"token":"`, "=:=:", "eyJa.b.c"} {
		f.Add(seed)
	}
	const secret = "s3cr3t-Value"
	f.Fuzz(func(t *testing.T, text string) {
		if got := CommandLine(text); len(got) > 16*len(text)+64 {
			t.Errorf("%q grew to %d bytes", text, len(got))
		}
		Arguments([]byte(text))
		if got := CommandLine("app --password=" + secret + " " + text); strings.Contains(got, secret) && !strings.Contains(text, secret) {
			t.Errorf("%q lets the password through: %q", text, got)
		}
		raw := "app\x00--password\x00" + secret + " " + strings.ReplaceAll(text, "\x00", "") + "\x00"
		if got := Arguments([]byte(raw)); strings.Contains(got, secret) && !strings.Contains(text, secret) {
			t.Errorf("%q lets the password argument through: %q", text, got)
		}
	})
}

func BenchmarkHarmless(b *testing.B) {
	raw := []byte(strings.Repeat("/usr/lib/jvm/bin/java\x00-Xmx2g\x00-Dlog.dir=/var/log/app\x00", 5))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		Arguments(raw)
	}
}
