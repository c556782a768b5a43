#ifndef SRC_PAY_CREDIT_H
#define SRC_PAY_CREDIT_H
/* Balances between two peers, one per (peer, session), with the price the
 * session was opened at. An orchestrator credits tickets' expected values and
 * debits pixels; a broadcaster credits what it sent and debits what it got.
 * Forgotten when untouched for ten minutes. Time is an argument. One owner.
 * Sources: go-livepeer core/accounting.go, pm/... at 0.9.1. */
#include "src/model/amount.h"
#include "src/model/id.h"

#define CREDIT_TTL_MS 600000
#define CREDIT_SESSION_SIZE 64

struct credits; /* all of them */

struct credits *credits_new(size_t max);
void credits_free(struct credits *c);
/* false: no such balance. */
bool credits_balance(const struct credits *c, struct eth_addr peer, const char *session,
	struct credit *out) must_check;
/* Adds to it (a debit is negative), making it where there is none. false: over
 * `max` balances or no longer a number; nothing changed. */
bool credits_add(struct credits *c, struct eth_addr peer, const char *session,
	struct credit amount, int64_t now_ms) must_check;
/* Takes all of it, leaving zero. */
struct credit credits_take(struct credits *c, struct eth_addr peer, const char *session,
	int64_t now_ms);
/* The price a session is held to; the first one set stays. */
bool credits_price(const struct credits *c, struct eth_addr peer, const char *session,
	struct price *out) must_check;
bool credits_pin_price(struct credits *c, struct eth_addr peer, const char *session,
	struct price p, int64_t now_ms) must_check;
void credits_drop(struct credits *c, struct eth_addr peer, const char *session);
void credits_expire(struct credits *c, int64_t now_ms);
size_t credits_count(const struct credits *c);
#endif
