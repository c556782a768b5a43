#ifndef SRC_WIZARD_SURVEY_H
#define SRC_WIZARD_SURVEY_H
/* What the chain says before anything is done: read through -ethUrl, without a
 * data directory, a node or a key. Blocks on the network, a minute at most;
 * main's thread.
 * Sources: livepeer/protocol RoundsManager.sol (LIP-73), Refunder.sol,
 * JobsManager.sol of the upgrade; livepeer/wiki, deployed contracts. */
#include "src/node/config.h"
#include "src/role/stake_facts.h"

struct survey {
	struct stake_facts stake; /* of the account, which is its own orchestrator */
	char *moved_on; /* owned: the protocol lives elsewhere; NULL: it does not */
	struct eth_addr refunder, jobs_manager; /* zero: none is known here */
	struct wei alpha_deposit;
	bool refunded;
	uint64_t nonce_latest, nonce_pending;
};
/* refunder, jobs_manager: zero: those of the network. The error is that the
 * chain could not be read, and why. */
struct err *survey_make(const struct config *c, struct eth_addr account,
	struct eth_addr refunder, struct eth_addr jobs_manager, struct survey *out)
	must_check;
void survey_clear(struct survey *s);
#endif
