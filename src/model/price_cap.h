#ifndef SRC_MODEL_PRICE_CAP_H
#define SRC_MODEL_PRICE_CAP_H
/* What broadcasters are known to pay at most. They tell nobody: this is what
 * the network's guides have them set. Constant; any thread. */
#include "src/model/amount.h"

/* False: nothing is known of that chain. `whose` is for a sentence. */
bool price_cap_known(struct price *cap, const char **whose, int64_t chain_id)
	must_check;
#endif
