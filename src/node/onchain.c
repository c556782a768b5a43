#include "src/node/onchain.h"

#include <stdlib.h>

#include "src/crypto/signer.h"
#include "src/eth/contracts.h"
#include "src/node/datadir.h"
#include "src/node/node_private.h"

#define URLS_MAX 16

static const struct network *network_of(const struct config *c)
{
	return network_find(config_text(c, OPT_NETWORK));
}

struct wei onchain_min_gas_price(const struct config *c)
{
	const struct network *n = network_of(c);

	return config_is_set(c, OPT_MIN_GAS_PRICE) || !n
		? config_wei(c, OPT_MIN_GAS_PRICE) : wei_from(n->min_gas_price);
}

struct gas onchain_redeem_gas(const struct config *c)
{
	const struct network *n = network_of(c);

	return n ? n->redeem_gas : (struct gas){NETWORK_REDEEM_GAS};
}

struct eth_addr onchain_recipient(const struct node *n)
{
	struct eth_addr a = config_addr(n->config, OPT_ETH_ORCH_ADDR);

	return addr_is_zero(a) ? signer_address(n->signer) : a;
}

char *onchain_db_path(const struct node *n)
{
	return datadir_file(n->datadir, DATADIR_DB);
}

static struct err *start_chain(struct node *n, const char *db_path)
{
	const struct config *c = n->config;
	char *urls[URLS_MAX] = {0};
	struct chain_options o = {
		.urls = (const char *const *)urls,
		.network = config_text(c, OPT_NETWORK),
		.controller = config_addr(c, OPT_ETH_CONTROLLER),
		.recipient = onchain_recipient(n),
		.poll_ms = (unsigned)config_int(c, OPT_BLOCK_POLLING) * 1000,
		.min_gas_price = onchain_min_gas_price(c),
		.max_gas_price = config_wei(c, OPT_MAX_GAS_PRICE),
		.gas_limit = {(uint64_t)config_int(c, OPT_GAS_LIMIT)},
		.tx_timeout_ms = config_ms(c, OPT_TX_TIMEOUT),
		.max_replacements = (unsigned)config_int(c, OPT_MAX_TX_REPLACEMENTS),
	};
	struct err *e;

	n->min_gas_price = o.min_gas_price;
	n->max_gas_price = o.max_gas_price;
	while (o.urls_n < URLS_MAX && (urls[o.urls_n] = config_item(c, OPT_ETH_URL, o.urls_n)))
		o.urls_n++;
	e = chain_new(n->log, n->board, db_path, n->signer, &o, &n->chain);
	for (size_t i = 0; i < o.urls_n; i++)
		free(urls[i]);
	return e;
}

static enum reward_mode reward_mode(const struct config *c)
{
	if (!config_is_set(c, OPT_REWARD))
		return REWARD_AUTO;
	return config_bool(c, OPT_REWARD) ? REWARD_ALWAYS : REWARD_NEVER;
}

static struct err *start_staker(struct node *n, const char *db_path)
{
	const struct config *c = n->config;
	struct staker_options o = {
		.account = signer_address(n->signer),
		.recipient = onchain_recipient(n),
		.reward = reward_mode(c),
		.initialize_round = config_bool(c, OPT_INITIALIZE_ROUND),
		.initialize_delay_ms = config_ms(c, OPT_INITIALIZE_ROUND_MAX_DELAY),
		.reads_pool = config_roles(c) & OPTION_B,
	};

	return staker_new(n->log, n->board, n->chain, db_path, &o, &n->staker);
}

struct err *onchain_start(struct node *n)
{
	char *path;
	struct err *e;

	if (!config_is_onchain(n->config))
		return NULL;
	path = onchain_db_path(n);
	e = start_chain(n, path);
	if (!e)
		e = start_staker(n, path);
	free(path);
	return e;
}

static void nothing(void *ctx)
{
	(void)ctx;
}

/* Whoever asks the chain has stopped asking; what was asked is answered, if
 * only with an error, when this returns. */
void onchain_stop(struct node *n)
{
	if (n->staker)
		staker_stop(n->staker);
	if (!n->chain)
		return;
	chain_stop(n->chain);
	actor_call(chain_actor(n->chain), nothing, NULL);
}

void onchain_free(struct node *n)
{
	chain_free(n->chain);
	staker_free(n->staker);
}
