#ifndef SRC_WIZARD_OLD_RUNS_H
#define SRC_WIZARD_OLD_RUNS_H
/* Where it stands how a node of the alpha is started on this machine: processes that
 * run, as far as their arguments may be read, and units of systemd. Only looked for
 * when somebody asks. main's thread; blocks on the disk. */
#include "src/base/err.h"
#include "src/base/str.h"
#include "src/migrate/old_flags.h"

#define OLD_RUNS_MAX 64

struct old_run {
	int64_t pid; /* 0: a unit */
	char *path;  /* owned: of its arguments in /proc, or of the unit */
	char *line;  /* owned: its command, passwords left out; may be hostile text */
};
struct old_runs {
	struct old_run v[OLD_RUNS_MAX];
	size_t n;
};
/* root: "" on a real machine. home: of who asks, for units of their own. */
void old_runs_find(const char *root, const char *home, struct old_runs *out);
void old_runs_clear(struct old_runs *r);
/* A unit by its name, with .service or without; free() it. NULL: there is none. */
char *old_runs_unit(const char *root, const char *home, const char *name);

/* The command again as one types it, passwords left out. */
void old_flags_text(struct str *out, const struct old_flags *f);
#endif
