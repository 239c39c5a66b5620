package engine

const clockThreadCPU = 16 // CLOCK_THREAD_CPUTIME_ID, time.h of macOS 10.12 and later
