#include "src/eth/contracts.h"

#include <assert.h>
#include <string.h>

#include "proto/abi.h"
#include "proto/bytes.h"
#include "src/crypto/keccak.h"
#include "src/eth/reading.h"

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
	case CONTRACT_JOBS_MANAGER:
		return "JobsManager";
	case CONTRACT_REFUNDER:
		return "Refunder";
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
	case CONTRACT_JOBS_MANAGER:
	case CONTRACT_REFUNDER:
	case CONTRACT_N:
		break;
	}
	return false;
}

/* getContract(keccak(name)) of all that a Controller knows. */
static struct err *ask_addresses(struct contracts *out, struct rpc *r)
{
	unsigned first = CONTRACT_CONTROLLER + 1, last = CONTRACT_POLL - 1;
	const struct contracts controller = *out;
	struct reading rd;
	struct err *e;

	reading_begin(&rd, r, &controller, AT_LATEST);
	for (unsigned i = first; i <= last; i++) {
		struct abi_value id = { .kind = ABI_IS_WORD };

		keccak_256(id.word, contract_name(i), strlen(contract_name(i)));
		reading_add(&rd, FN_GET_CONTRACT, &id, 1);
	}
	reading_run(&rd);
	for (unsigned i = first; i <= last; i++)
		out->addr[i] = abi_get_addr(reading_next(&rd));
	e = reading_end(&rd);
	for (unsigned i = first; i <= last && !e; i++) {
		if (is_needed(i) && !contracts_has(out, i))
			e = err_new(ERR_INVALID, "it knows no %s",
				contract_name(i));
	}
	return err_wrap(e, "the controller");
}

/* The earnings pool of anybody in any round is answered by all generations,
 * and by each with another number of words. */
static struct err *tell_generation(struct contracts *out, struct rpc *r)
{
	struct abi_value args[] = { abi_u64(0), abi_u64(0) };
	struct reading rd;
	struct err *e;
	size_t words;

	reading_begin(&rd, r, out, AT_LATEST);
	reading_add(&rd, FN_GET_EARNINGS_POOL, args, 2);
	reading_run(&rd);
	words = reading_next(&rd)->n / ABI_WORD;
	e = reading_end(&rd);
	out->generation = words == 5 ? GENERATION_CONFLUENCE :
		GENERATION_STREAMFLOW;
	out->launch = words == 9;
	if (!e && words != 5 && words != 9 && words != 11)
		e = err_new(ERR_PROTOCOL, "it is of a generation that weir "
			"does not know: earnings pools of %zu words", words);
	return err_wrap(e, "the BondingManager");
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
