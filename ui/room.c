#include "ui/room.h"

#include <stdlib.h>

#include "proto/command.h"

void room_init(struct room *r, const struct table_spec *spec, size_t sort,
	void (*load)(struct room *r, const struct mirror *m))
{
	table_init(&r->table, spec, sort);
	r->load = load;
}

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

struct table *room_table(void *state, const struct mirror *m)
{
	struct room *r = state;

	r->load(r, m);
	return &r->table;
}

struct intent table_command(const struct table *t, const char *verb,
	bool (*may)(const void *row), const char *else_say)
{
	struct str lines = STR_INIT;
	struct intent i;
	size_t n;
	const void *const *rows = table_chosen(t, &n);

	for (size_t k = 0; k < n; k++) {
		if (may && !may(rows[k]))
			continue;
		str_printf(&lines, "%s%s ", lines.len ? "\n" : "", verb);
		command_quote(&lines, t->spec->id(rows[k]));
	}
	i = lines.len ? intentf(INTENT_COMMAND, "%s", lines.s)
		      : intentf(INTENT_MESSAGE, "%s", else_say);
	str_clear(&lines);
	return i;
}

bool room_act(void *state, const struct mirror *m, enum action a, const void **row)
{
	struct table *t = room_table(state, m);
	bool acted = table_act(t, a);

	*row = table_row(t);
	return acted;
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
