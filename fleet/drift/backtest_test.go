package drift_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2" //lint:allow imports a back test wants the same numbers each time
	"os"
	"slices"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/drift"
	"github.com/tenantra/tenantra/packs"
	policies "github.com/tenantra/tenantra/packs/drift"
	"github.com/tenantra/tenantra/queries"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

// scored is a change with what the score says of it, and whether it was planted.
type scored struct {
	score   float64
	planted bool
}

// figures are what a threshold finds.
type figures struct{ right, wrong, missed int }

func (f figures) precision() float64 { return float64(f.right) / float64(max(f.right+f.wrong, 1)) }
func (f figures) recall() float64    { return float64(f.right) / float64(max(f.right+f.missed, 1)) }
func (f figures) f1() float64 {
	return 2 * float64(f.right) / float64(max(2*f.right+f.wrong+f.missed, 1))
}

func at(threshold float64, all []scored) (f figures) {
	for _, s := range all {
		switch {
		case s.score >= threshold && s.planted:
			f.right++
		case s.score >= threshold:
			f.wrong++
		case s.planted:
			f.missed++
		}
	}
	return f
}

// tune gives the threshold that finds the planted events best.
func tune(all []scored) (best float64) {
	most := -1.0
	for threshold := 30.0; threshold <= 100; threshold++ {
		if f := at(threshold, all).f1(); f > most {
			best, most = threshold, f
		}
	}
	return best
}

// backTest tunes the threshold on one set and holds what it finds in another against the least that was wanted.
func backTest(t *testing.T, tuning, heldOut []scored, precision, recall float64) {
	t.Helper()
	threshold := tune(tuning)
	f := at(threshold, heldOut)
	t.Logf("tuned on %d changes: threshold %.0f; of %d held out, %d planted: precision %.2f, recall %.2f", len(tuning), threshold, len(heldOut), f.right+f.missed, f.precision(), f.recall())
	if f.precision() < precision || f.recall() < recall {
		t.Errorf("precision %.2f, want %.2f; recall %.2f, want %.2f", f.precision(), precision, f.recall(), recall)
	}
}

const simulatedMachines = 200

// simulate makes changes of 200 machines: four weeks from which the hours are known, and a fifth that is scored, with
// planted events. Ordinary are updates that roll out to all in working hours, tools that a team installs on its machines,
// and single machines that get something of their own by day. Planted are programs that nobody has, on one machine each,
// mostly at night, and a fifth of them tools that a few others have.
func simulate(seed uint64) []scored {
	random := rand.New(rand.NewPCG(seed, 11))
	moment := func(week int, night bool) time.Time {
		hour := 8 + random.IntN(10)
		if night {
			hour = random.IntN(5)
		}
		day := week*7 + random.IntN(5) // Monday to Friday
		return monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(random.IntN(3600))*time.Second)
	}
	event := func(e drift.Event) drift.Event {
		e.Change, e.Fleet, e.Peers = "added", simulatedMachines, 40
		return e
	}
	ordinary := func(week int, record func(value int, e drift.Event)) {
		value := 0
		for range 15 {
			value++
			begin := moment(week, false)
			for i := range simulatedMachines {
				record(value, event(drift.Event{At: begin.Add(time.Duration(i) * 2 * time.Minute % (6 * time.Hour)), Others: i, New: i == 0, PeersWith: min(40, i/5)}))
			}
		}
		for range 8 {
			value++
			begin := moment(week, false)
			for i := range 40 {
				record(value, event(drift.Event{At: begin, Others: i, New: i == 0, PeersWith: i}))
			}
		}
		for range 37 { // a third is known to somebody
			value++
			others := 0
			if random.IntN(3) == 0 {
				others = 1 + random.IntN(20)
			}
			record(value, event(drift.Event{At: moment(week, false), Others: others, New: others == 0, PeersWith: min(others, 3)}))
		}
	}
	hours := &drift.Hours{}
	for week := range 4 {
		seen := map[[2]int]bool{} // a value counts once in an hour
		ordinary(week, func(value int, e drift.Event) {
			hour := (int(e.At.Weekday())+6)%7*24 + e.At.Hour()
			if !seen[[2]int{value, hour}] {
				seen[[2]int{value, hour}] = true
				hours[hour]++
			}
		})
	}
	var all []scored
	score := func(e drift.Event, planted bool) {
		points, _ := drift.Strangeness(e, hours)
		all = append(all, scored{points, planted})
	}
	ordinary(4, func(_ int, e drift.Event) { score(e, false) })
	for i := range 20 {
		others := 0
		if i%5 == 0 {
			others = 1 + random.IntN(5)
		}
		score(event(drift.Event{At: moment(4, i%10 != 1), Others: others, New: others == 0}), true)
	}
	return all
}

func TestBackTest(t *testing.T) {
	t.Parallel()
	var tuning, heldOut []scored
	for seed := range uint64(5) {
		tuning = append(tuning, simulate(100+seed)...)
		heldOut = append(heldOut, simulate(200+seed)...)
	}
	backTest(t, tuning, heldOut, 0.85, 0.65)
}

// recording is what ran on one machine, a server on which software is built and tested, as the agent's table processes
// told it about twice a minute: the lines that were there, in the order of the samples.
type recording struct {
	Columns []string    `json:"columns"`
	Lines   [][2]string `json:"lines"` // name and path
	Samples []struct {
		At    time.Time `json:"at"`
		Lines []int     `json:"lines"`
	} `json:"samples"`
}

// inventory knows the product's own collections.
func inventory(t *testing.T) func(string) ([]string, bool) {
	t.Helper()
	compilers := queries.Compilers{}
	for _, platform := range []tables.Platforms{tables.Linux, tables.Darwin, tables.Windows} {
		e, err := engine.New(engine.Options{Tables: all.Tables(), Platform: platform})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		compilers[platform] = e
	}
	loaded, err := packs.Load(packs.Embedded(), compilers)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]string{}
	for _, p := range loaded {
		for _, q := range p.Queries {
			columns[p.Collection(q.Name)] = q.Columns
		}
	}
	for _, table := range all.Tables() {
		for _, c := range table.Columns() {
			columns["module:"+table.Name] = append(columns["module:"+table.Name], c.Name)
		}
	}
	return func(name string) ([]string, bool) {
		c, ok := columns[name]
		return c, ok
	}
}

func readRecording(t *testing.T) (values [][]policies.Value, times []time.Time) {
	t.Helper()
	text, err := os.ReadFile("testdata/processes.json")
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	policy, err := policies.Default(inventory(t))
	if err != nil {
		t.Fatal(err)
	}
	watch := policy.Watches["pack:inventory/processes"]
	for _, s := range r.Samples {
		var cells [][]tables.Value
		for _, i := range s.Lines {
			if r.Lines[i][1] == "" {
				continue // as the pack's statement does: threads of the kernel
			}
			cells = append(cells, []tables.Value{tables.TextValue(r.Lines[i][0]), tables.TextValue(r.Lines[i][1])})
		}
		values, times = append(values, watch.Reduce(r.Columns, cells)), append(times, s.At)
	}
	return values, times
}

// replay has 40 machines in four roles do what the recording did, each some samples later than the first, up to ten
// minutes, and plants events. It scores what changes from one sample to another, those of the samples between two.
func replay(values [][]policies.Value, times []time.Time, from, to int, seed uint64) (all []scored) {
	const machines, roles, latest, planted = 40, 4, 18, 20
	random := rand.New(rand.NewPCG(seed, 13))
	delay := make([]int, machines)
	for m := range delay {
		delay[m] = random.IntN(latest)
	}
	type plant struct{ machine, step int }
	plants := map[plant][]string{}
	for i := range planted {
		at := plant{random.IntN(machines), from + random.IntN(to-from)}
		text := fmt.Sprintf("planted %d", i)
		if i%5 == 0 { // a tool that three machines have for long
			text = fmt.Sprintf("tool %d", i)
			for range 3 {
				held := plant{random.IntN(machines), -1}
				plants[held] = append(plants[held], text)
			}
		}
		plants[at] = append(plants[at], text)
	}
	holds := make([]map[string]bool, machines)
	seen := map[string]bool{}
	for m := range machines {
		holds[m] = map[string]bool{}
		for _, v := range values[0] {
			holds[m][v.Text], seen[v.Text] = true, true
		}
		for _, text := range plants[plant{m, -1}] {
			holds[m][text], seen[text] = true, true
		}
	}
	hours := &drift.Hours{} // one day tells nothing about hours
	for step := range to {
		for m := range machines {
			var come []string
			if step >= delay[m] {
				now := values[step-delay[m]]
				here := map[string]bool{}
				for _, v := range now {
					here[v.Text] = true
					if !holds[m][v.Text] {
						come = append(come, v.Text)
					}
				}
				for text := range holds[m] { // what was recorded once ends; plants stay
					if text[0] == '[' && !here[text] {
						delete(holds[m], text)
					}
				}
			}
			arrived := plants[plant{m, step}]
			for _, text := range slices.Concat(come, arrived) {
				e := drift.Event{At: times[step], Change: "added", Fleet: machines, New: !seen[text], Peers: machines/roles - 1}
				for other := range machines {
					if other != m && holds[other][text] {
						e.Others++
						if other%roles == m%roles {
							e.PeersWith++
						}
					}
				}
				holds[m][text], seen[text] = true, true
				if step >= from {
					points, _ := drift.Strangeness(e, hours)
					all = append(all, scored{points, slices.Contains(arrived, text)})
				}
			}
		}
	}
	return all
}

// The recording's first half tunes, its second half is held out. About as much is new of itself as is planted, and the
// first machine that has it is as alone with it: that is what the precision says.
func TestBackTestOnRecordedDrift(t *testing.T) {
	t.Parallel()
	values, times := readRecording(t)
	half := len(values) / 2
	var tuning, heldOut []scored
	for seed := range uint64(5) {
		tuning = append(tuning, replay(values, times, 1, half, 100+seed)...)
		heldOut = append(heldOut, replay(values, times, half, len(values), 200+seed)...)
	}
	backTest(t, tuning, heldOut, 0.35, 0.75)
}
