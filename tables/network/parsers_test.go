package network

import "testing"

// FuzzParsers gives the same hostile text to all parsers of this package's small files.
func FuzzParsers(f *testing.F) {
	for _, seed := range []string{
		"192.0.2.1 0x1 0x2 02:fc:00:00:00:05 * eth0", "https 443/tcp www # c", "tcp 6 TCP # c", "127.0.0.1 localhost # c",
		"nameserver 1.1.1.1\nsearch a b\nsortlist 1.0.0.0\noptions rotate\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parseARP(text)
		if s, ok := parseService(text); ok && (s.Name == "" || s.Port < 0 || s.Port > 65535) {
			t.Errorf("%q became %+v", text, s)
		}
		if p, ok := parseProtocol(text); ok && (p.Name == "" || p.Number < 0) {
			t.Errorf("%q became %+v", text, p)
		}
		for i, r := range parseResolvers(text) {
			if r.Type == "" || r.Address == "" || int(r.ID) > i {
				t.Errorf("%q became %+v", text, r)
			}
		}
		if err := parseEtcHosts(text, func(address, _ string) error {
			if address == "" {
				t.Errorf("%q has an empty address", text)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}
