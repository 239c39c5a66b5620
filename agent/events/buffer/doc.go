// Package buffer keeps recorded events on disk, in a SQLite file of its own beside the agent's state, until queries have
// read them or newer ones need the room.
//
// It is bounded in every direction. What publishers record waits in a short queue in memory, which a writer moves to disk
// several times a second; a queue that is full refuses. On disk each table of events has a number of rows, of bytes and an
// age that it may reach; beyond, the oldest go. Whatever is lost is counted, by table and by the way it was lost.
//
// Events are worth less than the state: their file is not synchronised with each transaction, and one that is spoilt is
// replaced by an empty one.
package buffer
