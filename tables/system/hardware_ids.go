package system

import (
	"bytes"
	"strings"
)

// hardwareNames are the names that a pci.ids or usb.ids file has for numbers, as far as asked for. Keys are the numbers
// in lower case: vendor, vendor:model, vendor:model:vendor:model for subsystems, class and class:subclass.
type hardwareNames struct {
	vendors, classes map[string]string
	wanted           map[string]bool
}

// want notes that the name of a vendor's device is asked for.
func (n *hardwareNames) want(vendor string) {
	if n.wanted == nil {
		n.wanted, n.vendors, n.classes = map[string]bool{}, map[string]string{}, map[string]string{}
	}
	n.wanted[vendor] = true
}

// parse reads a file of names. Lines are indented by tabs to show what they belong to:
//
//	8086  Intel Corporation
//		1237  440FX - 82441FX PMC [Natoma]
//			1af4 1100  Qemu virtual machine
//	C 06  Bridge
//		00  Host bridge
//
// The file has tens of thousands of lines, so those of vendors not asked for are passed over.
func (n *hardwareNames) parse(data []byte) {
	var first, second string
	inClasses, keep := false, false
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		data = rest
		depth := 0
		for depth < len(line) && line[depth] == '\t' {
			depth++
		}
		if depth > 0 && !keep || len(line) == depth || line[depth] == '#' {
			continue
		}
		if depth == 0 {
			name, isClass := strings.CutPrefix(string(line), "C ")
			inClasses = isClass
			first, name, _ = strings.Cut(name, " ")
			first, second = strings.ToLower(first), ""
			keep = inClasses && len(first) == 2 || !inClasses && n.wanted[first]
			if keep {
				n.put(inClasses, first, name)
			}
			continue
		}
		number, name, _ := strings.Cut(string(line[depth:]), " ")
		number = strings.ToLower(number)
		switch depth {
		case 1:
			second = first + ":" + number
			n.put(inClasses, second, name)
		case 2:
			if !inClasses && second != "" {
				model, text, _ := strings.Cut(name, " ")
				n.put(false, second+":"+number+":"+strings.ToLower(model), text)
			}
		}
	}
}

func (n *hardwareNames) put(inClasses bool, key, name string) {
	names := n.vendors
	if inClasses {
		names = n.classes
	}
	if _, known := names[key]; !known {
		names[key] = strings.TrimSpace(name)
	}
}
