#ifndef SRC_NODE_NODE_H
#define SRC_NODE_NODE_H
/* The node: constructs the roles that the configuration asks for, wires them,
 * starts and stops them in order. It decides nothing. Its functions are called
 * by main's thread unless stated otherwise. */
#include "src/base/actor.h"
#include "src/base/board.h"
#include "src/base/log.h"
#include "src/model/amount.h"
#include "src/model/id.h"
#include "src/model/rendition.h"
#include "src/node/config.h"
#include "src/node/drain.h"

struct node;
struct signer;

/* Listening on all ports when it returns. Everything given must outlive the
 * node; signer is NULL off-chain. Errors name the flag and the remedy. */
struct err *node_start(const struct config *c, const struct signer *signer,
	const struct log *log, struct board *board, struct node **out) must_check;

/* --- stopping: drain, wait until idle or the patience ends, stop --- */
/* Takes no new streams, sessions or tasks; what is under way goes on. */
void node_drain(struct node *n);
/* What a drain waits for, and what comes then. Asks the roles: takes a few ms. */
struct drain_state node_drain_state(struct node *n);
/* No segment is being worked on. Asks the roles: takes a few ms. */
bool node_is_idle(struct node *n);
void node_stop(struct node *n); /* frees it; NULL ok */

/* Set when a role found that it cannot go on (a wrong orchSecret): the reason,
 * for the log and the exit code. Any thread; NULL while all is well. */
const char *node_failure(struct node *n);
/* One line a listening port: "orchestrator https 127.0.0.1:8935". */
void node_ports(const struct node *n, struct str *out);

struct eth_addr node_account(const struct node *n); /* zero: none */
/* Where the orchestrator is reached, as configured; "" without that role. */
const char *node_service_uri(const struct node *n);
/* NULL off chain; as long as the node is not stopped. */
struct staker *node_staker(struct node *n);
struct chain *node_chain(struct node *n);

/* --- roles, while the node runs --- */
/* Of enum option_roles: those that run, one that is being stopped among them. */
unsigned node_roles(const struct node *n); /* any thread */
/* Both are done by main, one at a time (ERR_BUSY), and reply when it is done, with
 * a text to be freed that says what was done. Any thread.
 * taken: what the role is to be started with; flags that another role was started
 * with before hold for that one. ERR_INVALID says what cannot be. */
void node_start_role(struct node *n, unsigned role, struct config *taken,
	struct reply reply);
/* No new sessions; those it has get so long to end, then they are ended. */
void node_stop_role(struct node *n, unsigned role, int64_t patience_ms,
	struct reply reply);
/* Carries on with those two; true: there is more to do, ask again soon. */
bool node_attend(struct node *n);

/* --- commands that touch roles: proto/commands.def. Any thread. Replies carry
 * no result --- */
/* drain false: sessions are taken again, whatever was to come. */
void node_set_draining(struct node *n, bool drain, enum drain_then then,
	struct reply reply);
void node_set_max_sessions(struct node *n, int64_t count, struct reply reply);
void node_drain_transcoder(struct node *n, const char *id, bool drain,
	struct reply reply);
void node_end_session(struct node *n, const char *id, struct reply reply);
/* The operator has seen this alarm; id NULL: all. Result: char *, how many. */
void node_ack_alarms(struct node *n, const char *id, struct reply reply);

/* --- prices and what goes with them: live, nothing is kept here --- */
#define NODE_PRICE_KEY "price." /* and an address: in kv, "num/den" wei a pixel */

bool node_is_paid(const struct node *n); /* an orchestrator on a chain */
bool node_pays(const struct node *n);	  /* a broadcaster on a chain */
/* who NULL: all that have none of their own; p NULL: it has none any more. */
void node_set_price(struct node *n, const struct eth_addr *who, const struct price *p);
void node_set_ticket_ev(struct node *n, struct wei ev);
void node_set_max_face_value(struct node *n, struct wei max);
void node_set_auto_adjust(struct node *n, bool on);
void node_set_max_price(struct node *n, struct price p);
/* NULL: as it is. */
struct err *node_set_gas_prices(struct node *n, const struct wei *min,
	const struct wei *max) must_check;
/* ERR_INVALID: no broadcaster here. */
struct err *node_set_ladder(struct node *n, const struct ladder *l) must_check;

/* What a calculator starts from: the latest that was published. */
struct node_terms {
	struct ladder ladder;
	struct price price; /* advertised, or the highest to pay */
	bool has_tickets;
	struct wei face_value, tx_cost;
};
struct node_terms node_terms(struct node *n);
#endif
