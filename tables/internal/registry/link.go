package registry

import "time"

// link is a root that shows another key, which may be absent.
type link struct{ target func() node }

func (l *link) subkeys() []string {
	if n := l.target(); n != nil {
		return n.subkeys()
	}
	return nil
}

func (l *link) child(name string) node {
	if n := l.target(); n != nil {
		return n.child(name)
	}
	return nil
}

func (l *link) values() []Value {
	if n := l.target(); n != nil {
		return n.values()
	}
	return nil
}

func (l *link) written() time.Time {
	if n := l.target(); n != nil {
		return n.written()
	}
	return time.Time{}
}

// softwareClasses is a profile whose Software\Classes is the hive beside it.
type softwareClasses struct {
	node
	classes func() node
}

func (s *softwareClasses) child(name string) node {
	child := s.node.child(name)
	if child == nil || !sameName(name, "Software") {
		return child
	}
	return &alias{child, "Classes", s.classes}
}
