#include "ui/room.h"

#include <stdlib.h>

void room_clear(void *state)
{
	struct room *r = state;

	table_clear(&r->table);
	free(r->rows);
	r->rows = NULL;
}

void room_load(struct room *r, const void *array, size_t n, size_t size)
{
	r->rows = xrealloc_array(r->rows, n + 1, sizeof(*r->rows));
	for (size_t i = 0; i < n; i++)
		r->rows[i] = (const char *)array + i * size;
	table_load(&r->table, r->rows, n);
}

void room_set_filter(void *state, const char *text)
{
	struct room *r = state;

	table_filter(&r->table, text);
}

const char *room_filter(const void *state)
{
	const struct room *r = state;

	return view_text(r->table.filter);
}

const char *room_pick(const void *state)
{
	const struct room *r = state;

	return r->table.selected;
}

int room_top(struct rect r, int want)
{
	return r.h > want + 4 ? want : r.h - 4;
}

bool room_is_offchain(const struct mirror *m, struct canvas *c, struct rect r)
{
	if (m->published[SECTION_CHAIN])
		return false;
	canvas_text(c, r.x + 1, r.y + 1, r.w - 2, STYLE_DIM,
		"this node runs off-chain: start it with -network NAME -ethUrl URL");
	return true;
}
