#ifndef UI_PANEL_H
#define UI_PANEL_H
/* A room of the console: a const table of functions over its own state. A
 * panel sees the mirror and draws on a canvas; it does nothing to the world,
 * it answers an action with what it would like done. One owner. */
#include "ui/canvas.h"
#include "ui/intent.h"
#include "ui/keys.h"
#include "ui/mirror.h"

struct table;

struct panel_ops {
	const char *name;
	size_t size; /* of the state */
	void (*init)(void *state);
	void (*clear)(void *state);
	enum context (*context)(const void *state);
	void (*draw)(void *state, const struct mirror *m, struct canvas *c,
		struct rect r);
	struct intent (*act)(void *state, const struct mirror *m,
		enum action a);
	/* NULL where there is nothing to filter. */
	void (*set_filter)(void *state, const char *text);
	const char *(*filter)(const void *state);
	/* What 'y' copies; NULL for nothing. */
	const char *(*pick)(const void *state);
	/* Appends what stands beside the name in the row of rooms. */
	void (*badge)(const struct mirror *m, struct str *out);
	/* The table that is on the screen, freshly loaded; NULL: none is now.
	 * The desk searches, tags, copies and saves it. NULL: there never is. */
	struct table *(*table)(void *state, const struct mirror *m);
	/* For rooms with lines and no table: selects the next line (step 1) or the
	 * one before (-1) with that text, which is in lower case. */
	bool (*find)(void *state, const struct mirror *m, const char *fold, int step);
	/* Appends the lines that the filter lets through, as CSV. */
	void (*csv)(void *state, const struct mirror *m, struct str *out);
	/* Selects the line drawn there; false: there is none. */
	bool (*click)(void *state, const struct mirror *m, int x, int y);
};

#define PANELS 12
/* Those about the chain, by index. */
#define ROOM_CHAIN_FIRST 4
#define ROOM_CHAIN_LAST 8
#define ROOM_MIGRATION 11
/* The rooms in the order of ACTION_ROOM_1 and those after it (keys.def). */
const struct panel_ops *panel_ops(size_t i);

extern const struct panel_ops panel_overview, panel_sessions,
	panel_transcoders, panel_log, panel_staking, panel_pricing,
	panel_funds, panel_tickets, panel_txs, panel_doctor, panel_settings,
	panel_migration;
#endif
