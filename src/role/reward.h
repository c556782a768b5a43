#ifndef SRC_ROLE_REWARD_H
#define SRC_ROLE_REWARD_H
/* What is to be done in every round: call for the orchestrator's reward, which
 * is lost when the round ends without, and initialise the round, without which
 * nothing else works. Decisions over facts, asked at every new block: whatever
 * failed is tried again at one of the next. Pure; no clock. One owner.
 * Source: go-livepeer eth/rewardservice.go (0.5's polling form), eth/roundinitializer.go;
 * protocol BondingManager.sol reward(), RoundsManager.sol initializeRound(). */
#include "src/model/chain.h"

/* After an attempt that came to nothing, before the next. */
#define REWARD_RETRY_MS 15000

/* What was tried, kept by the owner between decisions. */
struct attempt_log {
	struct round_no round; /* it was for; the rest is of this round */
	int64_t last_ms;       /* monotonic; 0: nothing was tried */
	unsigned n;
	char error[160];       /* why the last came to nothing; "" */
};
/* Notes an attempt; error NULL: it is on its way. */
void attempt_note(struct attempt_log *a, struct round_no round, int64_t now_ms,
	const char *error);

struct reward_facts {
	const struct chain_facts *chain; /* of the node's own orchestrator */
	bool wanted;	  /* -reward, or it is registered and -reward was not given */
	bool is_account;  /* the account here is the orchestrator itself */
	bool under_way;	  /* a transaction of this kind is not over */
	const struct attempt_log *tried;
	int64_t now_ms;	  /* monotonic */
};
enum reward_act {
	REWARD_WAIT,
	REWARD_CALL, /* send it now */
	REWARD_DONE, /* this round's is called */
	REWARD_OFF,  /* it is not for this node to call */
};
struct reward_step {
	enum reward_act act;
	bool owed;	/* active in this round, and not called */
	bool alarm;	/* and less than a quarter of the round is left */
	char why[256];	/* for people: "called in round 12", "gas is at .." */
};
struct reward_step reward_decide(const struct reward_facts *f);

struct initialize_facts {
	const struct chain_facts *chain;
	bool wanted; /* -initializeRound */
	bool under_way;
	const struct attempt_log *tried;
	int64_t now_ms;
	/* Random, drawn once for the round: how long to wait after its first
	 * block was seen, at `began_ms`. */
	int64_t delay_ms, began_ms;
};
/* true: send initializeRound() now. */
bool initialize_decide(const struct initialize_facts *f);

/* L1 blocks until the round ends, 0 when it is over. */
int64_t round_blocks_left(const struct chain_facts *f);
/* In the last blocks of a round transcoder() is refused: how many are left of
 * it, 0 outside. */
int64_t round_lock_left(const struct chain_facts *f);
#endif
