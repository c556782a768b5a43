#include "src/node/chronicle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/history.h"
#include "proto/trend_codec.h"
#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/node/meter.h"

#define ROLES_MAX 4

/* A sum that others kept for longer than this node has run: only what comes on
 * top is today's. */
struct since {
	bool known;
	struct wei first;
};

struct chronicle {
	const struct log *log;
	struct board *board;
	struct history *history;
	int64_t zero_ms; /* the trend's clock when the monotonic one was zero */
	struct trend trend;
	struct meter meter;
	struct totals last[ROLES_MAX];
	struct readings now;
	struct since earned, redeemed, spent;
	uint64_t tickets_seen, funds_seen, txs_seen; /* versions */
	int64_t gas_until_ms; /* transactions that were final then are counted */
	int64_t kept_slot;    /* of five minutes */
	bool published;
};

static void read_kept(struct chronicle *c, const char *kept)
{
	struct err *e = kept ? trend_read(&c->trend, kept, strlen(kept)) : NULL;

	if (e)
		log_unusual(c->log, "the last hours' figures are lost: %s", err_text(e));
	err_free(e);
}

struct chronicle *chronicle_new(const struct log *log, struct board *board,
	struct history *history, const char *kept)
{
	struct chronicle *c = XNEW(struct chronicle);
	int64_t now_ms = clock_wall_ms(), end_ms;

	c->log = log;
	c->board = board;
	c->history = history;
	c->gas_until_ms = now_ms;
	read_kept(c, kept);
	end_ms = trend_end(&c->trend) * TREND_FINE_MS;
	c->zero_ms = (now_ms > end_ms ? now_ms : end_ms) - clock_mono_ms();
	c->kept_slot = (c->zero_ms + clock_mono_ms()) / TREND_COARSE_MS;
	return c;
}

/* --- what the roles did --- */

static int64_t done(const struct totals *now, const struct totals *before)
{
	return now->ok + now->failed - before->ok - before->failed;
}

static void count_roles(struct chronicle *c, const struct totals *roles, size_t n)
{
	struct readings *r = &c->now;
	size_t busiest = 0;

	assert(n <= ROLES_MAX);
	r->sessions = 0;
	for (size_t i = 0; i < n; i++) {
		if (done(&roles[i], &c->last[i]) > done(&roles[busiest], &c->last[busiest]))
			busiest = i;
		if (roles[i].sessions > r->sessions)
			r->sessions = roles[i].sessions;
	}
	if (n) {
		const struct totals *now = &roles[busiest], *was = &c->last[busiest];

		r->segments += now->ok - was->ok;
		r->failed += now->failed - was->failed;
		r->pixels += now->pixels - was->pixels;
		r->busy_ms += now->busy_ms - was->busy_ms;
		r->media_ms += now->media_ms - was->media_ms;
	}
	for (size_t i = 0; i < n; i++)
		c->last[i] = roles[i];
}

/* --- money: as the views tell it --- */

/* The section's view when it is newer than *seen; view_clear() and free it. */
static void *fresh(struct chronicle *c, enum section s, uint64_t *seen)
{
	const struct view_desc *d = section_desc(s);
	struct blob *json;
	struct err *e;
	void *view;

	if (board_version(c->board, s) == *seen)
		return NULL;
	json = board_get(c->board, s, seen);
	view = xcalloc(1, d->size);
	e = view_decode(d, (const char *)blob_data(json), blob_size(json), view);
	blob_put(json);
	if (!e)
		return view;
	log_broken(c->log, "%s", err_text(e)); /* we wrote it */
	err_free(e);
	free(view);
	return NULL;
}

static void drop(enum section s, void *view)
{
	view_clear(section_desc(s), view);
	free(view);
}

/* false: it is not there yet. */
static bool read_wei(struct wei *out, const char *text)
{
	struct err *e = *view_text(text) ? wei_parse(out, text) : NULL;
	bool is_read = *view_text(text) && !e;

	err_free(e);
	return is_read;
}

static void read_since(struct since *s, struct wei *out, const char *text)
{
	struct wei sum;

	if (!read_wei(&sum, text))
		return;
	if (!s->known)
		s->first = sum;
	s->known = true;
	*out = wei_sub_or_zero(sum, s->first);
}

/* Each transaction once, when it is final. */
static void count_gas(struct chronicle *c, const struct view_txs *v)
{
	int64_t until_ms = c->gas_until_ms;

	for (size_t i = 0; i < v->rows.n; i++) {
		const struct tx_row *t = &v->rows.v[i];
		struct wei cost;

		if (t->final_ms <= c->gas_until_ms || !read_wei(&cost, t->cost))
			continue;
		c->now.gas = wei_add_or_max(c->now.gas, cost);
		until_ms = t->final_ms > until_ms ? t->final_ms : until_ms;
	}
	c->gas_until_ms = until_ms;
}

static void read_money(struct chronicle *c)
{
	struct view_tickets *tickets = fresh(c, SECTION_TICKETS, &c->tickets_seen);
	struct view_funds *funds = fresh(c, SECTION_FUNDS, &c->funds_seen);
	struct view_txs *txs = fresh(c, SECTION_TXS, &c->txs_seen);

	if (tickets) {
		read_since(&c->earned, &c->now.earned, tickets->expected);
		read_since(&c->redeemed, &c->now.redeemed, tickets->value_redeemed);
		drop(SECTION_TICKETS, tickets);
	}
	if (funds) {
		read_since(&c->spent, &c->now.spent, funds->spent_total);
		drop(SECTION_FUNDS, funds);
	}
	if (txs) {
		count_gas(c, txs);
		drop(SECTION_TXS, txs);
	}
}

/* --- the round --- */

static void publish(struct chronicle *c)
{
	struct trend *copy = xmemdup(&c->trend, sizeof(c->trend));

	board_publish(c->board, BOARD_TREND, blob_take(copy, sizeof(*copy)));
}

static void keep(struct chronicle *c)
{
	struct str json = STR_INIT;

	trend_write(&json, &c->trend, -1);
	history_keep(c->history, CHRONICLE_KEY, str_take(&json));
}

void chronicle_tick(struct chronicle *c, const struct totals *roles, size_t n,
	int64_t cpu_ms)
{
	int64_t now_ms = c->zero_ms + clock_mono_ms();
	struct sample closed;

	count_roles(c, roles, n);
	c->now.cpu_ms = cpu_ms;
	if (now_ms / TREND_FINE_MS != c->meter.at_ms / TREND_FINE_MS)
		read_money(c);
	if (meter_read(&c->meter, now_ms, &c->now, &closed))
		trend_add(&c->trend, &closed);
	else if (c->published)
		return;
	publish(c);
	c->published = true;
	if (now_ms / TREND_COARSE_MS != c->kept_slot)
		keep(c);
	c->kept_slot = now_ms / TREND_COARSE_MS;
}

void chronicle_free(struct chronicle *c)
{
	if (!c)
		return;
	trend_add(&c->trend, &c->meter.open);
	keep(c);
	free(c);
}
