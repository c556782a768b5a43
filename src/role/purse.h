#ifndef SRC_ROLE_PURSE_H
#define SRC_ROLE_PURSE_H
/* The broadcaster's purse on a chain: does it like an orchestrator's terms, how
 * many tickets does a segment need, and what was left of those sent before.
 * Signs for the broadcaster. Made by the node before the broadcaster, which
 * opens it on its own actor, `bcast`; from then on everything here runs there.
 * Source: go-livepeer server/segment_rpc.go, core/accounting.go, pm/sender.go
 * at 0.9.1. */
#include "src/base/actor.h"
#include "src/eth/chain.h"
#include "src/model/view.h"
#include "src/model/wire.h"

struct purse;

struct purse_options {
	struct chain *chain; /* must outlive the broadcaster's actor's last task */
	const struct signer *signer;
	struct wei max_ticket_ev;    /* -maxTicketEV */
	struct wei max_total_ev;     /* -maxTotalEV */
	uint64_t deposit_multiplier; /* -depositMultiplier */
};
struct purse *purse_new(const struct log *log, const struct purse_options *o);
void purse_free(struct purse *p); /* after the broadcaster is gone; NULL ok */
/* Starts listening to the chain; on no actor yet. */
void purse_open(struct purse *p, struct actor *bcast);
void purse_stop(struct purse *p);
void purse_tick(struct purse *p, int64_t now_ms);

/* --- signatures --- */
void purse_sign_request(const struct purse *p, struct orchestrator_request *q);
void purse_sign_segment(const struct purse *p, struct segment_creds *c);
/* Did the orchestrator sign for these renditions? */
bool purse_is_receipt(struct eth_addr orchestrator, const struct hash32 *hashes, size_t n,
	const uint8_t *sig, size_t sig_n) must_check;

/* --- an orchestrator's terms --- */

/* Are its ticket params acceptable? purse_wants_new() of the err: others must be
 * asked for. ERR_DENIED: our own money is the trouble, the same everywhere, and
 * the stream ends. ERR_UNAVAILABLE: our own money is not known yet. */
struct err *purse_check(const struct purse *p, const struct orchestrator_info *info)
	must_check;
bool purse_wants_new(const struct err *e);

/* --- paying --- */

/* What a segment will come to at most, in pixels, as the reference reckons. */
struct pixels purse_estimate(const struct ladder *l, int32_t duration_ms);

/* One payment under way. */
struct outlay {
	bool is_open; /* to be settled */
	struct eth_addr peer;
	char session[SESSION_ID_SIZE];
	struct price price;
	struct credit existing, bought;
};
/* Takes what is left of the session's balance and buys tickets for the rest:
 * *header is the Livepeer-Payment. first: the price the session began with, which
 * may not more than double. Errors: as purse_check(), others are about the
 * orchestrator. On an error nothing has happened. */
struct err *purse_pay(struct purse *p, const struct orchestrator_info *info,
	struct price first, struct pixels estimate, struct outlay *out, struct str *header)
	must_check;
enum outcome {
	OUTCOME_UNSENT,	  /* no answer at all: what was there before still is */
	OUTCOME_SPENT,	  /* an answer, but no work: it is gone */
	OUTCOME_RECEIVED, /* so many pixels of work: the rest is change */
};
/* Closes the outlay; no-op when it is not open. */
void purse_settle(struct purse *p, struct outlay *o, enum outcome outcome,
	struct pixels pixels);

/* --- the operator's --- */
/* The last trouble with an orchestrator. */
void purse_note(struct purse *p, const struct orchestrator_info *info, const char *error);
/* What is left of a session's payments; false: nothing is known of it. */
bool purse_balance(const struct purse *p, struct eth_addr peer, const char *session,
	struct credit *out) must_check;
/* Deposit, reserve, spending, and the orchestrators paid, the latest last. */
void purse_view(const struct purse *p, int64_t now_ms, struct view_funds *out);
#endif
