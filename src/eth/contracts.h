#ifndef SRC_ETH_CONTRACTS_H
#define SRC_ETH_CONTRACTS_H
/* Which contracts there are: the networks known by name, the addresses that a
 * Controller hands out, the generation told by what the contracts answer, and
 * the names of their functions and events (contracts.def). Reading them is
 * lookup.h, writing to them calldata.h. The resolved set is a value that never
 * changes; any thread may have a copy.
 * Source: livepeer/protocol; go-livepeer cmd/livepeer/starter, eth/client.go. */
#include "src/eth/rpc.h"
#include "src/model/chain.h"

enum contract {
	CONTRACT_CONTROLLER,
	CONTRACT_TOKEN,
	CONTRACT_BONDING,
	CONTRACT_BROKER,
	CONTRACT_ROUNDS,
	CONTRACT_REGISTRY,
	CONTRACT_MINTER,
	CONTRACT_FAUCET,       /* test nets only */
	CONTRACT_GOVERNOR,     /* Confluence only */
	CONTRACT_POLL_CREATOR, /* not on test nets */
	CONTRACT_POLL,	       /* one contract per poll: never resolved, as what follows */
	CONTRACT_JOBS_MANAGER, /* the alpha's, which no Controller knows any more */
	CONTRACT_REFUNDER,     /* of deposits of the alpha */
	CONTRACT_N,
};
/* The name a Controller knows it by: "BondingManager". */
const char *contract_name(enum contract c);

enum contract_fn {
#define FUNCTION(id, contract, signature, selector) FN_##id,
#include "src/eth/contracts.def"
	FN_N,
};
enum contract_event {
#define EVENT(id, contract, signature, topic) EVENT_##id,
#include "src/eth/contracts.def"
	EVENT_N,
};
uint32_t fn_selector(enum contract_fn f);
enum contract fn_contract(enum contract_fn f);
const char *fn_signature(enum contract_fn f); /* "bond(uint256,address)" */
/* The function that calldata of one of these contracts calls, by its
 * selector; FN_N: none of ours. */
enum contract_fn fn_of_calldata(const uint8_t *data, size_t n);
struct hash32 event_topic(enum contract_event e);
enum contract event_contract(enum contract_event e);
const char *event_signature(enum contract_event e);

struct contracts {
	uint64_t chain_id;
	struct eth_addr addr[CONTRACT_N]; /* zero: not on this network */
	enum generation generation;
	/* Streamflow as launched in January 2020, before LIP-36: earnings pools
	 * without cumulative factors, earnings claimed at most
	 * maxEarningsClaimsRounds() at a time. */
	bool launch;
};

/* Asks the controller for all, and the BondingManager for its generation. An
 * err when a contract that a node cannot do without is missing. */
struct err *contracts_resolve(struct contracts *out, struct rpc *r,
	struct eth_addr controller) must_check;
bool contracts_has(const struct contracts *c, enum contract which);

/* Which event of which of these contracts this is; EVENT_N: none (anyone can
 * log the same topic: the address counts). Its arguments: abi_in_log(). */
enum contract_event contracts_event(const struct contracts *c,
	const struct eth_log *log);

/* --- networks by name (-network) --- */
struct network {
	const char *name;
	const char *controller; /* NULL: -ethController says */
	uint64_t chain_id;	/* 0: whatever the RPC says */
	struct gas redeem_gas;	/* reckoned for redeeming one ticket */
	uint64_t min_gas_price; /* wei */
};
/* NULL: not a network known by name; redeem_gas of those is 350000. */
const struct network *network_find(const char *name);
/* The i-th; NULL behind the last. */
const struct network *network_at(size_t i);
#define NETWORK_REDEEM_GAS 350000
#endif
