#include "src/eth/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/kv.h"
#include "src/crypto/signer.h"
#include "src/eth/chain_private.h"

#define START_TIMEOUT_MS 5000 /* of one request, while the node waits for us */
#define PUBLISH_MS 500
#define CHAIN_KEY "chainID"

/* --- which chain --- */

static struct err *other_chain(const char *expected, uint64_t got)
{
	return err_new(ERR_INVALID, "expecting chainID of %s, but got %" PRIu64 ". Did "
		"you change networks without changing network name or datadir?",
		expected, got);
}

struct err *chain_pin(struct chain *c)
{
	char *stored, text[24];
	uint64_t id;
	struct err *e = rpc_chain_id(c->rpc, &id);

	if (e)
		return e;
	snprintf(text, sizeof(text), "%" PRIu64, id);
	if (c->expected_id && c->expected_id != id)
		return err_new(ERR_INVALID, "network %s has the chainID %" PRIu64
			", but -ethUrl leads to %" PRIu64, c->network,
			c->expected_id, id);
	e = kv_get(c->db, CHAIN_KEY, &stored);
	if (e)
		return e;
	if (!stored)
		e = kv_put(c->db, CHAIN_KEY, text);
	else if (strcmp(stored, text) != 0)
		e = other_chain(stored, id);
	free(stored);
	if (!e)
		c->chain_id = id;
	return e;
}

static struct err *stored_chain(struct chain *c, uint64_t *id)
{
	char *stored;
	struct err *e = kv_get(c->db, CHAIN_KEY, &stored);

	*id = 0;
	if (!e && stored && !parse_u64(stored, id))
		e = err_new(ERR_INVALID, "%s holds the chainID \"%s\"", db_path(c->db),
			stored);
	free(stored);
	return e;
}

/* No answer is no refusal: the chain can be found later. */
static bool is_silence(const struct err *e)
{
	switch (err_kind(e)) {
	case ERR_UNAVAILABLE:
	case ERR_BUSY:
	case ERR_TIMEOUT:
	case ERR_CANCELLED:
	case ERR_NOT_FOUND:
		return true;
	case ERR_INVALID:
	case ERR_DENIED:
	case ERR_PROTOCOL:
	case ERR_LIMIT:
	case ERR_MEDIA:
	case ERR_IO:
	case ERR_DONE:
	case ERR_INTERNAL:
		return false;
	}
	return false;
}

static struct err *open_rpc(struct chain *c, const struct chain_options *o, uint64_t id,
	unsigned timeout_ms)
{
	struct rpc_options ro = {
		.urls = o->urls,
		.urls_n = o->urls_n,
		.chain_id = id,
		.timeout_ms = timeout_ms,
		.log = c->log,
	};

	rpc_free(c->rpc);
	return rpc_new(&c->rpc, &ro);
}

/* Asks once, shortly, so that what the operator has to mend is said before the
 * node runs; then goes on patiently, and bound to the chain. */
static struct err *find_chain(struct chain *c, const struct chain_options *o)
{
	uint64_t id = 0;
	struct err *e = open_rpc(c, o, 0, START_TIMEOUT_MS);

	if (!e)
		e = chain_pin(c);
	if (!e)
		e = contracts_resolve(&c->contracts, c->rpc, c->o.controller);
	c->resolved = !e;
	if (e && is_silence(e)) {
		log_unusual(c->log, "no answer from the chain yet: %s", err_text(e));
		err_free(e);
		e = NULL;
	}
	if (!e)
		e = stored_chain(c, &id);
	if (!e)
		e = open_rpc(c, o, id, 0);
	return e;
}

static struct err *find_controller(struct chain *c, const struct chain_options *o)
{
	const struct network *n = network_find(o->network);

	c->o.controller = o->controller;
	if (!addr_is_zero(o->controller))
		return NULL;
	if (!n || !n->controller)
		return err_new(ERR_INVALID, "network %s has no controller that weir knows; "
			"give -ethController", o->network);
	c->expected_id = n->chain_id;
	if (!addr_parse(&c->o.controller, n->controller))
		return err_new(ERR_INTERNAL, "network %s: %s", n->name, n->controller);
	return NULL;
}

/* --- making and ending --- */

static void on_start(void *ctx)
{
	struct chain *c = ctx;

	c->poll = timer_new(c->actor, chain_on_poll, c);
	c->publish = timer_new(c->actor, chain_on_publish, c);
	timer_set(c->poll, 0, c->o.poll_ms);
	timer_set(c->publish, PUBLISH_MS, PUBLISH_MS);
}

static void on_end(void *ctx)
{
	struct chain *c = ctx;

	timer_free(c->poll);
	timer_free(c->publish);
}

static void clear(struct chain *c)
{
	jobs_free(c->jobs);
	funds_free(c->funds);
	follow_free(c->follow);
	rpc_free(c->rpc);
	db_close(c->db);
	board_free(c->slot);
	key_lock_release(c->lock);
	free(c->network);
	log_free(c->log);
	free(c);
}

static struct err *prepare(struct chain *c, const char *db_path,
	const struct chain_options *o)
{
	struct err *e = find_controller(c, o);

	if (!e && c->signer)
		e = key_lock_take(c->account, &c->lock);
	if (!e)
		e = db_open(db_path, DB_FULL, &c->db);
	if (!e)
		e = find_chain(c, o);
	return e;
}

struct err *chain_new(const struct log *log, struct board *board, const char *db_path,
	const struct signer *signer, const struct chain_options *o, struct chain **out)
{
	struct chain *c = XNEW(struct chain);
	struct err *e;

	*out = NULL;
	c->log = log_child(log, "chain");
	c->board = board;
	c->slot = board_new(1);
	c->signer = signer;
	if (signer)
		c->account = signer_address(signer);
	c->o = *o;
	c->o.urls = NULL;
	c->o.network = NULL;
	c->network = xstrdup(o->network);
	c->bounds = (struct gas_bounds){ o->min_gas_price, o->max_gas_price };
	c->funds = funds_new();
	e = prepare(c, db_path, o);
	if (e) {
		clear(c);
		return e;
	}
	c->actor = actor_new("chain", 0);
	actor_post(c->actor, on_start, c);
	*out = c;
	return NULL;
}

void chain_stop(struct chain *c)
{
	atomic_store(&c->stopping, true);
	rpc_stop(c->rpc);
}

void chain_free(struct chain *c)
{
	if (!c)
		return;
	chain_stop(c);
	actor_call(c->actor, on_end, c);
	actor_free(c->actor);
	clear(c);
}

struct actor *chain_actor(struct chain *c)
{
	return c->actor;
}

struct chain_facts chain_now(const struct chain *c)
{
	struct chain_facts f = { 0 };
	uint64_t version;
	struct blob *b = board_get(c->slot, 0, &version);

	if (b)
		memcpy(&f, blob_data(b), sizeof(f));
	blob_put(b);
	return f;
}
