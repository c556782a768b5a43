#ifndef UI_ROOM_H
#define UI_ROOM_H
/* What the rooms around one table have in common: the state, and those
 * functions of struct panel_ops that only pass on to the table. */
#include "ui/panel.h"
#include "ui/table.h"

struct room {
	struct table table;
	const void **rows;
	void (*load)(struct room *r, const struct mirror *m);
};

/* load: how the table gets its rows; see room_load(). */
void room_init(struct room *r, const struct table_spec *spec, size_t sort,
	void (*load)(struct room *r, const struct mirror *m));

void room_clear(void *state);
/* Loads n rows of `size` bytes from an array, for the table to borrow. */
void room_load(struct room *r, const void *array, size_t n, size_t size);
void room_set_filter(void *state, const char *text);
const char *room_filter(const void *state);
const char *room_pick(const void *state);
struct table *room_table(void *state, const struct mirror *m);
/* "verb id" for each of the chosen rows, or only those that `may` allows (NULL:
 * all); without one, a message of what `else_say` says. */
struct intent table_command(const struct table *t, const char *verb,
	bool (*may)(const void *row), const char *else_say);
/* Loads the table and lets it do what is its own: true, it is to be drawn anew.
 * *row: the selected one; NULL: there is none. */
bool room_act(void *state, const struct mirror *m, enum action a, const void **row);
/* How many lines of r stand above the table: `want`, or all but four of fewer. */
int room_top(struct rect r, int want);
/* Says that the node knows no chain; true when it does not. */
bool room_is_offchain(const struct mirror *m, struct canvas *c, struct rect r);
#endif
