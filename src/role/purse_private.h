#ifndef SRC_ROLE_PURSE_PRIVATE_H
#define SRC_ROLE_PURSE_PRIVATE_H
/* What purse.c (terms and payments) and purse_view.c (who was paid how much)
 * share. All of it belongs to the bcast actor. */
#include <uthash.h>

#include "src/pay/credit.h"
#include "src/role/purse.h"

#define MINUTES 60
#define MINUTE_MS 60000

/* An orchestrator that was paid, or would have been. */
struct peer {
	UT_hash_handle hh; /* the latest last */
	struct eth_addr recipient;
	char uri[URI_SIZE];
	bool has_price;
	struct price price;
	struct wei face_value;
	struct credit sent; /* expected value, since the start */
	struct credit left; /* of it, when a segment was last settled */
	char last_error[160];
	int64_t last_error_ms;
};

struct purse {
	struct log *log;
	struct actor *actor;
	struct chain *chain;
	const struct signer *signer;
	struct purse_options o;
	struct eth_addr address;
	struct signature request_sig;
	struct sender *sender;
	struct credits *credits;
	struct chain_facts facts;
	bool has_funds, is_asked, stopping;
	int64_t asked_ms;
	struct sender_funds funds;
	struct peer *peers;
	int64_t expired_ms;
	/* Expected value sent: in all, and of each minute of the last hour. */
	struct credit spent, minute[MINUTES];
	int64_t began_ms, minute_no;
};

/* Tickets of this expected value go out to the orchestrator. */
void purse_count(struct purse *p, const struct orchestrator_info *info, struct credit ev);
/* An outlay was settled. */
void purse_count_left(struct purse *p, const struct outlay *o);
#endif
