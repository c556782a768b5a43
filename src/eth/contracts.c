#include "src/eth/contracts.h"

#include <assert.h>
#include <string.h>

#include "proto/abi.h"
#include "proto/bytes.h"
#include "src/crypto/keccak.h"

/* --- names --- */

const char *contract_name(enum contract c)
{
	switch (c) {
	case CONTRACT_CONTROLLER:
		return "Controller";
	case CONTRACT_TOKEN:
		return "LivepeerToken";
	case CONTRACT_BONDING:
		return "BondingManager";
	case CONTRACT_BROKER:
		return "TicketBroker";
	case CONTRACT_ROUNDS:
		return "RoundsManager";
	case CONTRACT_REGISTRY:
		return "ServiceRegistry";
	case CONTRACT_MINTER:
		return "Minter";
	case CONTRACT_FAUCET:
		return "LivepeerTokenFaucet";
	case CONTRACT_GOVERNOR:
		return "LivepeerGovernor";
	case CONTRACT_POLL_CREATOR:
		return "PollCreator";
	case CONTRACT_POLL:
		return "Poll";
	case CONTRACT_N:
		break;
	}
	return "unknown";
}

static const struct function {
	enum contract contract;
	const char *signature;
	uint32_t selector;
} functions[] = {
#define FUNCTION(id, contract, signature, selector) \
	[FN_##id] = { CONTRACT_##contract, signature, selector },
#include "src/eth/contracts.def"
};

static const struct event {
	enum contract contract;
	const char *signature, *topic;
} events[] = {
#define EVENT(id, contract, signature, topic) \
	[EVENT_##id] = { CONTRACT_##contract, signature, topic },
#include "src/eth/contracts.def"
};

uint32_t fn_selector(enum contract_fn f)
{
	return functions[f].selector;
}

enum contract fn_contract(enum contract_fn f)
{
	return functions[f].contract;
}

const char *fn_signature(enum contract_fn f)
{
	return functions[f].signature;
}

enum contract_fn fn_of_calldata(const uint8_t *data, size_t n)
{
	uint32_t selector = n < ABI_SELECTOR ? 0 : get_be32(data);

	for (unsigned i = 0; n >= ABI_SELECTOR && i < FN_N; i++) {
		if (functions[i].selector == selector)
			return (enum contract_fn)i;
	}
	return FN_N;
}

struct hash32 event_topic(enum contract_event e)
{
	struct hash32 topic;

	if (!hex_decode(topic.b, sizeof(topic.b), events[e].topic))
		assert(!"topics are 64 digits");
	return topic;
}

enum contract event_contract(enum contract_event e)
{
	return events[e].contract;
}

const char *event_signature(enum contract_event e)
{
	return events[e].signature;
}

bool contracts_has(const struct contracts *c, enum contract which)
{
	return !addr_is_zero(c->addr[which]);
}

enum contract_event contracts_event(const struct contracts *c,
	const struct eth_log *log)
{
	for (unsigned i = 0; log->topics_n && i < EVENT_N; i++) {
		enum contract from = events[i].contract;

		if (addr_eq(c->addr[from], log->address) &&
			contracts_has(c, from) &&
			hash_eq(event_topic(i), log->topics[0]))
			return (enum contract_event)i;
	}
	return EVENT_N;
}

/* --- resolving --- */

/* A node without these could not do its work on this network. */
static bool is_needed(enum contract c)
{
	switch (c) {
	case CONTRACT_TOKEN:
	case CONTRACT_BONDING:
	case CONTRACT_BROKER:
	case CONTRACT_ROUNDS:
	case CONTRACT_REGISTRY:
	case CONTRACT_MINTER:
		return true;
	case CONTRACT_CONTROLLER:
	case CONTRACT_FAUCET:
	case CONTRACT_GOVERNOR:
	case CONTRACT_POLL_CREATOR:
	case CONTRACT_POLL:
	case CONTRACT_N:
		break;
	}
	return false;
}

/* getContract(keccak(name)) of all that a Controller knows. */
#define FIRST (CONTRACT_CONTROLLER + 1)
#define ASKED (CONTRACT_POLL - FIRST)

static struct err *take_address(struct contracts *out, enum contract which,
	const struct eth_result *r)
{
	struct abi_in in;

	if (r->failed)
		return err_new(ERR_INVALID, "the controller does not answer: "
			"%s", r->why);
	if (!r->data_n)
		return err_new(ERR_INVALID, "there is no controller at this "
			"address on chain %llu",
			(unsigned long long)out->chain_id);
	abi_in_init(&in, r->data, r->data_n);
	out->addr[which] = abi_get_addr(&in);
	if (!in.fault && is_needed(which) && !contracts_has(out, which))
		return err_new(ERR_INVALID, "the controller knows no %s",
			contract_name(which));
	return abi_err(&in, "the controller");
}

static struct err *ask_addresses(struct contracts *out, struct rpc *r)
{
	struct str data[ASKED] = { { 0 } };
	struct eth_call calls[ASKED] = { { .data_n = 0 } };
	struct eth_result results[ASKED] = { { 0 } };
	struct err *e;

	for (unsigned i = 0; i < ASKED; i++) {
		const char *name = contract_name(FIRST + i);
		struct abi_value id = { .kind = ABI_IS_WORD };

		keccak_256(id.word, name, strlen(name));
		abi_call(&data[i], fn_selector(FN_GET_CONTRACT), &id, 1);
		calls[i].to = out->addr[CONTRACT_CONTROLLER];
		calls[i].data = (const uint8_t *)data[i].s;
		calls[i].data_n = data[i].len;
	}
	e = rpc_calls(r, calls, ASKED, AT_LATEST, results);
	for (unsigned i = 0; i < ASKED && !e; i++)
		e = take_address(out, FIRST + i, &results[i]);
	eth_results_clear(results, ASKED);
	for (unsigned i = 0; i < ASKED; i++)
		str_clear(&data[i]);
	return e;
}

/* The earnings pool of anybody in any round is answered by all generations,
 * and by each with another number of words. */
static struct err *tell_generation(struct contracts *out, struct rpc *r)
{
	struct abi_value args[] = { abi_u64(0), abi_u64(0) };
	struct str data = STR_INIT;
	struct eth_call call = { .to = out->addr[CONTRACT_BONDING] };
	struct eth_result result;
	struct err *e;
	size_t words;

	abi_call(&data, fn_selector(FN_GET_EARNINGS_POOL), args, 2);
	call.data = (const uint8_t *)data.s;
	call.data_n = data.len;
	e = rpc_call(r, &call, AT_LATEST, &result);
	words = e || result.failed ? 0 : result.data_n / ABI_WORD;
	out->generation = words == 5 ? GENERATION_CONFLUENCE :
		GENERATION_STREAMFLOW;
	out->launch = words == 9;
	if (!e && result.failed)
		e = err_new(ERR_INVALID, "the BondingManager does not answer: "
			"%s", result.why);
	else if (!e && words != 5 && words != 9 && words != 11)
		e = err_new(ERR_PROTOCOL, "the BondingManager is of a "
			"generation that weir does not know: its earnings "
			"pools have %zu words", words);
	eth_results_clear(&result, 1);
	str_clear(&data);
	return e;
}

struct err *contracts_resolve(struct contracts *out, struct rpc *r,
	struct eth_addr controller)
{
	struct err *e;

	*out = (struct contracts){ .addr[CONTRACT_CONTROLLER] = controller };
	e = rpc_chain_id(r, &out->chain_id);
	e = e ? e : ask_addresses(out, r);
	return e ? e : tell_generation(out, r);
}

/* --- networks --- */

/* go-livepeer cmd/livepeer/starter/starter.go configOptions. */
static const struct network networks[] = {
	{ "arbitrum-one-mainnet", "0xD8E8328501E9645d16Cf49539efC04f734606ee4",
		42161, { 1200000 }, 0 },
	{ "mainnet", "0xf96d54e490317c557a967abfa5d6e33006be69b3", 1,
		{ 350000 }, 1000000000 },
	{ "arbitrum-one-rinkeby",
		"0x9ceC649179e2C7Ab91688271bcD09fb707b3E574", 421611,
		{ 1200000 }, 0 },
	{ "rinkeby", "0x9a9827455911a858E55f07911904fACC0D66027E", 4,
		{ 350000 }, 0 },
};

const struct network *network_at(size_t i)
{
	return i < ARRAY_SIZE(networks) ? &networks[i] : NULL;
}

const struct network *network_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(networks); i++) {
		if (!strcmp(networks[i].name, name))
			return &networks[i];
	}
	return NULL;
}
