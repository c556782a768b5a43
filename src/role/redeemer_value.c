/* The expected value of all tickets that were credited, kept over restarts:
 * what winning should come to. */
#include <stdlib.h>

#include "db/kv.h"
#include "src/role/redeemer_private.h"

#define RECEIVED_KEY "tickets.received"

struct received {
	struct redeemer *r;
	struct credit ev;
};

static void on_received(void *ctx)
{
	struct received *q = ctx;
	struct credit sum;

	if (credit_add(&sum, q->r->received, q->ev))
		q->r->received = sum;
	q->r->received_dirty = q->r->dirty = true;
	free(q);
}

void redeemer_received(struct redeemer *r, struct credit ev)
{
	struct received *q = XNEW(struct received);

	*q = (struct received){ r, ev };
	actor_post(r->actor, on_received, q);
}

struct err *redeemer_keep_received(struct redeemer *r)
{
	struct str s = STR_INIT;
	struct err *e;

	if (!r->received_dirty)
		return NULL;
	u256_fmt_hex(&s, r->received.v); /* raw: as it is kept */
	e = kv_put(r->db, RECEIVED_KEY, s.s);
	str_clear(&s);
	r->received_dirty = e != NULL;
	return e;
}

struct err *redeemer_read_received(struct redeemer *r)
{
	char *text = NULL;
	struct err *e = kv_get(r->db, RECEIVED_KEY, &text);

	if (!e && text && !u256_parse(&r->received.v, text)) /* raw: as it is kept */
		log_unusual(r->log, "the expected value received until now is unreadable "
			"and starts at zero");
	free(text);
	return e;
}
