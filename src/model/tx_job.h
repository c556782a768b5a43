#ifndef SRC_MODEL_TX_JOB_H
#define SRC_MODEL_TX_JOB_H
/* A transaction as a job: from its row in the database to its last
 * confirmation. What db/txs keeps, src/eth/jobs moves and the console shows.
 * Plain values; any thread. */
#include "src/base/blob.h"
#include "src/model/amount.h"
#include "src/model/id.h"

struct tx_request {
	char kind[32];	/* "bond", "redeem": what the console lists it under */
	char note[160]; /* "bond 12.5 LPT to 0x..", for people */
	struct eth_addr to;
	struct wei value;
	struct blob *data; /* owned: call data */
	struct gas gas;	   /* 0: estimated, with a margin */
	int64_t ticket;	   /* row in tickets that it redeems; 0 none */
	char job[32];	   /* what it is a step of ("activate"), or "" */
	struct wei max_cost; /* gas * price it may cost at most; zero: -maxGasPrice rules alone */
};

/* What a transaction would do now: simulated at the head. */
struct tx_forecast {
	struct gas gas;
	struct wei gas_price, cost; /* cost: gas * price, without the value */
};

enum tx_state {
	TX_PREPARED,  /* in the database, not yet known to be sent */
	TX_SENT,      /* a node took it */
	TX_MINED,     /* in a block, not deep enough yet */
	TX_CONFIRMED, /* final, it did what it should */
	TX_FAILED,    /* final, it reverted or can never be sent */
	TX_CANCELLED, /* final, it never happened: withdrawn before it was sent, or
		       * an empty transaction took its nonce */
	TX_REPLACED,  /* final, its nonce went to a transaction that is not ours */
};
#define TX_STATES (TX_REPLACED + 1)
const char *tx_state_name(enum tx_state s); /* "prepared" ... */
bool tx_state_parse(enum tx_state *out, const char *name) must_check;
bool tx_state_is_final(enum tx_state s);

/* Why its nonce is to go to an empty transaction. */
enum tx_undo {
	TX_UNDO_NO,
	TX_UNDO_CANCEL,	 /* the operator wants it */
	TX_UNDO_GIVE_UP, /* no node takes it */
};

struct tx_job {
	int64_t id;
	char kind[32], note[160], job[32];
	enum tx_state state;
	int64_t ticket;	      /* row in tickets; 0 none */
	bool has_nonce;	      /* it gets one when it is signed */
	uint64_t nonce;
	struct hash32 hash;   /* of the one that counts, or the latest attempt */
	unsigned attempts;    /* signed, with different prices */
	enum tx_undo undo;
	struct wei gas_price; /* paid, or offered */
	struct gas gas_limit, gas_used;
	struct wei value;
	struct l2_block block; /* 0 not mined */
	int64_t created_ms, final_ms;
	char error[256];      /* why it waits or ended, in words */
};
#endif
