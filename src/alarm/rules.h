#ifndef SRC_ALARM_RULES_H
#define SRC_ALARM_RULES_H
/* What must be said aloud: decisions over what the node knows of itself, asked
 * about once a second. Pure; time is among the facts. From when on: limits.h. */
#include <string.h>

#include "src/alarm/book.h"
#include "src/alarm/limits.h"
#include "src/model/chain.h"
#include "src/model/view.h"

/* An RPC's count of failures, minute by minute. */
#define RPCS_MAX 16
struct rpc_count {
	int64_t since_ms; /* monotonic: the minute's begin */
	int64_t requests, errors; /* at its begin */
	int64_t last_requests, last_errors; /* of the minute before */
};
/* Remote transcoders by the machine they came from. */
#define HOSTS_MAX 64
struct host_count {
	char host[64];
	int now, most;
	int64_t fewer_ms; /* monotonic: since when; 0: all are there */
};
/* How old the newest blocks were when they came, by this machine's clock. */
#define HEADS 8
struct head_ages {
	int64_t head_ms; /* of the newest, Unix */
	int64_t age_ms[HEADS];
	size_t n; /* all that came */
};
/* What the rules remember between rounds; zeroed to begin with. */
struct alarm_memory {
	struct head_ages heads;
	struct rpc_count rpc[RPCS_MAX];
	struct host_count host[HOSTS_MAX];
	size_t hosts_n;
};

struct late_thread {
	const char *name;
	int64_t late_ms; /* since it last turned */
};
#define THREADS_MAX 8

struct alarm_facts {
	struct alarm_limits limits; /* alarm_rules() reads them */
	int64_t now_ms;	    /* monotonic */
	int64_t wall_ms;    /* Unix */
	bool orchestrates, broadcasts;
	bool is_remote; /* a transcoder without an orchestrator beside it */

	struct late_thread threads[THREADS_MAX];
	size_t threads_n;

	/* The roles' sums. */
	int64_t sessions, max_sessions, transcoders, unsaved, orchestrators;
	bool registered;	   /* is_remote: with its orchestrator */
	const char *unreachable;   /* why not at its own address; NULL: it is */
	const char *service_uri, *orchestrator_uri; /* never NULL */
	bool drained; /* takes nothing, and nothing runs */

	/* What the node has published; never NULL. */
	const struct view_chain *chain_view;
	const struct view_staking *staking;
	const struct view_pricing *pricing;
	const struct view_funds *funds;
	const struct view_tickets *tickets;
	const struct view_txs *txs;
	const struct view_sessions *sessions_view;
	const struct view_streams *streams;
	const struct view_transcoders *transcoders_view;
	const struct view_settings *settings;
	const struct view_devices *devices;

	bool onchain;
	struct chain_facts chain;
	struct {
		bool is_known; /* the rest holds */
		bool reward_owed; /* active in this round, and reward is not called */
		bool evicted, deed_failed;
		const char *reward, *deed;
		struct wei eth;
	} stake;
	struct gas redeem_gas;
};

static inline bool field_is(const char *field, const char *word)
{
	return strcmp(view_text(field), word) == 0;
}

void alarm_rules(struct alarm_facts *f, struct alarm_memory *m, struct alarm_book *b);

/* --- its parts --- */
void rules_chain(const struct alarm_facts *f, struct alarm_memory *m, struct alarm_book *b);
void rules_stake(const struct alarm_facts *f, struct alarm_book *b);
void rules_money(const struct alarm_facts *f, struct alarm_book *b);
void rules_devices(const struct alarm_facts *f, struct alarm_book *b);
void rules_work(const struct alarm_facts *f, struct alarm_memory *m, struct alarm_book *b);
#endif
