#include "src/wizard/survey.h"

#include <stdlib.h>
#include <string.h>

#include "src/eth/reading.h"

#define URLS_MAX 16
#define TIMEOUT_MS 20000
#define LIP_ARBITRUM 73 /* after its round nothing begins on L1 any more */
#define ROUNDS_ASLEEP 50 /* nobody initialised so many: it is not a short pause */

#define INSTEAD \
	"what was staked or deposited there is claimed on Arbitrum One (Livepeer's explorer " \
	"guides through the L1 migrator), and a node runs with -network arbitrum-one-mainnet. " \
	"Nothing is sent here: it would cost ETH for nothing"

/* What Livepeer deployed for the end of the alpha. */
static const struct leftovers {
	uint64_t chain_id;
	const char *refunder, *jobs_manager;
} leftovers[] = {
	{1, "0x780c98cbb0cc21d6617c05332bd5cf6f847c71c2",
		"0xbf07ff45f14c9ff0571b9fbdc7e2b62d29931224"},
	{4, "0xD98a4e722274936B2D0Ceee71CB4eD30A67Ae48C", NULL},
};

static void find_leftovers(struct survey *s, uint64_t chain_id)
{
	for (size_t i = 0; i < ARRAY_SIZE(leftovers); i++) {
		const struct leftovers *l = &leftovers[i];

		if (l->chain_id != chain_id)
			continue;
		if (addr_is_zero(s->refunder) && !addr_parse(&s->refunder, l->refunder))
			s->refunder = (struct eth_addr){0};
		if (l->jobs_manager && addr_is_zero(s->jobs_manager) &&
			!addr_parse(&s->jobs_manager, l->jobs_manager))
			s->jobs_manager = (struct eth_addr){0};
	}
}

/* --- where it is asked --- */

static struct err *open_rpc(const struct config *c, const struct log *log, struct rpc **out)
{
	const struct network *n = network_find(config_text(c, OPT_NETWORK));
	char *urls[URLS_MAX] = {0};
	struct rpc_options o = {
		.urls = (const char *const *)urls,
		.chain_id = n ? n->chain_id : 0,
		.timeout_ms = TIMEOUT_MS,
		.log = log,
	};
	struct err *e;

	while (o.urls_n < URLS_MAX && (urls[o.urls_n] = config_item(c, OPT_ETH_URL, o.urls_n)))
		o.urls_n++;
	e = rpc_new(out, &o);
	for (size_t i = 0; i < o.urls_n; i++)
		free(urls[i]);
	return err_wrap(e, "-ethUrl");
}

static struct eth_addr controller_of(const struct config *c)
{
	const struct network *n = network_find(config_text(c, OPT_NETWORK));
	struct eth_addr a = config_addr(c, OPT_ETH_CONTROLLER);

	if (addr_is_zero(a) && n && n->controller && !addr_parse(&a, n->controller))
		a = (struct eth_addr){0};
	return a;
}

/* --- what is asked --- */

static struct err *look_for_the_end(struct rpc *rpc, const struct contracts *contracts,
	struct survey *s)
{
	const struct round_facts *r = &s->stake.chain.round;
	struct abi_value lip = abi_u64(LIP_ARBITRUM);
	struct str text = STR_INIT;
	uint64_t last = 0;
	struct reading rd;
	struct err *e;

	reading_begin(&rd, rpc, contracts, AT_NUMBER(s->stake.chain.head));
	reading_try(&rd, FN_LIP_UPGRADE_ROUND, &lip, 1);
	reading_run(&rd);
	if (!reading_failed(&rd))
		last = abi_get_u64(reading_next(&rd));
	e = reading_end(&rd);
	if (e)
		return e;
	if (last && (uint64_t)r->current.v >= last)
		str_printf(&text, "the protocol left these contracts for Arbitrum in round %llu "
			"(LIP-73), and it is round %lld: ", (unsigned long long)last,
			(long long)r->current.v);
	else if (contracts->chain_id == 1 && r->current.v - r->initialized.v > ROUNDS_ASLEEP)
		str_printf(&text, "nobody has begun a round here since round %lld, and it is "
			"round %lld: the protocol has left these contracts for Arbitrum: ",
			(long long)r->initialized.v, (long long)r->current.v);
	if (text.len)
		str_add(&text, INSTEAD);
	s->moved_on = text.len ? str_take(&text) : NULL;
	str_clear(&text);
	return NULL;
}

static struct err *look_at_alpha_deposit(struct rpc *rpc, const struct contracts *contracts,
	struct survey *s)
{
	struct contracts known = *contracts;
	struct abi_value who = abi_addr(s->stake.account);
	struct reading rd;

	find_leftovers(s, contracts->chain_id);
	if (addr_is_zero(s->refunder) || addr_is_zero(s->jobs_manager))
		return NULL;
	known.addr[CONTRACT_JOBS_MANAGER] = s->jobs_manager;
	known.addr[CONTRACT_REFUNDER] = s->refunder;
	reading_begin(&rd, rpc, &known, AT_NUMBER(s->stake.chain.head));
	reading_add(&rd, FN_ALPHA_BROADCASTER, &who, 1);
	reading_add(&rd, FN_REFUNDED, &who, 1);
	reading_run(&rd);
	s->alpha_deposit = (struct wei){abi_get_uint(reading_next(&rd))};
	s->refunded = abi_get_bool(reading_next(&rd));
	return err_wrap(reading_end(&rd), "the deposit of the alpha");
}

static struct err *look_at_nonces(struct rpc *rpc, struct survey *s)
{
	struct err *e = rpc_nonce(rpc, s->stake.account, AT_LATEST, &s->nonce_latest);

	return e ? e : rpc_nonce(rpc, s->stake.account, AT_PENDING, &s->nonce_pending);
}

static struct err *look(struct rpc *rpc, const struct config *c, struct eth_addr account,
	struct survey *out)
{
	struct contracts contracts;
	struct err *e = contracts_resolve(&contracts, rpc, controller_of(c));

	if (!e)
		e = stake_look(rpc, &contracts, account, account, &out->stake);
	if (!e)
		e = look_for_the_end(rpc, &contracts, out);
	if (!e)
		e = look_at_alpha_deposit(rpc, &contracts, out);
	return e ? e : look_at_nonces(rpc, out);
}

struct err *survey_make(const struct config *c, struct eth_addr account,
	struct eth_addr refunder, struct eth_addr jobs_manager, struct survey *out)
{
	struct log *log = log_new("survey", NULL);
	struct rpc *rpc = NULL;
	struct err *e = open_rpc(c, log, &rpc);

	*out = (struct survey){.refunder = refunder, .jobs_manager = jobs_manager};
	if (!e)
		e = look(rpc, c, account, out);
	if (e)
		survey_clear(out);
	rpc_free(rpc);
	log_free(log);
	return e;
}

void survey_clear(struct survey *s)
{
	stake_facts_clear(&s->stake);
	free(s->moved_on);
	*s = (struct survey){0};
}
