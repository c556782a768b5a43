/* Sections CHAIN and TXS of the console, at most twice a second. */
#include <assert.h>
#include <string.h>

#include "db/txs.h"
#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/eth/chain_private.h"
#include "src/model/view.h"

#define ROWS_MAX 200 /* transactions shown, the newest */
#define RPCS_MAX 16

static void set_addr(char **field, struct eth_addr a)
{
	struct str s = STR_INIT;

	if (!addr_is_zero(a))
		addr_fmt(&s, a);
	view_set(field, str_cstr(&s));
	str_clear(&s);
}

static void set_wei(char **field, struct wei a)
{
	struct str s = STR_INIT;

	wei_fmt(&s, a);
	view_set(field, str_cstr(&s));
	str_clear(&s);
}

static void publish(struct chain *c, enum section section, void *view)
{
	struct str json = STR_INIT;

	view_encode(section_desc(section), view, &json);
	board_publish(c->board, section, blob_from_str(&json));
	view_clear(section_desc(section), view);
}

/* --- the chain --- */

static void add_rpcs(struct chain *c, struct view_chain *v)
{
	struct rpc_health health[RPCS_MAX];
	size_t n = rpc_health(c->rpc, health, RPCS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct rpc_row *r = VIEW_ADD(&v->rpcs);

		view_set(&r->url, health[i].url);
		view_set(&r->state, rpc_state_name(health[i].state));
		view_set(&r->last_error, health[i].last_error);
		r->current = health[i].current;
		r->head = health[i].head.v;
		r->head_age_ms = health[i].head_age_ms;
		r->latency_ms = health[i].latency_ms;
		r->requests = (int64_t)health[i].requests;
		r->errors = (int64_t)health[i].errors;
	}
}

static void add_contracts(struct chain *c, struct view_chain *v)
{
	for (int i = 0; c->resolved && i < CONTRACT_N; i++) {
		struct contract_row *r;

		if (!contracts_has(&c->contracts, (enum contract)i))
			continue;
		r = VIEW_ADD(&v->contracts);
		view_set(&r->name, contract_name((enum contract)i));
		set_addr(&r->address, c->contracts.addr[i]);
	}
}

static void add_round(const struct chain_facts *f, struct view_chain *v)
{
	const struct round_facts *r = &f->round;
	int64_t into = f->l1.v - r->start.v;

	v->round = r->current.v;
	v->round_initialized = r->initialized.v;
	v->round_start = r->start.v;
	v->round_length = r->length;
	v->round_lock_from = r->lock_from;
	v->round_locked = into >= r->lock_from;
	v->blocks_left = r->length > into ? r->length - into : 0;
}

static void publish_chain(struct chain *c)
{
	const struct chain_facts *f = &c->facts;
	struct view_chain v = { 0 };
	uint64_t latest = 0, pending = 0;

	if (c->jobs)
		jobs_nonces(c->jobs, &latest, &pending);
	view_set(&v.network, c->network);
	v.chain_id = (int64_t)c->chain_id;
	v.ready = f->ready;
	v.paused = f->paused;
	set_addr(&v.account, c->account);
	set_addr(&v.recipient, c->o.recipient);
	v.nonce_latest = (int64_t)latest;
	v.nonce_pending = (int64_t)pending;
	if (c->signer)
		set_wei(&v.eth_balance, c->balance);
	set_wei(&v.min_gas_price, c->bounds.min);
	if (!wei_is_zero(c->bounds.max))
		set_wei(&v.max_gas_price, c->bounds.max);
	if (c->resolved)
		view_set(&v.generation, f->generation == GENERATION_CONFLUENCE ?
			"confluence" : "streamflow");
	if (f->ready) {
		v.head = f->head.v;
		v.l1_block = f->l1.v;
		v.head_age_ms = clock_wall_ms() - f->head_ms;
		set_wei(&v.gas_price, f->gas_price);
		if (f->is_1559)
			set_wei(&v.base_fee, f->base_fee);
		add_round(f, &v);
	}
	add_rpcs(c, &v);
	add_contracts(c, &v);
	publish(c, SECTION_CHAIN, &v);
}

/* --- transactions --- */

struct rows {
	const struct chain *c;
	struct view_txs v;
};

static void add_job(void *ctx, const struct tx_job *j)
{
	struct rows *rows = ctx;
	struct tx_row *r = VIEW_ADD(&rows->v.rows);
	struct wei cost;

	r->id = j->id;
	view_set(&r->kind, j->kind);
	view_set(&r->note, j->note);
	view_set(&r->state, tx_state_name(j->state));
	view_set(&r->error, j->error);
	r->nonce = j->has_nonce ? (int64_t)j->nonce : -1;
	r->attempts = j->attempts;
	r->created_ms = j->created_ms;
	r->final_ms = j->final_ms;
	r->block = j->block.v;
	if (j->block.v && rows->c->facts.head.v >= j->block.v)
		r->confirmations = rows->c->facts.head.v - j->block.v + 1;
	r->can_replace = j->attempts && (j->state == TX_PREPARED || j->state == TX_SENT);
	set_wei(&r->value, j->value);
	if (j->attempts) {
		struct str hash = STR_INIT;

		hash_fmt(&hash, j->hash);
		view_set(&r->hash, str_cstr(&hash));
		str_clear(&hash);
		set_wei(&r->gas_price, j->gas_price);
	}
	if (j->block.v && wei_of_gas(&cost, j->gas_used, j->gas_price))
		set_wei(&r->cost, cost);
}

static void publish_txs(struct chain *c)
{
	struct rows rows = { .c = c };
	struct err *e = txs_each(c->db, c->account, ROWS_MAX, add_job, &rows);

	if (e) {
		log_broken(c->log, "%s", err_text(e));
		view_clear(section_desc(SECTION_TXS), &rows.v);
	} else {
		publish(c, SECTION_TXS, &rows.v);
	}
	err_free(e);
}

void chain_on_publish(void *ctx)
{
	struct chain *c = ctx;

	ASSERT_ON(c->actor);
	/* Confirmations count on while something is under way. */
	if (c->jobs && (jobs_changed(c->jobs) || (c->dirty && jobs_live(c->jobs))))
		publish_txs(c);
	if (c->dirty)
		publish_chain(c);
	c->dirty = false;
}
