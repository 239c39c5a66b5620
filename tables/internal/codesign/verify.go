package codesign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/smallstep/pkcs7"
)

// Verify checks that what was signed is unchanged: the pages of the program, unless skipPages, the blobs beside the
// directory, and, where there is a signer, the signature over the directory. bundle gives the file of a bundle that belongs
// to a slot, SlotInfo or SlotResources; a nil one, or one that knows of no such file, leaves the slot unchecked.
func (s *Signature) Verify(ctx context.Context, skipPages bool, bundle func(slot int) []byte) error {
	for _, slot := range []int{slotRequirements, slotEntitlements, slotDER} {
		digest, blob := s.directory.special(slot), s.blobs[uint32(slot)]
		switch {
		case digest == nil && blob == nil:
		case digest == nil || blob == nil || !s.directory.matches(digest, blob):
			return fmt.Errorf("slot %d does not match", slot)
		}
	}
	if bundle != nil {
		for _, slot := range []int{SlotInfo, SlotResources} {
			digest := s.directory.special(slot)
			if digest == nil {
				continue
			}
			if data := bundle(slot); data != nil && !s.directory.matches(digest, data) {
				return fmt.Errorf("file of slot %d was changed", slot)
			}
		}
	}
	if !s.AdHoc {
		if err := s.verifySigner(); err != nil {
			return err
		}
	}
	if skipPages {
		return nil
	}
	return s.verifyPages(ctx)
}

// verifySigner checks the signature over the first directory, which the attributes of newer signers bind to the others.
func (s *Signature) verifySigner() error {
	message, err := pkcs7.Parse(s.cms)
	if err != nil {
		return fmt.Errorf("signer: %w", err)
	}
	message.Content = s.blobs[slotDirectory]
	if err := message.Verify(); err != nil {
		return fmt.Errorf("signer: %w", err)
	}
	if !bytes.Equal(s.directory.raw, s.blobs[slotDirectory]) && !boundDirectory(message, s.CDHash) {
		return errors.New("signer: vouches for other digests")
	}
	return nil
}

func (s *Signature) verifyPages(ctx context.Context) error {
	d := &s.directory
	if d.codeLimit > s.slice.Size() {
		return errors.New("program is cut off")
	}
	size := d.pageSize
	if size == 0 {
		size = d.codeLimit // all of it is one page
	}
	if size <= 0 || int64(d.pages) != (d.codeLimit+size-1)/size {
		return errDamaged
	}
	h := newHash(d.hashType)
	var sum []byte
	code := io.NewSectionReader(s.slice, 0, d.codeLimit)
	for page := range d.pages {
		if err := ctx.Err(); err != nil {
			return err
		}
		h.Reset()
		if _, err := io.Copy(h, io.LimitReader(code, size)); err != nil {
			return fmt.Errorf("read program: %w", err)
		}
		sum = h.Sum(sum[:0])
		if !bytes.Equal(sum[:d.hashSize], d.raw[d.hashes+page*d.hashSize:][:d.hashSize]) {
			return fmt.Errorf("page %d was changed", page)
		}
	}
	return nil
}
