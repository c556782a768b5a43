#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H
/* Clearing up what a test left on the disk. */
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "src/base/mem.h"

/* A closed database, and nothing else: rmdir() then tells what else was left. */
static inline void scratch_unlink_db(const char *path)
{
	static const char *const suffix[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s%s", path, suffix[i]);
		unlink(name);
	}
}

static inline int scratch_drop_one(const char *path, const struct stat *st, int type,
	struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* A folder with all that is in it. 0, or -1 where something could not go. */
static inline int scratch_drop(const char *dir)
{
	return nftw(dir, scratch_drop_one, 8, FTW_DEPTH | FTW_PHYS);
}
#endif
