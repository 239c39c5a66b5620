package main

import (
	"fmt"
	"math/rand/v2" //lint:allow imports test data with a fixed seed
)

const (
	wideRows   = 100_000
	fileRows   = 1_000
	smallCount = 150
)

// wide is the row of table t: ten integers and ten texts of 8 to 40 bytes.
type wide struct {
	I0 int64  `col:"i0" doc:"."`
	I1 int64  `col:"i1" doc:"."`
	I2 int64  `col:"i2" doc:"."`
	I3 int64  `col:"i3" doc:"."`
	I4 int64  `col:"i4" doc:"."`
	I5 int64  `col:"i5" doc:"."`
	I6 int64  `col:"i6" doc:"."`
	I7 int64  `col:"i7" doc:"."`
	I8 int64  `col:"i8" doc:"."`
	I9 int64  `col:"i9" doc:"."`
	S0 string `col:"s0" doc:"."`
	S1 string `col:"s1" doc:"."`
	S2 string `col:"s2" doc:"."`
	S3 string `col:"s3" doc:"."`
	S4 string `col:"s4" doc:"."`
	S5 string `col:"s5" doc:"."`
	S6 string `col:"s6" doc:"."`
	S7 string `col:"s7" doc:"."`
	S8 string `col:"s8" doc:"."`
	S9 string `col:"s9" doc:"."`
}

type file struct {
	Path string `col:"path" doc:"."`
	Size int64  `col:"size" doc:"."`
}

type hash struct {
	Path   string `col:"path" doc:"." opt:"required,index"`
	Digest string `col:"digest" doc:"."`
}

type small struct {
	A int64  `col:"a" doc:"." opt:"index"`
	B string `col:"b" doc:"."`
	C string `col:"c" doc:"."`
	D int64  `col:"d" doc:"."`
	E string `col:"e" doc:"."`
	F int64  `col:"f" doc:"."`
	G string `col:"g" doc:"."`
	H string `col:"h" doc:"."`
}

var (
	wides   = makeWides()
	files   = makeFiles()
	digests = makeDigests()
)

func makeWides() []wide {
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- the same rows in each run
	text := func() string {
		const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
		b := make([]byte, 8+random.IntN(33))
		for i := range b {
			b[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(b)
	}
	groups := make([]string, 1000)
	for i := range groups {
		groups[i] = text()
	}
	rows := make([]wide, wideRows)
	for i := range rows {
		n := func() int64 { return int64(random.IntN(100)) * int64(i+1) % 1000 }
		rows[i] = wide{
			int64(i), int64(random.IntN(100)), n(), n(), n(), n(), n(), n(), n(), n(),
			text(), text(), groups[random.IntN(len(groups))], text(), text(), text(), text(), text(), text(), text(),
		}
	}
	return rows
}

func makeFiles() []file {
	rows := make([]file, fileRows)
	for i := range rows {
		rows[i] = file{fmt.Sprintf("/usr/share/some/directory/file-%d", i), int64(i)}
	}
	return rows
}

func makeDigests() map[string]string {
	m := map[string]string{}
	for i, f := range files {
		m[f.Path] = fmt.Sprintf("%064x", i)
	}
	return m
}
