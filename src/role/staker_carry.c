/* carry.h: a sequence of the staker whose name somebody else chose. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/txs.h"
#include "src/role/carry.h"
#include "src/role/staker_private.h"

struct carrying {
	struct staker *s;
	struct reply reply;
	struct deed deed;
	char name[CARRY_NAME_SIZE];
};

static struct carrying *carrying_new(struct staker *s, const char *name, struct reply reply)
{
	struct carrying *c = XNEW(struct carrying);

	*c = (struct carrying){.s = s, .reply = reply};
	snprintf(c->name, sizeof(c->name), "%s", name);
	return c;
}

static struct err *begin(struct carrying *c)
{
	struct sequence *q = &c->s->seq;

	if (c->s->stopping)
		return err_new(ERR_CANCELLED, "the node is stopping");
	if (q->active && !strcmp(q->job, c->name))
		return NULL;
	if (q->active || q->sending)
		return err_new(ERR_BUSY, "%s is under way (%s)", deed_name(q->deed.kind),
			q->next.why);
	return staker_begin(c->s, &c->deed, c->name);
}

static void on_carry(void *ctx)
{
	struct carrying *c = ctx;
	struct err *e = begin(c);

	ASSERT_ON(c->s->actor);
	if (!e)
		staker_step(c->s);
	reply_send(c->reply, e, NULL);
	free(c);
}

void staker_carry(struct staker *s, const struct deed *d, const char *name,
	struct reply reply)
{
	struct carrying *c = carrying_new(s, name, reply);

	c->deed = *d;
	actor_post(s->actor, on_carry, c);
}

void carried_free(struct carried *c)
{
	if (c)
		free(c->txs);
	free(c);
}

static void add_tx(void *ctx, const struct tx_job *j)
{
	struct carried *c = ctx;

	c->txs = xrealloc_array(c->txs, c->n + 1, sizeof(*c->txs));
	c->txs[c->n++] = *j;
}

static void on_carried(void *ctx)
{
	struct carrying *c = ctx;
	const struct sequence *q = &c->s->seq;
	struct carried *out = XNEW(struct carried);
	struct err *e = txs_of_job(c->s->db, c->s->o.account, c->name, add_tx, out);

	ASSERT_ON(c->s->actor);
	if (!strcmp(q->job, c->name)) {
		out->state = q->active ? CARRIED_UNDER_WAY
			: q->failed ? CARRIED_FAILED : CARRIED_DONE;
		snprintf(out->why, sizeof(out->why), "%s", q->next.why);
	}
	if (e)
		carried_free(TAKE(out));
	reply_send(c->reply, e, out);
	free(c);
}

void staker_carried(struct staker *s, const char *name, struct reply reply)
{
	actor_post(s->actor, on_carried, carrying_new(s, name, reply));
}
