package engine

const clockThreadCPU = 3 // CLOCK_THREAD_CPUTIME_ID, clock_gettime(2)
