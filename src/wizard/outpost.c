#include "src/wizard/outpost.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/wizard/host.h"

#define LOOK_MS 20 /* between looks for an answer */

struct outpost {
	struct host *host;
};

/* The new configuration, but for all that makes a node work and listen. */
static struct err *strip(const struct config *c, struct config **out)
{
	static const enum option_id taken[] = {OPT_NETWORK, OPT_ETH_URL, OPT_ETH_CONTROLLER,
		OPT_DATADIR, OPT_BLOCK_POLLING, OPT_MIN_GAS_PRICE, OPT_MAX_GAS_PRICE, OPT_GAS_LIMIT,
		OPT_TX_TIMEOUT, OPT_MAX_TX_REPLACEMENTS};
	struct config *config = config_new();
	struct err *e = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(taken) && !e; i++)
		if (config_is_set(c, taken[i]))
			e = config_set(config, taken[i], ORIGIN_FILE, config_text(c, taken[i]));
	if (!e)
		e = config_set(config, OPT_REWARD, ORIGIN_FLAG, "false");
	if (!e)
		e = config_set(config, OPT_CLI_ADDR, ORIGIN_FLAG, "127.0.0.1:0");
	*out = config;
	return e;
}

struct err *outpost_open(const struct config *c, const struct signer *signer,
	struct outpost **out)
{
	struct config *stripped;
	struct host *host = NULL;
	struct err *e = strip(c, &stripped);

	*out = NULL;
	if (e)
		config_free(stripped);
	else
		e = host_open(stripped, signer, &host);
	if (e)
		return e;
	*out = XNEW(struct outpost);
	(*out)->host = host;
	return NULL;
}

void outpost_close(struct outpost *o)
{
	if (!o)
		return;
	host_close(o->host);
	free(o);
}

struct chain_facts outpost_facts(const struct outpost *o)
{
	return chain_now(node_chain(host_node(o->host)));
}

struct err *outpost_wait_ready(struct outpost *o, int64_t limit_ms)
{
	int64_t end_ms = clock_mono_ms() + limit_ms;

	while (!outpost_facts(o).ready) {
		if (clock_mono_ms() > end_ms)
			return err_new(ERR_TIMEOUT, "no Ethereum node of -ethUrl has answered "
				"for %lld s", (long long)limit_ms / 1000);
		poll(NULL, 0, LOOK_MS);
	}
	return NULL;
}

/* --- an answer that is waited for --- */

struct answer {
	atomic_bool there;
	struct err *err;
	void *result;
};

static void on_answer(void *ctx, struct err *taken, void *result)
{
	struct answer *a = ctx;

	a->err = taken;
	a->result = result;
	atomic_store(&a->there, true);
}

static struct reply to(struct answer *a)
{
	*a = (struct answer){.result = NULL};
	return (struct reply){NULL, on_answer, a};
}

static struct err *wait_for(struct answer *a, void **result)
{
	while (!atomic_load(&a->there))
		poll(NULL, 0, LOOK_MS);
	*result = a->result;
	return a->err;
}

struct err *outpost_weigh(struct outpost *o, const struct deed *d, struct weighed **out)
{
	struct answer a;
	void *result;
	struct err *e;

	staker_weigh(node_staker(host_node(o->host)), d, to(&a));
	e = wait_for(&a, &result);
	*out = result;
	return e;
}

struct err *outpost_carry(struct outpost *o, const struct deed *d, const char *name)
{
	struct answer a;
	void *nothing;

	staker_carry(node_staker(host_node(o->host)), d, name, to(&a));
	return wait_for(&a, &nothing);
}

struct err *outpost_carried(struct outpost *o, const char *name, struct carried **out)
{
	struct answer a;
	void *result;
	struct err *e;

	staker_carried(node_staker(host_node(o->host)), name, to(&a));
	e = wait_for(&a, &result);
	*out = result;
	return e;
}
