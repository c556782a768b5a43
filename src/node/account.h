#ifndef SRC_NODE_ACCOUNT_H
#define SRC_NODE_ACCOUNT_H
/* `weir account new|list|import|check`: keyfiles made, shown, brought in and
 * tried, without a node. Secrets come from terminals, files and pipes, never
 * from arguments, and never go out. main's thread. */
#include "src/node/config.h"
#include "src/node/unlock.h"

struct account_order {
	struct config *config;
	char *const *words; /* "new" and so on, and what it is given */
	size_t words_n;
	const char *password_file; /* NULL: -ethPassword's, or a person's */
	bool json;
};

/* What is done, to `out`; what there is to say about it, to `r`. */
struct err *account_run(const struct account_order *o, struct remarks r, struct str *out)
	must_check;
#endif
