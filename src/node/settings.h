#ifndef SRC_NODE_SETTINGS_H
#define SRC_NODE_SETTINGS_H
/* What each flag is worth: to the node that runs, to its next start, and to the
 * config file; and the operator's live edits, which the database keeps as
 * "option.<flag>". Publishes SECTION_SETTINGS whenever one of them moves. Made
 * by main before the commands can come; from then on ctl's alone. */
#include "src/base/board.h"
#include "src/base/log.h"
#include "src/model/view.h"
#include "src/node/config.h"

struct db;
struct settings;

/* started: as the node was started with, live edits of earlier runs among it.
 * All of them must outlive the settings. */
struct settings *settings_new(const struct config *started, struct db *db,
	struct board *board, const struct log *log);
void settings_free(struct settings *s); /* NULL ok */

/* What the next start takes; valid until the settings change. */
const struct config *settings_next(const struct settings *s);
/* "-x is given on the command line ...", where a stronger origin than a live
 * edit holds the flag; else NULL. */
struct err *settings_pinned(const struct settings *s, enum option_id id) must_check;
/* What the next start would take with this edit, checked as a command line is;
 * text NULL: with the edit there is taken back. *out: config_free() it. Errors
 * say who pins the flag, or what is wrong with the value. */
struct err *settings_try(const struct settings *s, enum option_id id, const char *text,
	struct config **out) must_check;
/* Keeps the edit, or with NULL forgets it. `lives`: the node works by it already. */
struct err *settings_put(struct settings *s, enum option_id id, const char *text,
	bool lives) must_check;
/* For commands that have changed a live option: keeps it; `remark` gets what is
 * to be said of that, if anything. */
void settings_keep(struct settings *s, enum option_id id, const char *text,
	struct str *remark);

/* The node works by this value until it ends; it is not kept. */
void settings_note(struct settings *s, enum option_id id, const char *text);
/* Without a node: takes an edit back that keeps one from starting. */
struct err *settings_forget(const char *datadir, const char *flag, struct str *told)
	must_check;
/* Appends "-x and -y", the flags that live edits give; nothing where there is none. */
void settings_edited(const struct config *c, struct str *out);

/* Writes the live edits into the config file, of which the rest stays as it is;
 * from then on they are the file's. ERR_DENIED: the file is another than the one
 * that was read. *told gets what was done, a line each. */
struct err *settings_save(struct settings *s, struct str *told) must_check;
/* A new config file with all that is set by whomever, but for secrets that are no
 * paths of files: *told says so. The node goes on without it. */
struct err *settings_export(const struct settings *s, const char *path, struct str *told)
	must_check;

/* The section; view_clear() frees it. Looks at the config file. */
void settings_view(const struct settings *s, struct view_settings *out);
#endif
