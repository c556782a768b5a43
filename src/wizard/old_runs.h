#ifndef SRC_WIZARD_OLD_RUNS_H
#define SRC_WIZARD_OLD_RUNS_H
/* Where it stands how a node of the alpha is started on this machine: processes that
 * run, as far as their arguments may be read, units of systemd, and what was typed to
 * a shell. Only looked for when somebody asks. main's thread; blocks on the disk. */
#include "src/base/err.h"
#include "src/base/str.h"
#include "src/migrate/old_flags.h"

#define OLD_RUNS_MAX 64

enum old_run_kind { OLD_RUN_PROCESS, OLD_RUN_UNIT, OLD_RUN_TYPED };
struct old_run {
	enum old_run_kind kind;
	int64_t pid; /* of a process */
	char *path;  /* owned: of its arguments in /proc, the unit, the shell's history */
	char *line;  /* owned: its command, passwords left out; may be hostile text */
};
const char *old_run_kind_name(enum old_run_kind kind);
struct old_runs {
	struct old_run v[OLD_RUNS_MAX];
	size_t n;
};
/* root: "" on a real machine. home: of who asks, for units and shells of their own.
 * What was typed comes last, the newest first, each command once. */
void old_runs_find(const char *root, const char *home, struct old_runs *out);
void old_runs_clear(struct old_runs *r);
/* A unit by its name, with .service or without; free() it. NULL: there is none. */
char *old_runs_unit(const char *root, const char *home, const char *name);

/* The command again as one types it, passwords left out. */
void old_flags_text(struct str *out, const struct old_flags *f);
#endif
