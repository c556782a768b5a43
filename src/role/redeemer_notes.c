#include <stdlib.h>

#include "db/db.h"
#include "src/role/redeemer_private.h"

struct new_note {
	int64_t ticket;
	struct redemption_step step;
};

struct err *redeemer_write_note(struct redeemer *r, int64_t ticket, const char *why, bool is_loud)
{
	if (is_loud)
		log_broken(r->log, "ticket %lld: %s", (long long)ticket, why);
	r->dirty = true;
	return tickets_note(r->db, ticket, why);
}

void notes_add(struct notes *notes, int64_t ticket, const struct redemption_step *step)
{
	notes->v = xrealloc_array(notes->v, notes->n + 1, sizeof(*notes->v));
	notes->v[notes->n++] = (struct new_note){ ticket, *step };
}

struct err *notes_write(struct notes *taken, struct redeemer *r)
{
	struct err *e = NULL;

	if (taken->n)
		e = db_begin(r->db);
	for (size_t i = 0; i < taken->n && !e; i++) {
		const struct redemption_step *step = &taken->v[i].step;

		e = redeemer_write_note(r, taken->v[i].ticket, step->why, step->last_chance);
	}
	if (taken->n)
		e = db_end(r->db, e);
	free(taken->v);
	*taken = (struct notes){ NULL, 0 };
	return e;
}
