#ifndef SRC_NODE_SETTINGS_PRIVATE_H
#define SRC_NODE_SETTINGS_PRIVATE_H
/* What settings.c (edits), settings_view.c (what is seen of them) and
 * settings_save.c (the config file) share. */
#include "src/node/settings.h"

struct settings {
	const struct config *started;
	struct config *next; /* started, and all edits since */
	struct db *db;
	struct board *board;
	const struct log *log;
	char *now[OPT_COUNT];	/* what live edits made of it; NULL: as started */
	bool edited[OPT_COUNT]; /* that is a live edit, not one taken back */
};

/* node.c's: a value that names a file stands for its content. free() *out. */
struct err *node_file_or_text(const char *value, char **out) must_check;

/* --- settings_save.c --- */
/* What settings_save() would make of the text of the config file. */
struct err *settings_saved_text(const struct settings *s, const char *text,
	struct str *out) must_check;
bool settings_file_moved(const struct settings *s);

void settings_publish(struct settings *s);
#endif
