#include "src/node/tills.h"

#include <stdlib.h>
#include <string.h>

#include "db/kv.h"
#include "proto/prices_json.h"
#include "src/node/node_private.h"
#include "src/node/onchain.h"
#include "src/role/cashier.h"
#include "src/role/purse.h"
#include "src/role/redeemer.h"
#include "src/role/staker.h"

static void on_won(void *ctx)
{
	struct node *n = ctx;

	redeemer_wake(n->redeemer);
}

static void on_received(void *ctx, struct credit ev)
{
	struct node *n = ctx;

	redeemer_received(n->redeemer, ev);
}

/* The redeemer first: the cashier wakes it. */
static struct err *start_orchestrators(struct node *n, const struct config *c,
	const char *db_path)
{
	struct redeemer *redeemer = n->redeemer;
	struct cashier *cashier = NULL;
	struct redeemer_options r = {
		.recipient = onchain_recipient(n),
		.redeem_gas = onchain_redeem_gas(c),
		.max_gas_price = config_wei(c, OPT_MAX_GAS_PRICE),
	};
	struct cashier_options o = {
		.chain = n->chain,
		.signer = n->messenger,
		.db_path = db_path,
		.recipient = onchain_recipient(n),
		.auto_adjust = config_bool(c, OPT_AUTO_ADJUST_PRICE),
		.ticket_ev = config_wei(c, OPT_TICKET_EV),
		.max_face_value = config_wei(c, OPT_MAX_FACE_VALUE),
		.redeem_gas = onchain_redeem_gas(c),
		.won = on_won,
		.received = on_received,
		.ctx = n,
	};
	struct err *e = config_price(c, OPT_PRICE_PER_UNIT, &o.price);

	if (!e && !redeemer)
		e = redeemer_new(n->log, n->board, n->chain, db_path, &r, &redeemer);
	n->redeemer = redeemer;
	if (!e)
		e = cashier_new(n->log, &o, &cashier);
	n->cashier = cashier;
	return e;
}

static void start_broadcasters(struct node *n, const struct config *c)
{
	struct purse_options o = {
		.chain = n->chain,
		.signer = n->messenger,
		.max_ticket_ev = config_wei(c, OPT_MAX_TICKET_EV),
		.max_total_ev = config_wei(c, OPT_MAX_TOTAL_EV),
		.deposit_multiplier = (uint64_t)config_int(c, OPT_DEPOSIT_MULTIPLIER),
	};

	n->purse = purse_new(n->log, &o);
}

struct err *tills_start(struct node *n, const struct config *c, unsigned roles)
{
	struct err *e = NULL;
	char *path;

	if (!n->chain)
		return NULL;
	path = onchain_db_path(n);
	if (roles & OPTION_O && !n->cashier)
		e = start_orchestrators(n, c, path);
	if (!e && roles & OPTION_B && !n->purse)
		start_broadcasters(n, c);
	free(path);
	return e;
}

/* The staker's list as discovery wants it. Runs on the staker's reply actor. */
static void on_pool(void *ctx, struct orchestrator_pool *taken)
{
	struct node *n = ctx;
	struct discovery_pool *pool = xcalloc(1,
		sizeof(*pool) + taken->n * sizeof(pool->o[0]));

	for (size_t i = 0; i < taken->n; i++) {
		pool->o[i].address = taken->o[i].address;
		pool->o[i].stake = taken->o[i].stake;
		memcpy(pool->o[i].uri, taken->o[i].uri, sizeof(pool->o[i].uri));
	}
	pool->n = taken->n;
	free(taken);
	broadcaster_set_pool(n->broadcaster, pool);
}

static void use_price(void *ctx, struct eth_addr who, struct price p)
{
	struct node *n = ctx;

	orchestrator_set_price(n->orchestrator, &who, &p);
}

/* What the operator set while another run lasted. */
static struct err *use_kept_price(void *ctx, const char *key, const char *value)
{
	struct node *n = ctx;
	struct eth_addr who;
	struct price p;
	struct err *e = price_parse(&p, value, "1");

	if (!e && addr_parse(&who, key + strlen(NODE_PRICE_KEY)))
		use_price(n, who, p);
	else
		log_unusual(n->log, "setting %s is not used: \"%s\"", key, value);
	err_free(e);
	return NULL;
}

/* Of flags first, so that what was set later wins. */
static struct err *use_prices(struct node *n, const struct config *c)
{
	static const enum option_id options[] = {OPT_PRICE_PER_BROADCASTER,
		OPT_PRICE_PER_GATEWAY};
	char *path = onchain_db_path(n);
	struct db *db = NULL;
	struct err *e = db_open(path, DB_FULL, &db);

	for (size_t i = 0; i < ARRAY_SIZE(options) && !e; i++) {
		char *text = NULL;

		e = node_file_or_text(config_text(c, options[i]), &text);
		if (!e && *text)
			e = prices_json_read(text, strlen(text), use_price, n);
		e = err_wrap(e, "-%s", option_get(options[i])->name);
		free(text);
	}
	if (!e)
		e = kv_each(db, NODE_PRICE_KEY, use_kept_price, n);
	db_close(db);
	free(path);
	return e;
}

struct err *tills_join(struct node *n, const struct config *c, unsigned roles)
{
	if (roles & OPTION_B && n->purse)
		staker_on_pool(n->staker, &(struct pool_listener){
			.to = broadcaster_actor(n->broadcaster), .fn = on_pool, .ctx = n });
	if (!(roles & OPTION_O) || !n->cashier)
		return NULL;
	redeemer_listen(n->redeemer, &(struct redeemer_listener){
		.to = orchestrator_actor(n->orchestrator),
		.ctx = n->orchestrator,
		.pending = orchestrator_on_pending });
	return use_prices(n, c);
}

void tills_stop(struct node *n)
{
	if (n->redeemer)
		redeemer_stop(n->redeemer);
}

void tills_free(struct node *n)
{
	cashier_free(n->cashier);
	purse_free(n->purse);
	redeemer_free(n->redeemer);
}
