package container

import (
	"strings"
	"testing"
)

func TestOfCgroup(t *testing.T) {
	t.Parallel()
	id := strings.Repeat("0123456789abcdef", 4)
	for _, c := range []struct {
		text string
		want Ref
	}{
		{"0::/system.slice/docker-" + id + ".scope\n", Ref{"docker", id}},
		{"12:pids:/docker/" + id + "\n11:cpu:/docker/" + id + "\n", Ref{"docker", id}},
		{"0::/docker/" + id + "/init", Ref{"docker", id}},
		{"0::/../docker-" + id + ".scope", Ref{"docker", id}},
		{"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1b_2c.slice/cri-containerd-" + id + ".scope", Ref{"containerd", id}},
		{"0::/kubepods/besteffort/pod1b-2c/" + id, Ref{"", id}},
		{"0::/kubepods.slice/kubepods-pod1.slice/crio-" + id + ".scope", Ref{"cri-o", id}},
		{"0::/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:" + id, Ref{"containerd", id}},
		{"0::/system.slice/nerdctl-" + id + ".scope", Ref{"containerd", id}},
		{"0::/machine.slice/libpod-" + id + ".scope/container", Ref{"podman", id}},
		{"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope", Ref{"podman", id}},
		{"0::/lxc.payload.web/system.slice/cron.service", Ref{"lxc", "web"}},
		{"3:cpu:/lxc/web", Ref{"lxc", "web"}},
		{"0::/machine.slice/systemd-nspawn@db.service/payload/init.scope", Ref{"nspawn", "db"}},
		{"1:name=systemd:/\n0::/docker/" + id, Ref{"docker", id}},
		{"0::/lxc.payload.host/docker/" + id, Ref{"docker", id}}, // one in another
		{"0::/machine.slice/libpod-conmon-" + id + ".scope", Ref{}},
		{"0::/kubepods.slice/crio-conmon-" + id + ".scope", Ref{}},
		{"0::/system.slice/backup-" + id + ".scope", Ref{}},
		{"0::/system.slice/docker.service", Ref{}},
		{"0::/system.slice/docker-" + id[1:] + ".scope", Ref{}},
		{"0::/docker/" + strings.ToUpper(id), Ref{}},
		{"0::/", Ref{}}, {"", Ref{}}, {"::", Ref{}}, {"0::", Ref{}},
	} {
		got, ok := OfCgroup([]byte(c.text))
		if got != c.want || ok != (c.want != Ref{}) {
			t.Errorf("%q: got %v %v, want %v", c.text, got, ok, c.want)
		}
	}
}

func FuzzOfCgroup(f *testing.F) {
	f.Add([]byte("0::/system.slice/docker-" + strings.Repeat("a", idLength) + ".scope"))
	f.Add([]byte("3:cpu:/lxc/web\n0::/lxc.payload.web/x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if ref, ok := OfCgroup(text); ok && (ref.ID == "" || strings.ContainsAny(ref.ID, "/\n")) {
			t.Errorf("%q names %q", text, ref.ID)
		}
	})
}
