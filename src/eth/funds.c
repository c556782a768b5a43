#include "src/eth/funds.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct entry {
	UT_hash_handle hh; /* in the order of use, the last used last */
	struct eth_addr sender;
	struct sender_funds funds;
	bool stale;
};

struct funds {
	struct entry *all;
	int64_t tokens_ms; /* reads allowed, in thousandths */
	int64_t last_ms;
};

struct funds *funds_new(void)
{
	struct funds *f = XNEW(struct funds);

	f->tokens_ms = FUNDS_BURST * 1000;
	return f;
}

void funds_free(struct funds *f)
{
	struct entry *e, *next;

	if (!f)
		return;
	HASH_ITER(hh, f->all, e, next) {
		HASH_DEL(f->all, e);
		free(e);
	}
	free(f);
}

static struct entry *find(const struct funds *f, struct eth_addr sender)
{
	struct entry *e;

	HASH_FIND(hh, f->all, sender.b, sizeof(sender.b), e);
	return e;
}

static void use(struct funds *f, struct entry *e)
{
	HASH_DEL(f->all, e);
	HASH_ADD(hh, f->all, sender, sizeof(e->sender), e);
}

const struct sender_funds *funds_get(struct funds *f, struct eth_addr sender)
{
	struct entry *e = find(f, sender);

	if (!e)
		return NULL;
	use(f, e);
	return e->stale ? NULL : &e->funds;
}

const struct sender_funds *funds_last(const struct funds *f, struct eth_addr sender)
{
	const struct entry *e = find(f, sender);

	return e ? &e->funds : NULL;
}

bool funds_may_read(struct funds *f, int64_t now_ms)
{
	if (f->last_ms && now_ms > f->last_ms)
		f->tokens_ms += (now_ms - f->last_ms) * FUNDS_PER_S;
	f->last_ms = now_ms;
	if (f->tokens_ms > FUNDS_BURST * 1000)
		f->tokens_ms = FUNDS_BURST * 1000;
	if (f->tokens_ms < 1000)
		return false;
	f->tokens_ms -= 1000;
	return true;
}

static bool has_money(const struct entry *e)
{
	return !wei_is_zero(e->funds.deposit) || !wei_is_zero(e->funds.reserve);
}

static void make_room(struct funds *f)
{
	struct entry *e, *next, *victim = f->all;

	if (HASH_COUNT(f->all) < FUNDS_MAX)
		return;
	HASH_ITER(hh, f->all, e, next) {
		if (has_money(e))
			continue;
		victim = e;
		break;
	}
	HASH_DEL(f->all, victim);
	free(victim);
}

static bool same(const struct sender_funds *a, const struct sender_funds *b)
{
	return !wei_cmp(a->deposit, b->deposit) && !wei_cmp(a->reserve, b->reserve) &&
		!wei_cmp(a->claimed, b->claimed) &&
		!wei_cmp(a->claimed_by_us, b->claimed_by_us) &&
		a->withdraw_round.v == b->withdraw_round.v && a->round.v == b->round.v;
}

bool funds_put(struct funds *f, struct eth_addr sender, const struct sender_funds *now)
{
	struct entry *e = find(f, sender);
	bool news = !e || !same(&e->funds, now);

	if (!e) {
		make_room(f);
		e = XNEW(struct entry);
		e->sender = sender;
		HASH_ADD(hh, f->all, sender, sizeof(e->sender), e);
	}
	e->funds = *now;
	e->stale = false;
	return news;
}

void funds_stale(struct funds *f, struct eth_addr sender)
{
	struct entry *e = find(f, sender);

	if (e)
		e->stale = true;
}

void funds_stale_all(struct funds *f)
{
	struct entry *e, *next;

	HASH_ITER(hh, f->all, e, next)
		e->stale = true;
}

size_t funds_due(const struct funds *f, struct eth_addr *out, size_t max)
{
	const struct entry *e = f->all ? ELMT_FROM_HH(f->all->hh.tbl, f->all->hh.tbl->tail) :
		NULL;
	size_t n = 0;

	for (; e && n < max; e = e->hh.prev) {
		if (e->stale)
			out[n++] = e->sender;
	}
	return n;
}

size_t funds_count(const struct funds *f)
{
	return HASH_COUNT(f->all);
}
