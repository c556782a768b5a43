#ifndef SRC_MODEL_CHAIN_H
#define SRC_MODEL_CHAIN_H
/* What the node knows of the chain at one moment: src/eth observes it, roles
 * and src/pay decide by it. Plain values, copied whole. */
#include "src/model/amount.h"
#include "src/model/id.h"

/* Which contracts answer (told by what they answer, never by a name). */
enum generation {
	GENERATION_STREAMFLOW, /* L1; withdrawFees(), 1e6 percentages */
	GENERATION_CONFLUENCE, /* Arbitrum; withdrawFees(address,uint256) */
};

struct round_facts {
	struct round_no current;     /* by block, initialised or not */
	struct round_no initialized; /* the last initialised one */
	struct hash32 hash, previous_hash; /* of `initialized` and the one before; zero: none */
	struct l1_block start;	     /* of `current` */
	int64_t length;		     /* L1 blocks */
	int64_t lock_from;	     /* blocks after start: the lock window begins */
	uint64_t pool_size, pool_max; /* orchestrators in the pool, and room */
	uint64_t ticket_validity;    /* rounds */
};

struct chain_facts {
	bool ready;	   /* false: the chain was never seen, nothing below holds */
	uint64_t chain_id;
	enum generation generation;
	bool paused;	   /* the protocol, by its controller */
	struct l2_block head;
	struct l1_block l1;
	int64_t head_ms;   /* the head's time stamp, Unix ms */
	int64_t seen_ms;   /* monotonic: when a head was last learned */
	unsigned confirmations; /* a block is final this deep, itself included */
	struct round_facts round;
	struct wei gas_price; /* what a transaction costs now, at least the minimum */
	struct wei base_fee, tip; /* EIP-1559; zero without */
	bool is_1559;
	/* The node's own orchestrator (-ethOrchAddr or the account). */
	bool registered, active;
	struct round_no activation, deactivation, last_reward;
};

/* A broadcaster's money at the TicketBroker, as of `round`. */
struct sender_funds {
	struct wei deposit;
	struct round_no withdraw_round; /* 0: not unlocking */
	struct wei reserve;		/* fundsRemaining */
	struct wei claimed;		/* from the reserve, this round, by all */
	struct wei claimed_by_us;
	struct round_no round;
};
#endif
