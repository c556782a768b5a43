/* One look at the chain: what is new, what that changes in what is known, and
 * who is to be told. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/blocks.h"
#include "src/base/clock.h"
#include "src/eth/chain_private.h"
#include "src/eth/lookup.h"

#define ROUND_AGE_MS 60000 /* read anew even if nothing tells */
#define TIP_AGE_MS 15000
#define BALANCE_AGE_MS 30000
#define PROBE_AGE_MS 10000
#define FUNDS_AT_ONCE 32   /* senders read anew per look */

/* --- blocks and their events --- */

static void on_block(void *ctx, const struct block_header *h, const struct eth_log *logs,
	size_t n)
{
	struct chain *c = ctx;

	(void)h;
	for (size_t i = 0; i < n; i++)
		news_add(&c->news, &c->contracts, c->o.recipient, &logs[i]);
}

static void on_removed(void *ctx, const struct block_header *h,
	const struct eth_log *logs, size_t n)
{
	struct chain *c = ctx;

	log_debug(c->log, "block %lld was reorganised away", (long long)h->number.v);
	on_block(ctx, h, logs, n);
	/* What its calls read may be different without an event of ours. */
	c->news.round = c->news.own = true;
}

static void on_lost(void *ctx)
{
	struct chain *c = ctx;

	news_everything(&c->news);
}

static struct err *start_following(struct chain *c)
{
	const struct follow_sink sink = { c, on_removed, on_block, on_lost };
	struct block_row rows[BRANCH_DEPTH];
	struct block_header headers[BRANCH_DEPTH] = { 0 };
	size_t n;
	struct err *e = blocks_get(c->db, rows, ARRAY_SIZE(rows), &n);

	if (e)
		return e;
	for (size_t i = 0; i < n; i++) {
		headers[i].number = rows[i].number;
		headers[i].hash = rows[i].hash;
		headers[i].parent = rows[i].parent;
		headers[i].l1 = rows[i].l1;
		headers[i].time_ms = rows[i].time_ms;
	}
	c->follow = follow_new(&sink);
	follow_restore(c->follow, headers, n);
	return NULL;
}

static unsigned confirmations(const struct chain *c, const struct block_header *head)
{
	bool l2 = head->l1.v != head->number.v;

	if (c->o.confirmations)
		return c->o.confirmations;
	return l2 ? CHAIN_CONFIRMATIONS_L2 : CHAIN_CONFIRMATIONS_L1;
}

static struct err *start_jobs(struct chain *c, struct l2_block since)
{
	const struct branch *b = follow_branch(c->follow);
	struct jobs_options o = {
		.log = c->log,
		.db = c->db,
		.rpc = c->rpc,
		.signer = c->signer,
		.chain_id = c->chain_id,
		.gas_limit = c->o.gas_limit,
		.timeout_ms = c->o.tx_timeout_ms,
		.max_replacements = c->o.max_replacements,
		.confirmations = confirmations(c, branch_top(b)),
	};

	if (branch_bottom(b)->number.v < since.v)
		since = branch_bottom(b)->number;
	return jobs_new(&c->jobs, &o, since);
}

/* What changed is on the disk before anything is made of it. */
static struct err *store_blocks(struct chain *c, const struct followed *f)
{
	const struct branch *b = follow_branch(c->follow);
	const struct block_header *h, *bottom = branch_bottom(b);
	struct l2_block from = f->lost || f->from.v < bottom->number.v ?
		(struct l2_block){ 0 } : f->from;
	struct block_row rows[BRANCH_DEPTH];
	size_t n = 0;

	for (int64_t i = from.v > bottom->number.v ? from.v : bottom->number.v;
		(h = branch_at(b, (struct l2_block){ i })); i++)
		rows[n++] = (struct block_row){ h->number, h->hash, h->parent, h->l1,
			h->time_ms };
	return blocks_put(c->db, from, rows, n, BRANCH_DEPTH);
}

/* Jobs hear of it before anything else goes on, however often the disk fails. */
static struct err *unwind_jobs(struct chain *c, const struct followed *f)
{
	struct err *e = NULL;

	if (c->signer && !c->jobs)
		e = start_jobs(c, f->from);
	if ((f->removed || f->lost) && (!c->unwound.v || f->from.v < c->unwound.v))
		c->unwound = f->from;
	if (!e && c->jobs && c->unwound.v)
		e = jobs_reorganised(c->jobs, c->unwound);
	if (!e)
		c->unwound = (struct l2_block){ 0 };
	return e;
}

static struct err *walk(struct chain *c, bool *moved)
{
	struct followed f;
	struct err *e = c->follow ? NULL : start_following(c), *stored = NULL;

	*moved = false;
	if (e)
		return e;
	e = follow_step(c->follow, c->rpc, &c->contracts, &f);
	*moved = f.removed || f.added || f.lost;
	if (!branch_top(follow_branch(c->follow)))
		return e;
	if (f.removed)
		log_unusual(c->log, "%zu blocks from %lld on were reorganised away",
			f.removed, (long long)f.from.v);
	stored = unwind_jobs(c, &f);
	if (!stored && *moved)
		stored = store_blocks(c, &f);
	if (e && stored) {
		err_free(stored);
		return e;
	}
	return e ? e : stored;
}

/* --- what is read anew --- */

static bool is_old(int64_t when_ms, int64_t age_ms)
{
	return !when_ms || clock_mono_ms() - when_ms >= age_ms;
}

static struct err *read_market(struct chain *c, const struct block_header *head)
{
	struct gas_market m = { .is_1559 = head->has_base_fee, .base_fee = head->base_fee,
		.tip = c->market.tip, .legacy = c->market.legacy };
	bool known = false;
	struct wei all;
	struct err *e = NULL;

	if (m.is_1559 && is_old(c->market_ms, TIP_AGE_MS)) {
		e = rpc_tip(c->rpc, &m.tip, &known);
		if (!e && !known) {
			e = rpc_gas_price(c->rpc, &all);
			m.tip = e ? WEI_ZERO : wei_sub_or_zero(all, m.base_fee);
		}
	} else if (!m.is_1559) {
		e = rpc_gas_price(c->rpc, &m.legacy);
	}
	if (e)
		return e;
	if (is_old(c->market_ms, TIP_AGE_MS))
		c->market_ms = clock_mono_ms();
	c->market = m;
	return NULL;
}

static struct lookup lookup_at(const struct chain *c)
{
	return (struct lookup){ c->rpc, &c->contracts, AT_NUMBER(c->facts.head) };
}

static struct err *read_round(struct chain *c)
{
	struct lookup l = lookup_at(c);
	struct transcoder_facts own = { 0 };
	struct round_facts r;
	bool paused;
	struct err *e = lookup_round(&l, &r);

	if (!e)
		e = lookup_paused(&l, &paused);
	if (!e && !addr_is_zero(c->o.recipient))
		e = lookup_transcoder(&l, c->o.recipient, &own);
	if (e)
		return e;
	if (paused != c->facts.paused)
		log_unusual(c->log, paused ? "the protocol is paused" :
			"the protocol is not paused any more");
	c->facts.round = r;
	c->facts.paused = paused;
	c->facts.registered = own.registered;
	c->facts.active = own.active;
	c->facts.activation = own.activation;
	c->facts.deactivation = own.deactivation;
	c->facts.last_reward = own.last_reward;
	c->round_ms = clock_mono_ms();
	c->news.round = c->news.own = c->news.opened = false;
	return NULL;
}

static bool round_is_due(const struct chain *c)
{
	const struct round_facts *r = &c->facts.round;

	return c->news.round || c->news.own || is_old(c->round_ms, ROUND_AGE_MS) ||
		/* A new one began, initialised or not. */
		c->facts.l1.v >= r->start.v + r->length ||
		/* Whoever answered last may just not have had it; and the end of a pause
		 * is waited for. */
		((hash_is_zero(r->hash) || c->facts.paused) &&
			is_old(c->round_ms, PROBE_AGE_MS));
}

static void log_round(struct chain *c, const struct round_facts *was)
{
	const struct round_facts *now = &c->facts.round;

	if (now->initialized.v == was->initialized.v)
		return;
	log_info(c->log, "round %lld is initialised", (long long)now->initialized.v);
	if (hash_is_zero(now->hash))
		log_unusual(c->log, "round %lld has no block hash on the chain: its tickets "
			"can never be redeemed", (long long)now->initialized.v);
}

/* Everything that is counted by rounds may be different. */
static void mark_senders(struct chain *c, bool new_round)
{
	if (new_round || c->news.all_senders)
		funds_stale_all(c->funds);
	for (size_t i = 0; i < c->news.senders_n; i++)
		funds_stale(c->funds, c->news.senders[i]);
	c->news.all_senders = false;
	c->news.senders_n = 0;
}

struct err *chain_read_funds(struct chain *c, struct eth_addr sender)
{
	struct lookup l = lookup_at(c);
	struct sender_funds f;
	struct err *e = lookup_sender(&l, sender, c->o.recipient,
		c->facts.round.initialized, &f);

	if (!e && funds_put(c->funds, sender, &f))
		chain_tell_funds(c, sender, &f);
	return e;
}

static struct err *read_senders(struct chain *c)
{
	struct eth_addr due[FUNDS_AT_ONCE];
	size_t n = funds_due(c->funds, due, ARRAY_SIZE(due));
	struct err *e = NULL;

	for (size_t i = 0; i < n && !e; i++)
		e = chain_read_funds(c, due[i]);
	return e;
}

/* --- the look --- */

struct jobs_now chain_jobs_now(const struct chain *c)
{
	return (struct jobs_now){
		.wall_ms = clock_wall_ms(),
		.branch = follow_branch(c->follow),
		.market = c->market,
		.bounds = c->bounds,
	};
}

struct err *chain_need(const struct chain *c)
{
	if (c->facts.ready)
		return NULL;
	return err_new(ERR_UNAVAILABLE, "the chain could not be read yet");
}

static void note_head(struct chain *c, const struct block_header *head)
{
	struct chain_facts *f = &c->facts;

	f->chain_id = c->chain_id;
	f->generation = c->contracts.generation;
	f->head = head->number;
	f->l1 = head->l1;
	f->head_ms = head->time_ms;
	f->confirmations = confirmations(c, head);
	f->gas_price = gas_now(&c->market, c->bounds.min);
	f->base_fee = c->market.base_fee;
	f->tip = c->market.tip;
	f->is_1559 = c->market.is_1559;
}

static struct err *find(struct chain *c)
{
	struct err *e = c->chain_id ? NULL : chain_pin(c);

	if (!e && !c->resolved)
		e = contracts_resolve(&c->contracts, c->rpc, c->o.controller);
	if (!e && !c->resolved) {
		c->resolved = true;
		log_info(c->log, "found the contracts of %s, chain %llu", c->network,
			(unsigned long long)c->chain_id);
	}
	return e;
}

static struct err *read_facts(struct chain *c, bool moved)
{
	struct round_facts was = c->facts.round;
	bool was_ready = c->facts.ready, opened = false, due;
	struct err *e = read_market(c, branch_top(follow_branch(c->follow)));

	if (e)
		return e;
	note_head(c, branch_top(follow_branch(c->follow)));
	due = round_is_due(c);
	if (due)
		e = read_round(c);
	if (!e && due) {
		c->facts.ready = true;
		opened = was_ready &&
			c->facts.round.initialized.v > was.initialized.v;
		log_round(c, &was);
		mark_senders(c, c->facts.round.initialized.v != was.initialized.v);
	}
	if (!e)
		mark_senders(c, false);
	if (c->facts.ready)
		chain_publish_facts(c);
	if (c->facts.ready && (moved || due))
		chain_tell_facts(c, opened);
	return e;
}

static struct err *look(struct chain *c)
{
	bool moved = false;
	struct err *e = find(c), *jobs = NULL;
	struct jobs_now now;

	if (!e)
		e = walk(c, &moved);
	if (e)
		return e;
	c->facts.seen_ms = clock_mono_ms();
	e = read_facts(c, moved || c->gap);
	if (!e)
		e = read_senders(c);
	/* What is under way does not wait for the contracts' answers. */
	if (c->jobs && c->market_ms) {
		now = chain_jobs_now(c);
		jobs = jobs_step(c->jobs, &now);
		chain_tell_jobs(c);
	}
	if (e) {
		err_free(jobs);
		return e;
	}
	return jobs;
}

static void read_aside(struct chain *c)
{
	if (is_old(c->probe_ms, PROBE_AGE_MS)) {
		rpc_probe(c->rpc);
		c->probe_ms = clock_mono_ms();
	}
	if (c->signer && c->facts.ready && is_old(c->balance_ms, BALANCE_AGE_MS)) {
		struct err *e = rpc_balance(c->rpc, c->account, AT_LATEST, &c->balance);

		c->balance_ms = clock_mono_ms();
		err_free(e); /* only to be shown; the next time, then */
	}
}

/* A line for each change, not for each poll. */
static void note_trouble(struct chain *c, struct err *taken)
{
	if (taken && !c->gap && err_kind(taken) == ERR_IO)
		log_broken(c->log, "%s", err_text(taken));
	else if (taken && !c->gap)
		log_unusual(c->log, "the chain cannot be followed: %s", err_text(taken));
	else if (!taken && c->gap)
		log_info(c->log, "the chain is followed again, at block %lld",
			(long long)c->facts.head.v);
	c->gap = taken != NULL;
	err_free(taken);
}

void chain_on_poll(void *ctx)
{
	struct chain *c = ctx;
	struct err *e;

	ASSERT_ON(c->actor);
	if (atomic_load(&c->stopping))
		return;
	e = look(c);
	if (atomic_load(&c->stopping)) {
		err_free(e);
		return;
	}
	note_trouble(c, e);
	read_aside(c);
	c->dirty = true;
}
