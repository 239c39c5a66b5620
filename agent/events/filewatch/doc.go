// Package filewatch records what happens to files of configured paths: by inotify what happened (file_events), and, where the
// agent is root, by fanotify which process did it (process_file_events).
//
// Paths are osquery's patterns: % stands for any name or part of one, %% at the end for everything below. The directories
// along them are watched, as few as serve: those in which a match can lie, and those in which the next directory of a pattern
// can appear. A directory that appears is watched and then listed, so that nothing that was made in it meanwhile is missed.
// Links that stand where a pattern has a wildcard, or beyond, are not followed: whoever can make them could else have the
// agent look elsewhere.
package filewatch
