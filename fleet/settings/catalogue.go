package settings

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg" // kinds of logos
	_ "image/png"
	"math"
	"regexp"
	"strconv"
	"strings"
	_ "time/tzdata" // settings name zones, whatever the server's machine has
	"unicode/utf8"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/queries/wallclock"
	"github.com/tenantra/tenantra/tables"
)

// The settings that code asks for by name.
const (
	AllowedClass  = "privacy.allowed_class"
	SupportAccess = "access.support"
	BrandName     = "branding.name"
	BrandColour   = "branding.colour"
	BrandLogo     = "branding.logo"
	RowsDays      = "retention.rows_days"
	FindingsDays  = "retention.findings_days"
	AuditDays     = "retention.audit_days"
	ExportsDays   = "retention.exports_days"
	AgentKeyDays  = "agents.key_days"
	ScheduleZone  = "schedules.zone"
)

// Definition says what a setting is.
type Definition struct {
	Key     string
	Doc     string
	Default any
	Feature access.Feature // of the tier; "" for none
	Careful bool           // changing it wants password and second factor again
	Own     bool           // for people of the tenant itself: nobody above decides it
	check   func(value any) error
}

// definitions is the catalogue, in the order in which it is shown.
var definitions = []Definition{
	{Key: AllowedClass, Doc: "Highest privacy class of columns that agents tell: inventory, personal or content.", Default: "personal", Careful: true, check: isClass},
	{Key: SupportAccess, Doc: "Those who manage the tenant from above may act in it with a grant of access.", Default: true, Careful: true, Own: true, check: isBool},
	{Key: BrandName, Doc: "Name on sign-in and reports; empty: the product's.", Default: "", check: isText(100)},
	{Key: BrandColour, Doc: "Colour on sign-in and reports, #rrggbb, readable with white text; empty: the product's.", Default: "", check: isColour},
	{Key: BrandLogo, Doc: "PNG or JPEG of at most 512 KiB as a data: address; empty: the product's.", Default: "", check: isLogo},
	{Key: RowsDays, Doc: "Days that past rows are kept.", Default: 90.0, Careful: true, check: isDays(1, 3650)},
	{Key: FindingsDays, Doc: "Days that resolved findings are kept.", Default: 365.0, Careful: true, check: isDays(1, 3650)},
	{Key: AuditDays, Doc: "Days that the audit log is kept.", Default: 365.0, Feature: access.AuditRetention, Careful: true, check: isDays(30, 3650)},
	{Key: ExportsDays, Doc: "Days that exports can be fetched.", Default: 1.0, Careful: true, check: isDays(1, 30)},
	{Key: AgentKeyDays, Doc: "Days after which an agent is told to make itself another key.", Default: 365.0, check: isDays(1, 365)},
	{Key: ScheduleZone, Doc: "Time zone of scheduled queries that run at a time of the tenant's: an IANA name such as Europe/Berlin.", Default: "UTC", check: isZone},
}

// find gives a setting's definition; false for a key that is none.
func find(key string) (Definition, bool) {
	for _, d := range definitions {
		if d.Key == key {
			return d, true
		}
	}
	return Definition{}, false
}

func isZone(value any) error {
	name, _ := value.(string)
	if _, err := wallclock.Zone(name); err != nil || name == "" {
		return fmt.Errorf("must be a time zone such as Europe/Berlin or UTC")
	}
	return nil
}

func isBool(value any) error {
	if _, ok := value.(bool); !ok {
		return fmt.Errorf("must be true or false")
	}
	return nil
}

func isClass(value any) error {
	text, _ := value.(string)
	if class, err := tables.ParseClass(text); err != nil || class > tables.ClassContent {
		return fmt.Errorf("must be inventory, personal or content")
	}
	return nil
}

func isText(most int) func(any) error {
	return func(value any) error {
		text, ok := value.(string)
		if !ok || utf8.RuneCountInString(text) > most || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
			return fmt.Errorf("must be a text of at most %d characters", most)
		}
		return nil
	}
}

func isDays(least, most float64) func(any) error {
	return func(value any) error {
		days, ok := value.(float64)
		if !ok || days != math.Trunc(days) || days < least || days > most {
			return fmt.Errorf("must be a whole number from %g to %g", least, most)
		}
		return nil
	}
}

var colourText = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// isColour holds a brand's colour to WCAG's contrast for text: white is written on it.
func isColour(value any) error {
	text, ok := value.(string)
	if !ok || text != "" && !colourText.MatchString(text) {
		return fmt.Errorf("must be #rrggbb in small letters, or empty")
	}
	if text == "" {
		return nil
	}
	linear := func(hex string) float64 {
		n, _ := strconv.ParseUint(hex, 16, 8) // the pattern holds two hexadecimal digits
		c := float64(n) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	luminance := 0.2126*linear(text[1:3]) + 0.7152*linear(text[3:5]) + 0.0722*linear(text[5:7])
	if contrast := 1.05 / (luminance + 0.05); contrast < 4.5 {
		return fmt.Errorf("has a contrast of %.1f to white text, at least 4.5 is needed: choose a darker colour", contrast)
	}
	return nil
}

const (
	logoBytes  = 512 << 10
	logoPixels = 4_000_000
)

func isLogo(value any) error {
	text, ok := value.(string)
	if text == "" && ok {
		return nil
	}
	kind, encoded, found := strings.Cut(strings.TrimPrefix(text, "data:image/"), ";base64,")
	if !found || kind != "png" && kind != "jpeg" {
		return fmt.Errorf("must be data:image/png;base64,… or data:image/jpeg;base64,…")
	}
	if base64.StdEncoding.DecodedLen(len(encoded)) > logoBytes {
		return fmt.Errorf("must have at most 512 KiB")
	}
	content, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return fmt.Errorf("is not base64")
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || format != kind {
		return fmt.Errorf("is no picture of the kind that it says")
	}
	if size.Width*size.Height > logoPixels {
		return fmt.Errorf("has %d × %d pixels, at most 4 million are taken", size.Width, size.Height)
	}
	return nil
}

// decode reads a stored value.
func decode(text string) (any, error) {
	var value any
	err := json.Unmarshal([]byte(text), &value)
	return value, err
}
