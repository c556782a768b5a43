#ifndef SRC_ROLE_TICKET_TRIAL_H
#define SRC_ROLE_TICKET_TRIAL_H
/* Does this key do for tickets? It asks itself for tickets, signs some, and judges
 * them, with a round and money that are made up: what wins here wins nothing, and
 * nothing is kept or sent. Any thread; some milliseconds. */
#include "src/base/err.h"
#include "src/crypto/signer.h"

struct ticket_trial {
	unsigned won, lost; /* both are there, or it has failed */
};
struct err *ticket_trial(const struct signer *s, struct ticket_trial *out) must_check;
#endif
