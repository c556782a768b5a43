#ifndef TESTS_CAMPAIGN_FAILMALLOC_H
#define TESTS_CAMPAIGN_FAILMALLOC_H
/* Allocations that fail. failmalloc.so, loaded before a program's libraries
 * (LD_PRELOAD), counts the allocations of the process, its libraries and libc
 * included, and lets some of them fail as they would without memory.
 *
 * FAILMALLOC      a file of this struct: orders go in, counts come out, while
 *                 the process runs; without it the process finds the struct by
 *                 its name with dlsym()
 * FAILMALLOC_ROLE which process of weir is meant: "node", "worker", "console"
 *                 (the children of a node inherit both) */
#include <stdatomic.h>
#include <stdint.h>

struct failmalloc {
	/* Orders: allocation number `first` fails, from 1 (0: none), and after
	 * it each `step`-th one (0: no other). What a thread asks for next,
	 * which is where it tries again, does not fail. */
	_Atomic uint64_t first, step;
	_Atomic uint64_t count, failed; /* of all such processes, so far */
	char where[1024]; /* who asked for it, when one alone fails */
};

extern struct failmalloc *failmalloc;
#endif
